"""One test: a noisy image in photons, what is known of its noise, and its truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Calibration, Float32
from napari_photon_denoise.metrics.squared_error import mse
from napari_photon_denoise.photons import Photons

SMOOTH = 1.5  # px
# Least share of the squared error that is left when the truth's noise is taken off.
LEAST = 0.02


@dataclass(frozen=True, eq=False)
class Case:
    """A noisy image beside its truth.

    Parameters
    ----------
    set_name, name : str
    photons : (..., Y, X) float32, e-
        Noisy; its variance is the truth plus the square of the read noise.
    truth : (..., Y, X) float32, e-
    read_noise : float or (Y, X) float32, e- rms
    length_y, length_x : float, px
        Sigma of the Gaussian that blurs white noise to look alike; 0 for white.
    truth_variance : float, e-²
        Mean variance of the truth's own noise, independent of the photons' noise: to be
        subtracted from the mean squared error.
    axes : str
    valid : (..., Y, X) bool, optional
        False where a clipped grey value hides the truth; None if nowhere.
    """

    set_name: str
    name: str
    photons: Float32
    truth: Float32
    read_noise: float | Float32 = 0.0
    length_y: float = 0.0
    length_x: float = 0.0
    truth_variance: float = 0.0
    axes: str = "YX"
    valid: NDArray[np.bool_] | None = None

    @property
    def one_read_noise(self) -> float:
        """The typical pixel's read noise, e- rms, for methods that take no map."""
        return float(np.median(self.read_noise))

    @property
    def camera(self) -> Calibration:
        """A camera that counts photons: gain 1, offset 0."""
        return Calibration(
            gain=1,
            offset=0,
            read_noise=self.read_noise,
            length_y=self.length_y,
            length_x=self.length_x,
        )

    @property
    def image(self) -> Photons:
        """The noisy image and its camera."""
        return Photons(self.photons, self.camera, self.axes)

    @property
    def data_range(self) -> float:
        """Maximum minus minimum of the truth where it is known, e-."""
        known = self.truth if self.valid is None else self.truth[self.valid]
        return float(np.ptp(known))

    def where_known(self, image: Float32) -> Float32:
        """Return an image without error where the truth is hidden."""
        return image if self.valid is None else np.where(self.valid, image, self.truth)

    def psnr(self, image: Float32) -> float:
        """PSNR of an image over the truth's range, without the truth's own noise, dB."""
        squared = mse(self.where_known(image), self.truth)
        left = max(squared - self.truth_variance, LEAST * squared)
        return float(10 * np.log10(self.data_range**2 / left))


class Entry(NamedTuple):
    """A case that is made when it is asked for."""

    set_name: str
    name: str
    make: Callable[[], Case]


def crop(case: Case, edge: int, planes: int | None = None) -> Case:
    """Cut out the middle, ``edge`` px wide and high, and the first planes."""
    top, left = ((size - min(edge, size)) // 2 for size in case.photons.shape[-2:])
    plane = (slice(top, top + edge), slice(left, left + edge))
    window = plane if case.photons.ndim == 2 else (slice(planes), *plane)
    read_noise = case.read_noise
    return replace(
        case,
        photons=np.ascontiguousarray(case.photons[window]),
        truth=np.ascontiguousarray(case.truth[window]),
        valid=None if case.valid is None else case.valid[window],
        read_noise=read_noise[plane] if isinstance(read_noise, np.ndarray) else read_noise,
    )


def busiest(truth: Float32, edge: int) -> tuple[slice, slice]:
    """Return the tile of a plane that has most contrast."""
    height, width = truth.shape
    tiles = [
        (slice(y, y + edge), slice(x, x + edge))
        for y in range(0, height - edge + 1, edge)
        for x in range(0, width - edge + 1, edge)
    ]
    return max(tiles, key=lambda tile: float(truth[tile].std()))


def structure(case: Case) -> NDArray[np.bool_]:
    """Tell structure from background: the smoothed truth above Otsu's threshold."""
    from scipy.ndimage import gaussian_filter
    from skimage.filters import threshold_otsu

    # Smoothed, or the truth's own noise would sort the pixels, and every image look biased.
    flat = (0,) * (case.truth.ndim - 2)
    smooth = gaussian_filter(case.truth, (*flat, SMOOTH, SMOOTH))
    return np.asarray(smooth > threshold_otsu(smooth))


def chi2(case: Case, where: NDArray[np.bool_] | None = None) -> float:
    """Variance of the noise over what the case says it is; 1 if truth and camera are right."""
    known = np.ones(case.truth.shape, dtype=bool) if case.valid is None else case.valid.copy()
    if where is not None:
        known &= where
    said = case.truth.astype(np.float64) + np.square(case.read_noise)
    # The truth's noise is the photons' over the number of frames.
    said *= 1 + case.truth_variance / said.mean()
    found = np.square(case.photons.astype(np.float64) - case.truth)
    return float(found[known].sum() / said[known].sum())
