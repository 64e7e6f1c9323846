"""Whether what the denoiser removed is noise, and nothing but noise; asked without a truth.

If the denoised image were the truth, the residual in units of its expected noise would
have mean 0 and variance 1 and no memory from one pixel to the next. Structure that was
removed makes the variance larger and neighbours alike; noise that was left in makes the
variance smaller. A denoiser that has seen the pixel itself has kept a little of its noise,
so a variance slightly below 1 is what a good one gives.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.checks import check_pair, check_read_noise

SMALLEST_VARIANCE = 0.01  # e-²; an empty pixel would divide by zero


@dataclass(frozen=True)
class Consistency:
    """The residual in units of its expected noise, beside what the truth would give.

    Parameters
    ----------
    mean, mean_error : float
        Of the z-map, and its expected standard error; the truth has 0.
    variance, variance_error : float
        Of the z-map over that of pure noise, and its expected standard error; the truth
        has 1. Slightly below 1 is normal for a denoiser that has seen the pixel.
    autocorrelation, autocorrelation_error : tuple of float
        Of neighbours along each axis of the image, and its expected standard error;
        white noise has 0. NaN along an axis of one pixel, and where the residual is
        constant. A camera whose pixels share noise is not white even with the truth.
    """

    mean: float
    mean_error: float
    variance: float
    variance_error: float
    autocorrelation: tuple[float, ...]
    autocorrelation_error: tuple[float, ...]


def z_map(noisy: Float32, denoised: Float32, read_noise: float | Float32 = 0.0) -> Float32:
    """Residual in units of the noise that the denoised image predicts.

    ``(noisy - denoised) / √(denoised + read_noise²)``. The variance under the root counts
    a negative denoised value as 0 and is at least 0.01 e-², so that the map is finite and
    photons where the denoised image has none stand out.

    Parameters
    ----------
    noisy, denoised : (..., Y, X) float32, e-
    read_noise : float or array that fits the image, e- rms

    Returns
    -------
    (..., Y, X) float32

    Raises
    ------
    PhotonDenoiseError
        If the shapes differ, a pixel is not finite, or read noise is negative.
    """
    check_pair(noisy, denoised, ("noisy image", "denoised"))
    variance = np.maximum(_variance(denoised, read_noise), SMALLEST_VARIANCE)
    residual = np.subtract(noisy, denoised, dtype=np.float64)
    return (residual / np.sqrt(variance)).astype(np.float32)


def measure_consistency(
    noisy: Float32, denoised: Float32, read_noise: float | Float32 = 0.0
) -> Consistency:
    """Measure whether the residual is what photon and read noise alone would be.

    The expected standard errors are those of independent Poisson and Gaussian noise:
    ``z²`` of a pixel with variance v and mean λ has the variance ``2 + λ / v²``.

    Parameters
    ----------
    noisy, denoised : (..., Y, X) float32, e-
    read_noise : float or array that fits the image, e- rms

    Returns
    -------
    Consistency

    Raises
    ------
    PhotonDenoiseError
        If the shapes differ, a pixel is not finite, read noise is negative, or no noise
        is expected anywhere.
    """
    z = z_map(noisy, denoised, read_noise).astype(np.float64)
    variance = _variance(denoised, read_noise)
    floored = np.maximum(variance, SMALLEST_VARIANCE)
    # 1, but less where the variance was raised: truly dark pixels have no noise to show.
    expected = variance / floored
    share = float(expected.mean())
    if share == 0:
        raise PhotonDenoiseError(
            "The denoised image is nowhere above 0 and the read noise is 0: there is no "
            "noise to expect, so nothing to compare the residual with."
        )
    photons = np.maximum(denoised, 0)
    spread = np.mean((2 * variance**2 + photons) / floored**2)  # of z², from pixel to pixel
    centred = z - z.mean()
    pairs = [_neighbours(centred, expected, axis) for axis in range(z.ndim)]
    return Consistency(
        mean=float(z.mean()),
        mean_error=float(np.sqrt(share / z.size)),
        variance=float(np.mean(centred**2)) / share,
        variance_error=float(np.sqrt(spread / z.size)) / share,
        autocorrelation=tuple(value for value, _ in pairs),
        autocorrelation_error=tuple(error for _, error in pairs),
    )


def _variance(denoised: Float32, read_noise: float | Float32) -> NDArray[np.float64]:
    check_read_noise(read_noise, denoised.shape)
    return np.maximum(denoised.astype(np.float64), 0) + np.square(read_noise, dtype=np.float64)


def _neighbours(
    z: NDArray[np.float64], expected: NDArray[np.float64], axis: int
) -> tuple[float, float]:
    """Correlation of each pixel with the next along `axis`, and its expected error."""
    length, power = z.shape[axis], float(np.mean(z**2))
    if length < 2 or power == 0:
        return float("nan"), float("nan")
    here, there = ([slice(None)] * z.ndim for _ in range(2))
    here[axis], there[axis] = slice(0, -1), slice(1, None)
    products = z[tuple(here)] * z[tuple(there)]
    noise = np.mean(expected[tuple(here)] * expected[tuple(there)]) / products.size
    return float(products.mean()) / power, float(np.sqrt(noise) / expected.mean())
