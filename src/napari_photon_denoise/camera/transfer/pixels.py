"""Gain and response of each pixel, no finer than the data bear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.camera.transfer.fit import LEAST_SIGNAL, LEAST_VARIANCE
from napari_photon_denoise.camera.transfer.levels import Dark, Flat
from napari_photon_denoise.camera.transfer.points import Saturation, usable_pixels
from napari_photon_denoise.camera.transfer.sums import row_bands

Float64 = NDArray[np.float64]

SURE = 3.0  # standard deviations of the spread
PRECISE = 0.02  # relative SD of one pixel's gain
SMOOTHING = 31  # px, of the illumination
GRID = 128  # points a side, that the illumination is fitted to
LEAST_SHARE = 0.05  # of the pooled slope
TINY = 1e-6


@dataclass(frozen=True, eq=False)
class PixelGain:
    """The gain of each pixel, from its own variances.

    Parameters
    ----------
    raw : (Y, X) float32, e-/ADU
        As measured; the pooled gain where a pixel had no usable level.
    sd : (Y, X) float32, e-/ADU
        Predicted standard deviation of `raw`.
    shrunk : (Y, X) float32, e-/ADU
        `raw` drawn to the pooled gain by as much as its error asks.
    spread, spread_sd : float
        True relative spread of the gain between pixels, squared, and its SD.
    precision : float
        Median relative SD of a pixel's gain.
    """

    raw: Float32
    sd: Float32
    shrunk: Float32
    spread: float
    spread_sd: float
    precision: float

    @property
    def offered(self) -> bool:
        """True if the spread is sure (3 SD) and a pixel's gain precise (2 %).

        Only then is the map better than one number for all.
        """
        return self.spread > SURE * self.spread_sd and self.precision < PRECISE


def pixel_gain(
    flats: Sequence[Flat],
    darks: Sequence[Dark],
    good: NDArray[np.bool_],
    saturation: Saturation,
    pooled_slope: float,
    limit: float,
) -> PixelGain:
    """Measure each pixel's gain, with the weights of the pooled one.

    Parameters
    ----------
    flats : sequence of Flat
    darks : sequence of Dark
        One a flat.
    good : (Y, X) bool
        Pixels whose spread is asked for.
    saturation : Saturation
    pooled_slope : float, ADU/e-
        Of the pooled fit.
    limit : float
        Upper end of the range, ADU above the dark.
    """
    shape = flats[0].signal.shape
    # The slope over the pooled one, and its squared error; where no level counts, 1 and inf.
    share, error2 = np.ones(shape, np.float32), np.full(shape, np.inf, np.float32)
    for rows in row_bands(shape):
        share[rows], error2[rows] = _shares(flats, darks, saturation, pooled_slope, limit, rows)
    use = good & np.isfinite(error2)
    pooled = 1 / pooled_slope
    if not use.any():
        flat_map = np.full(shape, pooled, np.float32)
        return PixelGain(flat_map, flat_map, flat_map, 0.0, np.inf, np.inf)
    spread, spread_sd = _spread(share, error2, use)
    precision = float(np.sqrt(np.median(error2[use])))
    weight = np.float32(spread) / (error2 + np.float32(max(spread, TINY**2)))
    weight *= share - 1
    weight += 1
    return PixelGain(
        # A noisy slope may come out near zero or below; a gain may not.
        raw=_inverse(np.where(share > LEAST_SHARE, share, np.float32(1)), pooled),
        sd=_single(np.sqrt(np.minimum(error2, 1, out=error2), out=error2) * np.float32(pooled)),
        shrunk=_inverse(np.maximum(weight, LEAST_SHARE, out=weight), pooled),
        spread=spread,
        spread_sd=spread_sd,
        precision=precision,
    )


def _inverse(share: Float32, pooled: float) -> Float32:
    return np.divide(np.float32(pooled), share, out=share)


def _spread(share: Float32, error2: Float32, use: NDArray[np.bool_]) -> tuple[float, float]:
    """Variance of the true shares between pixels, and its SD."""
    count, centre = int(use.sum()), float(share.mean(dtype=np.float64, where=use))
    total = square = 0.0
    for rows in row_bands(share.shape):
        chosen = use[rows]
        excess = (share[rows][chosen] - centre).astype(np.float64) ** 2 - error2[rows][chosen]
        total += float(excess.sum())
        square += float((excess * excess).sum())
    mean = total / count
    return max(0.0, mean), float(np.sqrt(max(0.0, square / count - mean**2) / count))


def _single(values: NDArray[Any]) -> Float32:
    return np.asarray(values, np.float32)


def _shares(
    flats: Sequence[Flat],
    darks: Sequence[Dark],
    saturation: Saturation,
    slope: float,
    limit: float,
    rows: slice,
) -> tuple[Float64, Float64]:
    """Slope of each pixel's line over the pooled slope, and its squared error, of some rows."""
    shape = flats[0].signal[rows].shape
    xy, xx, x1 = (np.zeros(shape) for _ in range(3))
    for flat, dark in zip(flats, darks, strict=True):
        x, floor = flat.signal[rows].astype(np.float64), dark.variance[rows].astype(np.float64)
        use = np.isfinite(flat.variance[rows]) & (x <= limit)
        if saturation.code is not None:
            use &= flat.highest[rows] < saturation.code
        use &= (x > LEAST_SIGNAL * np.sqrt(floor)) & (slope * x + floor >= LEAST_VARIANCE)
        weight = np.where(use, (flat.frames - 1) / (2 * (slope * x + floor) ** 2), 0.0)
        net = np.where(use, flat.variance[rows] - flat.dark_share * floor, 0.0) / flat.shot_share
        xy += weight * x * net
        xx += weight * x * x
        x1 += weight * x
    several = {id(dark): dark for dark in darks}.values()
    frames = sum(dark.frames for dark in several)
    floor = np.mean([dark.variance[rows] for dark in several], axis=0, dtype=np.float64)
    known = xx > 0
    safe = np.where(known, xx, 1.0)
    # The dark's variance and its mean enter all levels alike.
    shared = (2 * floor**2 / (frames - 1) + slope**2 * floor / frames) * (x1 / safe) ** 2
    share = np.where(known, xy / safe / slope, 1.0)
    return share, np.where(known, (1 / safe + shared) / slope**2, np.inf)


