"""Recordings as the programs that make them lay them out: MMStack, NDTiff, OME sets."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

OME = "http://www.openmicroscopy.org/Schemas/OME/2016-06"
ROOM = 60  # lines that Micro-Manager's index map has room for


def planes(*shape: int) -> Any:
    return np.random.default_rng(0).integers(100, 300, (*shape, 20, 30)).astype(np.uint16)


def _directory(at: int, plane: Any, metadata: bytes, descriptions: Sequence[bytes]) -> bytes:
    """Lay out a plane as `MultipageTiffWriter.writeIFD` does: tags, pixels, resolution, JSON."""
    length, width = plane.shape
    entries = 13 + len(descriptions)
    data = at + 2 + 12 * entries + 4
    resolution = data + plane.nbytes
    said = resolution + 16
    end = said + len(metadata)
    tags = [(256, 4, 1, width), (257, 4, 1, length), (258, 3, 1, 16)]
    tags += [(259, 3, 1, 1), (262, 3, 1, 1)]
    for text in descriptions:
        tags.append((270, 2, len(text), end))
        end += len(text)
    tags += [(273, 4, 1, data), (277, 3, 1, 1), (278, 3, 1, length), (279, 4, 1, plane.nbytes)]
    tags += [(282, 5, 1, resolution), (283, 5, 1, resolution + 8), (296, 3, 1, 3)]
    tags.append((51123, 2, len(metadata), said))
    raw = struct.pack("<H", entries) + b"".join(struct.pack("<HHII", *tag) for tag in tags)
    raw += struct.pack("<I", end) + plane.astype("<u2").tobytes()
    return raw + struct.pack("<4I", 10000, 1, 10000, 1) + metadata + b"".join(descriptions)


def write_mmstack(
    path: Path,
    held: Mapping[tuple[int, int, int, int], Any],
    summary: Mapping[str, Any],
    *,
    ome: str = "",
    finished: bool = True,
) -> None:
    """Write planes by their (c, z, t, position); one that is not finished keeps its room."""
    text = json.dumps(dict(summary)).encode()
    index = 40 + len(text)
    head = struct.pack("<2sHI", b"II", 42, index + 8 + 20 * ROOM)
    head += struct.pack("<2I", 54773648, index) + struct.pack("<2I", 483765892, 0)
    head += struct.pack("<2I", 99384722, 0) + struct.pack("<2I", 2355492, len(text)) + text
    raw = bytearray(head + bytes(8 + 20 * ROOM))
    struct.pack_into("<2I", raw, index, 3453623, len(held) if finished else ROOM)
    for number, (key, plane) in enumerate(held.items()):
        struct.pack_into("<5I", raw, index + 8 + 20 * number, *key, len(raw))
        said = json.dumps({"PixelSizeUm": 0.1, "ElapsedTime-ms": 1.5}).encode() + b"\0"
        descriptions = [ome.encode() + b"\0"] if ome and number == 0 else []
        raw += _directory(len(raw), plane, said, descriptions)
    last = len(raw)
    if finished and held:
        _end_chain(raw, last)
    path.write_bytes(raw if finished else raw + bytes(100_000))


def _end_chain(raw: bytearray, size: int) -> None:
    """Write 0 where the last directory points to a next one."""
    offset = struct.unpack_from("<I", raw, 4)[0]
    while True:
        (count,) = struct.unpack_from("<H", raw, offset)
        at = offset + 2 + 12 * count
        (offset,) = struct.unpack_from("<I", raw, at)
        if offset >= size:
            struct.pack_into("<I", raw, at, 0)
            return


def write_ndtiff(
    folder: Path, files: Mapping[str, Sequence[tuple[Mapping[str, Any], Any]]], summary: Any
) -> None:
    """Write planes by their axes, in one file or several, and the index of all."""
    index = b""
    text = json.dumps(summary).encode()
    text += b" " * (len(text) % 2)
    for name, held in files.items():
        raw = bytearray(struct.pack("<2sHI", b"II", 42, 28 + len(text)))
        raw += struct.pack("<5I", 483729, 3, 3, 2355492, len(text)) + text
        for axes, plane in held:
            at = len(raw)
            raw += _directory(at, plane, b"{}", ())
            offset, key = at + 2 + 12 * 13 + 4, json.dumps(axes).encode()
            length, width = plane.shape
            index += struct.pack("<I", len(key)) + key
            index += struct.pack("<I", len(name)) + name.encode()
            index += struct.pack("<8I", offset, width, length, 1, 0, len(raw) - 2, 2, 0)
        _end_chain(raw, len(raw))
        (folder / name).write_bytes(raw)
    (folder / "NDTiff.index").write_bytes(index)


def uuid(number: int) -> str:
    return f"urn:uuid:0000000{number}-0000-4000-8000-000000000000"


def ome_xml(
    images: Sequence[Mapping[str, Any]], root: str | None = None, names: Sequence[str] = ()
) -> str:
    """Say where planes lie: for each image its sizes, and rows of (t, c, z, page, file, uuid)."""
    said = []
    for number, image in enumerate(images):
        rows = "".join(
            f'<TiffData FirstT="{t}" FirstC="{c}" FirstZ="{z}" IFD="{page}" PlaneCount="1">'
            f'<UUID FileName="{file}">{one}</UUID></TiffData>'
            for t, c, z, page, file, one in image["rows"]
        )
        channels = "".join(
            f'<Channel ID="Channel:{number}:{c}" Name="c{c}" SamplesPerPixel="1"/>'
            for c in range(image.get("C", 1))
        )
        name = f'Name="{names[number]}"' if names else ""
        said.append(
            f'<Image ID="Image:{number}" {name}><Pixels ID="Pixels:{number}" Type="uint16" '
            f'DimensionOrder="XYZCT" SizeX="30" SizeY="20" SizeZ="{image.get("Z", 1)}" '
            f'SizeC="{image.get("C", 1)}" SizeT="{image.get("T", 1)}" PhysicalSizeX="0.1" '
            f'PhysicalSizeY="0.1" PhysicalSizeZ="0.5">{channels}{rows}</Pixels></Image>'
        )
    mark = f' UUID="{root}"' if root else ""
    return f'<?xml version="1.0"?><OME xmlns="{OME}"{mark}>{"".join(said)}</OME>'


def binary_only(companion: str, root: str) -> str:
    return (
        f'<?xml version="1.0"?><OME xmlns="{OME}" UUID="{root}"><BinaryOnly '
        f'MetadataFile="{companion}" UUID="{uuid(9)}"/></OME>'
    )


def write_pages(path: Path, data: Any, text: str) -> None:
    tifffile.imwrite(path, data, photometric="minisblack", metadata=None, description=text.encode())
