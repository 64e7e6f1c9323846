"""TIFFs of every layout, damaged.

A flipped byte of pixels is another pixel, and no reader can tell. So the result is wrong where
pixels changed whose bytes did not, where it has another shape, or where planes came or went. A flip
in a directory may change no pixel at all: but for the few numbers that nothing in the file
contradicts (`FREE`), it must be refused, or make no difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from benchmarks.faults.flips import Flip, gaps
from benchmarks.faults.outcome import RIGHT, Verdict
from benchmarks.faults.victim import Victim

SHAPE = (6, 48, 40)
GAIN, OFFSET = 0.5, 100.0
CAMERA = [f"--gain={GAIN}", f"--offset={OFFSET}", "--read-noise=1.5"]
SAME = ["--method=box", "--size=1"]  # a window of one pixel: photons come out as they went in
LAYOUTS: dict[str, dict[str, Any]] = {
    "plain": {"metadata": None},
    "shaped": {},
    "strips, zlib": {"metadata": None, "rowsperstrip": 8, "compression": "zlib"},
    "tiled, zlib": {"tile": (16, 16), "compression": "zlib", "metadata": None},
    "big-endian BigTIFF": {"bigtiff": True, "byteorder": ">", "metadata": None},
    "ImageJ": {"imagej": True, "metadata": {"axes": "ZYX"}},
    "OME": {"ome": True, "metadata": {"axes": "ZYX", "PhysicalSizeX": 0.1}},
    "OME, zlib": {"ome": True, "metadata": {"axes": "TYX"}, "compression": "zlib"},
}


def tiff_victims(folder: Path) -> list[Victim]:
    """Write a whole file of each layout."""
    data = np.random.default_rng(0).poisson(150, SHAPE).astype(np.uint16)
    made = []
    for number, (title, options) in enumerate(LAYOUTS.items()):
        path = folder / (f"cells{number}.ome.tif" if "ome" in options else f"cells{number}.tif")
        tifffile.imwrite(path, data, **options)
        made.append(_victim(title, path, data))
    return made


def denoise(image: Path, output: Path, camera: Sequence[str] = CAMERA) -> list[str]:
    """Return the command that turns counts into photons and does nothing else."""
    return ["denoise", str(image), "-o", str(output), *SAME, *camera]


def _victim(title: str, path: Path, data: Any) -> Victim:
    owner = _owners(path, data.size)
    held = [range(int(a), int(b)) for a, b in _runs(owner[:, 0] >= 0)]
    expected = (data.astype(np.float32) - OFFSET) * GAIN

    def check(damage: Flip, damaged: Path, output: Path) -> Verdict:
        found = tifffile.imread(output)
        if found.squeeze().shape != expected.shape:
            return Verdict("wrong", f"{found.shape} instead of {expected.shape}")
        may = np.zeros(data.size, bool)
        for place in damage.places:
            low, high = owner[place]
            may[max(low, 0) : high] = True
        other = (found.squeeze() != expected).ravel() & ~may
        if not other.any():
            return RIGHT
        return Verdict("wrong", f"{int(other.sum())} pixels are other than in the file")

    return Victim(title, path, gaps(path.stat().st_size, held), denoise, "out.ome.tif", check)


def _owners(path: Path, pixels: int) -> Any:
    """Tell which pixels a byte of a file holds: the first, and the end of a range; -1 for none.

    Of a compressed strip or tile it may be any of the page, since it is not found out which.
    """
    owner = np.full((path.stat().st_size, 2), -1, np.int64)
    with tifffile.TiffFile(path) as tif:
        first = 0
        for page in tif.pages:
            for offset, count in zip(page.dataoffsets, page.databytecounts, strict=True):
                if page.compression == 1 and not page.is_tiled:
                    places = np.arange(count)
                    owner[offset : offset + count, 0] = first + places // page.dtype.itemsize
                    owner[offset : offset + count, 1] = first + places // page.dtype.itemsize + 1
                    first += count // page.dtype.itemsize
                else:
                    owner[offset : offset + count] = first, first + page.size
            first += 0 if page.compression == 1 and not page.is_tiled else page.size
    assert first == pixels or len(tif.pages) == 1
    return owner


def _runs(inside: Any) -> Any:
    """Return begin and end of each stretch of True."""
    edges = np.flatnonzero(np.diff(np.r_[False, inside, False].astype(np.int8)))
    return edges.reshape(-1, 2)
