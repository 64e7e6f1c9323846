"""The table of writers, and how an image is written by one: a format more is one entry here."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, Protocol, get_args

import numpy as np

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.image import About, OmeText
from napari_photon_denoise.io.ome_tiff import open_ome_tiff
from napari_photon_denoise.io.ome_zarr.store import ZarrFormat
from napari_photon_denoise.io.ome_zarr.writer import open_ome_zarr
from napari_photon_denoise.io.paths import local_path
from napari_photon_denoise.io.readers import READERS, bare_name, find_reader


class Output(Protocol):
    """An image in the making."""

    def __setitem__(self, index: Any, values: Any, /) -> None:
        """Write a block; values that the dtype cannot hold by kind are refused."""


class Writer(NamedTuple):
    """A format that results are written in."""

    title: str
    """What users call it."""
    endings: tuple[str, ...]
    """Lower case; by them it is chosen, and the first is what files get that we name."""
    open: Callable[
        [Path, tuple[int, ...], np.dtype[Any], About, bool], AbstractContextManager[Output]
    ]
    """Takes path, shape, dtype, what is written beside the pixels, and whether to overwrite."""


OME_ZARR = Writer("OME-Zarr", (".ome.zarr", ".zarr"), open_ome_zarr)
WRITERS = (
    Writer("OME-TIFF", (".ome.tif", ".ome.tiff", ".tif", ".tiff"), open_ome_tiff),
    OME_ZARR,
)


# fmt: off
OTHERS = (
    ".avi", ".bmp", ".btf", ".csv", ".czi", ".dv", ".gif", ".h5", ".hdf5", ".html", ".ims", ".jpeg",
    ".jpg", ".json", ".lif", ".lsm", ".mat", ".mp4", ".mrc", ".n5", ".nd2", ".npz", ".oib", ".oif",
    ".safetensors", ".stk", ".tf2", ".tf8", ".vsi", ".zip",
)
# fmt: on
"""Endings of files that no folder has."""


def find_writer(path: str | Path) -> Writer | None:
    """Return the writer of a file by its ending; None if that is no image's."""
    name = Path(path).name.lower()
    return next((writer for writer in WRITERS if name.endswith(writer.endings)), None)


def check_no_image(folder: Path) -> None:
    """Refuse a folder for results whose name says that a file was meant, in another format.

    Raises
    ------
    PhotonDenoiseError
    """
    named_so = folder.suffix.lower() in (*OTHERS, *(end for one in READERS for end in one.endings))
    if named_so and (not folder.is_dir() or find_reader(folder) is not None):
        raise _other_format(folder)


def _other_format(path: Path) -> PhotonDenoiseError:
    titles = " or ".join(one.title for one in WRITERS)
    endings = " or ".join(one.endings[0] for one in WRITERS)
    return PhotonDenoiseError(
        f"{path.name} cannot be written: results are {titles}, so end the name with {endings}."
    )


def result_path(folder: Path, source: Path, label: str, ending: str = "") -> Path:
    """Name the file for a result of a file: "cells_gaussian.ome.tif".

    Parameters
    ----------
    folder : Path
    source : Path
        Whose name it takes up.
    label : str
        What it is.
    ending : str
        Of a writer; empty for the usual one.
    """
    return folder / f"{bare_name(source)}_{label}{ending or WRITERS[0].endings[0]}"


def open_image(
    path: str | Path,
    shape: Sequence[int],
    dtype: Any,
    about: About,
    *,
    overwrite: bool = False,
    zarr_format: ZarrFormat | None = None,
) -> AbstractContextManager[Output]:
    """Open an image file to be written block by block; for results larger than memory.

    The file, or the folder that an OME-Zarr is, appears under its name when the `with` ends without
    an exception; otherwise, and when it is cancelled, nothing is left behind and an older one stays
    as it was.

    Parameters
    ----------
    path, overwrite, zarr_format
        Those of `write_image`.
    shape : sequence of int
        The length of each axis.
    dtype : dtype
        Of the file.
    about : About
        What is written beside the pixels.

    Yields
    ------
    Output
        Assign blocks to it: `out[0, :, 256:512] = block`.

    Raises
    ------
    OutputExists
        The file is there and `overwrite` is False.
    PhotonDenoiseError
        The ending, the folder, the disk, or the layout does not allow it.
    """
    path = local_path(path)
    writer = find_writer(path)
    if writer is None:
        raise _other_format(path)
    size = tuple(int(length) for length in shape)
    native = np.dtype(dtype).newbyteorder("=")
    if zarr_format is None:
        return writer.open(path, size, native, about, overwrite)
    if writer is not OME_ZARR:
        raise PhotonDenoiseError(
            f"{path.name} has no zarr format: end the name with {OME_ZARR.endings[0]}."
        )
    if zarr_format not in get_args(ZarrFormat):
        raise PhotonDenoiseError(
            f"There is no zarr format {zarr_format}: give 2, of OME-Zarr 0.4, or 3, of 0.5."
        )
    return open_ome_zarr(path, size, native, about, overwrite, zarr_format=zarr_format)


def write_image(
    path: str | Path,
    data: Any,
    axes: str,
    *,
    pixel_size: Mapping[str, float] | None = None,
    channel_names: Sequence[str] = (),
    recipe: dict[str, Any] | None = None,
    ome: OmeText | None = None,
    overwrite: bool = False,
    zarr_format: ZarrFormat | None = None,
) -> Path:
    """Write an array as an image file.

    Parameters
    ----------
    path : str or Path
        Its ending chooses the format, one of `WRITERS`; OME-TIFF for .tif, too, and OME-Zarr for
        .zarr.
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
    ome : OmeText, optional
        Of the image that this was made of: what still holds of it is written, too.
    overwrite : bool
        Replace an existing file, or an OME-Zarr.
    zarr_format : {2, 3}, optional
        Of an OME-Zarr: 2 is that of its version 0.4, which Fiji reads; 3, the usual one, of 0.5.

    Returns
    -------
    Path
        The file, or the folder.

    Raises
    ------
    OutputExists
        The file is there and `overwrite` is False.
    PhotonDenoiseError
        The ending, the folder, the disk, or the array does not allow it.
    """
    import dask.array as da

    about = About(axes, pixel_size or {}, channel_names, recipe, ome)
    with open_image(
        path, data.shape, data.dtype, about, overwrite=overwrite, zarr_format=zarr_format
    ) as out:
        if isinstance(data, da.Array):
            _write_blocks(data, out)
        else:
            out[...] = data
    return local_path(path)


def _write_blocks(data: Any, out: Output) -> None:
    """Write a dask array, a few of its blocks at a time, each of which is computed once.

    `dask.array.store` would write from several threads, or from other processes and computers,
    into files that one writer has to write.
    """
    import dask
    from dask.array.core import slices_from_chunks

    blocks = iter(slices_from_chunks(data.chunks))
    while together := list(islice(blocks, os.cpu_count() or 1)):
        values = dask.compute(*(data[block] for block in together))
        for block, value in zip(together, values, strict=True):
            out[block] = value
