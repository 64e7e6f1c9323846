"""The pages of a TIFF by their directories, before anyone waits for pixels: all there, and alike.

tifffile only logs a broken chain of pages and returns those before the break, so that a copy cut
short would pass for a shorter movie. On the other hand, programs write tags and byte counts that
point beyond the end of a file that lacks nothing. What counts is whether the pixels are there.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from math import ceil
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io import plausible as tags
from napari_photon_denoise.words import counted

# Bytes of one value of each TIFF type; what is not listed takes 1.
_TYPE_BYTES = {3: 2, 4: 4, 5: 8, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_TEXT = (1, 2, 7)  # bytes, ASCII and undefined: writers use each for text
_NUMBERS = {3: "u2", 4: "u4", 13: "u4", 16: "u8", 18: "u8"}
_MOST_TAGS = 4096  # of a page; tifffile takes more for damage, and ends the file there
_PADDING = 16  # bytes that a writer may leave beside each page
_SUBFILE, _DESCRIPTION, _FORM = 254, 270, 339
_READ = (*tags.PAGE_TAGS, _SUBFILE, _FORM)
# Without what these hold a page can't be decoded, or its planes not be named: palettes, subpages,
# tables of JPEG, MetaMorph's planes. Whatever else lies beyond the end is missed by nobody.
_ESSENTIAL = (*_READ, _DESCRIPTION, 317, 320, 330, 338, 347, 33628, 33629, 33630, 33631)
_REDUCED = 1  # bit of the kind of subfile: a smaller copy of another page


class Page(NamedTuple):
    """What a page's directory says of its pixels."""

    length: int
    width: int
    bits: int
    form: int
    """1 for unsigned, 2 for signed, 3 for float."""
    samples: int
    reduced: bool
    """Marked as a smaller copy of another."""

    @property
    def kind(self) -> tuple[int, ...]:
        """What pages must have in common to be planes of one image."""
        return self[:5]

    def is_thumbnail_of(self, other: Page) -> bool:
        """Whether it is much smaller in Y and X: a copy to look at, a label, a coarser level."""
        times = 2 if self.reduced else 3
        return times * (self.length - 1) < other.length and times * (self.width - 1) < other.width

    def __str__(self) -> str:
        """Say its size."""
        return f"{self.width} × {self.length} px of {self.bits} bits"


class Pages(NamedTuple):
    """All pages of a file, in their order, without subpages."""

    pages: tuple[Page, ...]
    notes: tuple[str, ...] = ()
    """What the user should know of the file."""


class _Flavour(NamedTuple):
    """The number formats of classic TIFF or BigTIFF, in `struct`'s letters."""

    order: str
    number: str
    entry: str
    offset: str


class _Cut(Exception):
    """The file ends before what it points to."""


class _NoPage(Exception):
    """What is pointed to is no directory of a page."""


class _Odd(Exception):
    """A page says of itself what can't be true."""


def check_tiff(path: Path) -> Pages:
    """Check that a TIFF holds all the pages and pixels that it points to; reads no pixels.

    Raises
    ------
    UnreadableFile
        It is no TIFF, or cut short.
    """
    try:
        with path.open("rb") as file:
            return _Reader(file, path.stat().st_size).pages()
    except _Cut:
        raise UnreadableFile(
            f"{path.name} is truncated, it ends before its last plane: copy or export it again."
        ) from None
    except _Odd as odd:
        raise UnreadableFile(f"{path.name} {odd}; {tags.AGAIN}.") from None
    except (struct.error, _NoPage):
        raise UnreadableFile(
            f"{path.name} is damaged or no TIFF: export it again from the program that made it."
        ) from None


def read_description(path: Path) -> str:
    """Return the description of a TIFF's first page, of two the first; empty of what has none.

    A tenth of the time that tifffile takes to open a file, for folders of thousands.
    """
    try:
        with path.open("rb") as file:
            return _Reader(file, path.stat().st_size).description()
    except (OSError, struct.error, _Cut, _NoPage):
        return ""


