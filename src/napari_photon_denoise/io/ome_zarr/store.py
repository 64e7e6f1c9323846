"""The pixels of an OME-Zarr in the making: whole shards, each written by one writer, once or again.

zarr's own store writes a shard to a file beside and renames it, so that a reader never sees half
of one. What it leaves out is done here. A shard is deleted before it is written: a truncated one
would make zarr 3.1 fail with its checksum, even where all of it is replaced. It is flushed to the
disk afterwards, so that who notes it as done may rely on it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.ome_zarr.grid import Grid
from napari_photon_denoise.io.stamp import Stamp, stamp_of

ZarrFormat = Literal[2, 3]  # of OME-Zarr 0.4, and of 0.5


@dataclass(frozen=True)
class Level:
    """One resolution of an image, an array in its own folder.

    Parameters
    ----------
    path : Path
        Of the array.
    grid : Grid
    dtype : dtype
    zarr_format : {2, 3}
        Zarr 2 has no shards: a shard is then the files of its chunks, which are written together.
    axes : tuple of str
        Their names, as OME-Zarr 0.5 wants them in the array, too; Zarr 2 has none.
    """

    path: Path
    grid: Grid
    dtype: np.dtype[Any]
    zarr_format: ZarrFormat = 3
    axes: tuple[str, ...] = ()

    def create(self) -> None:
        """Make the array, without any pixels."""
        import zarr
        from numcodecs import Blosc
        from zarr.codecs import BloscCodec, BloscShuffle

        # Values are photons, whose last bits are noise: more effort makes them no smaller.
        if self.zarr_format == 2:
            more: dict[str, Any] = {
                "compressors": Blosc(cname="lz4", clevel=1, shuffle=Blosc.SHUFFLE),
                "chunk_key_encoding": {"name": "v2", "separator": "/"},
            }
        else:
            more = {
                "shards": self.grid.shard,
                "dimension_names": self.axes or None,
                "compressors": BloscCodec(cname="lz4", clevel=1, shuffle=BloscShuffle.shuffle),
            }
        zarr.create_array(
            self.path,
            shape=self.grid.shape,
            chunks=self.grid.chunk,
            dtype=self.dtype,
            fill_value=0,
            zarr_format=self.zarr_format,
            **more,
        )

    def is_there(self) -> bool:
        """Whether the array is there, with or without pixels.

        Raises
        ------
        PhotonDenoiseError
            If it is cut or stored otherwise than this.
        """
        mark = self.path / ("zarr.json" if self.zarr_format == 3 else ".zarray")
        if not mark.is_file():
            return False
        array = self.open()
        is_sharded = self.zarr_format == 3
        stored = (array.shape, array.chunks, array.shards if is_sharded else None, array.dtype)
        grid = self.grid
        if stored != (grid.shape, grid.chunk, grid.shard if is_sharded else None, self.dtype):
            raise PhotonDenoiseError(
                f"{self.path.parent} was changed by another program: remove it, or choose another "
                "name."
            )
        return True

    def open(self) -> Any:
        """Open the array as it is now, to be read."""
        import zarr

        return zarr.open_array(self.path, mode="r")

    def write(self, number: int, values: NDArray[Any]) -> None:
        """Write a shard, whatever is there, and see it on the disk.

        Parameters
        ----------
        number : int
        values : array of the shard's region
        """
        import zarr

        self.remove(number)
        array = zarr.open_array(self.path, mode="r+")
        # Chunks of zeros are written, too: one that is not there is missing.
        full = zarr.AsyncArray(array.metadata, array.store_path, {"write_empty_chunks": True})
        zarr.Array(full)[self.grid.region(number)] = values
        for file in self.files(number):
            flush(file)

    def remove(self, number: int) -> None:
        """Delete a shard, and what killed writers left of it."""
        for file in self.files(number):
            file.unlink(missing_ok=True)
            for part in file.parent.glob(f"{file.stem}.*.partial"):
                part.unlink(missing_ok=True)

    def stamp(self, number: int) -> Stamp | None:
        """Return number, bytes and last change of a shard's files; None if one is missing."""
        files = list(self.files(number))
        found = stamp_of(files, most=None)
        return found if found is not None and found[0] == len(files) else None

    def files(self, number: int) -> Iterator[Path]:
        """Yield the files of a shard, there or not."""
        if self.zarr_format == 2:
            for chunk in self.grid.chunks_of(number):
                yield self.path.joinpath(*map(str, chunk))
        else:
            yield self.path.joinpath("c", *map(str, self.grid.place(number)))


def flush(file: Path) -> None:
    """See a file, and its name in its folder, on the disk."""
    with file.open("r+b") as written:
        os.fsync(written.fileno())
    with suppress(OSError):  # Windows opens no folders
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
