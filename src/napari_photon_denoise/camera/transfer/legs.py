"""Cameras that join two converters, one for dim and one for bright pixels (dual gain)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.camera.transfer.fit import FLOOR, weighted_line
from napari_photon_denoise.camera.transfer.points import Points

Float64 = NDArray[np.float64]

LEAST_POINTS = 3  # on each leg
BETTER = 3.0  # times smaller misfit than one smooth curve
LEAST_STEP = 0.03  # of slope or of variance at the break


@dataclass(frozen=True)
class TwoLegs:
    """A photon transfer curve of two straight legs.

    Parameters
    ----------
    break_at : float, ADU above the dark
        The low leg ends, the high leg begins.
    low_slope, high_slope : float, ADU/e-
    high_intercept : float, ADU²
        Variance of the high leg, extended to zero signal.
    """

    break_at: float
    low_slope: float
    high_slope: float
    high_intercept: float


def find_two_legs(points: Points) -> TwoLegs | None:
    """Test one line against two with a break between; None for one.

    A camera that bends smoothly is not meant: two legs must also fit far better than a
    parabola.

    Parameters
    ----------
    points : Points
        Usable points up to saturation.
    """
    order = np.argsort(points.signal)
    points = points.take(order)
    if len(points) < 2 * LEAST_POINTS:
        return None
    one = _misfit_of_curve(points)
    best: tuple[float, TwoLegs] | None = None
    for cut in range(LEAST_POINTS, len(points) - LEAST_POINTS + 1):
        low, high = points.take(order[:0]), points
        index = np.arange(len(points))
        low, high = points.take(index < cut), points.take(index >= cut)
        low_line, high_line = weighted_line(low), weighted_line(high, free=True)
        misfit = _misfit(low, low_line.slope, 0.0) + _misfit(
            high, high_line.slope, high_line.intercept
        )
        at = float(low.signal[-1] + high.signal[0]) / 2
        legs = TwoLegs(at, low_line.slope, high_line.slope, high_line.intercept)
        if best is None or misfit < best[0]:
            best = misfit, legs
    assert best is not None
    spare = max(1, len(points) - 4)
    misfit, legs = best[0] / spare, best[1]
    step = legs.high_intercept + (legs.high_slope - legs.low_slope) * legs.break_at
    large = abs(step) > LEAST_STEP * legs.low_slope * legs.break_at
    large |= abs(legs.high_slope / legs.low_slope - 1) > LEAST_STEP
    clear = one / max(1, len(points) - 2) > BETTER * max(misfit, 0.1)
    return legs if large and clear and legs.high_slope > 0 else None


def _misfit(points: Points, slope: float, intercept: float) -> float:
    error = _error(points, abs(slope))
    return float((((points.variance - intercept - slope * points.signal) / error) ** 2).sum())


def _misfit_of_curve(points: Points) -> float:
    """χ² of the best parabola through zero."""
    slope = weighted_line(points).slope
    error = _error(points, slope)
    design = np.stack([points.signal, points.signal**2], axis=1) / error[:, np.newaxis]
    target = points.variance / error
    found = np.linalg.lstsq(design, target, rcond=None)[0]
    return float(((target - design @ found) ** 2).sum())


def _error(points: Points, slope: float) -> Float64:
    """SD of each variance with a floor: models of cameras are no better than a percent."""
    return np.hypot(points.error(slope), FLOOR / 3 * slope * points.signal)
