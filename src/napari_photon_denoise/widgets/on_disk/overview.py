"""The smaller resolutions of a result that is being made, a file a shard, until there are better.

The pyramid of the result is made when all its shards are there: its own shards each take several
of the full resolution together. What has been done is to be seen before, from afar, too.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.io.ome_zarr.container import Container
from napari_photon_denoise.io.ome_zarr.pyramid import mean_of
from napari_photon_denoise.io.whole import whole_file

Box = tuple[slice, ...]


class Overview:
    """Files of the smaller resolutions of each shard, beside the records.

    Parameters
    ----------
    container : Container
    folder : Path
        Is made, and removed in the end.
    """

    def __init__(self, container: Container, folder: Path) -> None:
        self._container, self._folder = container, folder

    def make(self, number: int) -> None:
        """Make the smaller resolutions of a shard that is stored."""
        if len(self._container.levels) == 1:
            return
        self._folder.mkdir(exist_ok=True)
        full, spans = self._container.level0, self._container.spans
        region = full.grid.region(number)
        values, start = full.open()[region], [side.start for side in region]
        for level in range(1, len(spans)):
            by = [a // b for a, b in zip(spans[level], spans[level - 1], strict=True)]
            values, start = _coarse(values, start, by)
            with whole_file(self._file(level, number)) as part, part.open("wb") as written:
                np.save(written, values)

    def has(self, number: int) -> bool:
        """Whether those of a shard were made, here or in a session before."""
        last = len(self._container.levels) - 1
        return last == 0 or self._file(last, number).exists()

    def place(self, level: int, number: int) -> Box:
        """Return where in a resolution a shard lies; where it ends half in a pixel, with that."""
        region = self._container.level0.grid.region(number)
        return tuple(
            slice(side.start // by, -(-side.stop // by))
            for side, by in zip(region, self._container.spans[level], strict=True)
        )

    def read(self, level: int, number: int) -> NDArray[Any] | None:
        """Return a shard's smaller resolution, which is read when it is looked at; None without.

        Parameters
        ----------
        level : int
            1 or more.
        number : int
            Of the shard.
        """
        try:
            found: NDArray[Any] = np.load(self._file(level, number), mmap_mode="r")
        except FileNotFoundError:
            return None
        return found

    def remove(self) -> None:
        """Remove all files."""
        shutil.rmtree(self._folder, ignore_errors=True)  # Windows keeps what is mapped

    def _file(self, level: int, number: int) -> Path:
        return self._folder / f"{number}-{level}.npy"


def _coarse(
    values: NDArray[Any], start: Sequence[int], by: Sequence[int]
) -> tuple[NDArray[Any], list[int]]:
    """Take pixels together; one that a shard has only half of, is that half."""
    odd = [first % times for first, times in zip(start, by, strict=True)]
    if any(odd):
        values = np.pad(values, [(more, 0) for more in odd], mode="edge")
    return mean_of(values, by), [first // times for first, times in zip(start, by, strict=True)]
