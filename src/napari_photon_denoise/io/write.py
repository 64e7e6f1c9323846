"""The table of writers, and how an image is written by one: a format more is one entry here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.image import About, OmeText
from napari_photon_denoise.io.ome_tiff import open_ome_tiff
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


WRITERS = (Writer("OME-TIFF", (".ome.tif", ".ome.tiff", ".tif", ".tiff"), open_ome_tiff),)


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
    path: str | Path, shape: Sequence[int], dtype: Any, about: About, *, overwrite: bool = False
) -> AbstractContextManager[Output]:
    """Open an image file to be written block by block; for results larger than memory.

    The file appears under its name when the `with` ends without an exception; otherwise, and
    when it is cancelled, nothing is left behind and an older file stays as it was.

    Parameters
    ----------
    path, overwrite
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
    return writer.open(path, size, np.dtype(dtype).newbyteorder("="), about, overwrite)


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
) -> Path:
    """Write an array as an image file.

    Parameters
    ----------
    path : str or Path
        Its ending chooses the format, one of `WRITERS`; OME-TIFF for .tif, too.
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

    about = About(axes, pixel_size or {}, channel_names, recipe, ome)
    with open_image(path, data.shape, data.dtype, about, overwrite=overwrite) as out:
        if isinstance(data, da.Array):
            da.store(data, out, lock=False)
        else:
            out[...] = data
    return local_path(path)
