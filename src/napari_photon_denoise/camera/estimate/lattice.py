"""Noise that depends on where a pixel lies on a lattice: what no raw image has.

A colour camera measures each colour at some pixels and fills in the others from their
neighbours: the variance there is lower, at every second pixel. Images that were enlarged twice
have every second pixel, or difference of pixels, alike. JPEG compresses blocks of 8 by 8 pixels,
and neighbours differ more across their borders. Structure knows nothing of such lattices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.camera.estimate.line import Float64
from napari_photon_denoise.camera.estimate.sampling import Window

Kind = Literal["none", "green", "red or blue", "enlarged", "repeated", "jpeg"]

NEAR = 1.0  # px, sigma of the surroundings that a pixel is compared with
BLOCK = 8  # px, of JPEG
DIFFERENT = {2: 1.02, 4: 1.05, 8: 1.03}  # of the mean by place, by number of places
SURE = 10.0  # standard errors
SAME = 0.02  # of the other differences; less, and pixels are repeated
SPREAD = 1.5  # neighbours share noise, so that errors are larger than of independent pixels


@dataclass(frozen=True, eq=False)
class Places:
    """Sums by place of the root of what a pixel differs from its neighbours.

    The root, for bright structure would outweigh the noise.

    Parameters
    ----------
    total, count : (places,) float64
    square : float
        Sum of the squares.
    """

    total: Float64
    count: Float64
    square: float

    def __add__(self, other: Places) -> Places:
        """Put two parts of an image together."""
        return Places(
            self.total + other.total, self.count + other.count, self.square + other.square
        )

    @property
    def means(self) -> Float64:
        """Mean of each place."""
        return self.total / np.maximum(self.count, 1)

    def differ(self) -> bool:
        """Tell if the place matters: if the last or largest stands out from the others."""
        means = self.means
        number = self.count.sum()
        if number == 0:  # a single row or column
            return False
        spread = np.sqrt(max(self.square / number - (self.total.sum() / number) ** 2, 0))
        error = SPREAD * spread / np.sqrt(number / len(means))
        if len(means) == BLOCK:
            high, low = means[-1], float(means[:-1].mean())
        else:
            high, low = float(means.max()), float(means.min())
        return bool(high > DIFFERENT[len(means)] * low and high - low > SURE * error)


@dataclass(frozen=True, eq=False)
class Lattice:
    """What was measured of an image, by place.

    Parameters
    ----------
    pixels : Places
        By parity of row and column, four places.
    steps : tuple of Places
        Differences along y and along x, by parity.
    blocks : tuple of Places
        The same by eighths; the last crosses a block's border.
    """

    pixels: Places
    steps: tuple[Places, Places]
    blocks: tuple[Places, Places]

    def __add__(self, other: Lattice) -> Lattice:
        """Put two parts of an image together."""
        (mine_y, mine_x), (its_y, its_x) = self.steps, other.steps
        (my_y, my_x), (other_y, other_x) = self.blocks, other.blocks
        return Lattice(
            self.pixels + other.pixels,
            (mine_y + its_y, mine_x + its_x),
            (my_y + other_y, my_x + other_x),
        )

    @property
    def kind(self) -> Kind:
        """What was done to the image, if anything."""
        if self.pixels.differ():
            (one, other), (another, last) = self.pixels.means.reshape(2, 2)
            # Green lies like the black fields of a chequerboard, red and blue at one place in four.
            chequered = abs(one + last - other - another)
            spread = abs(one - last) + abs(other - another)
            return "green" if chequered > spread else "red or blue"
        if all(part.differ() for part in self.steps):
            repeated = all(part.means.min() < SAME * part.means.max() for part in self.steps)
            # Borders of blocks look like every second pixel's, if less so.
            if repeated or not all(part.differ() for part in self.blocks):
                return "repeated" if repeated else "enlarged"
            return "jpeg" if self._blocks_stand_out() else "enlarged"
        return "jpeg" if all(part.differ() for part in self.blocks) else "none"

    def _blocks_stand_out(self) -> bool:
        """Tell if the differences of odd place are large at the blocks' borders alone."""
        return all(part.means[-1] > 1.03 * part.means[1:-1:2].max() for part in self.blocks)


def measure_lattice(window: Window) -> Lattice:
    """Measure a window."""
    from scipy.ndimage import gaussian_filter

    noise, corner = window.noise, window.corner
    beside = np.sqrt(np.abs(noise - gaussian_filter(noise, NEAR, mode="reflect")))
    rows, columns = (np.arange(size) + at for size, at in zip(noise.shape, corner, strict=True))
    steps = [np.sqrt(np.abs(np.diff(noise, axis=axis))) for axis in (0, 1)]
    return Lattice(
        _by_place(beside, 2 * (rows % 2)[:, None] + (columns % 2)[None, :], 4),
        (_along(steps[0], 0, corner[0], 2), _along(steps[1], 1, corner[1], 2)),
        (_along(steps[0], 0, corner[0], BLOCK), _along(steps[1], 1, corner[1], BLOCK)),
    )


def is_jpeg(plane: NDArray[Any], corner: tuple[int, int]) -> bool:
    """Tell if an image was saved as JPEG at some time.

    Parameters
    ----------
    plane : (Y, X) array, ADU
        The image or a part of it.
    corner : tuple of int, px
        Row and column of its first pixel in the image.
    """
    counts = np.asarray(plane, dtype=np.float32)
    nothing = np.zeros(counts.shape, np.bool_)
    window = Window(counts, counts, nothing, channel=0, corner=corner, whole=False)
    return min(counts.shape) > 2 * BLOCK and measure_lattice(window).kind == "jpeg"


def _along(values: Float64, axis: int, start: int, places: int) -> Places:
    """Sum by place along one axis."""
    sums = values.sum(axis=1 - axis, dtype=np.float64)
    place = (np.arange(len(sums)) + start) % places
    count = np.bincount(place, minlength=places) * float(values.shape[1 - axis])
    return Places(
        np.bincount(place, sums, places).astype(np.float64),
        count.astype(np.float64),
        float(np.square(values, dtype=np.float64).sum()),
    )


def _by_place(values: Float64, place: Float64, places: int) -> Places:
    return Places(
        np.bincount(place.ravel(), values.ravel(), places).astype(np.float64),
        np.bincount(place.ravel(), minlength=places).astype(np.float64),
        float(np.square(values, dtype=np.float64).sum()),
    )
