"""What a file announces against the bytes that it has, before memory is taken for it.

A flipped bit, or somebody's bad will, makes a file of kilobytes ask for gigabytes. Each check looks
at numbers alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from math import ceil, prod
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from napari_photon_denoise.errors import UnreadableFile

# Camera images shrink to a half, and images of nothing (deflate) to a thousandth. What is small
# does no harm, whatever it says.
LARGEST_RATIO = 10_000
HARMLESS_BYTES = 128 * 2**20
HARMLESS_PLANES = 100_000
MOST_BLOCKS = 20_000_000  # dask notes each in memory
LEAST_PLANE = 100  # bytes of a TIFF's directory, which every plane has
AGAIN = "copy or export it again"
# Tags of TIFF that say how large a page is, and where it lies.
WIDTH, LENGTH, BITS, COMPRESSION, SAMPLES, ROWS, PLANAR = 256, 257, 258, 259, 277, 278, 284
STRIPS, STRIP_BYTES, TILE_WIDTH, TILE_LENGTH, TILES, TILE_BYTES = 273, 279, 322, 323, 324, 325
DEPTH = 32997  # of a page that is a volume
PAGE_TAGS = (
    *(WIDTH, LENGTH, BITS, COMPRESSION, SAMPLES, ROWS, PLANAR, STRIPS, STRIP_BYTES),
    *(TILE_WIDTH, TILE_LENGTH, TILES, TILE_BYTES, DEPTH),
)
_UNCOMPRESSED = 1


def check_announced(
    name: str, shape: Sequence[int], itemsize: int, block: Sequence[int], files: Sequence[Path]
) -> None:
    """Refuse an image that its files can't hold, however well they are compressed.

    Parameters
    ----------
    name : str
        The file, for the sentence.
    shape : sequence of int
        The length of each dimension.
    itemsize : int
        Bytes of a pixel.
    block : sequence of int
        What is read at once.
    files : sequence of Path
        Files, or folders of files, that hold the pixels.

    Raises
    ------
    UnreadableFile
    """
    announced = prod(map(int, shape)) * itemsize
    blocks = prod(ceil(length / max(1, part)) for length, part in zip(shape, block, strict=True))
    if announced <= HARMLESS_BYTES and blocks <= HARMLESS_PLANES:
        return
    least = announced / LARGEST_RATIO
    present = 0
    for size in _sizes(files):
        present += size
        if present >= least:  # folders of millions of files are not looked through
            break
    if present < least or blocks > MOST_BLOCKS:
        image = " × ".join(map(str, shape))
        raise UnreadableFile(
            f"{name} announces an image of {image} pixels ({announced / 1e9:.3g} GB), which its "
            f"{present:,} bytes can't hold: it is damaged or incomplete; {AGAIN}."
            if present < least
            else f"{name} announces {blocks:.3g} blocks of pixels, more than can be worked on: it "
            "is damaged, or to be saved in larger blocks."
        )


def check_planes(name: str, xml: str, files: Sequence[Path]) -> None:
    """Refuse OME-XML that announces more planes than could lie in its files.

    Parameters
    ----------
    name : str
        The file, for the sentence.
    xml : str
        OME-XML; what is damaged announces nothing.
    files : sequence of Path
        The file, and those beside it.

    Raises
    ------
    UnreadableFile
    """
    try:
        root = ElementTree.fromstring(xml)
    except ElementTree.ParseError:
        return
    room = sum(_sizes(files)) // LEAST_PLANE
    announced = max(map(_planes, root.iterfind("{*}Image/{*}Pixels")), default=0)
    if announced > max(HARMLESS_PLANES, room):
        raise UnreadableFile(
            f"{name} announces {announced:,} planes and has room for {room:,}: it is damaged; "
            f"{AGAIN}."
        )


def named_files(path: Path, xml: str) -> list[Path]:
    """Return a file, and those beside it that its OME-XML names and that are there."""
    try:
        root = ElementTree.fromstring(xml)
    except ElementTree.ParseError:
        return [path]
    names = {str(one.get("FileName")) for one in root.iterfind(".//{*}UUID[@FileName]")}
    beside = (path.parent / name for name in sorted(names) if "\0" not in name)
    return [path, *(one for one in beside if one.is_file() and one != path)]


def page_fault(said: Mapping[int, Sequence[int]]) -> str | None:
    """Say what can't be true of a page of a TIFF, by its directory; None if all can.

    Parameters
    ----------
    said : mapping of int to sequence of int
        The values of those `PAGE_TAGS` that are there.
    """
    width, length = (int(said.get(tag, (0,))[0]) for tag in (WIDTH, LENGTH))
    tiled = TILES in said
    offsets = said.get(TILES if tiled else STRIPS, ())
    sizes = said.get(TILE_BYTES if tiled else STRIP_BYTES, ())
    if not (width and length and len(offsets)):
        return "has a page without size or pixels: it is damaged"
    if DEPTH in said:
        return None
    needed, least = _needed(said, width, length, tiled)
    packed = said.get(COMPRESSION, (1,))[0] != _UNCOMPRESSED
    if len(sizes) != len(offsets) and (packed or len(offsets) > 1):
        return "does not say where the pixels of a page end: it is damaged"
    if packed:
        missing = len(offsets) < needed
    else:
        # Byte counts of 0 are some writers' way not to say them.
        held = sum(map(int, sizes))
        missing = 0 < held < least if held else len(offsets) < needed
    if missing:
        return f"announces {length} rows of {width} pixels, and holds fewer: it is damaged"
    return None


def _needed(
    said: Mapping[int, Sequence[int]], width: int, length: int, tiled: bool
) -> tuple[int, int]:
    """Return how many strips or tiles a page has, and how many bytes without compression."""
    samples = int(said.get(SAMPLES, (1,))[0])
    bits = int(said.get(BITS, (1,))[0])
    planes = samples if said.get(PLANAR, (1,))[0] == 2 else 1
    across, down, rows = 1, 1, length
    if tiled:
        across_px, rows = (max(1, int(said.get(tag, (1,))[0])) for tag in (TILE_WIDTH, TILE_LENGTH))
        across, down = ceil(width / across_px), ceil(length / rows)
        width, length = across * across_px, down * rows
    else:
        rows = min(length, max(1, int(said.get(ROWS, (length,))[0])))
        down = ceil(length / rows)
    row_bytes = ceil(width * bits * (samples // planes) / 8)
    return across * down * planes, row_bytes * length * planes


def _planes(pixels: ElementTree.Element) -> int:
    """Return the greatest number of planes that an image announces, in whichever way."""
    said = [prod(_number(pixels, f"Size{axis}") for axis in "ZCT")]
    for data in pixels.iterfind("{*}TiffData"):
        named = [_number(data, key) for key in data.keys()]  # noqa: SIM118
        said.append(max(named, default=0))
    return max(said)


def _number(element: ElementTree.Element, key: str) -> int:
    text: Any = element.get(key, "")
    # The longest number that Python reads is a matter of its settings.
    return int(text) if text.isdecimal() and len(text) < 1000 else 0


def _sizes(files: Sequence[Path]) -> Iterator[int]:
    """Yield the size of each file, and of those in each folder."""
    for path in files:
        if not path.is_dir():
            yield path.stat().st_size
            continue
        with os.scandir(path) as entries:
            inner = [Path(entry.path) for entry in entries]
        yield from _sizes(inner)
