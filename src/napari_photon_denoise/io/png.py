"""PNG: one grey plane of 8 or 16 bits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io.image import Source, colour_error
from napari_photon_denoise.io.intact import check_png

_RGB, _PALETTE, _GREY_ALPHA, _RGB_ALPHA = 2, 3, 4, 6  # colour types


def read_png(path: Path, axes: str | None) -> Source:
    """Find the image in a PNG; reads its header, no pixels.

    Parameters
    ----------
    path : Path
    axes : str or None
        What the user says of the dimensions; a PNG has always Y and X.

    Raises
    ------
    UnreadableFile
        Truncated, damaged, colour, a mask, fewer than 8 bits.
    """
    header = check_png(path)
    if header.colour in (_RGB, _PALETTE, _RGB_ALPHA):
        raise colour_error(path.name)
    if header.colour == _GREY_ALPHA:
        raise UnreadableFile(f"{path.name} has an alpha channel: save it as plain grey.")
    if header.bits == 1:
        raise UnreadableFile(
            f"{path.name} holds a boolean mask: give the image that it was made from."
        )
    if header.bits not in (8, 16):
        raise UnreadableFile(f"{path.name} has {header.bits} bits: save it with 8 or 16.")
    shape = (header.height, header.width)

    def pixels(index: tuple[slice, ...]) -> Any:
        from imagecodecs import png_decode

        return png_decode(path.read_bytes())[index]

    return Source(shape, np.dtype(f"u{header.bits // 8}"), shape, "YX", pixels)
