"""The line through variance against mean: ``variance = slope * (mean - zero)``.

The slope is K in ADU/e-. Where the line meets zero variance is the effective offset, a
mixture of offset and read noise that the image alone cannot take apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

STEPS = 6  # of reweighting; more change nothing
HUBER = 3.0  # robust standard deviations beyond which a tile loses weight


@dataclass(frozen=True)
class Line:
    """A fitted line; slope in ADU/e-, zero in ADU."""

    slope: float
    zero: float

    def at(self, mean: Float64 | float) -> Float64:
        """Variance (ADU²) at a mean (ADU)."""
        return np.asarray(self.slope * (mean - self.zero), dtype=np.float64)

    def less(self, variance: float) -> Line:
        """Line of what is left when a constant variance (ADU²) is taken off."""
        return Line(self.slope, self.zero + variance / self.slope) if self.slope > 0 else self


def fit_line(mean: Float64, variance: Float64) -> tuple[Line, Float64, Float64]:
    """Fit by reweighted least squares, then the slope again on the whole image.

    The weights come from the line, not from each tile's own variance, which would bias
    the slope low.

    Parameters
    ----------
    mean : (N,) float64, ADU
    variance : (N,) float64, ADU²

    Returns
    -------
    line : Line
    weight : (N,) float64
        Weights of the fit.
    trust : (N,) float64
        The robust part of the weights, 1 for a tile that fits.
    """
    weight, trust = np.ones_like(mean), np.ones_like(mean)
    floor = 0.05 * float(np.median(variance))
    for _ in range(STEPS):
        slope, intercept = _solve(mean, variance, weight[None])
        expected = np.maximum(slope[0] * mean + intercept[0], floor)
        error = variance / expected - 1
        spread = 1.4826 * float(np.median(np.abs(error - np.median(error)))) + 1e-12
        trust = np.minimum(1.0, HUBER * spread / np.maximum(np.abs(error), 1e-12))
        weight = trust / expected**2
    return _whole(mean, variance, weight[None], trust[None])[0], weight, trust


def _solve(mean: Float64, variance: Float64, weight: Float64) -> tuple[Float64, Float64]:
    """Weighted least squares; one line a row of `weight`."""
    total = weight.sum(axis=1)
    x, y = weight @ mean / total, weight @ variance / total
    across = (weight * (mean - x[:, None]) ** 2).sum(axis=1)
    both = (weight * (mean - x[:, None]) * (variance - y[:, None])).sum(axis=1)
    slope = both / np.maximum(across, 1e-300)
    return slope, y - slope * x


def _whole(mean: Float64, variance: Float64, weight: Float64, trust: Float64) -> list[Line]:
    """Zero from the weighted line, slope from the sum over the image."""
    slope, intercept = _solve(mean, variance, weight)
    lines = []
    for row in range(len(weight)):
        if slope[row] <= 0:
            lines.append(Line(float(slope[row]), float("nan")))
            continue
        zero = -intercept[row] / slope[row]
        signal = float(trust[row] @ (mean - zero))
        whole = float(trust[row] @ variance) / signal if signal > 0 else float(slope[row])
        lines.append(Line(whole, float(zero)))
    return lines
