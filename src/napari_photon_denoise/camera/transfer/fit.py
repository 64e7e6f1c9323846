"""Lines through the photon transfer curve: the slope is the inverse gain, in ADU per e-.

Only here, and where a name or a label says so, the gain is in ADU/e- (``slope``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.camera.transfer.points import Points, Saturation
from napari_photon_denoise.errors import PhotonDenoiseError

Float64 = NDArray[np.float64]

RANGE = 0.30  # of saturation; above it even good cameras bend
EMVA_RANGE = 0.70
FLOOR = 0.01  # relative error that even the best level is given
STEPS = 3
LEAST_VARIANCE = 1.0  # ADU²; below it rounding bends the curve
LEAST_SIGNAL = 3.0  # dark noises


@dataclass(frozen=True)
class Line:
    """A straight line ``variance = intercept + slope * signal``.

    Parameters
    ----------
    slope : float, ADU/e-
    slope_sd : float, ADU/e-
        From the numbers of pixels and frames alone.
    intercept, intercept_sd : float, ADU²
        0 for a line through zero.
    chi2 : float
        χ² per degree of freedom against those errors; 1 where the line fits, NaN without a
        degree of freedom.
    points : int
    low, high : float, ADU
        Range of signals that the line was fitted to.
    """

    slope: float
    slope_sd: float
    intercept: float
    intercept_sd: float
    chi2: float
    points: int
    low: float
    high: float

    @property
    def total_sd(self) -> float:
        """SD of the slope with the scatter about the line, ADU/e-: × √χ² where χ² is over 1."""
        return self.slope_sd * float(np.sqrt(max(1.0, np.nan_to_num(self.chi2, nan=1.0))))


@dataclass(frozen=True)
class Transfer:
    """All lines through one photon transfer curve.

    Parameters
    ----------
    line : Line
        Ours: weighted, through zero, over the lower range; the gain follows from it.
    emva : Line
        As EMVA 1288 has it: unweighted, through zero, 0 to 70 % of saturation.
    wide : Line
        As `emva`, but of normalised frames and good pixels.
    free : Line or None
        Weighted, with a free intercept, over our range; None for fewer than three points.
    thirds : tuple of Line
        Through zero in the lower, middle and upper third of the points up to 70 %; empty for
        fewer than three.
    used : tuple of int
        Points that `line` was fitted to.
    in_range : tuple of int
        All usable points up to 70 % of saturation.
    limit : float
        Upper end of our range, ADU above the dark; infinite where saturation is unknown.
    """

    line: Line
    emva: Line
    wide: Line
    free: Line | None
    thirds: tuple[Line, ...]
    used: tuple[int, ...]
    in_range: tuple[int, ...]
    limit: float

    @property
    def thirds_differ(self) -> float:
        """Slope of the upper third over that of the lower one, less 1; 0 without thirds."""
        return self.thirds[-1].slope / self.thirds[0].slope - 1 if self.thirds else 0.0


def fit_transfer(
    points: Points, levels: Points, saturation: Saturation, below: float = np.inf
) -> Transfer:
    """Fit the photon transfer curve.

    Parameters
    ----------
    points : Points
        Of the parts of the levels, by illumination.
    levels : Points
        One a level, as EMVA 1288 takes them.
    saturation : Saturation
    below : float, ADU
        Use only points below this signal: the low leg of a camera with two.

    Raises
    ------
    PhotonDenoiseError
        If no point is usable.
    """
    full = np.inf if saturation.signal is None else saturation.signal
    seen = points.signal > LEAST_SIGNAL * np.sqrt(points.dark_variance)
    seen &= points.variance + points.dark_variance >= LEAST_VARIANCE
    # Of a part cut off at the ceiling, the quiet pixels are left: a biased choice.
    whole = (points.pixels > 0.95 * points.total) & (points.signal <= below)
    seen &= whole
    used, limit = _lower_range(points, seen, full)
    thirds_of = np.flatnonzero(seen & (points.signal <= EMVA_RANGE * full))
    line = weighted_line(points.take(used))
    by_signal = thirds_of[np.argsort(points.signal[thirds_of])]
    thirds = [part for part in np.array_split(by_signal, 3) if len(part)]
    return Transfer(
        line=line,
        emva=plain_line(levels.take(levels.signal <= EMVA_RANGE * full)),
        wide=plain_line(points.take(whole & (points.signal <= EMVA_RANGE * full))),
        free=weighted_line(points.take(used), free=True) if len(used) >= 3 else None,
        thirds=tuple(weighted_line(points.take(part)) for part in thirds if len(thirds) == 3),
        used=tuple(used.tolist()),
        in_range=tuple(thirds_of.tolist()),
        limit=min(limit, below),
    )


def _lower_range(
    points: Points, seen: NDArray[np.bool_], full: float
) -> tuple[NDArray[np.int64], float]:
    """Return the points to fit, and the upper end of their range."""
    if not seen.any():
        raise PhotonDenoiseError(
            "No flat is usable: each is saturated, or too dark to tell its noise from the dark's; "
            "take flats between 5 and 30 % of saturation."
        )
    for share in (RANGE, EMVA_RANGE):
        used = np.flatnonzero(seen & (points.signal <= share * full))
        if len(used):
            return used, share * full
    raise PhotonDenoiseError(
        "Every flat is saturated, or nearly so: take flats between 5 and 30 % of saturation."
    )


def weighted_line(points: Points, *, free: bool = False, floor: float = FLOOR) -> Line:
    """Fit a line with weights from the model of the noise, never from the samples' own.

    Weights from sample variances favour those that came out low: -6.8 % at 50 frames.

    Parameters
    ----------
    points : Points
    free : bool
        Fit the intercept too.
    floor : float
        Relative error added to each point, so that a few bright levels don't decide alone.
    """
    x, y = points.signal, points.variance
    slope = float((x * y).sum() / (x * x).sum())
    design = np.stack([x, np.ones_like(x)], axis=1) if free else x[:, np.newaxis]
    for _ in range(STEPS):
        error = points.error(slope)
        weight = 1 / (error**2 + (floor * slope * x) ** 2)
        inverse = np.linalg.inv(design.T @ (weight[:, np.newaxis] * design))
        solver = inverse @ (design.T * weight)
        found = solver @ y
        slope = float(found[0])
    intercept = float(found[1]) if free else 0.0
    # Points share the dark, so its errors add up before they are squared.
    variances = (solver**2) @ error**2 + (solver @ points.dark_error()) ** 2
    both = error**2 + points.dark_error() ** 2
    spare = len(x) - design.shape[1]
    residual = y - intercept - slope * x
    return Line(
        slope=slope,
        slope_sd=float(np.sqrt(variances[0])),
        intercept=intercept,
        intercept_sd=float(np.sqrt(variances[1])) if free else 0.0,
        chi2=float((residual**2 / both).sum() / spare) if spare > 0 else float("nan"),
        points=len(x),
        low=float(x.min()),
        high=float(x.max()),
    )


def plain_line(points: Points) -> Line:
    """Fit a line through zero without weights, as EMVA 1288 release 3.1 does."""
    x, y = points.signal, points.variance
    slope = float((x * y).sum() / (x * x).sum()) if len(x) else float("nan")
    error = np.hypot(points.error(abs(slope)), points.dark_error())
    spare = len(x) - 1
    return Line(
        slope=slope,
        slope_sd=float(np.sqrt((x**2 * error**2).sum()) / (x * x).sum()) if len(x) else slope,
        intercept=0.0,
        intercept_sd=0.0,
        chi2=float((((y - slope * x) / error) ** 2).sum() / spare) if spare > 0 else float("nan"),
        points=len(x),
        low=float(x.min(initial=np.inf)),
        high=float(x.max(initial=0.0)),
    )
