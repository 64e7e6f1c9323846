"""What the OME metadata of an input still says of its result."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from napari_photon_denoise.io.image import OmeText
from napari_photon_denoise.io.ome import NAMESPACE
from napari_photon_denoise.io.ome_model import as_date, fitting, local, text_of

_ANNOTATIONS = re.compile("(Comment|Tag|Term|Long|Double|Boolean|Timestamp|Map|List|XML)Annotation")
# Says that an axis of the input is two; the result has axes of its own.
_MODULO = "openmicroscopy.org/omero/dimension/modulo"


@dataclass(frozen=True, eq=False)
class Carried:
    """Elements for an OME document, each as the schema allows it; empty where nothing holds."""

    name: str = ""
    date: str | None = None
    description: str | None = None
    experimenters: Sequence[Element] = ()
    instruments: Sequence[Element] = ()
    before_pixels: Sequence[Element] = ()
    """Of the image: its experimenter, instrument, objective, environment, place on the stage."""
    channels: Sequence[Element] = ()
    """One per channel, or empty."""
    planes: Sequence[Element] = ()
    annotation_refs: Sequence[Element] = ()
    annotations: Sequence[Element] = ()


@dataclass(frozen=True)
class Result:
    """What is written, as far as it decides what still holds.

    Parameters
    ----------
    sizes : mapping
        Of "T", "C", "Z", "Y" and "X".
    channel_names : tuple of str
        One per channel, or empty.
    """

    sizes: Mapping[str, int]
    channel_names: Sequence[str] = field(default=())


def carried(ome: OmeText | None, result: Result) -> Carried:
    """Choose what of an image's metadata holds for its result, too.

    How it was taken always does. What is said of channels holds for those of the same name, or for
    as many without; of planes, for as many planes; of where they lie, for the same width and
    height.

    Parameters
    ----------
    ome : OmeText or None
        Of the input; damaged XML says nothing.
    result : Result
    """
    try:
        root = ElementTree.fromstring(ome.xml) if ome else None
    except (ElementTree.ParseError, ValueError):
        root = None
    if ome is None or root is None:
        return Carried()
    images = root.findall("{*}Image")
    image = images[ome.image] if ome.image < len(images) else None
    pixels = None if image is None else image.find("{*}Pixels")
    if image is None or pixels is None:
        return Carried()
    same = {letter for letter in "TZYX" if pixels.get(f"Size{letter}") == _text(result, letter)}
    described = [child for child in pixels if local(child) == "Channel"]
    order = _channel_order(described, ome.channels, result)
    return Carried(
        **_of_image(root, image, same),
        channels=_channels(described, order),
        planes=_planes(pixels, order, same) if ome.axes_hold else (),
    )


def _text(result: Result, letter: str) -> str:
    return str(result.sizes[letter])


def _of_image(root: Element, image: Element, same: set[str]) -> dict[str, Any]:
    """Return what does not depend on the pixels, but for the place of the whole image."""
    labels = _copies(image, "StageLabel")
    for label in labels if not same >= {"Y", "X"} else ():
        for key in ("X", "XUnit", "Y", "YUnit"):
            label.attrib.pop(key, None)
    date = image.findtext("{*}AcquisitionDate")
    description = image.findtext("{*}Description")
    refs = ("ExperimenterRef", "InstrumentRef", "ObjectiveSettings", "ImagingEnvironment")
    return {
        "name": text_of(image.get("Name")),
        "date": as_date(date) if date else None,
        "description": text_of(description) if description else None,
        "experimenters": _copies(root, "Experimenter"),
        "instruments": _copies(root, "Instrument"),
        "before_pixels": [
            *(copy for name in refs for copy in _copies(image, name)[:1]),
            *labels[:1],
        ],
        "annotation_refs": _copies(image, "AnnotationRef"),
        "annotations": list(_annotations(root)),
    }


def _copies(parent: Element, name: str) -> list[Element]:
    copies = (fitting(child, name) for child in parent if local(child) == name)
    return [copy for copy in copies if copy is not None]


def _annotations(root: Element) -> Iterator[Element]:
    for group in (child for child in root if local(child) == "StructuredAnnotations"):
        for annotation in group:
            kind, namespace = local(annotation), annotation.get("Namespace", "")
            if namespace == NAMESPACE or namespace.startswith(_MODULO):
                continue
            if _ANNOTATIONS.fullmatch(kind):
                copy = fitting(annotation, kind)
                if copy is not None:
                    yield copy


def _channel_order(
    described: Sequence[Element], chosen: Sequence[int] | None, result: Result
) -> list[int]:
    """Return which channel of the input each of the result is; empty if that can't be told.

    By name, where they have one: the result may have some of them, or in another order.
    """
    names = [channel.get("Name", "") for channel in described]
    wanted = list(result.channel_names)
    if any(channel.get("SamplesPerPixel", "1") != "1" for channel in described):
        return []
    if chosen is not None:
        fits = len(chosen) == result.sizes["C"] and max(chosen, default=0) < len(names)
        return list(chosen) if fits else []
    places = {name: number for number, name in enumerate(names) if name}
    if wanted == names or not any(name in places for name in wanted):
        return list(range(len(names))) if len(names) == result.sizes["C"] else []
    often = Counter(names) + Counter(wanted)
    return [places[name] for name in wanted] if all(often[name] == 2 for name in wanted) else []


def _channels(described: Sequence[Element], order: Sequence[int]) -> list[Element]:
    copies = [fitting(described[number], "Channel") for number in order]
    whole = [copy for copy in copies if copy is not None]
    return whole if len({copy.get("ID") for copy in whole}) == len(order) else []


def _planes(pixels: Element, order: Sequence[int], same: set[str]) -> list[Element]:
    """Return the planes of the channels that the result has, under their new numbers."""
    if not same >= {"T", "Z"}:
        return []
    sizes = {letter: int(pixels.get(f"Size{letter}", 0)) for letter in "TZ"}
    numbers = {channel: number for number, channel in enumerate(order)}
    planes = []
    for plane in _copies(pixels, "Plane"):
        channel = int(plane.attrib["TheC"])
        if channel not in numbers or any(int(plane.attrib[f"The{i}"]) >= sizes[i] for i in sizes):
            continue
        plane.set("TheC", str(numbers[channel]))
        for key in ("PositionX", "PositionY") if not same >= {"Y", "X"} else ():
            plane.attrib.pop(key, None)
            plane.attrib.pop(f"{key}Unit", None)
        planes.append(plane)
    return planes
