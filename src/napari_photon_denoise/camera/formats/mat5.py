"""MATLAB's ``.mat`` files of version 5 to 7.2: matrices of numbers, and structures of them.

SciPy's reader trusts the sizes that a file states, and crashes the process on damaged ones. A
calibration needs little of the format, and here no size is believed before the bytes are there.
The format: MathWorks, "MAT-File Format", Level 5.
"""

from __future__ import annotations

import math
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.errors import UnreadableFile

HEADER = 128  # bytes
# Types of elements: numbers, and what holds other elements.
NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8"}
NUMBERS |= {12: "i8", 13: "u8"}
MATRIX, COMPRESSED = 14, 15
# Classes of matrices: a structure, those of numbers, and all that have a size and a name.
STRUCTURE, NUMERIC, NAMED = 2, range(6, 16), range(1, 16)
COMPLEX = 0x0800
LARGEST = 2**29  # bytes of one matrix; 8000×8000 doubles
SHORT = 256  # bytes of a name, of the sizes of a matrix
LISTED = 2**16  # bytes of the names of all fields
DEEPEST = 4  # structures in structures
CHUNK = 2**20


class Other:
    """A variable that is no matrix of numbers: text, cells, an object, a stack of matrices."""


class _BrokenError(Exception):
    """The file says something that can't be."""


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes:
        """Return up to so many bytes; none at the end."""


class _Part:
    """The next bytes of a stream, so many of them."""

    def __init__(self, whole: _Stream, size: int) -> None:
        self._whole, self.left = whole, size

    def read(self, size: int, /) -> bytes:
        """Return up to so many bytes."""
        part = self._whole.read(min(size, self.left, CHUNK))
        self.left -= len(part)
        if size and self.left and not part:
            raise _BrokenError
        return part


class _Inflated:
    """What a compressed part of a stream holds."""

    def __init__(self, stored: _Part) -> None:
        self._stored, self._unzip = stored, zlib.decompressobj()

    def read(self, size: int, /) -> bytes:
        """Return up to so many bytes."""
        part = b""
        while size and not part and not self._unzip.eof:
            stored = self._unzip.unconsumed_tail or self._stored.read(CHUNK)
            if not stored:  # it ends before its checksum
                raise _BrokenError
            part = self._unzip.decompress(stored, min(size, CHUNK))
        return part


def _take(stream: _Stream, size: int) -> bytes:
    """Return so many bytes; room is made for those that are there alone."""
    parts: list[bytes] = []
    while size:
        part = stream.read(size)
        if not part:
            raise _BrokenError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _finish(stream: _Stream) -> None:
    """Pass over the rest."""
    while stream.read(CHUNK):
        pass


@dataclass(frozen=True)
class _Reader:
    """Reads elements in a byte order, in `struct`'s letter."""

    order: str

    def tag(self, stream: _Stream) -> tuple[int, int, bytes | None]:
        """Type and size of the next element, and its content where the tag holds it."""
        raw = _take(stream, 8)
        kind, size = struct.unpack(self.order + "II", raw)
        if kind >> 16 == 0:
            return kind, size, None
        size, kind = kind >> 16, kind & 0xFFFF
        if size > 4:
            raise _BrokenError
        return kind, size, raw[4 : 4 + size]

    def content(self, stream: _Stream, most: int) -> tuple[int, bytes]:
        """Type and content of the next element, which has so many bytes at most."""
        kind, size, content = self.tag(stream)
        if content is None:
            if size > most:
                raise _BrokenError
            content = _take(stream, size)
            _take(stream, -size % 8)
        return kind, content

    def numbers(self, stream: _Stream, most: int) -> NDArray[Any]:
        """Return the numbers of the next element."""
        kind, content = self.content(stream, most)
        if kind not in NUMBERS:
            raise _BrokenError
        return np.frombuffer(content, self.order + NUMBERS[kind])

    def integers(self, stream: _Stream, most: int) -> list[int]:
        """Return the integers of the next element."""
        numbers = self.numbers(stream, most)
        if numbers.dtype.kind == "f":
            raise _BrokenError
        return [int(one) for one in numbers]

    def element(self, stream: _Stream, depth: int) -> tuple[str, Any]:
        """Read the next matrix: its name and value."""
        kind, size, content = self.tag(stream)
        if kind != MATRIX or content is not None:
            raise _BrokenError
        part = _Part(stream, size)
        found = self.matrix(part, depth) if size else ("", Other())
        _finish(part)
        return found

    def matrix(self, stream: _Stream, depth: int) -> tuple[str, Any]:
        """Read what a matrix holds; nothing of one that is neither numbers nor a structure."""
        flags = self.integers(stream, 8)
        if len(flags) != 2 or depth > DEEPEST:
            raise _BrokenError
        kind = flags[0] & 0xFF
        if kind not in NAMED:
            return "", Other()
        shape = self.integers(stream, SHORT)
        name = self.content(stream, SHORT)[1].decode("latin1")
        if len(shape) < 2 or min(shape) < 0:
            raise _BrokenError
        if kind == STRUCTURE and math.prod(shape) == 1:
            return name, self._fields(stream, depth)
        if kind not in NUMERIC or len(shape) > 2 or flags[0] & COMPLEX:
            return name, Other()
        numbers = self.numbers(stream, LARGEST)
        if numbers.size != math.prod(shape):
            raise _BrokenError
        return name, numbers.reshape(shape, order="F")

    def _fields(self, stream: _Stream, depth: int) -> dict[str, Any]:
        """Read the fields of a structure."""
        (width,) = self.integers(stream, 4)
        text = self.content(stream, LISTED)[1]
        if not 0 < width <= SHORT or len(text) % width:
            raise _BrokenError
        names = [
            text[start : start + width].split(b"\0")[0].decode("latin1")
            for start in range(0, len(text), width)
        ]
        return {name: self.element(stream, depth + 1)[1] for name in names}


def read_mat5(path: Path) -> dict[str, Any]:
    """Read the variables of a file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict of str to (Y, X) array, dict or `Other`
        One number is a matrix of one, a structure a dictionary.

    Raises
    ------
    UnreadableFile
        If it is damaged, or no such file.
    """
    try:
        with path.open("rb") as file:
            return _variables(_Part(file, path.stat().st_size))
    except (_BrokenError, zlib.error, struct.error, ValueError) as error:
        raise UnreadableFile(
            f"{path} can't be read: it is broken or no MATLAB file of version 5 to 7."
        ) from error


def _variables(file: _Part) -> dict[str, Any]:
    head = _take(file, HEADER)
    order = {b"IM": "<", b"MI": ">"}.get(head[126:128])
    if order is None or struct.unpack(order + "H", head[124:126])[0] != 0x0100:
        raise _BrokenError
    reader = _Reader(order)
    variables: dict[str, Any] = {}
    while file.left >= 8:
        kind, size, content = reader.tag(file)
        if content is not None:
            continue
        if size > file.left:
            raise _BrokenError
        part = _Part(file, size)
        if kind == COMPRESSED:
            inflated = _Inflated(part)
            name, value = reader.element(inflated, 0)
            _finish(inflated)
            variables[name] = value
        elif kind == MATRIX and size:
            name, value = reader.matrix(part, 0)
            variables[name] = value
        _finish(part)
    variables.pop("", None)
    return variables
