"""A result as it is so far: what is done is read from disk, the rest is nothing (NaN).

napari shows nothing where there is NaN, so that the raw image below shines through: what is seen
is the image, noisy where the denoising has not come yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property, partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.io.ome_zarr.container import Container
from napari_photon_denoise.io.ome_zarr.grid import Grid
from napari_photon_denoise.widgets.on_disk.lazy import Box, Lazy
from napari_photon_denoise.widgets.on_disk.overview import Overview

FLOAT = np.dtype(np.float32)


class Growing:
    """A result that is being made.

    The worker's thread adds to it, the window's thread reads.

    Parameters
    ----------
    container : Container
    folder : Path
        Where the overview is kept meanwhile.
    """

    def __init__(self, container: Container, folder: Path) -> None:
        self.container = container
        self.overview = Overview(container, folder)
        self._done: set[int] = set()
        self._plain: list[int] = []  # without an overview

    @property
    def total(self) -> int:
        """How many shards there are."""
        return len(self._grid)

    @property
    def done(self) -> int:
        """How many are there."""
        return len(self._done)

    def begin(self, done: Iterable[int]) -> None:
        """Take over what was done before."""
        self._done = set(done)
        self._plain = [number for number in sorted(self._done) if not self.overview.has(number)]

    def add(self, number: int) -> None:
        """Take in a shard that is stored, with its smaller resolutions."""
        self.overview.make(number)
        self._done.add(number)

    def catch_up(self, most: int) -> None:
        """Make the smaller resolutions of some shards that were done by who makes none."""
        for _ in range(min(most, len(self._plain))):
            self.overview.make(self._plain.pop())

    def levels(self) -> list[Lazy]:
        """Return all resolutions, float32 with NaN where nothing is yet; nothing is read."""
        reads = [self._read_full]
        reads += [partial(self._read_coarse, at) for at in range(1, len(self.container.levels))]
        return [
            Lazy(read, level.grid.shape, FLOAT)
            for read, level in zip(reads, self.container.levels, strict=True)
        ]

    def shows(self, number: int, box: Box) -> bool:
        """Whether a shard has a part of a box of the full resolution."""
        sides = zip(self._grid.region(number), box, strict=True)
        return all(one.start < two.stop and two.start < one.stop for one, two in sides)

    @property
    def _grid(self) -> Grid:
        return self.container.level0.grid

    @cached_property
    def _stored(self) -> Any:
        """The full resolution on disk; opened once, as it is there when the first shard is."""
        return self.container.level0.open()

    def _read_full(self, box: Box) -> NDArray[Any]:
        numbers = [*_within(self._grid, box)]
        if all(number in self._done for number in numbers):
            return np.asarray(self._stored[box], FLOAT)
        found = _nothing(box)
        for number in numbers:
            if number in self._done:
                both = _both(box, self._grid.region(number))
                found[_inside(both, box)] = self._stored[both]
        return found

    def _read_coarse(self, level: int, box: Box) -> NDArray[Any]:
        found, overview = _nothing(box), self.overview
        full = tuple(
            slice(side.start * by, min(side.stop * by, size))
            for side, by, size in zip(
                box, self.container.spans[level], self._grid.shape, strict=True
            )
        )
        for number in _within(self._grid, full):
            part = overview.read(level, number) if number in self._done else None
            if part is not None:
                place = overview.place(level, number)
                both = _both(box, place)
                found[_inside(both, box)] = part[_inside(both, place)]
        return found


def _nothing(box: Box) -> NDArray[Any]:
    return np.full([side.stop - side.start for side in box], np.nan, FLOAT)


def _within(grid: Grid, box: Box) -> Iterator[int]:
    """Yield the shards that have a part of a box."""
    sides = [
        range(side.start // part, -(-side.stop // part))
        for side, part in zip(box, grid.shard, strict=True)
    ]
    for place in product(*sides):
        yield grid.number_at([at * part for at, part in zip(place, grid.shard, strict=True)])


def _both(one: Box, other: Box) -> Box:
    return tuple(
        slice(max(a.start, b.start), min(a.stop, b.stop)) for a, b in zip(one, other, strict=True)
    )


def _inside(box: Box, outer: Box) -> Box:
    return tuple(
        slice(a.start - b.start, a.stop - b.start) for a, b in zip(box, outer, strict=True)
    )
