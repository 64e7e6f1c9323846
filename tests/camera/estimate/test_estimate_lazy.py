"""Images larger than memory: some windows are read, spread over everything, never the whole."""

import subprocess
import sys

import numpy as np
import pytest

from napari_photon_denoise.camera.estimate import estimate_job
from napari_photon_denoise.camera.estimate.sampling import BUDGET, plan_windows
from napari_photon_denoise.job import run


class Endless:
    """An image of any size, made where it is read."""

    dtype = np.dtype(np.uint16)

    def __init__(self, shape):
        self.shape = shape
        self.read = []

    def __getitem__(self, index):
        sides = zip(index, self.shape, strict=True)
        sizes = [len(range(*side.indices(size))) for side, size in sides]
        self.read.append(int(np.prod(sizes)))
        noise = np.random.default_rng(len(self.read)).standard_normal(sizes, np.float32)
        light = np.linspace(20, 400, sizes[-1], dtype=np.float32)
        electrons = np.rint(light + np.sqrt(light) * noise)  # as Poisson's, and in a tenth the time
        return (electrons * 2 + 100).astype(np.uint16)


def test_a_terabyte_is_sampled(estimate):
    image = Endless((5000, 3, 40, 2048, 2048))
    found = estimate(image, "TCZYX")
    assert sum(image.read) <= BUDGET * 1.3
    assert max(image.read) <= 2 * 1024 * 1024
    assert 1 / found.gain == pytest.approx(2, rel=0.05)


def test_a_huge_plane_is_cut():
    plan = plan_windows((1, 100_000, 100_000), "CYX")
    sizes = [(side[1].stop - side[1].start, side[2].stop - side[2].start) for side in plan]
    assert max(max(size) for size in sizes) <= 1024
    assert sum(y * x for y, x in sizes) <= BUDGET * 1.3


def test_windows_are_spread():
    plan = plan_windows((400, 3, 10, 512, 512), "TCZYX")
    assert len({each[1].start for each in plan}) == 3
    assert len({each[2].start for each in plan}) >= 6
    assert max(each[0].start for each in plan) > 300
    assert all(each[0].stop - each[0].start == 2 for each in plan)


def test_small_images_are_read_whole():
    plan = plan_windows((2, 3, 100, 120), "CZYX")
    assert len(plan) == 6
    assert all(each[-2:] == (slice(0, 100), slice(0, 120)) for each in plan)


def test_importing_is_cheap():
    """Cameras are imported when napari starts: scipy and the like must wait."""
    code = (
        "import sys, napari_photon_denoise.camera.estimate, napari_photon_denoise.camera.formats,"
        "napari_photon_denoise.camera.orientation; "
        "print([m for m in ('scipy.ndimage', 'scipy.fft', 'scipy.optimize', 'scipy.io', 'yaml',"
        "'tifffile', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_windows_of_a_movie_without_end_are_not_listed():
    plan = plan_windows((10**9, 2, 512, 512), "TCYX")
    assert 4 <= len(plan) <= 8
    assert len({index[0].start for index in plan}) == len(plan)
    assert all(index[0].stop - index[0].start == 2 for index in plan)


def test_each_window_is_read_once(rng):
    reads = []

    class Film:
        shape, dtype = (40, 300, 300), np.dtype(np.uint16)

        def __getitem__(self, index):
            reads.append(index)
            size = [side.stop - side.start for side in index]
            return (100 + rng.poisson(30, size)).astype(np.uint16)

    run(estimate_job(Film(), "TYX"))
    assert len(reads) == len({str(index) for index in reads})