class _Reader:
    """Walks through the directories of an open file."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._size = size
        self._flavour, self._first = _header(file)
        self._inline = struct.calcsize("=" + self._flavour.offset)
        self._entry = struct.calcsize("=" + self._flavour.entry)
        self._directory = 0  # bytes of the last one
        self._used = {0: file.tell()}  # bytes that are known to belong to something, by their start

    def pages(self) -> Pages:
        """Read all; of a chain that ends in nothing, those that are there."""
        found: list[Page] = []
        seen: set[int] = set()
        offset = self._first
        while offset:
            if offset in seen:
                raise struct.error
            seen.add(offset)
            try:
                table, then = self._table(offset)
            except (_Cut, _NoPage):
                # A writer's last pointer, or that of one who was stopped, may lead nowhere. A
                # further page would have left bytes that belong to none of those before it.
                if not found or self._is_more_left(len(found)):
                    raise
                note = (
                    f"The file ends with a pointer to a plane that is not there: its "
                    f"{counted(len(found), 'planes')} are used."
                )
                return Pages(tuple(found), (note,))
            found.append(self._page(table))
            offset = then
        return Pages(tuple(found))

    def description(self) -> str:
        """Read that of the first page."""
        for tag, kind, number, value in self._entries(self._table(self._first)[0]):
            if tag != _DESCRIPTION or kind not in _TEXT:
                continue
            if number > self._inline:
                (start,) = struct.unpack(self._flavour.order + self._flavour.offset, value)
                self._file.seek(start)
                value = self._file.read(min(number, self._size))
            text = bytes(value[:number]).rstrip(b"\0 \r\n\t")
            try:
                return text.decode("utf-8").lstrip()
            except UnicodeDecodeError:
                return text.decode("cp1252", "replace").lstrip()
        return ""

    def _is_more_left(self, pages: int) -> bool:
        """Whether bytes belong to none of the pages: more than one directory and some padding."""
        left = self._size - sum(self._used.values())
        return left > pages * _PADDING + self._directory

    def _table(self, offset: int) -> tuple[bytes, int]:
        """Return the entries of a directory, and where the next one is."""
        head = struct.calcsize("=" + self._flavour.number)
        count = self._value(offset, self._flavour.number)
        if not 0 < count <= _MOST_TAGS:
            raise _NoPage
        end = offset + head + count * self._entry
        then = self._value(end, self._flavour.offset)
        self._file.seek(offset + head)
        table = self._file.read(count * self._entry)
        there = {entry[0] for entry in self._entries(table)}
        if not {tags.WIDTH, tags.LENGTH} <= there:
            raise _NoPage
        self._directory = self._used[offset] = end + self._inline - offset
        return table, then

    def _entries(self, table: bytes) -> list[Any]:
        return list(struct.iter_unpack(self._flavour.order + self._flavour.entry, table))

    def _page(self, table: bytes) -> Page:
        said: dict[int, Any] = {}
        for tag, kind, number, value in self._entries(table):
            length = _TYPE_BYTES.get(kind, 1) * number
            if length > self._inline:
                (start,) = struct.unpack(self._flavour.order + self._flavour.offset, value)
                if start + length > self._size:
                    if tag in _ESSENTIAL:
                        raise _Cut
                    continue
                self._used[start] = length
            if tag in _READ and kind in _NUMBERS and number:
                if length > self._inline:
                    self._file.seek(start)
                    value = self._file.read(length)
                values = np.frombuffer(value[:length], self._flavour.order + _NUMBERS[kind])
                said[tag] = values.astype(np.uint64)
        if fault := tags.page_fault(said):
            raise _Odd(fault)
        self._check_pixels(said)
        return Page(
            length=_one(said, tags.LENGTH),
            width=_one(said, tags.WIDTH),
            bits=_one(said, tags.BITS),
            form=_one(said, _FORM),
            samples=_one(said, tags.SAMPLES),
            reduced=bool(_one(said, _SUBFILE, 0) & _REDUCED),
        )

    def _check_pixels(self, said: Mapping[int, Any]) -> None:
        """Check that the pixels of a page are there, whatever more its byte counts say.

        Raises
        ------
        _Cut
            That is beyond the end of the file.
        """
        tiled = tags.TILES in said
        offsets = said.get(tags.TILES if tiled else tags.STRIPS, np.zeros(0, np.uint64))
        lengths = said.get(tags.TILE_BYTES if tiled else tags.STRIP_BYTES, np.zeros(0, np.uint64))
        if not 0 < len(offsets) == len(lengths):
            return
        needed = _segment_bytes(said, len(offsets), tiled)
        packed = _one(said, tags.COMPRESSION) != 1
        ends = offsets + (lengths if packed else np.minimum(lengths, needed))
        for number in np.flatnonzero(ends > self._size):
            if not packed or not self._unpacks(
                _one(said, tags.COMPRESSION), int(offsets[number]), int(needed[number])
            ):
                raise _Cut
        self._used[int(offsets.min())] = int((np.minimum(ends, self._size) - offsets).sum())

    def _unpacks(self, compression: int, offset: int, needed: int) -> bool:
        """Whether what is there of a strip unpacks to all its pixels."""
        import tifffile

        self._file.seek(offset)
        try:
            found = tifffile.TIFF.DECOMPRESSORS[compression](self._file.read())
        except Exception:  # decoders raise whatever they like
            return False
        return memoryview(found).nbytes >= needed

    def _value(self, offset: int, letter: str) -> Any:
        """Read one number."""
        self._file.seek(offset)
        raw = self._file.read(struct.calcsize("=" + letter))
        if len(raw) < struct.calcsize("=" + letter):
            raise _Cut
        return struct.unpack(self._flavour.order + letter, raw)[0]


def _header(file: BinaryIO) -> tuple[_Flavour, int]:
    head = file.read(16)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    version = struct.unpack(order + "H", head[2:4])[0] if order else 0
    if order and version == 42:
        return _Flavour(order, "H", "HHI4s", "I"), struct.unpack(order + "I", head[4:8])[0]
    if order and version == 43:
        return _Flavour(order, "Q", "HHQ8s", "Q"), struct.unpack(order + "Q", head[8:16])[0]
    raise struct.error


def _segment_bytes(said: Mapping[int, Any], count: int, tiled: bool) -> Any:
    """Return how many bytes each strip or tile has without compression."""
    length, width = _one(said, tags.LENGTH), _one(said, tags.WIDTH)
    together = 1 if _one(said, tags.PLANAR) == 2 else _one(said, tags.SAMPLES)
    if tiled:
        rows = np.full(count, _one(said, tags.TILE_LENGTH), np.uint64)
        width = _one(said, tags.TILE_WIDTH)
    else:
        each = max(1, min(length, _one(said, tags.ROWS, length)))
        strips = ceil(length / each)
        rows = np.minimum(each, length - np.arange(count) % strips * each).astype(np.uint64)
    return rows * np.uint64(ceil(width * together * _one(said, tags.BITS) / 8))


def _one(said: Mapping[int, Any], tag: int, default: int = 1) -> int:
    return int(said[tag][0]) if tag in said else default
