"""NDTiff, Pycro-Manager's and Micro-Manager's newer format: TIFFs, and one index of their planes.

The index names each plane's axes and place, so that it says what a recording holds that was stopped
early. As in `NDTiffWriter.java` and `ndtiff_index.py` of NDStorage.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from napari_photon_denoise.io.data_set import Position, files_missing, labelled
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

INDEX = "NDTiff.index"
_MARK, _SUMMARY = 483729, 2355492
_BITS = {0: 8, 1: 16, 3: 16, 4: 16, 5: 16, 6: 16}  # of a pixel in the file, by the pixel's type
_RGB = 2
_LINE = 36  # bytes: no line of the index has so many zeros
_DIMENSIONS = {"time": "T", "channel": "C", "z": "Z"}

Where = tuple[tuple[str, int | str], ...]


@dataclass(frozen=True)
class _Plane:
    """A line of the index."""

    axes: dict[str, int | str]
    place: Place
    width: int
    length: int
    kind: int
    compression: int
    metadata: tuple[int, int]
    """Where it begins, and its bytes."""

    @property
    def where(self) -> Where:
        """What sets it apart besides time, channel and z: the stage position, mostly."""
        others = (axis for axis in sorted(self.axes) if axis not in _DIMENSIONS)
        return tuple((axis, self.axes[axis]) for axis in others)


def ndtiff_positions(path: Path) -> tuple[Position, ...] | None:
    """List the positions of the recording that a file, or its index, is part of.

    Parameters
    ----------
    path : Path

    Returns
    -------
    tuple of Position or None
        None of what is no NDTiff, or has no index beside it.
    """
    index = path.parent / INDEX
    if path != index and not (_is_ndtiff(path) and index.is_file()):
        return None
    planes = list(_read_index(index))
    if path != index and path not in {plane.place.file for plane in planes}:
        return None
    apart: dict[Where, list[_Plane]] = {}
    for plane in planes:
        apart.setdefault(plane.where, []).append(plane)
    labels = labelled([_label(where, list(apart)) for where in apart])
    channels = list(dict.fromkeys(plane.axes.get("channel", 0) for plane in planes))
    return tuple(
        Position(
            label,
            tuple(dict.fromkeys(plane.place.file for plane in those)),
            partial(_read, those, planes, channels),
            aside=(index,),
        )
        for label, those in zip(labels, apart.values(), strict=True)
    )


def _label(where: Where, all_of_them: Sequence[Where]) -> str:
    """Name a position by what tells it from the others."""
    told = [
        (axis, value)
        for axis, value in where
        if len({dict(other).get(axis) for other in all_of_them}) > 1
    ]
    named = (
        str(value) if isinstance(value, str) else f"{'Pos' if axis == 'position' else axis}{value}"
        for axis, value in told
    )
    return "_".join(named)


def _is_ndtiff(path: Path) -> bool:
    return _header(path) is not None


def _header(path: Path) -> dict[str, Any] | None:
    """Return the summary of the recording; None of another file."""
    try:
        with path.open("rb") as file:
            head = file.read(28)
            order = {b"II": "<", b"MM": ">"}.get(head[:2])
            if order is None or len(head) < 28:
                return None
            numbers = struct.unpack(order + "5I", head[8:28])
            if numbers[0] != _MARK or _SUMMARY not in numbers[2:4]:
                return None
            # Version 3 has a number more.
            at = numbers.index(_SUMMARY, 2)
            file.seek(8 + 4 * (at + 2))
            return json_object(read_at_most(file, numbers[at + 1]))
    except OSError:
        return None


def _read_index(index: Path) -> Iterator[_Plane]:
    """Yield the planes; a last line that was not written to its end is none."""
    raw, at = index.read_bytes(), 0
    try:
        while at < len(raw):
            (length,) = struct.unpack_from("<I", raw, at)
            if length == 0:  # not finished: the rest is room for more
                return
            axes = json.loads(raw[at + 4 : at + 4 + length])
            at += 4 + length
            (length,) = struct.unpack_from("<I", raw, at)
            name = raw[at + 4 : at + 4 + length].decode("utf-8", "replace")
            at += 4 + length
            offset, width, height, kind, compression, *metadata, _ = struct.unpack_from(
                "<8I", raw, at
            )
            at += 32
            place = Place(index.parent / Path(name).name, offset)
            yield _Plane(axes, place, width, height, kind, compression, tuple(metadata))
    except (struct.error, ValueError):
        return


def _read(
    planes: Sequence[_Plane],
    everything: Sequence[_Plane],
    channels: Sequence[int | str],
    axes: str | None,
) -> Source:
    """Find the image of a position."""
    first = planes[0].place.file
    name = first.name
    # Positions are recorded for different times where the recording was stopped between them; z
    # and channels are those of all. Numbers may begin below 0, such as z around a focus.
    (start, stop), (bottom, top) = _range(planes, "time"), _range(everything, "z")
    sizes = _file_sizes(planes)
    places: dict[tuple[int, int, int], Place] = {}
    kinds: set[tuple[int, int, int]] = set()
    for plane in planes:
        bits = _BITS.get(plane.kind, 0)
        if plane.kind == _RGB:
            raise colour_error(name)
        if plane.compression or plane.place.offset + _bytes(plane, bits) > sizes[plane.place.file]:
            raise truncated(plane.place.file.name)
        kinds.add((plane.length, plane.width, bits))
        channel = channels.index(plane.axes.get("channel", 0))
        key = (_number(plane, "time") - start, channel, _number(plane, "z") - bottom)
        places[key] = plane.place
    size, dtype = one_kind(name, kinds, "<")
    announced = (stop - start, len(channels), top - bottom)
    source = planes_source(name, places, announced, size, dtype)
    summary = _header(first) or {}
    said = tuple(map(str, channels)) if any(isinstance(one, str) for one in channels) else ()
    return replace(
        source,
        pixel_size=pixel_size(summary, _metadata(planes[0])),
        channel_names=said or channel_names(summary),
        growing=_is_open(first.parent / INDEX),
    )


def _is_open(index: Path) -> bool:
    """Tell whether an index ends with room for more, which is cut off when it is finished."""
    with index.open("rb") as file:
        file.seek(max(0, index.stat().st_size - _LINE))
        return not any(file.read())


def _file_sizes(planes: Sequence[_Plane]) -> dict[Path, int]:
    files = dict.fromkeys(plane.place.file for plane in planes)
    missing = [file.name for file in files if not file.is_file()]
    if missing:
        raise files_missing(planes[0].place.file.name, missing)
    return {file: file.stat().st_size for file in files}


def _range(planes: Sequence[_Plane], axis: str) -> tuple[int, int]:
    numbers = [_number(plane, axis) for plane in planes]
    return min(numbers), max(numbers) + 1


def _number(plane: _Plane, axis: str) -> int:
    return int(plane.axes.get(axis, 0))


def _bytes(plane: _Plane, bits: int) -> int:
    return plane.length * plane.width * PIXEL_BYTES.get(bits, 1)


def _metadata(plane: _Plane) -> dict[str, Any]:
    at, length = plane.metadata
    with plane.place.file.open("rb") as file:
        file.seek(at)
        return json_object(read_at_most(file, length))
