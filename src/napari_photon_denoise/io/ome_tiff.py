"""OME-TIFF, written as a whole or not at all."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.image import About
from napari_photon_denoise.io.lock import held
from napari_photon_denoise.io.ome_xml import check_layout, creator, make_xml
from napari_photon_denoise.io.parts import LONGEST, part_of
from napari_photon_denoise.io.paths import written_through
from napari_photon_denoise.io.readers import bare_name
from napari_photon_denoise.io.whole import (
    FULL,
    check_place,
    check_space,
    full_disk_said,
    unwritable,
)

# Classic TIFF counts bytes with 32 bits; some room is left for the directories.
CLASSIC_BYTES = 2**32 - 2**25
_DIRECTORY_BYTES = 512  # of one plane, generously


class OmeTiffWriter:
    """The pixels of an OME-TIFF in the making: assign blocks to it as to an array.

    Each assignment maps the file anew. A memory map that stayed alive would keep Windows from
    renaming the file, and would hold all that was written so far in memory.
    """

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: np.dtype[Any], offset: int):
        self.shape = shape
        self.dtype = dtype
        self.ndim = len(shape)
        self._path = path
        self._offset = offset

    def __setitem__(self, index: Any, values: Any) -> None:
        """Write a block; values that the dtype cannot hold by kind are refused."""
        mapped = self._map("r+")
        np.copyto(mapped[_to_view(index)], values, casting="same_kind")

    def __getitem__(self, index: Any) -> Any:
        """Return a copy of a block that was written; zeros where nothing was."""
        return np.array(self._map("r")[index])

    def _map(self, mode: Any) -> np.memmap[Any, Any]:
        return np.memmap(self._path, self.dtype, mode, self._offset, self.shape)


@contextmanager
def open_ome_tiff(
    path: Path, shape: tuple[int, ...], dtype: np.dtype[Any], about: About, overwrite: bool
) -> Iterator[OmeTiffWriter]:
    """Open an OME-TIFF to be written block by block, as `write.open_image` does.

    Parameters
    ----------
    path : Path
        Of any ending; it is an OME-TIFF in any case.
    shape : tuple of int
    dtype : dtype
        Float or integer up to 32 bits, or float64; native byte order.
    about : About
        What is written beside the pixels.
    overwrite : bool
        Replace an existing file.

    Yields
    ------
    OmeTiffWriter
        Assign blocks to it: `out[0, :, 256:512] = block`.

    Raises
    ------
    OutputExists
        The file is there and `overwrite` is False.
    PhotonDenoiseError
        The folder, the disk, or the layout does not allow it.
    """
    check_place(path, overwrite=overwrite)
    check_layout("OME-TIFF", shape, dtype, about)
    described = make_xml(bare_name(path), shape, dtype, about)
    planes = prod(shape[:-2])
    needed = prod(shape) * dtype.itemsize + planes * _DIRECTORY_BYTES + len(described)
    real = written_through(path)
    with held(path):
        check_place(path, overwrite=overwrite)  # of two runs, one has written it meanwhile
        with part_of(real) as part:  # which may remove others
            check_space(real, needed)
            with full_disk_said(real):
                writer = _create(part, shape, dtype, described, needed > CLASSIC_BYTES)
                yield writer
                _flush(part)
            _replace(part, real, overwrite=overwrite)


def _create(
    path: Path, shape: tuple[int, ...], dtype: np.dtype[Any], described: bytes, big: bool
) -> OmeTiffWriter:
    """Write everything but the pixels, and take their place on the disk."""
    import tifffile

    try:
        mapped = tifffile.memmap(
            path,
            shape=shape,
            dtype=dtype,
            bigtiff=big,
            photometric="minisblack",
            description=described,
            metadata=None,
            software=creator(),
        )
    except PermissionError:  # os.access knows nothing of Windows' access lists
        raise unwritable(path.parent) from None
    offset = int(mapped.offset)
    del mapped
    _reserve(path)
    return OmeTiffWriter(path, shape, dtype, offset)


def _reserve(path: Path) -> None:
    """Fill the holes of a sparse file.

    Writing through a memory map to a disk that has filled up meanwhile kills the process;
    with the room reserved, a full disk is an error that can be caught, before the work.
    """
    if not hasattr(os, "posix_fallocate"):
        return
    with path.open("r+b") as file:
        try:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
        except OSError as error:
            if error.errno in FULL:
                raise
            # A file system that cannot: the check of the free space has to do.


def _flush(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _replace(part: Path, path: Path, *, overwrite: bool) -> None:
    """Give the finished file its name; never throw it away, nor a file that came meanwhile."""
    why = "another program has written it meanwhile"
    if overwrite or not path.exists():
        try:
            os.replace(part, path)
        except OSError as error:
            why = f"{error.strerror}, perhaps it is open in another program"
        else:
            return
    kept = path.with_name(f"{bare_name(path)[:LONGEST]}.{uuid.uuid4().hex[:8]}.ome.tif")
    os.replace(part, kept)
    raise PhotonDenoiseError(
        f"{path.name} could not be replaced ({why}): the result is in {kept.name}."
    )


def _to_view(index: Any) -> tuple[Any, ...]:
    """Complete an index so that it gives an array, never a number."""
    parts = index if isinstance(index, tuple) else (index,)
    return parts if any(part is Ellipsis for part in parts) else (*parts, Ellipsis)
