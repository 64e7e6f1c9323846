"""Cheap checks that a PNG is all there, before anyone waits for its pixels."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import NamedTuple

from napari_photon_denoise.errors import UnreadableFile


class PngHeader(NamedTuple):
    """The first chunk of a PNG."""

    width: int
    height: int
    bits: int
    colour: int


def check_png(path: Path) -> PngHeader:
    """Check that a PNG holds all its chunks, and return its header; no pixel is decoded.

    Raises
    ------
    UnreadableFile
        It is no PNG, or cut short.
    """
    with path.open("rb") as file:
        head = file.read(26)
        if len(head) < 26 or head[:8] != b"\x89PNG\r\n\x1a\n" or head[12:16] != b"IHDR":
            raise UnreadableFile(f"{path.name} is damaged or no PNG: export it again.")
        file.seek(8)
        while True:
            chunk = file.read(8)
            if len(chunk) < 8:
                raise UnreadableFile(f"{path.name} is truncated: copy or export it again.")
            length, kind = struct.unpack(">I4s", chunk)
            if kind == b"IEND":
                return PngHeader(*struct.unpack(">IIBB", head[16:26]))
            file.seek(length + 4, 1)
