"""Gain and offset of a real image from its noise about a known mean."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]

# Half of the levels lie in the brightest tenth of the pixels, which holds the structure.
LEVELS = np.concatenate([np.linspace(0, 0.9, 19), 1 - 0.1 * 0.7 ** np.arange(1, 18), [1]])
MODEL_ERROR = 0.03  # relative, of a level's variance: no level outweighs all others


class Line(NamedTuple):
    """Variance against mean: ``variance = slope * (mean - offset)``.

    Parameters
    ----------
    slope : float, ADU/e-
    offset : float, ADU
        Where the noise would vanish.
    """

    slope: float
    offset: float

    def variance(self, mean: Float64) -> Float64:
        """ADU², at least that of rounding."""
        return np.asarray(np.maximum(self.slope * (mean - self.offset), 1e-6 * self.slope**2))


def fit_line(mean: Float64, squares: Float64, known: Bool, sort_by: Float64 | None = None) -> Line:
    """Fit variance against mean, level by level.

    Parameters
    ----------
    mean : array, ADU
    squares : array, ADU²
        Squared deviation of each pixel, or its variance over frames.
    known : array of bool
        Pixels to use.
    sort_by : array, optional
        What the pixels are sorted into levels by, if the mean is itself noisy: something
        whose noise is independent of both.
    """
    key = (mean if sort_by is None else sort_by)[known]
    order = np.argsort(key, kind="stable")
    edges = (LEVELS * len(order)).astype(int)
    spans = [(low, high) for low, high in pairwise(edges) if high - low > 30]
    at = np.array([mean[known][order[low:high]].mean() for low, high in spans])
    variance = np.array([squares[known][order[low:high]].mean() for low, high in spans])
    count = np.array([high - low for low, high in spans])
    said = variance
    for _ in range(4):
        weight = 1 / (said * np.sqrt(2 / count + MODEL_ERROR**2))
        slope, intercept = np.polyfit(at, variance, 1, w=weight)
        said = np.maximum(slope * at + intercept, 0.1 * variance)
    return Line(float(slope), float(-intercept / slope))


def scale_onto(mean: Float64, noisy: Float64, weight: Float64) -> tuple[float, float]:
    """Slope and offset that bring the mean onto the noisy image's scale, by least squares.

    Parameters
    ----------
    mean, noisy : array
    weight : array
        One over the variance of each pixel; 0 for pixels to leave out.
    """
    # Written out: a general solver takes ten times as long on a whole image.
    total = weight.sum()
    middle, level = (weight * mean).sum() / total, (weight * noisy).sum() / total
    apart = weight * (mean - middle)
    slope = (apart * (noisy - level)).sum() / (apart * (mean - middle)).sum()
    return float(slope), float(level - slope * middle)


def match(mean: Float64, noisy: Float64, known: Bool, spread: float = 1) -> tuple[Float64, Line]:
    """Bring the mean onto the noisy image's scale, and fit the noise about it.

    Parameters
    ----------
    mean, noisy : array, ADU
        Stretched each on its own.
    known : array of bool
        Pixels whose grey values are not clipped.
    spread : float
        Variance of noisy minus mean over the variance of noisy: above 1 if the mean is noisy.

    Returns
    -------
    matched : array, ADU
    line : Line
    """
    weight = known.astype(np.float64)
    for _ in range(3):
        slope, offset = scale_onto(mean, noisy, weight)
        matched = slope * mean + offset
        line = fit_line(matched, np.square(noisy - matched) / spread, known)
        floor = np.quantile(line.variance(matched), 0.1)
        weight = known / np.maximum(line.variance(matched), floor)
    return matched, line
