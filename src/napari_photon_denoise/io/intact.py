"""Cheap checks that a file is all there, before anyone waits for its pixels."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io.plausible import AGAIN, PAGE_TAGS, page_fault

# Bytes of one value of each TIFF type; what is not listed takes 1.
_TYPE_BYTES = {3: 2, 4: 4, 5: 8, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_NUMBERS = {3: "u2", 4: "u4", 13: "u4", 16: "u8", 18: "u8"}
_DATA_OFFSETS, _DATA_BYTES = (273, 324), (279, 325)  # of strips, of tiles
_MOST_TAGS = 4096  # of a page; tifffile takes more for damage, and ends the file there


class _Flavour(NamedTuple):
    """The number formats of classic TIFF or BigTIFF, in `struct`'s letters."""

    order: str
    number: str
    entry: str
    offset: str


class _Cut(Exception):
    """The file ends before what it points to."""


class _Odd(Exception):
    """A page says of itself what can't be true."""


def check_tiff(path: Path) -> int:
    """Check that a TIFF holds all the pages and pixels that it points to, and count its pages.

    tifffile only logs a broken chain of pages and returns those before the break, so that a
    copy cut short would pass for a shorter movie. This reads the directories, no pixels.

    Raises
    ------
    UnreadableFile
        It is no TIFF, or cut short.
    """
    size = path.stat().st_size
    try:
        with path.open("rb") as file:
            flavour, first = _header(file)
            pages = 0
            for offset in _directories(file, flavour, first):
                _check_directory(file, flavour, offset, size)
                pages += 1
            return pages
    except _Cut:
        raise UnreadableFile(
            f"{path.name} is truncated, it ends before its last plane: copy or export it again."
        ) from None
    except _Odd as odd:
        raise UnreadableFile(f"{path.name} {odd}; {AGAIN}.") from None
    except struct.error:
        raise UnreadableFile(
            f"{path.name} is damaged or no TIFF: export it again from the program that made it."
        ) from None


def _header(file: BinaryIO) -> tuple[_Flavour, int]:
    head = file.read(16)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    version = struct.unpack(order + "H", head[2:4])[0] if order else 0
    if order and version == 42:
        return _Flavour(order, "H", "HHI4s", "I"), struct.unpack(order + "I", head[4:8])[0]
    if order and version == 43:
        return _Flavour(order, "Q", "HHQ8s", "Q"), struct.unpack(order + "Q", head[8:16])[0]
    raise struct.error


def _directories(file: BinaryIO, flavour: _Flavour, first: int) -> Iterator[int]:
    """Yield the offset of each page's directory."""
    seen = set()
    offset = first
    while offset:
        if offset in seen:
            raise struct.error
        seen.add(offset)
        yield offset
        count = _value(file, flavour, offset, flavour.number)
        end = offset + struct.calcsize("=" + flavour.number) + count * _entry_bytes(flavour)
        offset = _value(file, flavour, end, flavour.offset)


def _check_directory(file: BinaryIO, flavour: _Flavour, offset: int, size: int) -> None:
    count = _value(file, flavour, offset, flavour.number)
    if count * _entry_bytes(flavour) > size - offset:
        raise _Cut
    if not 0 < count <= _MOST_TAGS:
        raise struct.error
    table = file.read(count * _entry_bytes(flavour))
    inline = struct.calcsize("=" + flavour.offset)
    said: dict[int, Any] = {}
    for tag, kind, number, value in struct.iter_unpack(flavour.order + flavour.entry, table):
        length = _TYPE_BYTES.get(kind, 1) * number
        start = (
            None if length <= inline else struct.unpack(flavour.order + flavour.offset, value)[0]
        )
        if start is not None and start + length > size:
            raise _Cut
        if tag in PAGE_TAGS and kind in _NUMBERS and number:
            if start is not None:
                file.seek(start)
                value = file.read(length)
            values = np.frombuffer(value[:length], flavour.order + _NUMBERS[kind])
            said[tag] = values.astype(np.uint64)
    for at, held in zip(_DATA_OFFSETS, _DATA_BYTES, strict=True):
        offsets, lengths = said.get(at, ()), said.get(held, ())
        if 0 < len(offsets) == len(lengths) and int((offsets + lengths).max()) > size:
            raise _Cut
    if fault := page_fault(said):
        raise _Odd(fault)


def _entry_bytes(flavour: _Flavour) -> int:
    return struct.calcsize("=" + flavour.entry)


def _value(file: BinaryIO, flavour: _Flavour, offset: int, letter: str) -> Any:
    """Read one number."""
    file.seek(offset)
    raw = file.read(struct.calcsize("=" + letter))
    if len(raw) < struct.calcsize("=" + letter):
        raise _Cut
    return struct.unpack(flavour.order + letter, raw)[0]


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
