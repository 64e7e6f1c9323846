"""Whether the fine contrast of a denoised image is in the photons as well.

Fine contrast is what a Gaussian blur takes away. Where it is real, the noisy image follows it
one to one; where it is invented, the noisy image knows nothing of it; where it was smoothed, the
noisy image shows more of it than is left. That is a straight line through the origin, and its
slope is the share that is real.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.metrics.checks import check_labels, check_pair, check_read_noise
from napari_photon_denoise.metrics.consistency import SMALLEST_VARIANCE
from napari_photon_denoise.metrics.regions import number_labels

COARSE_SIGMA = 4.0  # px; what this blur leaves is not fine contrast


@dataclass(frozen=True)
class Support:
    """How much of a region's fine contrast the noisy image shows.

    Parameters
    ----------
    label : int
    pixels : int
    slope, error : float
        1 if the contrast is real, 0 if it is invented, above 1 if it was smoothed; and the
        standard error that the noise gives it. NaN where the denoised image is flat.
    """

    label: int
    pixels: int
    slope: float
    error: float


def measure_support(
    noisy: Float32,
    denoised: Float32,
    read_noise: float | Float32 = 0.0,
    labels: NDArray[Any] | None = None,
) -> tuple[Support, ...]:
    """Measure how much of the denoised image's fine contrast the noisy image shows.

    Least squares, weighted by the noise expected around each pixel, in each plane by itself. The
    same photons made the denoised image, and noise that it has kept from the pixel itself
    supports itself: a finished image can look better founded than it is, never worse. Photons
    held back do not (`HeldOutScore.support`).

    Parameters
    ----------
    noisy, denoised : (..., Y, X) float32, e-
    read_noise : float or array that fits the image, e- rms
    labels : (..., Y, X) integers or bool, optional
        0 or False belongs to no region. Without labels the whole image is region 1.

    Returns
    -------
    tuple of Support
        One a label, ascending.

    Raises
    ------
    PhotonDenoiseError
        If the shapes differ, a pixel is not finite, read noise is negative, or the labels
        hold no region.
    """
    check_pair(noisy, denoised, ("noisy image", "denoised"))
    check_read_noise(read_noise, noisy.shape)
    variance = np.maximum(denoised, 0) + np.square(read_noise, dtype=np.float64)
    variance = np.maximum(variance, SMALLEST_VARIANCE)
    if labels is None:
        return (Support(1, noisy.size, *slope_of_contrast(noisy, denoised, variance)),)
    regions = np.asarray(labels)
    check_labels(regions, noisy.shape)
    names, index = number_labels(regions)
    pixels = np.bincount(index.ravel())
    products = _products(noisy, denoised, variance)
    sums = [np.bincount(index.ravel(), product.ravel()) for product in products]
    return tuple(
        Support(name, int(count), *_slope(*(float(total) for total in totals)))
        for name, count, *totals in zip(names, pixels, *sums, strict=True)
        if name
    )


def slope_of_contrast(
    noisy: NDArray[Any], denoised: Float32, variance: NDArray[np.float64]
) -> tuple[float, float]:
    """Slope of noisy against denoised fine contrast, and its standard error.

    Parameters
    ----------
    noisy, denoised : (..., Y, X) float, e-
    variance : (..., Y, X) float64, e-²
        Of the noisy image, above 0.
    """
    shown, power, scatter = (
        float(product.sum()) for product in _products(noisy, denoised, variance)
    )
    return _slope(shown, power, scatter)


def coarse(image: NDArray[Any]) -> NDArray[Any]:
    """Blur each plane of an image, so that its fine contrast is gone."""
    return blur(image, COARSE_SIGMA)


def blur(image: NDArray[Any], sigma: float) -> NDArray[Any]:
    """Blur each plane of an image by a Gaussian of `sigma` px; its type stays."""
    from scipy.ndimage import gaussian_filter1d

    from napari_photon_denoise.kernels.separable import correlate

    # Summed in float64, so that a flat image stays flat.
    planes = np.ascontiguousarray(image, np.float64).reshape(-1, *image.shape[-2:])
    reach = int(4 * sigma + 0.5)
    taps = gaussian_filter1d(np.eye(1, 2 * reach + 1, reach)[0], sigma)
    blurred: NDArray[np.float64] = correlate(planes, np.ones(1), taps, taps)
    return blurred.reshape(image.shape).astype(image.dtype, copy=False)


def _products(
    noisy: NDArray[Any], denoised: Float32, variance: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Contrast shown by the photons, contrast of the image, and the former's variance."""
    contrast = (denoised - coarse(denoised)).astype(np.float64)
    # Weighed by the noise around: the blur below brings that of the neighbours in, and a single
    # dark pixel must not weigh more than they let it.
    weighed = contrast / coarse(variance)
    # The same blur is taken off the photons: coarse structure would lower the slope.
    shown = weighed * (noisy - coarse(noisy))
    return shown, weighed * contrast, (weighed - coarse(weighed)) ** 2 * variance


def _slope(shown: float, power: float, scatter: float) -> tuple[float, float]:
    if power <= 0:
        return float("nan"), float("nan")
    return shown / power, float(np.sqrt(scatter)) / power
