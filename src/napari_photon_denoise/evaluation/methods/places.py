"""Which region of an image is compared: a given one, all of it, or the middle."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Literal

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.methods.surroundings import Region
from napari_photon_denoise.photons import Photons

Asked = Mapping[str, int | tuple[int, int]] | Literal["whole"] | None

EDGE = 1024  # px of the region in the middle; a million pixels tell methods apart


def find_region(photons: Photons, asked: Asked = None) -> tuple[Region, tuple[str, ...]]:
    """Return a region, and what the user should know of it, a sentence each.

    Parameters
    ----------
    photons : Photons
    asked : "whole", or mapping of axis letter to int or (start, stop), optional
        Axes that are not named are taken whole. None takes all of an image of up to a million
        pixels, and of a larger one the middle.

    Raises
    ------
    PhotonDenoiseError
        If it does not lie in the image, or names an axis that it lacks.
    """
    whole = {axis: slice(0, size) for axis, size in photons.sizes.items()}
    if asked == "whole" or (asked is None and prod(photons.shape) <= EDGE**2):
        return tuple(whole.values()), ()
    if asked is None:
        return _middle(photons)
    for axis, ends in asked.items():
        letter = axis.upper()
        if letter not in whole:
            raise PhotonDenoiseError(
                f"The region names the axis '{axis}'; the image has the axes {photons.axes}."
            )
        start, stop = (ends, ends + 1) if isinstance(ends, int) else ends
        if not 0 <= start < stop <= whole[letter].stop:
            raise PhotonDenoiseError(
                f"The region {letter.lower()}={start}:{stop} does not lie within the image, whose "
                f"{letter} goes from 0 to {whole[letter].stop}."
            )
        whole[letter] = slice(start, stop)
    return tuple(whole.values()), ()


def axes_by_region(asked: Asked) -> str | None:
    """Return the axes of a stack whose planes a region names, as in ``{"z": 2}``."""
    letters = {axis.upper() for axis in asked} & set("TCZ") if isinstance(asked, Mapping) else set()
    return f"{letters.pop()}YX" if len(letters) == 1 else None


def _middle(photons: Photons) -> tuple[Region, tuple[str, ...]]:
    """Return the middle of the middle plane, of the first channel."""
    parts: dict[str, slice] = {}
    for axis, size in photons.sizes.items():
        edge = min(size, EDGE) if axis in "YX" else 1
        start = 0 if axis == "C" else (size - edge + (edge == 1)) // 2
        start = min(start, size - edge)
        parts[axis] = slice(start, start + edge)
    said = ", ".join(
        f"{axis.lower()} = {part.start}"
        if axis not in "YX"
        else f"{axis.lower()} from {part.start} to {part.stop}"
        for axis, part in parts.items()
    )
    sentence = (
        f"The image is large: methods were compared on its middle ({said}) alone; choose another "
        "region, or the whole image."
    )
    return tuple(parts.values()), (sentence,)
