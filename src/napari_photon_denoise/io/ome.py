"""OME-XML in, as far as a denoiser needs it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from napari_photon_denoise.io.image import OmeText
from napari_photon_denoise.io.text import from_json
from napari_photon_denoise.io.units import Written, read_sizes

# Marks the annotation of our own writer; readers that do not know it keep it as it is.
NAMESPACE = "napari-photon-denoise"


@dataclass(frozen=True)
class Described:
    """What a file says besides its pixels."""

    pixel_size: dict[str, float] = field(default_factory=dict)
    channel_names: tuple[str, ...] = ()
    recipe: dict[str, Any] | None = None
    axes: str | None = None
    notes: tuple[str, ...] = ()
    ome: OmeText | None = None


def describe(xml: str, image: int = 0) -> Described:
    """Read pixel size, channel names, and our own annotation of an image.

    Parameters
    ----------
    xml : str
        The OME-XML; damaged XML says nothing, the pixels are good all the same.
    image : int
        Which of the images in it.
    """
    try:
        root = ElementTree.fromstring(xml)
    except (ElementTree.ParseError, ValueError):  # the latter of lone surrogates
        return Described()
    images = root.findall("{*}Image")
    pixels = images[image].find("{*}Pixels") if image < len(images) else None
    if pixels is None:
        return Described()
    written = {
        letter: Written(
            pixels.get(f"PhysicalSize{letter}"), pixels.get(f"PhysicalSize{letter}Unit")
        )
        for letter in "ZYX"
    }
    written["T"] = Written(pixels.get("TimeIncrement"), pixels.get("TimeIncrementUnit"))
    sizes = read_sizes(written)
    names = tuple(channel.get("Name", "") for channel in pixels.findall("{*}Channel"))
    ours = _annotation(root)
    return Described(
        pixel_size=sizes.known,
        channel_names=names if any(names) else (),
        recipe=_recipe(ours.get("recipe")),
        axes=ours.get("axes"),
        notes=sizes.notes,
        ome=OmeText(xml, image),
    )


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
