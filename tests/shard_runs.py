"""Images denoised shard by shard, for tests: into files, with few pixels and many shards."""

import numpy as np
import zarr

import napari_photon_denoise as npd
from napari_photon_denoise.files import FileState, FilesWork, denoise_files_job
from napari_photon_denoise.io.write import write_image
from napari_photon_denoise.job import run
from napari_photon_denoise.named_camera import NamedCamera
from napari_photon_denoise.shards.records import StoreOptions
from napari_photon_denoise.shards.task import ShardTask

CAMERA = npd.Calibration(gain=0.5, offset=100, read_noise=1.5)
SMALL = StoreOptions(chunk=(8, 16, 16), shard_bytes=1)  # one tile a shard


def save_counts(path, shape=(16, 40, 50), axes="ZYX", *, seed=1, dtype=np.uint16, light=30):
    """Write an image of shot noise, and return its counts."""
    rng = np.random.default_rng(seed)
    counts = (100 + 2 * rng.poisson(light * (1 + rng.random(shape[-2:])), shape)).astype(dtype)
    write_image(path, counts, axes, pixel_size={"Y": 0.1, "X": 0.1}, overwrite=True)
    return counts


def work_for(target, denoiser, *, camera=CAMERA, **more) -> FilesWork:
    """Return what is done to a file; tiles of 32 px, unless others are asked for."""
    given = {"tile": 32, "options": SMALL} | more
    return FilesWork(denoiser, target, denoiser.method, NamedCamera(camera), **given)


def denoised(source, target, denoiser=None, **more) -> FileState:
    """Denoise a file, and return what became of it; a failure is raised."""
    work = work_for(target, denoiser or npd.Gaussian(), **more)
    (file,) = run(denoise_files_job(work, [source]))
    if file.error is not None:
        raise file.error
    return file


def pixels(store):
    """Return the full resolution of a result."""
    return zarr.open_array(store / "0", mode="r")[...]


def whole(store):
    """Return all files of a result by their names; times do not count."""
    return {
        file.relative_to(store).as_posix(): file.read_bytes()
        for file in sorted(store.rglob("*"))
        if file.is_file()
    }


def watch(monkeypatch, at=None, then=None) -> list[int]:
    """Note the shards that are written; do something before one of them is."""
    write, numbers = ShardTask.write, []

    def watched(task, number, made):
        if number == at:
            then()
        write(task, number, made)
        numbers.append(number)

    monkeypatch.setattr(ShardTask, "write", watched)
    return numbers


def shard_files(store):
    """Return the files of the full resolution's shards, in the order of their numbers."""
    files = [file for file in store.joinpath("0", "c").rglob("*") if file.is_file()]
    return sorted(files, key=lambda file: [*map(int, file.parts[-3:])])
