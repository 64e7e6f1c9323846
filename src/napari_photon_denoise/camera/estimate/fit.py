"""From the tables of an image to the line of its noise, with its errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from napari_photon_denoise.camera.estimate.blur import share_outside
from napari_photon_denoise.camera.estimate.correlation import Correlation, find_correlation
from napari_photon_denoise.camera.estimate.fallback import line_from_regions
from napari_photon_denoise.camera.estimate.line import Float64, Line, fit_line, resample_lines
from napari_photon_denoise.camera.estimate.out_of_band import BANDS, CORNERS, EDGE, Tiles
from napari_photon_denoise.camera.estimate.refusals import INSTEAD, NoEstimate, check_smoothing
from napari_photon_denoise.camera.estimate.regions import Regions, smoothest

LEAKING = (2.5, 1.4, 0.0)  # most that structure may add to the fall, by band
LEAK_COST = 0.15  # relative error of the slope for each doubling, about
MEASURABLE = 0.1  # power of the noise over that of the rounding, for a band to be used


@dataclass(frozen=True, eq=False)
class Measured:
    """Everything that was read from the image, as tables."""

    tiles: Tiles
    regions: Regions
    check: tuple[Float64, Float64]
    rounding: float
    movie: bool
    dark_share: float


@dataclass(frozen=True)
class Fit:
    """The line of the true variance, its relative spread, and the spread of its zero (ADU)."""

    line: Line
    spread: float
    zero_interval: tuple[float, float]
    correlation: Correlation


def fit_noise(measured: Measured) -> Fit:
    """Fit the line, and correct it for correlation.

    Raises
    ------
    NoEstimate
        If smoothing hid the noise.
    """
    drawing = _draw(measured)
    tiles, correlation = measured.tiles, drawing.correlation
    leak = 1.0
    if not correlation.white:
        leak = _leak(tiles, correlation, drawing.rounding, drawing.band)
        if leak > LEAKING[drawing.band]:
            return _fit_regions(measured, correlation)
    zeros = np.array([each.zero for each in drawing.drawn if np.isfinite(each.zero)])
    low, high = np.quantile(zeros, [0.025, 0.975]) if len(zeros) else (np.nan, np.nan)
    line = drawing.line
    spread = float(np.std([each.slope for each in drawing.drawn])) / max(abs(line.slope), 1e-30)
    errors = (
        spread,
        correlation.inflation_sd / correlation.inflation,
        LEAK_COST * max(0.0, leak - 1),
    )
    true = Line(line.slope * correlation.inflation, line.zero)
    return Fit(true, float(np.linalg.norm(errors)), (float(low), float(high)), correlation)


def fit_through(offset: float, read_noise: float, measured: Measured) -> Fit:
    """Draw the line through an offset (ADU) and a read noise (e- rms) that are known.

    Raises
    ------
    NoEstimate
        If the image is darker than the offset.
    """
    drawing = _draw(measured)
    correlation = drawing.correlation
    if correlation.white:
        mean, variance = measured.tiles.mean, measured.tiles.bands[:, 0]
    else:
        smooth = smoothest(measured.regions, drawing.line)
        mean, variance = smooth.mean, smooth.covariance[:, 0] / correlation.seen
    signal = float(mean.mean()) - offset
    if signal <= 0:
        raise NoEstimate(
            f"The image is darker than the offset of {offset:.4g} ADU: check the offset."
        )
    # variance = K * signal + K² * read_noise², solved for K.
    square, total = read_noise**2, float(variance.mean())
    slope = 2 * total / (signal + (signal**2 + 4 * square * total) ** 0.5)
    line = Line(slope, offset - slope * square)
    scatter = float(np.std(variance / np.maximum(line.at(mean), 0.05 * total)))
    spread = np.hypot(scatter / len(mean) ** 0.5, correlation.inflation_sd / correlation.inflation)
    return Fit(line, float(spread), (line.zero, line.zero), correlation)


@dataclass(frozen=True, eq=False)
class _Drawing:
    """The line in one band, redrawn from resampled tiles, and what it was drawn with."""

    line: Line
    drawn: list[Line]
    correlation: Correlation
    band: int
    rounding: float


def _draw(measured: Measured) -> _Drawing:
    """Draw the line in the band that shows noise, and find correlation with it."""
    tiles, rounding = measured.tiles, measured.rounding
    band = _band(tiles, rounding)
    line, weight, trust = fit_line(tiles.mean, tiles.bands[:, band])
    # Rounding is white whatever was done before: it belongs to white noise, and it stays
    # outside the band when smoothing moved the noise away.
    correlation = find_correlation(measured.regions, tiles, line.less(rounding), band, rounding)
    check_smoothing(correlation)
    if correlation.white:
        band, rounding = 0, 0.0
        line, weight, trust = fit_line(tiles.mean, tiles.bands[:, 0])
    rng = np.random.default_rng(0)
    drawn = resample_lines(tiles.mean, tiles.bands[:, band], weight, trust, rng)
    return _Drawing(
        line.less(rounding), [each.less(rounding) for each in drawn], correlation, band, rounding
    )


def _band(tiles: Tiles, rounding: float) -> int:
    """Choose the band furthest out in which noise, not rounding, is seen."""
    dark = np.quantile(tiles.bands, 0.1, axis=0) - rounding
    usable = np.flatnonzero(dark > MEASURABLE * rounding)
    # Rounding alone, everywhere: noise too weak for the converter, or none.
    return int(usable[0]) if len(usable) else 0


def _leak(tiles: Tiles, correlation: Correlation, rounding: float, band: int) -> float:
    """How fast the spectrum falls outward, over what correlation explains.

    The excess is structure, which outweighs correlated noise sooner than white noise.
    """
    if band == 0:
        inner, outer, rings = tiles.edge, tiles.corners, (EDGE, CORNERS)
    elif band + 1 < len(BANDS):
        inner, outer = tiles.bands[:, band + 1], tiles.bands[:, band]
        rings = (BANDS[band + 1], BANDS[band])
    else:
        return np.inf
    near, far = (share_outside(correlation.length_y, correlation.length_x, ring) for ring in rings)
    seen = float((inner - rounding).mean() / max((outer - rounding).mean(), 1e-30))
    return seen * far / near


def _fit_regions(measured: Measured, correlation: Correlation) -> Fit:
    found = line_from_regions(measured.regions, correlation)
    if found is None:
        raise NoEstimate(
            "The image was smoothed (its pixels share their noise over "
            f"{max(correlation.length_y, correlation.length_x):.1f} px) and has no smooth bright "
            f"part in which noise could be seen: take the raw image, give the offset, or {INSTEAD}."
        )
    line, spread = found
    darkest = float(measured.tiles.mean.min())
    reach = 2 * spread * abs(darkest - line.zero)
    return Fit(line, spread, (line.zero - reach, line.zero + reach), correlation)
