"""Whether the photons of each region are still there after denoising."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.metrics.checks import check_labels, check_pair, check_read_noise
from napari_photon_denoise.metrics.regions import number_labels

ALPHA = 0.01  # chance that any region of a true image is called unbalanced
FORGIVEN = 0.03  # of a region's photons: a bias that is no structure


@dataclass(frozen=True)
class PhotonBalance:
    """The photons of one region, before and after.

    Parameters
    ----------
    label : int
    pixels : int
    noisy, denoised : float, e-
        Sums over the region.
    error : float, e-
        Standard error of the noisy sum, from shot and read noise as the denoised image
        predicts them.
    """

    label: int
    pixels: int
    noisy: float
    denoised: float
    error: float

    @property
    def gained(self) -> float:
        """Photons that denoising added to the region, e-; negative where it lost some."""
        return self.denoised - self.noisy

    @property
    def deviation(self) -> float:
        """`gained` in standard errors; NaN where no noise is expected.

        The truth itself deviates by about 1. A good denoiser averages over the region's
        own pixels and so deviates less; beyond 3, photons were lost or made up.
        """
        return self.gained / self.error if self.error > 0 else float("nan")


def measure_photon_balance(
    noisy: Float32,
    denoised: Float32,
    read_noise: float | Float32 = 0.0,
    labels: NDArray[Any] | None = None,
) -> tuple[PhotonBalance, ...]:
    """Compare the photons of regions before and after denoising.

    Draw the regions without looking at the noisy image: pixels chosen because they were
    bright in it were bright by luck as well, and no denoiser should keep that.

    Parameters
    ----------
    noisy, denoised : (..., Y, X) float32, e-
    read_noise : float or array that fits the image, e- rms
    labels : (..., Y, X) integers or bool, optional
        0 or False belongs to no region. Without labels the whole image is region 1.

    Returns
    -------
    tuple of PhotonBalance
        One a label, ascending.

    Raises
    ------
    PhotonDenoiseError
        If the shapes differ, a pixel is not finite, read noise is negative, or the labels
        hold no region.
    """
    check_pair(noisy, denoised, ("noisy image", "denoised"))
    check_read_noise(read_noise, noisy.shape)
    regions = np.ones(noisy.shape, np.uint8) if labels is None else np.asarray(labels)
    check_labels(regions, noisy.shape)
    names, index = number_labels(regions)
    variance = np.maximum(denoised, 0) + np.square(read_noise, dtype=np.float64)
    pixels = np.bincount(index.ravel())
    sums = [np.bincount(index.ravel(), image.ravel()) for image in (noisy, denoised, variance)]
    return tuple(
        PhotonBalance(int(name), int(count), float(before), float(after), float(np.sqrt(square)))
        for name, count, before, after, square in zip(names, pixels, *sums, strict=True)
        if name
    )


def find_unbalanced(balances: tuple[PhotonBalance, ...]) -> tuple[int, ...]:
    """Labels of regions that lost or gained photons, beyond what chance does to one of all.

    Of true images, at most one in a hundred has any such region. Forgiven are 3 % of a region's
    photons, which an error of the gain or a small bias of the method explains.
    """
    from scipy.special import ndtri

    limit = float(-ndtri(ALPHA / (2 * max(1, len(balances)))))
    return tuple(
        region.label
        for region in balances
        if abs(region.gained) > FORGIVEN * max(region.denoised, 0.0) + limit * region.error
    )
