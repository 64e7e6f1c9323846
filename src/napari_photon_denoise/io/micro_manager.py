"""Micro-Manager's MMStack: a recording in one file or more for each stage position.

Each file begins with a header, the summary of the recording as JSON, and an index map: channel, z,
time, position and the place of each plane in this file. It is read rather than the OME-XML, which
Micro-Manager completes with blank or repeated planes where a recording was stopped or a channel has
no z stack, and which only the first position's file holds.

As in Micro-Manager's `MultipageTiffWriter.java` and `MultipageTiffReader.java`.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from napari_photon_denoise.io.data_set import Position, labelled
from napari_photon_denoise.io.grey import colour_error
from napari_photon_denoise.io.image import Source
from napari_photon_denoise.io.mm_metadata import (
    channel_names,
    json_object,
    pixel_size,
    read_at_most,
)
from napari_photon_denoise.io.raw_planes import (
    PIXEL_BYTES,
    Place,
    one_kind,
    planes_source,
    truncated,
)

MARK = "_MMStack"
_INDEX_OFFSET, _INDEX, _SUMMARY = 54773648, 3453623, 2355492  # what the parts of a file begin with
_HEADER_BYTES = 40
_METADATA = 51123
_WIDTH, _LENGTH, _BITS, _STRIPS, _SAMPLES = 256, 257, 258, 273, 277


@dataclass(frozen=True, eq=False)
class _Stack:
    """One file: the summary of the recording, and where its own planes lie."""

    path: Path
    order: str
    summary: dict[str, Any]
    index: np.ndarray[Any, Any]
    """`(N, 5)` int64: channel, z, time, position, and where the plane's directory begins."""
    is_open: bool
    """Whether the map has room for more, which is cut off when the file is finished."""

    @property
    def keys(self) -> set[tuple[int, ...]]:
        """Channel, z, time and position of each plane."""
        return set(map(tuple, self.index[:, :4].tolist()))


def mm_positions(path: Path) -> tuple[Position, ...] | None:
    """List the positions of the recording that a file is part of.

    Parameters
    ----------
    path : Path

    Returns
    -------
    tuple of Position or None
        None of what is no file of Micro-Manager's.
    """
    own = _stack(path)
    if own is None:
        return None
    stacks = _with_siblings(own)
    numbers = sorted({int(p) for stack in stacks for p in stack.index[:, 3]})
    parts = {p: _parts(stacks, p) for p in numbers}
    labels = labelled([f"Pos{p}" for p in numbers])
    return tuple(
        Position(label, tuple(one.path for one in parts[p]), partial(_read, parts[p], p))
        for label, p in zip(labels, numbers, strict=True)
    )


def _parts(stacks: Sequence[_Stack], position: int) -> list[_Stack]:
    """Return the files of a position, that of its first planes first."""
    found = {}
    for stack in stacks:
        times = stack.index[stack.index[:, 3] == position, 2]
        if times.size:
            found[int(times.min()), stack.path.name] = stack
    return [found[key] for key in sorted(found)]


def _with_siblings(own: _Stack) -> list[_Stack]:
    """Add the other files of the recording: Micro-Manager splits at 4 GB, and by positions."""
    prefix, mark, _ = own.path.name.partition(MARK)
    if not mark:  # renamed, or without a prefix
        prefix, mark, _ = own.path.name.partition("MMStack")
        if prefix or not mark:
            return [own]
    stacks, taken = [own], own.keys
    for path in sorted(own.path.parent.iterdir()):
        if path == own.path or not path.name.startswith(prefix + mark):
            continue
        other = _stack(path) if path.suffix.lower() in (".tif", ".tiff") else None
        # A copy of a file has the same planes, and belongs to no recording of this one.
        if other is not None and _same_recording(own, other) and not taken & other.keys:
            stacks.append(other)
            taken |= other.keys
    return stacks


def _same_recording(one: _Stack, other: _Stack) -> bool:
    keys = ("Prefix", "UUID", "StartTime")
    return all(one.summary.get(key) == other.summary.get(key) for key in keys)


