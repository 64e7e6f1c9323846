"""Sharded against unsharded, and how pixels are compressed: one shard of 256 MiB, by zarr alone."""

from __future__ import annotations

import os
import shutil
import statistics
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from benchmarks.markdown import head, print_row
from benchmarks.scale.runs import Took
from numpy.typing import NDArray
from zarr.codecs import BloscCodec, BloscShuffle

SHAPE, CHUNK = (16, 2048, 2048), (16, 256, 256)
LZ4 = BloscCodec(cname="lz4", clevel=1, shuffle=BloscShuffle.shuffle)
ZSTD = BloscCodec(cname="zstd", clevel=1, shuffle=BloscShuffle.shuffle)
WAYS: dict[str, dict[str, Any]] = {
    "sharded, lz4": {"shards": SHAPE, "compressors": LZ4},
    "unsharded, lz4": {"compressors": LZ4},
    "sharded, zstd": {"shards": SHAPE, "compressors": ZSTD},
    "sharded, not compressed": {"shards": SHAPE, "compressors": None},
    "unsharded, not compressed": {"compressors": None},
}


def print_writing(folder: Path, rounds: int) -> None:
    """Print the table: medians, one way after the other in each round."""
    pixels = _photons()
    all_took: dict[str, list[tuple[Took, Took, Took]]] = {name: [] for name in WAYS}
    sizes = {}
    for _ in range(rounds):
        for name, way in WAYS.items():
            place = folder / "written.zarr"
            shutil.rmtree(place, ignore_errors=True)
            array = zarr.create_array(
                place, shape=SHAPE, chunks=CHUNK, dtype="float32", fill_value=0, **way
            )
            all_took[name].append(_once(array, place, pixels))
            sizes[name] = sum(file.stat().st_size for file in place.rglob("c/**/*"))
    shutil.rmtree(folder / "written.zarr")
    print(head("", "write, MB/s", "processor, s", "flush, s", "read, MB/s", "size"))
    for name, took in all_took.items():
        write, flush, read = ([one[at] for one in took] for at in range(3))
        mega = pixels.nbytes / 1e6
        print_row(
            name,
            f"{mega / statistics.median(one.wall for one in write):.0f}",
            f"{statistics.median(one.cpu for one in write):.2f}",
            f"{statistics.median(one.wall for one in flush):.2f}",
            f"{mega / statistics.median(one.wall for one in read):.0f}",
            f"{100 * sizes[name] / pixels.nbytes:.0f} %",
        )


def _once(array: zarr.Array, place: Path, pixels: NDArray[np.float32]) -> tuple[Took, Took, Took]:
    times = [Took.now()]
    array[...] = pixels
    times.append(Took.now())
    for file in place.rglob("c/**/*"):
        if file.is_file():
            with file.open("r+b") as written:
                os.fsync(written.fileno())
    times.append(Took.now())
    _ = array[...]
    times.append(Took.now())
    write, flush, read = (end - start for start, end in pairwise(times))
    return write, flush, read


def _photons() -> NDArray[np.float32]:
    """Return what a Gaussian makes of shot noise."""
    from scipy.ndimage import gaussian_filter1d

    rng = np.random.default_rng(0)
    noisy = rng.poisson(30, (16, 512, 512)).astype(np.float32)
    for axis in (1, 2):
        noisy = gaussian_filter1d(noisy, 1, axis)
    return np.tile(noisy, (1, 4, 4))
