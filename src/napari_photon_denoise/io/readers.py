"""The table of readers: a format more is one entry here, and the module that it names."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from napari_photon_denoise.io.image import Source
from napari_photon_denoise.io.npy import read_npy
from napari_photon_denoise.io.png import read_png
from napari_photon_denoise.io.tiff import read_tiff
from napari_photon_denoise.io.zarrs import is_zarr, read_ome_zarr


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
    in_napari: tuple[str, ...] = ()
    """Patterns of what napari opens with it, as the manifest has them: where napari's own reader
    loses pixel sizes."""


READERS = (
    Reader("TIFF, OME-TIFF", (".tif", ".tiff"), read_tiff, None, ("*.ome.tif", "*.ome.tiff")),
    Reader("PNG", (".png",), read_png),
    Reader("NPY", (".npy",), read_npy),
    Reader("OME-Zarr", (".zarr",), read_ome_zarr, is_zarr, ("*.ome.zarr",)),
)
FILE_ENDINGS = tuple(
    ending for reader in READERS if reader.holds is None for ending in reader.endings
)
DIALOG = f"Images ({' '.join(f'*{ending}' for ending in FILE_ENDINGS)})"
"""What a file dialog of Qt offers."""
*_FIRST, _LAST = (reader.title for reader in READERS)
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
    ending = path.suffix.lower()
    return next((one for one in READERS if one.holds is None and ending in one.endings), None)


def bare_name(path: Path) -> str:
    """Return a file's name without its ending, `.ome.tif` and the like included."""
    return _ENDING.sub("", path.name) or path.name
