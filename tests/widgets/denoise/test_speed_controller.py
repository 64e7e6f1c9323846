import json

import numpy as np
import pytest
from napari.layers import Image

import napari_photon_denoise as npd
from napari_photon_denoise.job import Progress, run
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import TileProgress, pixels_read
from napari_photon_denoise.widgets.denoise.speed import FILE, Speed, Speeds, Stopwatch, expected_job
from napari_photon_denoise.widgets.parts.task import Task
from widgets.conftest import CAMERA


def task_of(denoiser, shape=(400, 500), tile=None):
    axes = "TZYX"[-len(shape) :]
    layer = Image(np.full(shape, 120, np.uint16), name="cells")
    return Task(layer, Photons(layer.data, CAMERA, axes), denoiser, tile=tile).resolved()


def timed(moments, steps):
    """Run a job whose steps come at such moments."""
    clock = iter(moments)
    watch = Stopwatch(lambda: next(clock))

    def job():
        yield from steps
        return "result"

    assert run(watch.time(job())) == "result"
    return watch


def tiles(total):
    return [TileProgress("", done, total) for done in range(total + 1)]


def test_what_is_read_around_tiles_is_counted():
    photons = Photons(np.zeros((5, 64, 96), np.uint8), CAMERA, "TYX")
    assert pixels_read(photons, npd.Box(size=1), 32) == 5 * 64 * 96
    # Tiles of 32 px that see one pixel further, up to the image's end.
    assert pixels_read(photons, npd.Box(size=3), 32) == 5 * (33 + 33) * (33 + 34 + 33)
    part = (slice(0, 2), slice(0, 10), slice(0, 10))
    assert pixels_read(photons, npd.Box(size=3), None, part) == 2 * 11 * 11


def test_a_run_is_timed_without_its_preparation_and_its_first_tile():
    steps = [Progress("Loading", 0, 1), *tiles(4)]
    # Begins at 0, tiles from 3 on; the first takes 9 s, which compiles, the other three 2 s each.
    speed = timed([0, 3, 12, 18], steps).speed(400_000, is_warm=True)
    assert speed.ready == 3
    assert speed.rate == pytest.approx(300_000 / 6)


def test_a_single_tile_is_timed_as_a_whole_and_little_is_no_measure():
    watch = timed([0, 1, 5, 5], tiles(1))
    assert watch.speed(400_000, is_warm=True).rate == 100_000
    assert watch.speed(1000, is_warm=True) is None
    loading = timed([0, 1], [Progress("Loading", 0, 1)])
    assert loading.speed(400_000, is_warm=True) is None


def test_the_first_run_of_a_session_does_not_tell_how_long_the_next_one_takes(nobodys_last_run):
    speeds, task = Speeds(), task_of(npd.Resunet())
    # It loads for 8 s, and its only tile takes 20 s, in which the network is warmed up.
    speeds.note(task, timed([0, 8, 28, 28], tiles(1)))
    assert speeds.of(task) is None
    speeds.note(task, timed([0, 1, 3, 3], tiles(1)))
    assert run(expected_job([task], speeds)) == pytest.approx(1 + 2)


def test_loading_is_counted_once_a_session(nobodys_last_run):
    task = task_of(npd.Resunet())
    speeds = Speeds()
    # Four tiles, of which the first takes 20 s and the others 2 s each.
    speeds.note(task, timed([0, 8, 28, 34], tiles(4)))
    assert run(expected_job([task], speeds)) == pytest.approx(8)
    speeds.note(task, timed([0, 1, 3, 9], tiles(4)))
    assert run(expected_job([task], speeds)) == pytest.approx(1 + 8)
    assert run(expected_job([task], Speeds())) == pytest.approx(8 + 8)  # the next session


def test_speeds_are_kept_for_the_next_session(nobodys_last_run):
    task = task_of(npd.Gaussian(sigma=2))
    speeds = Speeds()
    for _ in range(2):
        speeds.note(task, timed([0, 1, 5, 5], tiles(1)))
    known = Speeds().of(task)
    assert known.ready == 1
    assert known.pixels == 400 * 500
    assert run(expected_job([task, task], Speeds())) == pytest.approx(2 * (1 + 4))
    # Other parameters take another time.
    assert Speeds().of(task_of(npd.Gaussian(sigma=3))) is None
    assert (
        "Gaussian, sigma 2 px, auto" in json.loads((nobodys_last_run / FILE).read_text())["speeds"]
    )


def test_what_is_measured_in_little_does_not_replace_what_is_measured_in_much():
    speeds, watch = Speeds(), timed([0, 1, 5, 5], tiles(1))
    large, small = task_of(npd.Gaussian()), task_of(npd.Gaussian(), (256, 256))
    speeds.note(large, watch)
    speeds.note(large, watch)  # what comes first is no measure
    before = speeds.of(large)
    speeds.note(task_of(npd.Gaussian(), (260, 180)), watch)  # too little for any measure
    speeds.note(small, watch)
    assert speeds.of(large) != before  # a third is enough
    speeds.note(task_of(npd.Gaussian(), (2000, 500)), watch)
    kept = speeds.of(large)
    speeds.note(small, watch)
    assert speeds.of(large) is kept


def test_nothing_is_said_before_it_is_known():
    speeds = Speeds()
    learning = task_of(npd.Noise2Void())
    assert run(expected_job([learning], speeds)) is None
    speeds.probed(learning, Speed(ready=60, rate=1e6, pixels=1e6))
    assert run(expected_job([learning], speeds)) > 60
    # It learns anew from each image: what another size takes is not known.
    assert run(expected_job([task_of(npd.Noise2Void(), (100, 100))], speeds)) is None


@pytest.mark.parametrize("shape", [(300, 300), (3, 300, 300), (20, 30)])
def test_a_quick_method_is_tried_once_in_a_small_piece(shape, monkeypatch):
    from napari_photon_denoise.widgets.denoise import speed

    tried = []
    whole = speed.denoise_region_job
    monkeypatch.setattr(
        speed, "denoise_region_job", lambda *given: tried.append(given) or whole(*given)
    )
    speeds, task = Speeds(), task_of(npd.Gaussian(), shape)
    seconds = run(expected_job([task], speeds))
    assert 0 < seconds < 60
    assert [given[2][-1].stop - given[2][-1].start for given in tried] == [
        min(size, shape[-1]) for size in (32, 32, 256)
    ]
    run(expected_job([task], speeds))
    assert len(tried) == 3


def test_damaged_speeds_are_measured_anew(nobodys_last_run):
    nobodys_last_run.mkdir()
    (nobodys_last_run / FILE).write_text('{"speeds": {"Gaussian": {"rate": -1}}}')
    task = task_of(npd.Gaussian())
    assert Speeds().of(task) is None
    Speeds().note(task, timed([0, 1, 5, 9], tiles(4)))
    assert Speeds().of(task) is not None
