"""The table of readers: a format more is one entry here, and the module that it names."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from napari_photon_denoise.io.bdv import bdv_positions, read_bdv
from napari_photon_denoise.io.bdv_xml import is_bdv_xml
from napari_photon_denoise.io.data_set import Position, addresses, split_address
from napari_photon_denoise.io.hdf5 import hdf5_positions, read_hdf5
from napari_photon_denoise.io.image import Source
from napari_photon_denoise.io.imaris import imaris_positions, read_imaris
from napari_photon_denoise.io.n5 import is_n5, n5_positions, read_n5
from napari_photon_denoise.io.npy import read_npy
from napari_photon_denoise.io.ome_files import COMPANION, ENDINGS
from napari_photon_denoise.io.png import read_png
from napari_photon_denoise.io.series import is_series, series_name
from napari_photon_denoise.io.tiff import read_tiff, tiff_positions
from napari_photon_denoise.io.zarrs import is_zarr, read_ome_zarr, zarr_positions


class Reader(NamedTuple):
    """A format that is read."""

    title: str
    """What users call it."""
    endings: tuple[str, ...]
    """Lower case. By them a file is recognised, and all names lose them."""
    read: Callable[[Path, str | None], Source]
    """Takes the path, and what the user says of the axes; reads no pixels."""
    holds: Callable[[Path], bool] | None = None
    """Recognises a folder, whatever its name; None for a format of files."""
    positions: Callable[[Path], tuple[Position, ...] | None] | None = None
    """Lists the images of the data set that a file is part of, where the format has such."""
    fits: Callable[[Path], bool] | None = None
    """Tells its files from others of the same ending."""
    in_napari: tuple[str, ...] = ()
    """Patterns of what napari opens with it, as the manifest has them: where napari's own reader
    loses pixel sizes."""


_OME = tuple(f".ome{ending}" for ending in ENDINGS)
READERS = (
    Reader(
        "TIFF, OME-TIFF",
        (*ENDINGS, ".lsm", ".stk"),
        read_tiff,
        positions=tiff_positions,
        in_napari=(*(f"*{ending}" for ending in _OME), "*.lsm", "*.stk"),
    ),
    Reader("PNG", (".png",), read_png),
    Reader("NPY", (".npy",), read_npy),
    Reader(
        "OME-Zarr", (".zarr",), read_ome_zarr, is_zarr, zarr_positions, in_napari=("*.ome.zarr",)
    ),
    Reader(
        "zipped OME-Zarr",
        (".ozx", ".zarr.zip"),
        read_ome_zarr,
        positions=zarr_positions,
        in_napari=("*.ozx", "*.zarr.zip"),
    ),
    Reader("Imaris", (".ims",), read_imaris, positions=imaris_positions, in_napari=("*.ims",)),
    Reader(
        "HDF5",
        (".h5", ".hdf5"),
        read_hdf5,
        positions=hdf5_positions,
        in_napari=("*.h5", "*.hdf5"),
    ),
    Reader(
        "BigDataViewer XML",
        (".xml",),
        read_bdv,
        positions=bdv_positions,
        fits=is_bdv_xml,
        in_napari=("*.xml",),
    ),
    Reader("N5", (".n5",), read_n5, is_n5, n5_positions, in_napari=("*.n5",)),
    Reader("OME companion", (COMPANION,), read_tiff, positions=tiff_positions),
)
FILE_ENDINGS = tuple(
    ending for reader in READERS if reader.holds is None for ending in reader.endings
)
DIALOG = f"Images ({' '.join(f'*{ending}' for ending in FILE_ENDINGS)})"
"""What a file dialog of Qt offers."""
_VARIANTS = ("zipped OME-Zarr", "OME companion")
*_FIRST, _LAST = (reader.title for reader in READERS if reader.title not in _VARIANTS)
FORMATS = f"{', '.join(_FIRST)} or {_LAST}"
FOLDER_FORMATS = " or ".join(reader.title for reader in READERS if reader.holds is not None)
_ENDING = re.compile(
    rf"(\.ome)?({'|'.join(re.escape(end) for reader in READERS for end in reader.endings)})$",
    re.IGNORECASE,
)


def find_reader(path: Path) -> Reader | None:
    """Return the reader of a file by its ending, or of a folder by what it holds."""
    if os.path.isdir(path):  # False of what may not be looked at, too, where a Path raises
        folders = (reader for reader in READERS if reader.holds is not None and reader.holds(path))
        return next(folders, None)
    name = path.name.lower()
    found = (one for one in READERS if one.holds is None and name.endswith(one.endings))
    return next((one for one in found if one.fits is None or one.fits(path)), None)


def images_of(path: Path) -> dict[Path, tuple[Path, ...]]:
    """List the images that a file stands for, and all of the data set that it is part of.

    Parameters
    ----------
    path : Path
        An image file or folder.

    Returns
    -------
    dict of tuple of Path
        Of each file of the data set, the addresses of the images in it; of a file that is an image
        by itself, and of one that can't be read, the file.
    """
    if split_address(path) is not None:
        return {path: (path,)}
    # Neither a pipe, which would wait for its writer.
    reader = find_reader(path) if os.path.isfile(path) or os.path.isdir(path) else None
    try:
        positions = reader.positions(path) if reader and reader.positions else None
    except Exception:  # libraries raise whatever they like; who opens it says why
        positions = None
    if not positions:
        return {path: (path,)}
    found = addresses(positions)
    return {path: found.get(path, ()), **found}


def bare_name(path: Path) -> str:
    """Return a file's name without its ending, `.ome.tif` and the like included.

    That of a position in it is the file's and the position's: "cells_Pos1"; that of a series of
    files what their names begin with, or their folder's.
    """
    if is_series(path):
        return series_name(path)
    outer = outer_path(path)
    name = _ENDING.sub("", outer.name) or outer.name
    return "_".join([name, *path.parts[len(outer.parts) :]])


def outer_path(path: Path) -> Path:
    """Return the file or OME-Zarr folder that a position is in; what is none, as it is."""
    if _ENDING.search(path.name):
        return path
    return next((parent for parent in path.parents if _ENDING.search(parent.name)), path)
