"""Where the work in an image is, in a microscopist's words."""

from __future__ import annotations

from collections.abc import Mapping

from napari_photon_denoise.tiles import DepthAxis, Next

WORDS = {"T": "frame", "C": "channel", "Z": "plane"}


def say_place(tile: Next, sizes: Mapping[str, int], depth: DepthAxis) -> str:
    """Say where a tile lies.

    Parameters
    ----------
    tile : Next
    sizes : mapping of axis letter to int
        Of the image, in the order of its axes.
    depth : {"Z", "T"}
        The axis whose planes a tile may span.

    Returns
    -------
    str
        Such as "tile 2 of 6" in a plane, "plane 3 of 30, tile 2 of 6" in a stack, "plane 3 of 30"
        where a plane is one tile, "planes 1 to 16 of 30" where a tile spans several.
    """
    parts = []
    for axis, size in sizes.items():
        if axis not in WORDS or size == 1:
            continue
        word, first = WORDS[axis], tile.frame.get(axis, 0)
        last = first + 1
        if axis == depth:
            first, last = tile.planes.start, tile.planes.stop
        if last - first == 1:
            parts.append(f"{word} {last} of {size}")
        elif last - first < size:
            parts.append(f"{word}s {first + 1} to {last} of {size}")
        else:
            parts.append(f"all {size} {word}s")
    if tile.total > 1 or not parts:
        parts.append(f"tile {tile.number} of {tile.total}")
    return ", ".join(parts)
