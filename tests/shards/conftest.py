import numpy as np
import pytest

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.denoisers import make_denoiser
from napari_photon_denoise.files import FilesWork, denoise_files_job
from napari_photon_denoise.io import write_image
from napari_photon_denoise.job import run
from napari_photon_denoise.kernels import threads
from napari_photon_denoise.named_camera import NamedCamera
from napari_photon_denoise.shards.records import StoreOptions

OPTIONS = StoreOptions(chunk=(1, 4, 32, 32), shard_bytes=2**15)  # many parts of a small image
CAMERA = NamedCamera(Calibration(gain=0.5, offset=100, read_noise=1.5))


@pytest.fixture
def volume(tmp_path, rng):
    """A movie of small volumes."""
    path = tmp_path / "cells.ome.tif"
    counts = (100 + 2 * rng.poisson(20, (2, 4, 70, 90))).astype(np.uint16)
    write_image(path, counts, "TZYX", pixel_size={"Z": 0.3, "Y": 0.1, "X": 0.1})
    return path


@pytest.fixture
def denoise(volume):
    """Denoise the volume into a file beside it, and return the file's state."""

    def into(name, method="gaussian", parameters=None, **more):
        more = {"options": OPTIONS, "tile": 32, **more}
        denoiser = make_denoiser(method, parameters or {})
        work = FilesWork(denoiser, volume.parent / name, denoiser.method, CAMERA, **more)
        return run(denoise_files_job(work, [volume]))[0]

    return into


@pytest.fixture
def all_cpus():
    """Let this process use all CPUs again, after tests in which it is a worker."""
    yield
    threads._share.clear()
