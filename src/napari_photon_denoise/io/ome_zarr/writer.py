"""An OME-Zarr of blocks that come in any order and size: written as a whole, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.io.image import About
from napari_photon_denoise.io.lock import held
from napari_photon_denoise.io.ome_zarr.container import plan_container
from napari_photon_denoise.io.ome_zarr.place import check_zarr_place, put_in_place
from napari_photon_denoise.io.ome_zarr.pyramid import pyramid_job
from napari_photon_denoise.io.ome_zarr.store import Level, ZarrFormat
from napari_photon_denoise.io.parts import part_of
from napari_photon_denoise.io.paths import written_through
from napari_photon_denoise.io.readers import bare_name
from napari_photon_denoise.io.whole import full_disk_said
from napari_photon_denoise.job import run

HELD_BYTES = 2**29  # of shards that wait for more blocks


class OmeZarrWriter:
    """The pixels of a level in the making: assign blocks to it as to an array, from one thread.

    A shard can only be written whole: those that have blocks yet to come wait in memory, as many
    as have room, and at least one. The one that waits longest is written, and read again if need
    be.
    """

    def __init__(self, level: Level) -> None:
        self.shape = level.grid.shape
        self.dtype = level.dtype
        self.ndim = len(self.shape)
        self._level = level
        self._waiting: dict[int, NDArray[Any]] = {}
        self._written: set[int] = set()

    def __setitem__(self, index: Any, values: Any) -> None:
        """Write a block; values that the dtype cannot hold by kind are refused."""
        box, shape = _box(index, self.shape)
        block = np.asarray(values)
        if not np.can_cast(block.dtype, self.dtype, "same_kind"):
            raise TypeError(f"{block.dtype} values can't be written as {self.dtype}")
        block = np.broadcast_to(block, shape).reshape([side.stop - side.start for side in box])
        for number in self._touched(box):
            region = self._level.grid.region(number)
            both = [_overlap(one, other) for one, other in zip(box, region, strict=True)]
            part = block[tuple(_within(one, side) for one, side in zip(both, box, strict=True))]
            if both == list(region):
                self._waiting.pop(number, None)
                self._write(number, part.astype(self.dtype, copy=False))
            else:
                inside = tuple(_within(one, side) for one, side in zip(both, region, strict=True))
                self._shard(number)[inside] = part
                self._make_room()

    def close(self) -> None:
        """Write what waits, and zeros where nothing was assigned."""
        while self._waiting:
            self._write_oldest()
        for number in set(range(len(self._level.grid))) - self._written:
            self._write(number, self._zeros(number))

    def _touched(self, box: tuple[slice, ...]) -> Iterator[int]:
        grid = self._level.grid
        sides = [
            range(side.start // part, -(-side.stop // part))
            for side, part in zip(box, grid.shard, strict=True)
        ]
        for place in product(*sides):
            yield int(np.ravel_multi_index(place, grid.counts))

    def _shard(self, number: int) -> NDArray[Any]:
        """Return a shard to write into, which becomes the one that was used last."""
        shard = self._waiting.pop(number, None)
        if shard is None and number in self._written:
            shard = np.array(self._level.open()[self._level.grid.region(number)])
        self._waiting[number] = self._zeros(number) if shard is None else shard
        return self._waiting[number]

    def _zeros(self, number: int) -> NDArray[Any]:
        region = self._level.grid.region(number)
        return np.zeros([side.stop - side.start for side in region], self.dtype)

    def _make_room(self) -> None:
        while len(self._waiting) > 1 and sum(map(_bytes, self._waiting.values())) > HELD_BYTES:
            self._write_oldest()

    def _write_oldest(self) -> None:
        number = next(iter(self._waiting))
        self._write(number, self._waiting.pop(number))

    def _write(self, number: int, values: NDArray[Any]) -> None:
        self._level.write(number, values)
        self._written.add(number)


@contextmanager
def open_ome_zarr(
    path: Path,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    about: About,
    overwrite: bool,
    *,
    zarr_format: ZarrFormat = 3,
) -> Iterator[OmeZarrWriter]:
    """Open an OME-Zarr to be written block by block, as `write.open_image` does.

    Parameters
    ----------
    path : Path
        Of the folder.
    shape : tuple of int
    dtype : dtype
        Float or integer up to 32 bits, or float64; native byte order.
    about : About
        What is written beside the pixels.
    overwrite : bool
        Replace an OME-Zarr that is there.
    zarr_format : {2, 3}
        OME-Zarr 0.4, or 0.5.

    Yields
    ------
    OmeZarrWriter
        Assign blocks to it: `out[0, :, 256:512] = block`.

    Raises
    ------
    OutputExists
        It is there and `overwrite` is False.
    PhotonDenoiseError
        The folder, the disk, or the layout does not allow it.
    """
    check_zarr_place(path, overwrite=overwrite)
    real = written_through(path)
    with held(path):
        check_zarr_place(path, overwrite=overwrite)  # of two runs, one has written it meanwhile
        with part_of(real) as part:
            container = plan_container(
                part,
                about.axes,
                shape,
                dtype,
                about,
                {},
                zarr_format=zarr_format,
                name=bare_name(path),
            )
            with full_disk_said(real):
                container.create()
                writer = OmeZarrWriter(container.level0)
                yield writer
                writer.close()
                run(pyramid_job(container))
                container.finish()
            put_in_place(part, real, overwrite=overwrite)


def _box(index: Any, shape: tuple[int, ...]) -> tuple[tuple[slice, ...], tuple[int, ...]]:
    """Return the pixels that an index of numbers and slices means, and the shape of its values."""
    parts = list(index) if isinstance(index, tuple) else [index]
    dots = next((at for at, part in enumerate(parts) if part is Ellipsis), len(parts))
    missing = len(shape) - sum(part is not Ellipsis for part in parts)
    parts[dots : dots + 1] = [slice(None)] * missing
    box, lengths = [], []
    for part, size in zip(parts, shape, strict=True):
        if isinstance(part, slice):
            start, stop, step = part.indices(size)
            if step != 1:
                raise IndexError("blocks are written without gaps")
            box.append(slice(start, max(start, stop)))
            lengths.append(box[-1].stop - start)
        else:
            start = range(size)[part]
            box.append(slice(start, start + 1))
    return tuple(box), tuple(lengths)


def _overlap(one: slice, other: slice) -> slice:
    return slice(max(one.start, other.start), min(one.stop, other.stop))


def _within(part: slice, side: slice) -> slice:
    return slice(part.start - side.start, part.stop - side.start)


def _bytes(shard: NDArray[Any]) -> int:
    return shard.nbytes
