"""OME-XML out: what a result says of itself, and what its input said that still holds."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import numpy as np

from napari_photon_denoise.axes import check_axes
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.image import About
from napari_photon_denoise.io.ome import NAMESPACE
from napari_photon_denoise.io.ome_carried import Carried, Result, carried

_SCHEMA = "http://www.openmicroscopy.org/Schemas/OME/2016-06"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_ORDER = "XYZCT"  # how planes follow on each other: our axes, read backwards
_DTYPES = ("int8", "int16", "int32", "uint8", "uint16", "uint32", "float32", "float64")
_TYPES = {"float32": "float", "float64": "double"}
_OUR_ID = f"Annotation:{NAMESPACE}"
# Elements that name another one by its ID, besides those that end in "Ref".
_SETTINGS = ("LightSourceSettings", "DetectorSettings", "ObjectiveSettings", "Pump")


def creator() -> str:
    """Return the name and version of this program."""
    return f"{NAMESPACE} {version(NAMESPACE)}"


def check_layout(title: str, shape: Sequence[int], dtype: np.dtype[Any], about: About) -> None:
    """Refuse an image that can't be described.

    Parameters
    ----------
    title : str
        Of the format, for the sentence.
    shape : sequence of int
    dtype : dtype
    about : About

    Raises
    ------
    PhotonDenoiseError
        Empty; axes or channel names that don't fit; a dtype that OME does not know.
    """
    check_axes(about.axes, shape)
    if 0 in shape:
        raise PhotonDenoiseError(f"An empty image {tuple(shape)} cannot be written.")
    if dtype.name not in _DTYPES:
        raise PhotonDenoiseError(
            f"{title} cannot hold {dtype.name}: convert the image to float32 first."
        )
    channels = shape[about.axes.index("C")] if "C" in about.axes else 1
    names = about.channel_names
    if names and len(names) != channels:
        raise PhotonDenoiseError(
            f"There are {len(names)} channel names for {channels} channels: give one each."
        )
    for letter, length in about.pixel_size.items():
        if not 0 < length < float("inf"):
            raise PhotonDenoiseError(f"A pixel size of {length} along {letter} cannot be written.")


def make_xml(
    name: str,
    shape: Sequence[int],
    dtype: np.dtype[Any],
    about: About,
    *,
    is_apart: bool = False,
) -> bytes:
    """Describe an image; planes lie in the file in the order of its axes.

    Parameters
    ----------
    name : str
        Of the image, where its input had none.
    shape : sequence of int
    dtype : dtype
        One that OME knows.
    about : About
        Checked by `check_layout`.
    is_apart : bool
        The pixels are no TIFF that this text is in.

    Returns
    -------
    bytes
        UTF-8, valid by the schema of 2016-06.
    """
    lengths = dict(zip(about.axes, map(int, shape), strict=True))
    result = Result({letter: lengths.get(letter, 1) for letter in "TCZYX"}, about.channel_names)
    known = carried(about.ome, result)
    root = Element("OME", {"xmlns": _SCHEMA, "xmlns:xsi": _INSTANCE})
    root.set("xsi:schemaLocation", f"{_SCHEMA} {_SCHEMA}/ome.xsd")
    root.set("UUID", f"urn:uuid:{uuid.uuid4()}")
    root.set("Creator", creator())
    root.extend([*known.experimenters, *known.instruments])
    image = SubElement(root, "Image", {"ID": "Image:0", "Name": known.name or _printable(name)})
    if known.date:
        SubElement(image, "AcquisitionDate").text = known.date
    _add_in_order(image, known)
    planes = result.sizes["T"] * result.sizes["C"] * result.sizes["Z"]
    tiff = Element("TiffData", {"IFD": "0", "PlaneCount": str(planes)})
    data = Element("MetadataOnly") if is_apart else tiff
    image.append(_pixels(result, dtype, about, known, data))
    image.extend(ref for ref in known.annotation_refs if ref.get("ID") != _OUR_ID)
    SubElement(image, "AnnotationRef", {"ID": _OUR_ID})
    annotations = SubElement(root, "StructuredAnnotations")
    annotations.extend([*known.annotations, _ours(about)])
    _drop_dangling(root)
    made: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return made


def _add_in_order(image: Element, known: Carried) -> None:
    """Add what stands before the pixels; the description's place is after the experimenter."""
    first = [one for one in known.before_pixels if one.tag == "ExperimenterRef"]
    image.extend(first)
    if known.description:
        SubElement(image, "Description").text = known.description
    image.extend(one for one in known.before_pixels if one.tag != "ExperimenterRef")


def _pixels(
    result: Result, dtype: np.dtype[Any], about: About, known: Carried, data: Element
) -> Element:
    pixels = Element("Pixels", {"ID": "Pixels:0", "DimensionOrder": _ORDER})
    pixels.set("Type", _TYPES.get(dtype.name, dtype.name))
    for letter in _ORDER:
        pixels.set(f"Size{letter}", str(result.sizes[letter]))
    for letter, length in about.pixel_size.items():
        key, unit = ("TimeIncrement", "s") if letter == "T" else (f"PhysicalSize{letter}", "µm")
        pixels.set(key, repr(float(length)))
        pixels.set(f"{key}Unit", unit)
    pixels.extend(_channels(result, known))
    pixels.append(data)
    pixels.extend(known.planes)
    return pixels


def _channels(result: Result, known: Carried) -> Iterable[Element]:
    found = known.channels or [
        Element("Channel", {"ID": f"Channel:0:{i}"}) for i in range(result.sizes["C"])
    ]
    for number, channel in enumerate(found):
        channel.set("SamplesPerPixel", "1")
        if result.channel_names:
            channel.set("Name", _printable(result.channel_names[number]))
    return found


def _ours(about: About) -> Element:
    """Make our own annotation: OME knows no missing axes, only ones of length 1."""
    values = {"axes": about.axes}
    if about.recipe is not None:
        values["recipe"] = json.dumps(about.recipe)
    ours = Element("MapAnnotation", {"ID": _OUR_ID, "Namespace": NAMESPACE})
    value = SubElement(ours, "Value")
    for key, text in values.items():
        SubElement(value, "M", {"K": key}).text = text
    return ours


def _drop_dangling(root: Element) -> None:
    """Take out what names an element that is not there any more."""
    there = {
        element.get("ID") for element in root.iter() if not _is_reference(str(element.tag))
    } - {None}
    for parent in list(root.iter()):
        for child in list(parent):
            if _is_reference(str(child.tag)) and child.get("ID") not in there:
                parent.remove(child)
        if parent.get("Annotator") not in there:
            parent.attrib.pop("Annotator", None)


def _is_reference(name: str) -> bool:
    return name.endswith("Ref") or name in _SETTINGS


def _printable(text: str) -> str:
    """Leave out the control characters that XML forbids."""
    return "".join(letter for letter in text if letter.isprintable())
