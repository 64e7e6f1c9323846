"""OME-TIFF, written as a whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from napari_photon_denoise.axes import check_axes
from napari_photon_denoise.errors import OutputExists, PhotonDenoiseError
from napari_photon_denoise.io.image import bare_name
from napari_photon_denoise.io.ome import metadata

# Classic TIFF counts bytes with 32 bits; some room is left for the directories.
CLASSIC_BYTES = 2**32 - 2**25
_DIRECTORY_BYTES = 512  # of one plane, generously
_ENDINGS = (".tif", ".tiff")
_DTYPES = ("int8", "int16", "int32", "uint8", "uint16", "uint32", "float32", "float64")
_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))


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


def write_ome_tiff(
    path: str | Path,
    data: Any,
    axes: str,
    *,
    pixel_size: Mapping[str, float] | None = None,
    channel_names: Sequence[str] = (),
    recipe: dict[str, Any] | None = None,
    overwrite: bool = False,
) -> Path:
    """Write an array as OME-TIFF.

    Parameters
    ----------
    path : str or Path
        Ends with .ome.tif, .ome.tiff, .tif or .tiff; it is an OME-TIFF in any case.
    data : `(T, C, Z, Y, X)`, or those of them that `axes` names
        Numpy or dask array of float or integer dtype up to 32 bits, or float64; a dask array
        is computed block by block.
    axes : str
        One letter of "TCZYX" per dimension, in that order.
    pixel_size : mapping, optional
        Of "Z", "Y", "X" in µm and of "T" in seconds.
    channel_names : sequence of str, optional
        One per channel.
    recipe : dict, optional
        What `read` gives back as `recipe`; plain JSON.
    overwrite : bool
        Replace an existing file.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OutputExists
        The file is there and `overwrite` is False.
    PhotonDenoiseError
        The ending, the folder, the disk, or the array does not allow it.
    """
    import dask.array as da

    with open_ome_tiff(
        path,
        data.shape,
        data.dtype,
        axes,
        pixel_size=pixel_size,
        channel_names=channel_names,
        recipe=recipe,
        overwrite=overwrite,
    ) as out:
        if isinstance(data, da.Array):
            da.store(data, out, lock=False)
        else:
            out[...] = data
    return Path(path).expanduser()


@contextmanager
def open_ome_tiff(
    path: str | Path,
    shape: Sequence[int],
    dtype: Any,
    axes: str,
    *,
    pixel_size: Mapping[str, float] | None = None,
    channel_names: Sequence[str] = (),
    recipe: dict[str, Any] | None = None,
    overwrite: bool = False,
) -> Iterator[OmeTiffWriter]:
    """Open an OME-TIFF to be written block by block; for results larger than memory.

    The file appears under its name when the `with` ends without an exception; otherwise, and
    when it is cancelled, nothing is left behind and an older file stays as it was.

    Parameters
    ----------
    path, axes, pixel_size, channel_names, recipe, overwrite
        Those of `write_ome_tiff`.
    shape : sequence of int
        The length of each axis.
    dtype : dtype
        Of the file.

    Yields
    ------
    OmeTiffWriter
        Assign blocks to it: `out[0, :, 256:512] = block`.

    Raises
    ------
    OutputExists
        The file is there and `overwrite` is False.
    PhotonDenoiseError
        The ending, the folder, the disk, or the layout does not allow it.
    """
    path = Path(path).expanduser()
    shape, dtype = tuple(int(length) for length in shape), np.dtype(dtype).newbyteorder("=")
    _check_output(path, overwrite)
    _check_layout(shape, dtype, axes, channel_names)
    needed = prod(shape) * dtype.itemsize + prod(shape[:-2]) * _DIRECTORY_BYTES
    _check_space(path, needed)
    described = metadata(bare_name(path), axes, dict(pixel_size or {}), channel_names, recipe)
    # Hidden, so that no one who lists the folder meanwhile takes it for an image.
    temporary = path.with_name(f".{bare_name(path)}.{uuid.uuid4().hex[:8]}.ome.tif")
    try:
        with _said_in_a_sentence(path):
            writer = _create(temporary, shape, dtype, described, needed > CLASSIC_BYTES)
            yield writer
            _flush(temporary)
        _replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _create(
    path: Path, shape: tuple[int, ...], dtype: np.dtype[Any], described: dict[str, Any], big: bool
) -> OmeTiffWriter:
    """Write everything but the pixels, and take their place on the disk."""
    import tifffile

    try:
        mapped = tifffile.memmap(
            path,
            shape=shape,
            dtype=dtype,
            bigtiff=big,
            ome=True,
            photometric="minisblack",
            metadata=described,
        )
    except PermissionError:  # os.access knows nothing of Windows' access lists
        raise _unwritable(path.parent) from None
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
            if error.errno in _FULL:
                raise
            # A file system that cannot: the check of the free space has to do.


def _flush(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _replace(temporary: Path, path: Path) -> None:
    """Give the finished file its name; never throw it away."""
    try:
        os.replace(temporary, path)
    except OSError as error:
        kept = temporary.with_name(temporary.name.removeprefix("."))
        os.replace(temporary, kept)
        raise PhotonDenoiseError(
            f"{path.name} could not be replaced ({error.strerror}), perhaps it is open in another "
            f"program: the result is in {kept.name}."
        ) from None


@contextmanager
def _said_in_a_sentence(path: Path) -> Iterator[None]:
    """Say what the file system refuses."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise PhotonDenoiseError(
                f"The disk of {path.parent} is full: free some space, or choose another folder."
            ) from error
        raise


