import subprocess
import sys

import dask.array as da
import numpy as np
import pytest
from known_cameras import SHAPE, calibrate

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.transfer import calibrate_job
from napari_photon_denoise.camera.transfer.em import em_from_series, excess_noise, split_em
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.virtual.simulate import VirtualCamera


def test_streamed_equals_in_memory_to_the_bit(frames, report):
    dark, flats = frames
    lazy = calibrate(
        da.from_array(dark, chunks=(7, 50, 128)), [iter(flats[0]), *map(list, flats[1:])]
    )
    assert lazy.calibration == report.calibration
    assert lazy.transfer.line == report.transfer.line
    assert lazy.emva == report.emva
    for name in ("raw", "sd", "shrunk"):
        np.testing.assert_array_equal(getattr(lazy.pixels, name), getattr(report.pixels, name))
    np.testing.assert_array_equal(lazy.response.relative, report.response.relative)
    np.testing.assert_array_equal(lazy.mask, report.mask)


def test_progress_rises_and_the_job_can_be_cancelled(frames):
    job = calibrate_job(*frames)
    steps = list(job)
    assert steps[0].text.startswith("Reading dark")
    done = [step.done for step in steps]
    assert done == sorted(done)
    assert steps[-1].done == steps[-1].total == 500
    job = calibrate_job(*frames)
    next(job)
    job.close()


def test_the_calibration_says_what_it_is(frames, tmp_path):
    report = calibrate(*frames, camera="a camera", serial="7", mode="slow", binning=2)
    camera = report.calibration
    assert camera.source == "measured"
    assert (camera.camera, camera.serial, camera.mode, camera.binning) == (
        "a camera",
        "7",
        "slow",
        2,
    )
    assert camera.map_shape == SHAPE
    assert camera.saturation is None
    assert Calibration.load(camera.save(tmp_path / "camera.tif")) == camera


def test_emva_figures(rng):
    camera = VirtualCamera(Calibration(gain=2.0, offset=60, read_noise=6), bits=10)
    response = 1 + 0.01 * rng.standard_normal(SHAPE)
    levels = np.linspace(40, 2300, 40)
    flats = [
        camera.expose(np.stack([level * response] * 16).astype(np.float32), rng) for level in levels
    ]
    report = calibrate(camera.dark(100, SHAPE, rng), flats, exposures=tuple(levels))
    figures = report.emva
    assert figures.system_gain == pytest.approx(0.5, rel=0.01)
    assert figures.dark_noise == pytest.approx(6, rel=0.01)
    assert figures.dsnu < 0.1
    assert figures.prnu == pytest.approx(0.01, rel=0.05)
    assert figures.saturation == pytest.approx(963 * 2, rel=0.1)
    assert figures.snr_max == pytest.approx(np.sqrt(figures.saturation))
    assert figures.dynamic_range == pytest.approx(figures.saturation / 6.6, rel=0.05)
    low, high = figures.linearity
    assert -0.01 < low < 0 < high < 0.01


def test_a_dark_for_each_flat(sensor, rng):
    """Of longer exposures, whose offset is higher."""
    levels = (200, 600, 1800)
    glow = (0, 20, 60)
    darks = [sensor.flat(extra, 40, SHAPE, rng) for extra in glow]
    flats = [sensor.flat(a + b, 40, SHAPE, rng) for a, b in zip(levels, glow, strict=True)]
    report = calibrate(darks, flats)
    assert report.gain == pytest.approx(0.46, rel=0.005)
    assert report.dark.frames == 117
    np.testing.assert_allclose([level.photons for level in report.levels], levels, rtol=0.01)


def test_excess_noise():
    assert excess_noise(1) == 1
    assert excess_noise(1, 536) == pytest.approx(1)
    assert excess_noise(300, 536) == pytest.approx(2, rel=0.02)
    split = split_em(20.0, 300, 536)
    series = em_from_series(split.gain_before, 1 / 20.0, stages=536)
    assert series.em_gain == pytest.approx(300, rel=1e-6)
    assert series.gain == pytest.approx(split.gain, rel=1e-6)
    measured = em_from_series(split.gain_before, 1 / 20.0, light=300)
    assert measured.excess_noise == pytest.approx(split.excess_noise)
    with pytest.raises(PhotonDenoiseError, match="swap"):
        em_from_series(0.1, 10)
    with pytest.raises(PhotonDenoiseError, match="1 \\(off\\) or more"):
        excess_noise(0.5)


MEMORY = """
import sys, threading, time
import numpy as np, psutil
from napari_photon_denoise.camera.transfer import calibrate_job
from napari_photon_denoise.pipeline import run

rng = np.random.default_rng(0)
small = rng.poisson(500, (9, 64, 64)).astype("u2")
run(calibrate_job(small // 5, [small]))
frames = [rng.integers(*ends, (2048, 2048), np.uint16) for ends in ((95, 106), (1440, 1561))]
def stack(which, count):
    for number in range(count):
        yield np.roll(frames[which], (7 * number, 13 * number), (0, 1))
process, peak, over = psutil.Process(), 0, threading.Event()
def watch():
    global peak
    while not over.wait(0.01):
        peak = max(peak, process.memory_info().rss)
before = process.memory_info().rss
thread = threading.Thread(target=watch)
thread.start()
count = int(sys.argv[1])
run(calibrate_job(stack(0, count), [stack(1, count)]))
over.set()
thread.join()
print((peak - before) / 1e6)
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_frames():
    """Of 2048²; in a process of its own, libraries loaded and kernels compiled before."""
    grown = [
        float(
            subprocess.run(
                [sys.executable, "-c", MEMORY, str(count)],
                capture_output=True, text=True, check=True,
            ).stdout
        )
        for count in (20, 80)
    ]  # fmt: skip
    assert max(grown) < 300
    assert abs(grown[1] - grown[0]) < 30
