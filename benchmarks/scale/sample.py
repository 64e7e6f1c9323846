"""Stacks of any size that take no disk: an OME-Zarr of a few chunks, linked to again and again.

The pixels are real (shot noise of a smooth scene, which compresses as a camera's images do), but
the same every few chunks. They stay in the computer's cache of files, so that reading them costs
what it takes to decode them, and no disk.
"""

from __future__ import annotations

import os
from itertools import product
from pathlib import Path

import numpy as np
import zarr
from zarr.codecs import BloscCodec, BloscShuffle

from napari_photon_denoise.calibration import Calibration

EDGE, DEEP = 2048, 16  # px and planes: 134 MB
CHUNK = (16, 256, 256)
DISTINCT = 8
GAIN, OFFSET, READ_NOISE = 0.5, 100.0, 1.5


def camera() -> Calibration:
    """Return the camera of all samples."""
    return Calibration(gain=GAIN, offset=OFFSET, read_noise=READ_NOISE)


def planes_of(gigabytes: float) -> int:
    """Return how many planes make about so many GB of 16 bits."""
    return DEEP * max(1, round(gigabytes * 1e9 / (2 * EDGE**2 * DEEP)))


def make_sample(folder: Path, gigabytes: float) -> Path:
    """Make a stack (Z, Y, X), 16 bits, unless it is there; return its folder."""
    path = folder / f"input-{gigabytes:g}.ome.zarr"
    mark = folder / f"input-{gigabytes:g}.made"
    if mark.exists():
        return path
    shape = (planes_of(gigabytes), EDGE, EDGE)
    group = zarr.open_group(path, mode="w", zarr_format=3)
    group.attrs["ome"] = _metadata()
    array = group.create_array(
        "0",
        shape=shape,
        chunks=CHUNK,
        dtype="uint16",
        compressors=BloscCodec(cname="lz4", clevel=1, shuffle=BloscShuffle.shuffle),
    )
    places = list(product(*(range(n // c) for n, c in zip(shape, CHUNK, strict=True))))
    first = [_write(array, path, place, seed) for seed, place in enumerate(places[:DISTINCT])]
    for number, place in enumerate(places[DISTINCT:]):
        file = _file(path, place)
        file.parent.mkdir(parents=True, exist_ok=True)
        os.link(first[number % DISTINCT], file)
    mark.touch()
    return path


def _write(array: zarr.Array, path: Path, place: tuple[int, ...], seed: int) -> Path:
    rng = np.random.default_rng(seed)
    z, y, x = np.meshgrid(*(np.linspace(0, 3 * np.pi, n) for n in CHUNK), indexing="ij")
    photons = rng.poisson(20 * (1.2 + np.sin(y + seed) * np.cos(x) * np.cos(z / 3)))
    counts = (photons + rng.normal(0, READ_NOISE, CHUNK)) / GAIN + OFFSET
    index = tuple(slice(at * c, (at + 1) * c) for at, c in zip(place, CHUNK, strict=True))
    array[index] = np.rint(counts).clip(0, 65535).astype(np.uint16)
    return _file(path, place)


def _file(path: Path, place: tuple[int, ...]) -> Path:
    return path.joinpath("0", "c", *map(str, place))


def _metadata() -> dict[str, object]:
    axes = [{"name": name, "type": "space", "unit": "micrometer"} for name in "zyx"]
    scale = [{"type": "scale", "scale": [0.4, 0.1, 0.1]}]
    datasets = [{"path": "0", "coordinateTransformations": scale}]
    return {"version": "0.5", "multiscales": [{"axes": axes, "datasets": datasets}]}
