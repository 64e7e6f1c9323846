"""Structure told from noise: it is strongest in the middle of the spectrum, noise is not.

The spectrum of structure falls with frequency, so where its power in the middle of the band
is least, so is what it adds further out; and since the powers of white noise in two bands are
independent, choosing tiles by one does not bias the other. What is left of structure in the
chosen tiles is taken off by regression: one microscope gives all structure about the same
share of power outside the band, so that it grows with the power in the middle.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.camera.estimate.line import Float64, Line

CLASSES = 8  # of brightness, in each of which calm tiles are chosen
CALM = 0.5  # of the tiles of a class
FEWEST = 6  # tiles of a class
CHOSEN = (
    0.75  # power of white noise in the middle of tiles chosen for little of it, over that outside
)
STEPS = 8  # of reweighting
HUBER = 3.0  # robust standard deviations beyond which a tile loses weight
RESAMPLINGS = 100


@dataclass(frozen=True)
class Floor:
    """Power of the noise against brightness: level + slope (mean - darkest), none negative.

    Parameters
    ----------
    level : float, ADU²
        At the darkest brightness.
    slope : float, ADU²/ADU
    darkest : float, ADU
    """

    level: float
    slope: float
    darkest: float

    def at(self, mean: Float64 | float) -> Float64:
        """Power (ADU²) at a brightness (ADU); below the darkest as there."""
        above = np.maximum(np.asarray(mean, dtype=np.float64) - self.darkest, 0)
        return np.asarray(self.level + self.slope * above, dtype=np.float64)

    def times(self, factor: float) -> Floor:
        """Scale the power."""
        return Floor(self.level * factor, self.slope * factor, self.darkest)

    def less(self, variance: float) -> Floor:
        """Take a constant power off."""
        return Floor(max(0.0, self.level - variance), self.slope, self.darkest)

    @property
    def line(self) -> Line:
        """The line that goes through it; of a slope above zero."""
        return Line(self.slope, self.darkest - self.level / self.slope)


@dataclass(frozen=True)
class FloorFit:
    """A floor, others from resampled tiles, and what structure adds to it.

    Parameters
    ----------
    floor : Floor
    drawn : tuple of Floor
    leak : float
        Share of the power that was taken off as structure's, in the mean.
    misfit : float
        Sum of the squared relative errors that is left, without outliers.
    """

    floor: Floor
    drawn: tuple[Floor, ...]
    leak: float
    misfit: float


def calm(mean: Float64, middle: Float64, share: float = CALM) -> NDArray[np.intp]:
    """Choose the tiles with least structure in each class of brightness.

    Parameters
    ----------
    mean : (N,) float64, ADU
    middle : (N,) float64, ADU²
        Power where structure shows.
    share : float
        Of the tiles of a class that are kept.

    Returns
    -------
    (M,) int
        Their numbers, sorted.
    """
    order = np.argsort(mean, kind="stable")
    chosen = []
    for members in np.array_split(order, max(1, min(CLASSES, len(order) // FEWEST))):
        count = max(FEWEST, int(share * len(members)))
        chosen.append(members[np.argsort(middle[members], kind="stable")][:count])
    return np.sort(np.concatenate(chosen))


def fit_floor(
    mean: Float64,
    power: Float64,
    middle: Float64,
    darkest: float,
    usual: float = CHOSEN,
    draws: int = RESAMPLINGS,
) -> FloorFit:
    """Fit noise and structure to the power of calm tiles, by reweighting.

    Parameters
    ----------
    mean : (N,) float64, ADU
    power, middle : (N,) float64, ADU²
    darkest : float, ADU
        Brightness at which the floor starts.
    usual : float
        Power that noise alone has in the middle of calm tiles, over `power`.
    draws : int
        Resamplings, for the errors; they take most of the time.
    """
    above = np.maximum(mean - darkest, 0)
    scale = float(above.mean()) or 1.0
    unit = float(np.mean(power)) or 1.0
    weight, trust = np.full(len(mean), 1 / unit), np.ones(len(mean))
    noise = np.zeros(len(mean))
    least = 0.02 * float(np.median(power)) + 1e-30
    values = np.zeros(3)
    for _ in range(STEPS):
        basis = _basis(above / scale, middle - usual * noise, unit)
        values = _solve(basis * weight[:, None], power * weight)[0]
        noise = basis[:, :2] @ values[:2]
        expected = np.maximum(basis @ values, least)
        error = power / expected - 1
        spread = 1.4826 * float(np.median(np.abs(error - np.median(error)))) + 1e-12
        trust = np.minimum(1.0, HUBER * spread / np.maximum(np.abs(error), 1e-12))
        weight = np.sqrt(trust) / expected
    count = len(mean)
    drawn = np.random.default_rng(0).multinomial(count, np.full(count, 1 / count), draws)
    again = _solve(basis * weight[:, None], power * weight, drawn)
    structure = float((basis[:, 2] * values[2]).mean()) / max(float(power.mean()), 1e-30)
    misfit = float(np.sum(trust * np.square(power / np.maximum(basis @ values, least) - 1)))
    # Powers are skewed, and weights that trim them would make the noise too little.
    whole = float(trust @ power) / max(float(trust @ (basis @ values)), 1e-30)

    def as_floor(found: Float64) -> Floor:
        return Floor(whole * float(found[0]), whole * float(found[1]) / scale, darkest)

    return FloorFit(as_floor(values), tuple(as_floor(each) for each in again), structure, misfit)


def _basis(above: Float64, excess: Float64, unit: float) -> Float64:
    return np.stack([np.ones_like(above), above, np.maximum(excess, 0) / unit], axis=1)


def _solve(basis: Float64, power: Float64, counts: NDArray[np.int64] | None = None) -> Float64:
    """Non-negative least squares; one solution for each row of how often a tile counts."""
    from scipy.optimize import nnls

    size = basis.shape[1]
    both = np.column_stack([basis, power])
    products = (both[:, :, None] * both[:, None, :]).reshape(len(both), -1)
    sums = products.sum(axis=0)[None] if counts is None else counts @ products
    solutions = []
    for gram in sums.reshape(-1, size + 1, size + 1):
        # As few equations as unknowns, with the same solution.
        ridge = 1e-12 * np.trace(gram[:size, :size]) * np.eye(size)
        lower = np.linalg.cholesky(gram[:size, :size] + ridge + 1e-300 * np.eye(size))
        solutions.append(nnls(lower.T, np.linalg.solve(lower, gram[:size, size]))[0])
    return np.asarray(solutions, dtype=np.float64)