def _stack(path: Path) -> _Stack | None:
    """Read a file's summary and index map; None of any other file."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER_BYTES)
            order = {b"II": "<", b"MM": ">"}.get(head[:2])
            if order is None or len(head) < _HEADER_BYTES:
                return None
            index_mark, index_at = struct.unpack(order + "II", head[8:16])
            summary_mark, length = struct.unpack(order + "II", head[32:40])
            if (index_mark, summary_mark) != (_INDEX_OFFSET, _SUMMARY):
                return None
            summary = json_object(read_at_most(file, length))
            index, is_open = _index(file, order, index_at)
    except (OSError, struct.error):
        return None
    return _Stack(path, order, summary, index, is_open) if len(index) else None


def _index(file: BinaryIO, order: str, offset: int) -> tuple[np.ndarray[Any, Any], bool]:
    file.seek(offset)
    mark, count = struct.unpack(order + "II", file.read(8))
    if mark != _INDEX:
        return np.empty((0, 5), np.int64), False
    raw = read_at_most(file, 20 * count)
    rows = np.frombuffer(raw[: len(raw) // 20 * 20], order + "i4").reshape(-1, 5)
    # Until a recording is finished, the map has room for more, filled with zeros.
    ends = np.flatnonzero(rows[:, 4] == 0)
    rows = rows[: ends[0]] if ends.size else rows
    places = rows[:, 4:].astype(np.int64) & 0xFFFFFFFF
    index = np.hstack([np.maximum(rows[:, :4].astype(np.int64), 0), places])
    return index, bool(ends.size)


def _read(parts: Sequence[_Stack], position: int, axes: str | None) -> Source:
    """Find the image of a position."""
    name, summary = parts[0].path.name, parts[0].summary
    places: dict[tuple[int, int, int], Place] = {}
    kinds: set[tuple[int, int, int]] = set()
    metadata: dict[str, Any] = {}
    for stack in parts:
        size = stack.path.stat().st_size
        with stack.path.open("rb") as file:
            for c, z, t, p, at in stack.index.tolist():
                tags = _directory(file, stack.order, at) if p == position else {}
                if not {_WIDTH, _LENGTH, _BITS, _STRIPS} <= set(tags):
                    continue
                length, width = (tags[tag][1] for tag in (_LENGTH, _WIDTH))
                bits, samples = tags[_BITS][1], tags.get(_SAMPLES, (1, 1))[1]
                if samples > 1 or tags[_BITS][0] > 1:
                    raise colour_error(name)
                offset = tags[_STRIPS][1]
                if offset + length * width * PIXEL_BYTES.get(bits, 1) > size:
                    raise truncated(stack.path.name)
                kinds.add((length, width, bits))
                places[t, c, z] = Place(stack.path, offset)
                metadata = metadata or _image_metadata(file, tags)
    plane, dtype = one_kind(name, kinds, parts[0].order)
    shown = np.array([key[:3] for stack in parts for key in stack.keys if key[3] == position])
    most = shown.max(axis=0, initial=0) + 1
    said = [_whole(summary.get(key)) for key in ("Frames", "Channels", "Slices")]
    times, channels, slices = (
        max(int(most[column]), number) for column, number in zip((2, 0, 1), said, strict=True)
    )
    source = planes_source(name, places, (times, channels, slices), plane, dtype)
    return replace(
        source,
        pixel_size=pixel_size(summary, metadata),
        channel_names=channel_names(summary),
        files=tuple(stack.path for stack in parts),
        growing=any(stack.is_open for stack in parts),
    )


def _directory(file: BinaryIO, order: str, offset: int) -> dict[int, tuple[int, int]]:
    """Read count and value of the tags of a plane; those that hold no number, where it lies."""
    file.seek(offset)
    raw = file.read(2)
    count = struct.unpack(order + "H", raw)[0] if len(raw) == 2 else 0
    table = file.read(12 * count)
    found = {}
    for tag, kind, number, value in struct.iter_unpack(
        order + "HHI4s", table[: len(table) // 12 * 12]
    ):
        letter, width = ("H", 2) if kind == 3 and number == 1 else ("I", 4)
        found[tag] = (number, struct.unpack(order + letter, value[:width])[0])
    return found


def _image_metadata(file: BinaryIO, tags: dict[int, tuple[int, int]]) -> dict[str, Any]:
    if _METADATA not in tags:
        return {}
    length, at = tags[_METADATA]
    file.seek(at)
    return json_object(read_at_most(file, length))


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 1
