"""How strong an image's noise is, by what a network that is told the noise takes out of it.

A network that is told too much noise takes out all of it (and structure); one that is told too
little keeps some, and what it keeps is smooth, so that neighbours in the residual are unlike each
other. How unlike they are tells how much was kept: on simulated images of white noise, told half,
once and twice their noise, the variance of the residual is ``1 - 1.7 c`` of the noise's, c being
how much less neighbours are correlated in the residual than in the noise. Where structure is well
sampled that is right to within 10 %, at 3 to 200 photons a pixel; of dense detail at the limit of
the pixels, and of noise that neighbours share, up to half is taken for structure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.metrics.hints import FEW, OUTLIER, correlation_of

KEPT = 1.7  # of the variance, per unit of correlation that is missing
MOST_KEPT = 0.55  # of the variance; beyond, there is no telling
DARKEST = 0.25  # e-², median of the variance: below, single photons look like structure
FLAT = 0.5  # of the pixels: those without structure
SMOOTH = 1.5  # px


@dataclass(frozen=True)
class NoiseFound:
    """The noise of an image beside that which a network was told.

    Parameters
    ----------
    ratio : float
        Variance of the noise over that which was told.
    error : float
        Its standard error, from the number of pixels and photons alone.
    correlation : tuple of float
        Of next neighbours along y and x in what was taken out, e- as it is.
    missing : float
        How much less neighbours are correlated in what was taken out than in the noise that
        was told: the network kept some. 0 where they are not.
    """

    ratio: float
    error: float
    correlation: tuple[float, float]
    missing: float


def find_noise(
    noisy: Float32, clean: Float32, read_noise: float | Float32, lengths: tuple[float, float]
) -> NoiseFound | None:
    """Compare the noise that was taken out, and what must have been kept, with what was told.

    Parameters
    ----------
    noisy, clean : (Y, X) float32, e-
    read_noise : float or (Y, X) float32, e- rms
    lengths : tuple of float, px
        How far neighbours share noise along y and x, as was told.

    Returns
    -------
    NoiseFound, or None where too few photons are expected to tell.
    """
    told = np.maximum(clean, 0).astype(np.float64) + np.square(read_noise, dtype=np.float64)
    if np.median(told) < DARKEST:
        return None
    residual = noisy.astype(np.float64) - clean
    flat = _flat(clean, told) & ~_hot(residual, told)
    expected = float(told[flat].sum())
    ratio = float(np.square(residual[flat]).sum()) / expected
    photons = np.maximum(clean[flat], 0)
    error = float(np.sqrt((2 * told[flat] ** 2 + photons).sum())) / expected
    seen = (_correlation(residual, flat, 0), _correlation(residual, flat, 1))
    missing = float(
        np.mean(
            [
                max(0.0, correlation_of(length) - found)
                for length, found in zip(lengths, seen, strict=True)
            ]
        )
    )
    left = 1 - min(KEPT * missing, MOST_KEPT)
    return NoiseFound(ratio / left, error / left, seen, missing)


def _flat(clean: Float32, told: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Half of the pixels, around which the denoised image changes least beside the noise."""
    from scipy.ndimage import gaussian_gradient_magnitude

    # What changes by a share of the noise at each brightness, so that dark is not preferred.
    steepness = gaussian_gradient_magnitude(clean.astype(np.float64), SMOOTH)
    steepness = steepness / np.sqrt(told + told.mean() * 1e-3 + 1e-12)
    chosen: NDArray[np.bool_] = steepness <= np.quantile(steepness, FLAT)
    return chosen


def _hot(residual: NDArray[np.float64], told: NDArray[np.float64]) -> NDArray[np.bool_]:
    hot = np.square(residual) > OUTLIER**2 * np.maximum(told, 1)
    return hot if hot.mean() < FEW else np.zeros_like(hot)


def _correlation(residual: NDArray[np.float64], where: NDArray[np.bool_], axis: int) -> float:
    here, there = ([slice(None), slice(None)] for _ in range(2))
    here[axis], there[axis] = slice(0, -1), slice(1, None)
    one, other = residual[tuple(here)], residual[tuple(there)]
    both = where[tuple(here)] & where[tuple(there)]
    power = 0.5 * (np.square(one[both]).mean() + np.square(other[both]).mean())
    return float((one[both] * other[both]).mean() / power) if power > 0 else 0.0
