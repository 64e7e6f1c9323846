"""N5 folders: one array is the image, or each of several is one."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Any

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io.bdv import bdv_positions
from napari_photon_denoise.io.bdv_xml import is_bdv_xml, read_bdv_xml
from napari_photon_denoise.io.data_set import Position, chosen, labelled
from napari_photon_denoise.io.image import Source
from napari_photon_denoise.io.mm_metadata import json_object
from napari_photon_denoise.io.n5_file import N5Pixels, open_n5
from napari_photon_denoise.io.npy import letters_of
from napari_photon_denoise.io.units import Written, read_sizes

_ATTRIBUTES = "attributes.json"
_ARRAY = ("dimensions", "blockSize", "dataType")


def is_n5(path: Path) -> bool:
    """Tell whether a folder is a container or an array of N5."""
    said = _said(path)
    return "n5" in said or all(key in said for key in _ARRAY)


def n5_positions(path: Path) -> tuple[Position, ...] | None:
    """List the images of a container: BigDataViewer's, or its arrays where they are several.

    Parameters
    ----------
    path : Path

    Returns
    -------
    tuple of Position or None
        None of what is one image.
    """
    xml = path.with_suffix(".xml")
    if is_bdv_xml(xml) and read_bdv_xml(xml).pixels == path:
        return bdv_positions(xml)
    arrays = _arrays(path)
    if len(arrays) < 2:
        return None
    names = [array.relative_to(path).as_posix() for array in arrays]
    return tuple(
        Position(label, (array,), partial(_read, array), aside=(path,))
        for label, array in zip(labelled(names), arrays, strict=True)
    )


def read_n5(path: Path, axes: str | None) -> Source:
    """Find the image in a container or array; reads no pixels.

    Parameters
    ----------
    path : Path
    axes : str or None
        What the user says of the dimensions, the fastest last.

    Raises
    ------
    UnreadableFile
        No image, several, tensorstore is not installed.
    """
    positions = n5_positions(path)
    if positions:
        return chosen(path, None, positions).read(axes)
    arrays = _arrays(path)
    if not arrays:
        raise UnreadableFile(f"{path.name} is an N5 folder without an array: give another one.")
    return _read(arrays[0], axes)


def _arrays(path: Path) -> list[Path]:
    """List the arrays at full resolution: of s0, s1, …, the first."""
    found = []
    for place, folders, files in os.walk(path):
        said = _said(Path(place)) if _ATTRIBUTES in files else {}
        if all(key in said for key in _ARRAY):
            found.append(Path(place))
            folders.clear()  # blocks
        elif "s0" in folders:
            folders[:] = ["s0"]
    return sorted(found)


def _read(array: Path, axes: str | None) -> Source:
    opened, said = open_n5(array), _said(array)
    shape = opened.shape
    resolution = said.get("pixelResolution")  # of x, y and z, as n5-viewer and Fiji have it
    values, unit = (
        (resolution.get("dimensions"), resolution.get("unit"))
        if isinstance(resolution, dict)
        else (said.get("resolution"), next(iter(said.get("units") or ()), None))
    )
    written = {
        letter: Written(value, unit) for letter, value in zip("XYZ", values or (), strict=False)
    }
    sizes = read_sizes(written)
    letters = "ZYX" if len(written) == len(shape) == len("ZYX") else letters_of(shape, opened.dtype)
    return Source(
        shape=shape,
        dtype=opened.dtype,
        chunks=opened.chunks,
        axes=letters,
        pixels=N5Pixels(array),
        pixel_size=sizes.known,
        notes=sizes.notes,
        files=(array,),
    )


def _said(folder: Path) -> dict[str, Any]:
    try:
        return json_object((folder / _ATTRIBUTES).read_bytes())
    except OSError:  # none
        return {}
