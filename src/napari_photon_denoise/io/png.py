"""PNG: one grey plane of 8 or 16 bits, also where it was saved as colour."""

from __future__ import annotations

import threading
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io.grey import colour_error, one_of_equal
from napari_photon_denoise.io.image import Source
from napari_photon_denoise.io.intact import check_png

LARGEST = 512 * 2**20  # bytes of a plane
_RGB, _PALETTE, _GREY_ALPHA, _RGB_ALPHA = 2, 3, 4, 6  # colour types
_CHANNELS = {_RGB: 3, _RGB_ALPHA: 4}


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
    if header.colour == _PALETTE:
        raise colour_error(path.name)
    if header.colour == _GREY_ALPHA:
        raise UnreadableFile(f"{path.name} has an alpha channel: save it as plain grey.")
    if header.bits == 1:
        raise UnreadableFile(
            f"{path.name} holds a boolean mask: give the image that it was made from."
        )
    if header.bits not in (8, 16):
        raise UnreadableFile(f"{path.name} has {header.bits} bits: save it with 8 or 16.")
    shape: tuple[int, ...] = (header.height, header.width)
    letters, dtype = "YX", np.dtype(f"u{header.bits // 8}")
    if header.colour in _CHANNELS:
        shape, letters = (*shape, _CHANNELS[header.colour]), "YXS"
    if prod(shape) * dtype.itemsize > LARGEST:
        raise UnreadableFile(
            f"{path.name} announces {header.width} × {header.height} pixels; a PNG is decoded as a "
            f"whole, up to {LARGEST / 2**20:.0f} MB: save it as TIFF."
        )
    pixels = _PngPixels(path)
    source = Source(shape, dtype, shape, letters, pixels, release=pixels.close)
    if header.colour not in _CHANNELS:
        return source
    try:
        return one_of_equal(source, 2, path.name)
    except BaseException:
        pixels.close()
        raise


class _PngPixels:
    """The pixels of a PNG: slices in, array out; decoded once, since it can only be so as a whole.

    They are let go of by `close`, and decoded again if they are asked for after that.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._one_at_a_time = threading.Lock()
        self._plane: Any = None

    def __call__(self, index: tuple[slice, ...]) -> Any:
        """Return one block."""
        from imagecodecs import png_decode

        with self._one_at_a_time:
            if self._plane is None:
                self._plane = png_decode(self._path.read_bytes())
            return self._plane[index]

    def close(self) -> None:
        """Let go of the pixels."""
        with self._one_at_a_time:
            self._plane = None
