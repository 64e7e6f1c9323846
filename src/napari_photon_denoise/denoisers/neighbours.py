"""Which planes are neighbours: above and below, or before and after."""

from __future__ import annotations

from typing import Any

from napari_photon_denoise.parameters import choice
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.tiles import DepthAxis

AUTO = "auto"


def neighbours(text: str) -> Any:
    """Declare the parameter; `text` says what neighbours are for."""
    return choice(
        AUTO,
        text,
        options={
            AUTO: "Planes if there are any, else frames.",
            "z": "Planes above and below.",
            "t": "Frames before and after.",
        },
    )


def decided(chosen: str, photons: Photons) -> tuple[str, int]:
    """Return which it is for an image, "z" or "t", and how many there are.

    Of planes that nobody knows, each is by itself.
    """
    sizes = photons.sizes
    if chosen == AUTO and photons.unanswered:
        return "z", 1
    if chosen == AUTO:
        chosen = "z" if sizes.get("Z", 1) > 1 or sizes.get("T", 1) == 1 else "t"
    return chosen, sizes.get(chosen.upper(), 1)


def depth_axis(chosen: str) -> DepthAxis:
    """Return the axis across which planes are neighbours."""
    return "T" if chosen == "t" else "Z"
