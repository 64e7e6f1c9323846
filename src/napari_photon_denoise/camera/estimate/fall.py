"""Whether neighbours share noise: how far the power falls where no structure can be.

Outside the microscope's band white noise has the same power everywhere; noise that was blurred
has less and less. Structure that is too sharp for its pixels falls there as well, but the more
so the more of it there is, while the fall of noise is the same in every part of an image: tiles
are grouped by brightness and by structure, and the fall is extrapolated to none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.camera.estimate.blur import (
    length_from_both,
    length_from_fall,
    share_outside,
)
from napari_photon_denoise.camera.estimate.line import Float64
from napari_photon_denoise.camera.estimate.out_of_band import BANDS, MIDDLE, Tiles
from napari_photon_denoise.camera.estimate.structure import CHOSEN

BRIGHTNESSES, STRUCTURES = 4, 3  # groups of tiles
SMALLEST = 8  # tiles of a group
LEAST = 0.03  # relative error of a group's fall that its tiles do not show
FALLING = 1.1  # of white noise the fall is 1
SURE = 3.0  # standard errors above 1
TOGETHER = 2.5  # the same for both axes together
AGREE = 2.5  # standard errors between the fall along an axis and that around
ROUGHLY = 0.05  # of the fall, by which they may differ in any case
NEARLY_CALM = 3.5  # structure's band over that outside, in tiles that show hardly any
CLEARLY = 1.3  # fall in each of these; white noise and what structure there is make less
CALM = 20.0  # structure in the calmest tiles over what noise has there, to be told from it
HIDDEN = 0.3  # power of the noise over that of the rounding, less than which is not seen


@dataclass(frozen=True)
class Fall:
    """Power further in over power further out, without structure's; 1 for white noise.

    Parameters
    ----------
    ratio, error : float
        And its standard error; infinite where rounding hides what is further out.
    """

    ratio: float
    error: float

    @property
    def falls(self) -> bool:
        """True if white noise would hardly do that."""
        if self.hidden:
            return True
        return self.ratio > FALLING and self.ratio - 1 > SURE * self.error

    @property
    def hidden(self) -> bool:
        """True if there is rounding only, further out."""
        return not np.isfinite(self.ratio)

    def agrees(self, other: float) -> bool:
        """Say if it may as well be another; what is hidden may be anything."""
        return self.hidden or abs(self.ratio - other) < AGREE * self.error + ROUGHLY * other

    def length(self, edge: int) -> float:
        """Sigma (px) of the Gaussian that blurs white noise so; infinite if hidden."""
        if self.hidden:
            return np.inf
        return length_from_fall(self.ratio, edge) if self.ratio > FALLING else 0.0


@dataclass(frozen=True)
class Falls:
    """Of the spectrum around, and along each axis with the other one far out."""

    around: Fall
    along_y: Fall
    along_x: Fall

    @property
    def hidden(self) -> bool:
        """True if rounding hides what lies outside the band along an axis."""
        return self.along_y.hidden or self.along_x.hidden

    @property
    def white(self) -> bool:
        """True if nothing says that neighbours share noise."""
        if not self.around.falls:
            return True
        if self.hidden:
            return False
        axes = (self.along_y, self.along_x)
        beyond = sum(max(fall.ratio - 1, 0) for fall in axes)
        error = float(np.hypot(self.along_y.error, self.along_x.error))
        return not any(fall.falls for fall in axes) and beyond < TOGETHER * error

    def lengths(self, edge: int) -> tuple[float, float]:
        """Sigma (px) along y and x of the Gaussian that blurs white noise so.

        The fall around is known best; it is believed where both axes agree with it.
        """
        if self.around.falls and not self.around.hidden:
            both, along = length_from_both(self.around.ratio, edge)
            if self.along_y.agrees(along) and self.along_x.agrees(along):
                return both, both
        return self.along_y.length(edge), self.along_x.length(edge)


def measure_falls(tiles: Tiles, rounding: float) -> Falls:
    """Measure the fall of the noise.

    Parameters
    ----------
    tiles : Tiles
    rounding : float, ADU²
        Power of the rounding, which is white whatever was done before.
    """
    groups = _groups(tiles)
    low_y, high_y, low_x, high_x = tiles.falls.T
    return Falls(
        _fall(tiles.edge, tiles.corners, tiles.middle, groups, rounding),
        _fall(low_y, high_y, tiles.middle, groups, rounding),
        _fall(low_x, high_x, tiles.middle, groups, rounding),
    )


def _groups(tiles: Tiles) -> list[NDArray[np.intp]]:
    order = np.argsort(tiles.mean, kind="stable")
    groups = []
    for alike in np.array_split(order, BRIGHTNESSES):
        alike = alike[np.argsort(tiles.middle[alike], kind="stable")]
        groups += [group for group in np.array_split(alike, STRUCTURES) if len(group) >= SMALLEST]
    return groups or [order]


def _fall(
    near: Float64,
    far: Float64,
    middle: Float64,
    groups: list[NDArray[np.intp]],
    rounding: float,
) -> Fall:
    near, far = near - rounding, far - rounding
    least = max(HIDDEN * rounding, 1e-30)
    seen = [group for group in groups if far[group].mean() > least]
    # Empty parts, as of counted photons, say nothing; if most say nothing, it is hidden.
    if 2 * len(seen) < len(groups):
        return Fall(np.inf, np.inf)
    ratio, _, error = _against_structure(near, far, middle, seen)
    calm = [group for group in seen if middle[group].sum() < NEARLY_CALM * far[group].sum()]
    if calm:
        # Nothing need be extrapolated; and noise may be shared further where there is more light.
        members = np.unique(np.concatenate(calm))
        least = min(_ratio(near[group], far[group], middle[group])[0] for group in calm)
        mean, scatter, _ = _ratio(near[members], far[members], middle[members])
        if least > CLEARLY and mean - CLEARLY > SURE * scatter:
            return Fall(mean, scatter)
    return Fall(ratio, error)


def _against_structure(
    near: Float64, far: Float64, middle: Float64, groups: list[NDArray[np.intp]]
) -> tuple[float, float, float]:
    """Line of the fall against structure: at that of calm white noise, its slope, its error.

    Noise and structure have their own powers in each band, so that the ratio of two is linear in
    the ratio of structure's band to one of them; at that of noise alone it is the noise's.
    """
    from scipy.optimize import nnls

    ratio, error, structure = np.array([_ratio(near[g], far[g], middle[g]) for g in groups]).T
    weight = 1 / np.hypot(error, LEAST * np.abs(ratio))
    basis = np.stack([np.ones_like(ratio), structure - CHOSEN], axis=1) * weight[:, None]
    values, misfit = nnls(basis, np.maximum(ratio, 0) * weight)
    scatter = max(1.0, misfit**2 / max(1, len(groups) - 2))
    error = float(np.sqrt(scatter * np.linalg.pinv(basis.T @ basis)[0, 0]))
    return float(values[0]), float(values[1]), error


def length_further_in(tiles: Tiles, rounding: float, edge: int) -> float:
    """Length (px, alike in y and x) where rounding hides the noise outside the band.

    From the fall between two bands further in; infinite if rounding hides it there as well, and
    0, which is white, where there is structure everywhere, which could not be told from it.
    """
    near, far = tiles.bands[:, 2] - rounding, tiles.bands[:, 1] - rounding
    groups = _groups(tiles)
    seen = [group for group in groups if far[group].mean() > max(HIDDEN * rounding, 1e-30)]
    if 2 * len(seen) < len(groups):
        return np.inf
    ratio, growth, _ = _against_structure(near, far, tiles.middle, seen)
    lengths = np.arange(0.3, 1.3, 0.01)
    misfits, middles = [], []
    for length in lengths:
        inner, outer, middle = (
            share_outside(float(length), float(length), band, edge)
            for band in (BANDS[2], BANDS[1], MIDDLE)
        )
        expected = ratio + growth * CHOSEN * (middle / outer - 1)
        middles.append(CHOSEN * middle / outer)
        misfits.append(abs(np.log(max(expected, 1e-9) * outer / inner)))
    best = int(np.argmin(misfits))
    calmest = min(float(tiles.middle[g].sum() / far[g].sum()) for g in seen)
    return float(lengths[best]) if calmest < CALM * middles[best] else 0.0


def _ratio(near: Float64, far: Float64, middle: Float64) -> tuple[float, float, float]:
    """Ratio of sums, its standard error, and the structure's power."""
    total = float(far.sum())
    ratio = float(near.sum()) / total
    error = float(np.sqrt(np.square(near - ratio * far).sum())) / total
    return ratio, error, float(middle.sum()) / total
