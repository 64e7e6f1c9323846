"""OME-XML, as far as a denoiser needs it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.image import About
from napari_photon_denoise.io.text import from_json
from napari_photon_denoise.io.units import micrometres, seconds

# Marks the annotation of our own writer; readers that do not know it keep it as it is.
NAMESPACE = "napari-photon-denoise"


@dataclass(frozen=True)
class Described:
    """What a file says besides its pixels."""

    pixel_size: dict[str, float] = field(default_factory=dict)
    channel_names: tuple[str, ...] = ()
    recipe: dict[str, Any] | None = None
    axes: str | None = None


def describe(xml: str) -> Described:
    """Read pixel size, channel names, and our own annotation of the first image.

    Parameters
    ----------
    xml : str
        The OME-XML; damaged XML says nothing, the pixels are good all the same.
    """
    try:
        root = ElementTree.fromstring(xml)
    except ElementTree.ParseError:
        return Described()
    pixels = root.find("{*}Image/{*}Pixels")
    if pixels is None:
        return Described()
    size = {
        letter: micrometres(
            pixels.get(f"PhysicalSize{letter}"), pixels.get(f"PhysicalSize{letter}Unit"), "µm"
        )
        for letter in "ZYX"
    }
    size["T"] = seconds(pixels.get("TimeIncrement"), pixels.get("TimeIncrementUnit"), "s")
    names = tuple(channel.get("Name", "") for channel in pixels.findall("{*}Channel"))
    ours = _annotation(root)
    return Described(
        pixel_size={letter: length for letter, length in size.items() if length is not None},
        channel_names=names if any(names) else (),
        recipe=_recipe(ours.get("recipe")),
        axes=ours.get("axes"),
    )


def metadata(name: str, about: About) -> dict[str, Any]:
    """Make what tifffile turns into OME-XML.

    OME knows no missing axes, only ones of length 1; ours are kept beside the recipe.

    Raises
    ------
    PhotonDenoiseError
        A pixel size that is no positive number.
    """
    ours = {"axes": about.axes}
    if about.recipe is not None:
        ours["recipe"] = json.dumps(about.recipe)
    made: dict[str, Any] = {
        "axes": about.axes,
        "Name": _printable(name),
        "MapAnnotation": {"Namespace": NAMESPACE, "Value": ours},
    }
    for letter, length in about.pixel_size.items():
        if not 0 < length < float("inf"):
            raise PhotonDenoiseError(f"A pixel size of {length} along {letter} cannot be written.")
        key, unit = ("TimeIncrement", "s") if letter == "T" else (f"PhysicalSize{letter}", "µm")
        made[key], made[f"{key}Unit"] = float(length), unit
    if about.channel_names:
        made["Channel"] = {"Name": [_printable(channel) for channel in about.channel_names]}
    return made


def _annotation(root: ElementTree.Element) -> dict[str, str]:
    """Return the keys and values of our own annotation."""
    for annotation in root.iterfind("{*}StructuredAnnotations/{*}MapAnnotation"):
        if annotation.get("Namespace") == NAMESPACE:
            return {m.get("K", ""): m.text or "" for m in annotation.iterfind("{*}Value/{*}M")}
    return {}


def _recipe(text: str | None) -> dict[str, Any] | None:
    try:
        recipe = from_json(text or "null")
    except ValueError:  # somebody edited it; the image is good all the same
        return None
    return recipe if isinstance(recipe, dict) else None


def _printable(text: str) -> str:
    """Leave out the control characters that XML forbids."""
    return "".join(letter for letter in text if letter.isprintable())
