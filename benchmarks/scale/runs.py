"""The pipeline, and what it is compared with: the filter on blocks in memory, and a copy."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import zarr
from benchmarks.scale.memory import forget_peak, peak_mib
from benchmarks.scale.sample import camera

from napari_photon_denoise.denoiser import Filter, Prepared
from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.files import FilesWork, denoise_files_job
from napari_photon_denoise.held import read_around
from napari_photon_denoise.io import read
from napari_photon_denoise.io.ome_zarr.grid import Grid
from napari_photon_denoise.io.ome_zarr.store import Level
from napari_photon_denoise.job import run
from napari_photon_denoise.named_camera import NamedCamera
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import tiles_of
from napari_photon_denoise.shards.records import StoreOptions
from napari_photon_denoise.tiles import frame_index


@dataclass(frozen=True)
class Took:
    """How long something took.

    Parameters
    ----------
    wall, cpu : float, s
        By the clock, and of all processors together, which other programs disturb less.
    """

    wall: float = 0.0
    cpu: float = 0.0

    @classmethod
    def now(cls) -> Took:
        """Return what the clocks show."""
        return cls(time.perf_counter(), time.process_time())

    def __sub__(self, other: Took) -> Took:
        """Return what is between."""
        return Took(self.wall - other.wall, self.cpu - other.cpu)

    def __add__(self, other: Took) -> Took:
        """Return both together."""
        return Took(self.wall + other.wall, self.cpu + other.cpu)


@dataclass(frozen=True)
class Run:
    """What a run of the pipeline took.

    Parameters
    ----------
    begin, shards, pyramid : Took
        Until the first shard is begun, for the shards, and for what comes after.
    done, total : int
        Shards.
    megapixels : float
        Of the shards that were done.
    peaks : tuple of float, MiB
        The most that was resident, after each shard and in the end.
    """

    begin: Took
    shards: Took
    pyramid: Took
    done: int
    total: int
    megapixels: float
    peaks: tuple[float, ...]


def run_pipeline(
    source: Path, target: Path, method: AnyMethod, options: StoreOptions, seconds: float
) -> Run:
    """Denoise a file into an OME-Zarr as the command line does; stop after a shard, if it lasts."""
    for old in target.parent.glob(f"*{target.name}*"):
        shutil.rmtree(old)
    forget_peak()
    work = FilesWork(method, target, method.method, NamedCamera(camera()), options=options)
    job = denoise_files_job(work, [source])
    start = Took.now()
    begun: Took | None = None
    end: Took | None = None
    peaks: list[float] = []
    total, last = 0, ""
    try:
        while True:
            step = next(job)
            if begun is None and "part 1 of" in step.text:
                begun, total = Took.now(), int(step.text.rpartition(" ")[2])
            if begun is not None and end is None:
                if step.text != last:
                    peaks.append(peak_mib())
                is_late = (Took.now() - begun).wall > seconds and len(peaks) > 2
                if "smaller" in step.text or is_late:
                    end = Took.now()
                if is_late:
                    break
            last = step.text
    except StopIteration as stop:
        (file,) = stop.value
        if file.error is not None:
            raise file.error from None
    finally:
        job.close()
    whole = Took.now()
    begun, end = begun or whole, end or whole
    grid = _grid(target)
    done = [number for number in range(len(grid)) if _is_there(target, grid, number)]
    pixels = sum(_pixels(grid, number) for number in done)
    return Run(
        begun - start,
        end - begun,
        whole - end,
        len(done),
        total,
        pixels / 1e6,
        (*peaks, peak_mib()),
    )


def _grid(target: Path) -> Grid:
    array = zarr.open_array(target / "0", mode="r")
    return Grid(array.shape, array.chunks, array.shards or array.chunks)


def _is_there(target: Path, grid: Grid, number: int) -> bool:
    return target.joinpath("0", "c", *map(str, grid.place(number))).exists()


def _pixels(grid: Grid, number: int) -> int:
    return int(np.prod([side.stop - side.start for side in grid.region(number)]))


@dataclass(frozen=True)
class Parts:
    """What the same work takes without the pipeline, for the same shards.

    Parameters
    ----------
    filter : Took
        The method's function on blocks that are in memory, in photons, halos included.
    copy, flush : Took
        Reading each shard's region and writing it as float32, by zarr alone; and seeing it on
        the disk, which zarr does not.
    """

    filter: Took
    copy: Took
    flush: Took


def run_parts(source: Path, target: Path, method: AnyMethod, shards: int) -> Parts:
    """Do to the first shards what the pipeline does to them, part by part.

    Parameters
    ----------
    source : Path
    target : Path
        A result of the pipeline, whose shards are taken.
    method : AnyMethod
    shards : int
    """
    grid = _grid(target)
    copied = Level(target.with_name("copy.zarr"), grid, np.dtype(np.float32))
    shutil.rmtree(copied.path, ignore_errors=True)
    copied.create()
    filtering = copying = flushing = Took()
    with read(source) as image:
        photons = Photons(image.data, camera(), image.axes, image.pixel_size)
        resolved = method.resolved(photons)
        function = Prepared.of(run(resolved.prepare(photons, "auto"))).function
        stored, out = zarr.open_group(source)["0"], zarr.open_array(copied.path, mode="r+")
        for number in range(min(shards, len(grid))):
            filtering += _filter(photons, resolved, function, grid.region(number))
            start = Took.now()
            region = grid.region(number)
            out[region] = stored[region].astype(np.float32)
            copying += Took.now() - start
            flushing += _flush(next(iter(copied.files(number))))
    shutil.rmtree(copied.path)
    return Parts(filtering, copying, flushing)


def _filter(
    photons: Photons, method: AnyMethod, function: Filter, region: tuple[slice, ...]
) -> Took:
    """Time the function on the blocks of a shard, which are in memory by then."""
    near = replace(photons, data=read_around(photons.data, region, method.halo, photons.shape))
    queue = tiles_of(near, region, method, None)
    took = Took()
    while len(queue):
        frame, part = queue.take()
        index = frame_index(near.axes, frame, part.read, method.depth_axis)
        block, noise = near.read(index), near.read_noise(index)
        start = Took.now()
        function(block, noise)
        took += Took.now() - start
    return took


def _flush(file: Path) -> Took:
    start = Took.now()
    with file.open("r+b") as written:
        os.fsync(written.fileno())
    return Took.now() - start
