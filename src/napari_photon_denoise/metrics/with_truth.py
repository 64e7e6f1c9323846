"""Figures of an image beside its truth; both in photons, of one shape."""

from __future__ import annotations

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError

SSIM_SIGMA = 1.5  # px; an 11 × 11 window
SMALLEST_SSIM = 11  # px


def mse(image: Float32, truth: Float32) -> float:
    """Mean squared error.

    Parameters
    ----------
    image, truth : (..., Y, X) float32, e-

    Returns
    -------
    float, e-²

    Raises
    ------
    PhotonDenoiseError
        If the shapes differ.
    """
    _check_shapes(image, truth)
    return float(np.mean(np.square(image.astype(np.float64) - truth)))


def psnr(image: Float32, truth: Float32, data_range: float) -> float:
    """Peak signal-to-noise ratio; infinite for equal images.

    Parameters
    ----------
    image, truth : (..., Y, X) float32, e-
    data_range : float, e-
        What counts as the peak; here always the truth's maximum minus its minimum.

    Returns
    -------
    float, dB
    """
    error = mse(image, truth)
    return float("inf") if error == 0 else float(10 * np.log10(data_range**2 / error))


def ssim(image: Float32, truth: Float32, data_range: float) -> float:
    """Structural similarity as Wang et al. define it, planes averaged.

    Gaussian window of 1.5 px in 11 × 11, K1 0.01, K2 0.03, population covariance
    (doi:10.1109/TIP.2003.819861).

    Parameters
    ----------
    image, truth : (..., Y, X) float32, e-
        At least 11 px wide and high.
    data_range : float, e-

    Raises
    ------
    PhotonDenoiseError
        If the shapes differ or the images are smaller than the window.
    """
    from skimage.metrics import structural_similarity

    _check_shapes(image, truth)
    if min(image.shape[-2:]) < SMALLEST_SSIM:
        raise PhotonDenoiseError(
            f"SSIM needs images of at least {SMALLEST_SSIM}×{SMALLEST_SSIM} px."
        )
    planes = zip(
        image.reshape(-1, *image.shape[-2:]), truth.reshape(-1, *truth.shape[-2:]), strict=True
    )
    values = [
        structural_similarity(
            plane,
            true_plane,
            data_range=data_range,
            gaussian_weights=True,
            sigma=SSIM_SIGMA,
            use_sample_covariance=False,
        )
        for plane, true_plane in planes
    ]
    return float(np.mean(values))


def bias(image: Float32, truth: Float32) -> float:
    """Mean photons too many (or, negative, too few) in a pixel.

    Parameters
    ----------
    image, truth : (..., Y, X) float32, e-

    Returns
    -------
    float, e- per pixel
    """
    _check_shapes(image, truth)
    return float(np.mean(image, dtype=np.float64) - np.mean(truth, dtype=np.float64))


def _check_shapes(image: Float32, truth: Float32) -> None:
    if image.shape != truth.shape:
        raise PhotonDenoiseError(
            f"The image has the shape {image.shape}, its truth {truth.shape}: they must be equal."
        )