def _check_output(path: Path, overwrite: bool) -> None:
    if path.suffix.lower() not in _ENDINGS:
        raise PhotonDenoiseError(
            f"{path.name} cannot be written: results are OME-TIFF, so end the name with .ome.tif."
        )
    if path.is_dir():
        raise PhotonDenoiseError(f"{path} is a folder: give the name of a file.")
    if not path.parent.is_dir():
        raise PhotonDenoiseError(f"The folder {path.parent} does not exist: make it first.")
    if path.exists() and not overwrite:
        raise OutputExists(f"{path.name} exists already; choose another name or add --overwrite.")
    if not os.access(path.parent, os.W_OK):
        raise _unwritable(path.parent)


def _unwritable(folder: Path) -> PhotonDenoiseError:
    return PhotonDenoiseError(f"The folder {folder} may not be written to: choose another folder.")


def _check_layout(
    shape: tuple[int, ...], dtype: np.dtype[Any], axes: str, channel_names: Sequence[str]
) -> None:
    check_axes(axes, shape)
    if 0 in shape:
        raise PhotonDenoiseError(f"An empty image {shape} cannot be written.")
    if dtype.name not in _DTYPES:
        raise PhotonDenoiseError(
            f"OME-TIFF cannot hold {dtype.name}: convert the image to float32 first."
        )
    channels = shape[axes.index("C")] if "C" in axes else 1
    if channel_names and len(channel_names) != channels:
        raise PhotonDenoiseError(
            f"There are {len(channel_names)} channel names for {channels} channels: give one each."
        )


def _check_space(path: Path, needed: int) -> None:
    free = shutil.disk_usage(path.parent).free
    if needed > free:
        raise PhotonDenoiseError(
            f"{path.name} needs {needed / 1e6:.0f} MB and the disk of {path.parent} has "
            f"{free / 1e6:.0f} MB free: free some space, or choose another folder."
        )


def _to_view(index: Any) -> tuple[Any, ...]:
    """Complete an index so that it gives an array, never a number."""
    parts = index if isinstance(index, tuple) else (index,)
    return parts if any(part is Ellipsis for part in parts) else (*parts, Ellipsis)