@dataclass(frozen=True, eq=False)
class Response:
    """How much each pixel answers the same light, from the means of the flats.

    Parameters
    ----------
    relative : (Y, X) float32
        1 on average; what illumination changes slowly is divided out.
    sd : float
        Median SD of one pixel's value, from noise.
    prnu : float
        Spread between good pixels, noise taken away.
    levels_agree : float
        Correlation of the pattern of the brightest and of the other flats; low where the
        light, not the camera, made it.
    """

    relative: Float32
    sd: float
    prnu: float
    levels_agree: float


def pixel_response(
    flats: Sequence[Flat], good: NDArray[np.bool_], saturation: Saturation, limit: float
) -> Response | None:
    """Measure the relative response (PRNU); None if no flat lies wholly in range.

    Variances say ten times less of a pixel's response than means do.
    """
    inside = [
        flat
        for flat in flats
        if usable_pixels(flat, good, saturation).sum() > 0.95 * good.sum()
        and 0 < float(np.median(flat.signal[good])) <= limit
    ]
    if not inside:
        return None
    light = _single(np.sum([flat.signal for flat in inside], axis=0))
    relative = _pattern(light, good)
    light /= relative  # the smooth part
    error2 = np.zeros_like(light)
    for flat in inside:
        np.add(error2, flat.variance / np.float32(flat.frames), out=error2, where=good)
    error2 /= np.maximum(light, TINY, out=light) ** 2
    spread = float(relative[good].var(dtype=np.float64) - error2[good].mean(dtype=np.float64))
    return Response(
        relative=relative,
        sd=float(np.sqrt(np.median(error2[good]))),
        prnu=float(np.sqrt(max(0.0, spread))),
        levels_agree=_agreement(inside, good),
    )


def _pattern(light: Float32, good: NDArray[np.bool_]) -> Float32:
    """Light over its smooth part: (Y, X) float32, 1 on average."""
    smooth = _smooth(light, good)
    relative = np.divide(light, smooth, out=np.ones_like(light), where=smooth > 0)
    relative /= relative[good].mean(dtype=np.float64)
    return np.maximum(relative, np.float32(TINY))


def _smooth(light: Float32, good: NDArray[np.bool_]) -> Float32:
    """Illumination without the defects: a polynomial, and box means of what it leaves."""
    from scipy.ndimage import uniform_filter

    size = min(SMOOTHING, *light.shape)
    # A box mean alone errs at the borders, where illumination falls off.
    smooth = _polynomial(light, good)
    rest = np.divide(light, smooth, out=np.zeros_like(light), where=good)
    smooth *= uniform_filter(rest, size)
    np.copyto(rest, good)
    share = uniform_filter(rest, size, output=rest)
    smooth /= np.maximum(share, TINY, out=share)
    return smooth


def _polynomial(light: Float32, good: NDArray[np.bool_]) -> Float32:
    """Polynomial of fourth degree through the good pixels of a grid, or their mean."""
    mean = float(light.mean(dtype=np.float64, where=good))
    step = max(1, int(np.sqrt(light.size)) // GRID)
    grid = (slice(step // 2, None, step),) * 2
    axes = [np.linspace(-1, 1, size, dtype=np.float32) for size in light.shape]
    powers = [(i, j) for i in range(5) for j in range(5 - i)]
    use = good[grid]
    if use.sum() < 10 * len(powers):
        return np.full_like(light, mean)
    y, x = np.meshgrid(axes[0][grid[0]], axes[1][grid[1]], indexing="ij")
    design = np.stack([y[use] ** i * x[use] ** j for i, j in powers], axis=1)
    found = np.linalg.lstsq(design, light[grid][use], rcond=None)[0].astype(np.float32)
    table = np.zeros((5, 5), np.float32)
    for factor, (i, j) in zip(found, powers, strict=True):
        table[i, j] = factor
    fitted = (
        np.vander(axes[0], 5, increasing=True) @ table @ np.vander(axes[1], 5, increasing=True).T
    )
    return np.maximum(fitted, np.float32(0.01 * mean), out=fitted)


def _agreement(flats: Sequence[Flat], good: NDArray[np.bool_]) -> float:
    if len(flats) < 2:
        return float("nan")
    *others, brightest = sorted(flats, key=lambda flat: flat.trace.mean)
    rest = _pattern(_single(np.sum([flat.signal for flat in others], axis=0)), good)
    return float(np.corrcoef(_pattern(brightest.signal, good)[good], rest[good])[0, 1])
