"""The OME-XML of an image in its folder, under the name that Bio-Formats' converter gives it.

OME-Zarr knows no objective, date or place on the stage. The file is not announced: the key that
does so says that the images are groups called 0, 1, …, which are resolutions here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from napari_photon_denoise.io.image import About, OmeText
from napari_photon_denoise.io.ome import describe
from napari_photon_denoise.io.ome_xml import make_xml
from napari_photon_denoise.io.ome_zarr.store import Level, flush
from napari_photon_denoise.io.whole import whole_file

_HEX = re.compile(r"[0-9A-Fa-f]{6}")
_FOLDER, _FILE = "OME", "METADATA.ome.xml"


def write_xml(folder: Path, name: str, level: Level, about: About) -> None:
    """Write what is known of an image, except its recipe, which is among the attributes.

    What was written before stays.

    Parameters
    ----------
    folder : Path
        Of the image, a group.
    name : str
        Of the image, where its input had none.
    level : Level
        The full resolution.
    about : About
    """
    import zarr

    file = folder / _FOLDER / _FILE
    if file.is_file():
        return
    made = make_xml(name, level.grid.shape, level.dtype, replace(about, recipe=None), is_apart=True)
    # A folder that is no group would be taken for damage.
    zarr.open_group(folder / _FOLDER, mode="a", zarr_format=level.zarr_format)
    with whole_file(file) as part:
        part.write_bytes(made)
        flush(part)


def read_xml(folder: Path, image: int = 0) -> OmeText | None:
    """Return the OME-XML in a folder; None if there is none.

    Parameters
    ----------
    folder : Path
        Of an image, or of those that Bio-Formats' converter has made.
    image : int
        Which of them.
    """
    file = folder / _FOLDER / _FILE
    if not file.is_file():
        return None
    return describe(file.read_text("utf-8", errors="replace"), image).ome


def colours_as_xml(channels: Sequence[Mapping[str, Any]]) -> OmeText | None:
    """Return what OME-Zarr itself says of channels, as OME-XML has it; None without any colour.

    Parameters
    ----------
    channels : sequence of mapping
        Of the "omero" attribute, as somebody has written it.
    """
    colours = [_number(str(channel.get("color") or "")) for channel in channels]
    if not any(colour is not None for colour in colours):
        return None
    pixels = Element("Pixels", {"SizeC": str(len(channels))})
    for number, (channel, colour) in enumerate(zip(channels, colours, strict=True)):
        said = {"ID": f"Channel:0:{number}", "Name": str(channel.get("label") or "")}
        said |= {} if colour is None else {"Color": str(colour)}
        SubElement(pixels, "Channel", said)
    root = Element("OME")
    SubElement(root, "Image").append(pixels)
    return OmeText(ElementTree.tostring(root, encoding="unicode"))


def _number(colour: str) -> int | None:
    """Write six hexadecimal digits as OME-XML has colours: signed, opaque; None of any other."""
    plain = colour.removeprefix("#")
    if not _HEX.fullmatch(plain):
        return None
    value = int(plain, 16) << 8 | 0xFF
    return value - 2**32 if value >= 2**31 else value
