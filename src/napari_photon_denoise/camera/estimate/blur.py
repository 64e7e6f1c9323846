"""White noise blurred by a Gaussian along each axis: the model of correlated noise.

It stands for what resampling, averaging of neighbours, line scanning and smoothing do to
noise; its two numbers are the sigmas in px, 0 for white.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.camera.estimate.line import Float64
from napari_photon_denoise.camera.estimate.out_of_band import CORNERS, CROSS, EDGE, FALL, taper
from napari_photon_denoise.camera.estimate.regions import LAGS, SCALE

GRID = 64  # px, periodic grid on which the model is computed
TILE = 32  # px, edge of the tiles of an image that is not small
LONGEST = 2.0  # px, sigma; longer correlations can't be told from structure here
NARROWEST = 0.1  # px; a narrower Gaussian is a point to within rounding
RADIUS = 10  # px, of the kernel
STARTS = (0.2, 0.6, 1.0, 1.5)


def shares(length_y: float, length_x: float) -> Float64:
    """Correlations at the lags of what is left below the large scale."""
    model = _autocovariance(length_y, length_x)
    return np.asarray([model[lag] / model[0, 0] for lag in LAGS], dtype=np.float64)


def power(length_y: float, length_x: float) -> float:
    """Variance that the blur leaves of white noise of variance 1."""
    return float(_spectrum(length_y).mean() * _spectrum(length_x).mean())


def share_outside(
    length_y: float, length_x: float, band: tuple[float, float], edge: int = TILE
) -> float:
    """Mean power in a ring of a tile's spectrum over the variance."""
    spectrum = seen(length_y, edge)[:, None] * seen(length_x, edge)[None, :]
    frequency = 2 * np.abs(np.fft.fftfreq(edge))
    radius = np.hypot(frequency[:, None], frequency[None, :])
    # The axes are left out of the measured spectra as well.
    cross = 2 * min(CROSS, edge // 16) / edge
    ring = (radius >= band[0]) & (radius < band[1])
    ring &= (frequency[:, None] > cross) & (frequency[None, :] > cross)
    return float(spectrum[ring].mean()) / power(length_y, length_x)


def fit_lengths(share: Float64) -> tuple[float, float]:
    """Lengths (y, x) in px whose correlations at the lags come nearest."""
    from scipy.optimize import least_squares

    def misfit(lengths: Float64) -> Float64:
        return shares(float(lengths[0]), float(lengths[1])) - share

    starts = [np.array([y, x]) for y in STARTS for x in STARTS]
    start = min(starts, key=lambda lengths: float(np.square(misfit(lengths)).sum()))
    found = least_squares(misfit, start, bounds=(0, LONGEST), diff_step=0.02).x
    return float(found[0]), float(found[1])


def length_from_fall(fall: float, edge: int = TILE) -> float:
    """Length (px) along an axis from how far the power falls along it, outside the band.

    Parameters
    ----------
    fall : float
        Power at low over power at high frequency, as `FALL` bounds them.
    edge : int
        Of the tiles whose spectra were measured, px.
    """
    return float(np.interp(fall, *_falls(edge)))


def length_from_both(fall: float, edge: int = TILE) -> tuple[float, float]:
    """Length (px), alike along both axes, from how far the power falls outwards.

    Parameters
    ----------
    fall : float
        Power at the edge of the band over that in the corners.
    edge : int
        Of the tiles, px.

    Returns
    -------
    tuple of float
        The length, and how far the power would fall along one axis, as `length_from_fall` has it.
    """
    lengths = np.arange(0, 1.21, 0.02)
    length = float(np.interp(fall, _falls_outwards(edge), lengths))
    falls, alone = _falls(edge)
    return length, float(np.interp(length, alone, falls))


@lru_cache
def _falls_outwards(edge: int) -> Float64:
    pairs = [
        tuple(share_outside(float(length), float(length), band, edge) for band in (EDGE, CORNERS))
        for length in np.arange(0, 1.21, 0.02)
    ]
    return np.maximum.accumulate([near / far for near, far in pairs])


@lru_cache
def _falls(edge: int) -> tuple[Float64, Float64]:
    """How far the power falls, and the length that makes it fall so far."""
    lengths = np.arange(0, 1.21, 0.02)
    frequency = 2 * np.abs(np.fft.fftfreq(edge))
    cross = 2 * min(CROSS, edge // 16) / edge
    low, high = (
        (frequency >= lower) & (frequency < upper) & (frequency > cross) for lower, upper in FALL
    )
    falls = [
        float(spectrum[low].mean() / spectrum[high].mean())
        for spectrum in (seen(float(length), edge) for length in lengths)
    ]
    return np.maximum.accumulate(falls), lengths


@lru_cache(maxsize=512)
def seen(length: float, edge: int) -> Float64:
    """Power spectrum along one axis as a tile shows it: smeared by its taper."""
    white = np.fft.irfft(_spectrum(length)[: GRID // 2 + 1])  # autocovariance, of period GRID
    window = taper(edge)
    kept = np.correlate(window, window, "full")[edge - 1 :] / (window @ window)
    lags = np.zeros(edge)
    for lag in range(min(edge, GRID // 2)):
        lags[lag % edge] += white[lag] * kept[lag]
        if lag:
            lags[-lag % edge] += white[lag] * kept[lag]
    return np.maximum(np.real(np.fft.fft(lags)), 1e-12)


def make_noise(length_y: float, length_x: float, edge: int, rng: np.random.Generator) -> Float32:
    """Draw blurred white noise, ``(edge, edge)`` float32."""
    from scipy.ndimage import gaussian_filter

    white = rng.standard_normal((edge, edge), dtype=np.float32)
    sigma = (max(length_y, NARROWEST), max(length_x, NARROWEST))
    return np.asarray(gaussian_filter(white, sigma, mode="wrap", radius=RADIUS), dtype=np.float32)


def _autocovariance(length_y: float, length_x: float) -> Float64:
    spectrum = _spectrum(length_y)[:, None] * _spectrum(length_x)[None, :]
    return np.asarray(np.real(np.fft.ifft2(spectrum * _below_scale())), dtype=np.float64)


@lru_cache(maxsize=512)
def _spectrum(length: float) -> Float64:
    """Power spectrum of a sampled Gaussian."""
    from scipy.ndimage import gaussian_filter1d

    point = np.zeros(GRID)
    point[0] = 1
    blurred = gaussian_filter1d(point, max(length, NARROWEST), mode="wrap", radius=RADIUS)
    return np.asarray(np.abs(np.fft.fft(blurred)) ** 2, dtype=np.float64)


@lru_cache
def _below_scale() -> Float64:
    """Power that is left when the large scale is taken out."""
    from scipy.ndimage import gaussian_filter

    point = np.zeros((GRID, GRID))
    point[0, 0] = 1
    slow = np.real(np.fft.fft2(gaussian_filter(point, SCALE, mode="wrap")))
    return np.asarray((1 - slow) ** 2, dtype=np.float64)
