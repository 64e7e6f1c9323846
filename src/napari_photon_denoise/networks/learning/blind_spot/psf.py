"""Point spread functions: Gaussians, or measured ones, as kernels of odd size and sum 1.

A kernel is symmetric: trainings see patches, and predictions may average images, that are
mirrored, and a kernel that knows left from right would be wrong in every second one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, label

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io import read

WIDEST = 10.0  # px, of a Gaussian's sigma
REACHED = 4.0  # sigmas; beyond lies less than 1 in 10,000 of a Gaussian
ABOVE_NOISE = 3.0  # standard deviations of the background, smoothed
LEAST_PEAK = 5.0  # of them, not smoothed
SPREAD = 1.4826  # standard deviation over median absolute deviation
SMOOTHED = 0.53  # what a Gaussian of 1 px leaves of white noise, along each axis
KEPT = 0.995  # of a measured function's light, along each axis
THINNEST = 5  # px, of an image of a point
SIMILAR = 1.05  # ratio of pixel sizes
NO_POINT = (
    "The PSF shows no point, larger than a pixel, that rises above its background: crop a single "
    "bead, with the bead in the middle and dark pixels around it."
)


def gaussian_psf(sigmas: Sequence[float]) -> Float32:
    """Return a Gaussian.

    Parameters
    ----------
    sigmas : sequence of float, px
        One an axis; 0 is no blur along it.

    Returns
    -------
    float32, of sum 1 and odd size

    Raises
    ------
    PhotonDenoiseError
        If a sigma is negative or above `WIDEST`.
    """
    kernel = np.ones((1,) * len(sigmas))
    for axis, sigma in enumerate(sigmas):
        if not 0 <= sigma <= WIDEST:
            raise PhotonDenoiseError(
                f"The PSF's sigma must be 0 to {WIDEST:g} px, not {sigma:g}: enter it in the unit "
                "that is asked for."
            )
        radius = int(REACHED * sigma + 0.5)
        steps = np.arange(-radius, radius + 1)
        taps = np.exp(-0.5 * (steps / sigma) ** 2) if radius else np.ones(1)
        kernel = kernel * taps.reshape([-1 if other == axis else 1 for other in range(len(sigmas))])
    return np.asarray(kernel / kernel.sum(), dtype=np.float32)


def read_psf(path: str | Path, dimensions: int, pixel_size: Mapping[str, float]) -> Float32:
    """Read an image of a point, such as a bead smaller than the resolution.

    Parameters
    ----------
    path : str or Path
    dimensions : {2, 3}
    pixel_size : mapping
        µm of the image that is to be denoised, where known.

    Returns
    -------
    float32, as of `measured_psf`

    Raises
    ------
    PhotonDenoiseError
        If it can't be read, shows no single point, or has pixels of another size.
    """
    with read(path) as file:
        for axis in "ZYX"[-dimensions:]:
            mine, other = file.pixel_size.get(axis), pixel_size.get(axis)
            if mine and other and not 1 / SIMILAR < mine / other < SIMILAR:
                raise PhotonDenoiseError(
                    f"The PSF has pixels of {mine:g} µm along {axis}, and the image of {other:g} "
                    "µm: resample the PSF to the image's pixels."
                )
        return measured_psf(np.asarray(file.data), dimensions)


def measured_psf(image: NDArray[Any], dimensions: int) -> Float32:
    """Turn an image of a point into a kernel.

    The median of its outermost pixels is taken for background. What does not rise above that
    background's noise, and what is not connected with the brightest place, is left out; the
    rest is made symmetric about the brightest pixel.

    Parameters
    ----------
    image : ([Z,] Y, X), any real dtype
        Axes of length 1 may be there.
    dimensions : {2, 3}

    Returns
    -------
    ([Z,] Y, X) float32, of sum 1 and odd size

    Raises
    ------
    PhotonDenoiseError
        If it shows no point, or is no image of so many dimensions.
    """
    found = np.asarray(image, dtype=np.float64).squeeze()
    if found.ndim != dimensions:
        raise PhotonDenoiseError(
            f"The PSF has {found.ndim} dimensions and the network {dimensions}: give "
            + ("its plane in focus." if dimensions == 2 else "a stack of planes.")
        )
    if min(found.shape) < THINNEST or not np.isfinite(found).all():
        raise PhotonDenoiseError(
            f"The PSF must be an image of at least {THINNEST} px along each axis, without NaN, "
            "with background around the point: measure it again."
        )
    kernel = _symmetric(_centred(*_spot(found)))
    if max(kernel.shape[-2:]) == 1:
        raise PhotonDenoiseError(NO_POINT)
    return np.asarray(kernel / kernel.sum(), dtype=np.float32)


def is_round(psf: Float32) -> bool:
    """Whether a kernel is the same when it is turned by 90°."""
    turned = np.swapaxes(psf, -2, -1)
    return psf.shape == turned.shape and bool(np.allclose(psf, turned, atol=1e-4 * psf.max()))


def _spot(image: NDArray[np.float64]) -> tuple[NDArray[np.float64], tuple[int, ...]]:
    """Light of the brightest spot, all else zero, and where its brightest pixel is."""
    inner = np.zeros(image.shape, dtype=bool)
    inner[(slice(1, -1),) * image.ndim] = True
    border = image[~inner]
    background = np.median(border)
    light = image - background
    noise = SPREAD * np.median(np.abs(light[~inner]))
    # Smoothed, so that dim wings count too, and a hot pixel does not win over a bead.
    smooth = gaussian_filter(light, 1.0, mode="nearest")
    place = np.unravel_index(np.argmax(smooth), image.shape)
    parts, _ = label(
        smooth > ABOVE_NOISE * noise * SMOOTHED**image.ndim, np.ones((3,) * image.ndim)
    )
    light[parts != parts[place]] = 0
    peak = tuple(int(at) for at in np.unravel_index(np.argmax(light), image.shape))
    if not (parts[place] and light[peak] > LEAST_PEAK * noise and inner[peak]):
        raise PhotonDenoiseError(NO_POINT)
    return light, peak


def _centred(spot: NDArray[np.float64], peak: tuple[int, ...]) -> NDArray[np.float64]:
    """Crop to an odd size around the peak that keeps nearly all light along each axis."""
    for axis, at in enumerate(peak):
        sums = spot.sum(tuple(other for other in range(spot.ndim) if other != axis))
        far = np.abs(np.arange(len(sums)) - at)
        radius = next(r for r in range(len(sums)) if sums[far <= r].sum() >= KEPT * sums.sum())
        # Beyond the image lies nothing.
        spot = np.pad(spot, [(radius, radius) if a == axis else (0, 0) for a in range(spot.ndim)])
        spot = np.take(spot, np.arange(at, at + 2 * radius + 1), axis)
    return spot


def _symmetric(kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over mirror images along every axis; noise below zero is left out."""
    for axis in range(kernel.ndim):
        kernel = (kernel + np.flip(kernel, axis)) / 2
    return kernel.clip(min=0)
