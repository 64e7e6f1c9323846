"""Images that are denoised as they come; by a clock that is set."""

from functools import partial
from itertools import pairwise

import numpy as np
import pytest
import tifffile

from napari_photon_denoise.arrivals import Arrivals, Watch
from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.denoisers import Gaussian
from napari_photon_denoise.errors import PhotonDenoiseError, UnreadableFile
from napari_photon_denoise.files import FilesProgress, FilesWork
from napari_photon_denoise.io import read
from napari_photon_denoise.io.lock import InUse, held
from napari_photon_denoise.job import run
from napari_photon_denoise.named_camera import NamedCamera
from napari_photon_denoise.watching import watch_job
from watched import Time

CAMERA = NamedCamera(Calibration(gain=0.5, offset=100.0, read_noise=1.5))


def work(folder, **more):
    return FilesWork(Gaussian(), folder, "gaussian", CAMERA, axes=more.pop("axes", "YX"), **more)


def write(path, level=200):
    path.parent.mkdir(parents=True, exist_ok=True)
    noisy = np.random.default_rng(level).poisson(level, (24, 30))
    tifffile.imwrite(path, noisy.astype(np.uint16), photometric="minisblack")


def watched(folder, *patterns, time=None, until_idle=60.0, **more):
    """Watch until nothing comes any more; return what became of each image, and all states."""
    time = time or Time()
    job = watch_job(
        work(folder, **more), patterns, Watch(10.0, until_idle), clock=time, sleep=time.sleep
    )
    said = []
    while True:
        try:
            step = next(job)
        except StopIteration as end:
            return end.value, said
        for file in step.files if isinstance(step, FilesProgress) else ():
            if file.state != "running" and not (said and said[-1] is file):
                said.append(file)


def states(files):
    return {file.source.name: file.state for file in files}


def test_images_are_denoised_as_they_come_and_done_ones_are_skipped_after_a_restart(tmp_path):
    source, clean, time = tmp_path / "in", tmp_path / "clean", Time()
    write(source / "a.tif")
    time.at(30, partial(write, source / "b.tif"))
    files, said = watched(clean, source, time=time)
    assert [(file.name, file.state) for file in said] == [("a.tif", "done"), ("b.tif", "done")]
    assert files == tuple(said)
    assert 100 <= time.now < 110  # 60 s after b, which came at 40
    assert sorted(path.name for path in clean.iterdir()) == [
        "a_gaussian.ome.tif",
        "b_gaussian.ome.tif",
    ]
    write(source / "c.tif")
    files, _ = watched(clean, source)
    assert states(files) == {"a.tif": "skipped", "b.tif": "skipped", "c.tif": "done"}


def test_it_may_begin_before_there_is_an_image(tmp_path):
    (tmp_path / "in").mkdir()
    files, said = watched(tmp_path / "clean", tmp_path / "in")
    assert files == tuple(said) == ()


def test_results_in_the_watched_folder_are_no_images(tmp_path):
    write(tmp_path / "a.tif")
    files, _ = watched(tmp_path, tmp_path)
    assert states(files) == {"a.tif": "done"}
    files, _ = watched(tmp_path / "clean", tmp_path / "**" / "*.tif")
    assert states(files) == {"a.tif": "done"}


def test_a_bad_image_stops_nothing_and_is_done_when_it_is_mended(tmp_path):
    source, time = tmp_path / "in", Time()
    for name in ("a.tif", "c.tif"):
        write(source / name)
    (source / "b.tif").write_bytes(b"II*\0")
    time.at(200, partial(write, source / "b.tif"))
    files, said = watched(tmp_path / "clean", source, time=time, until_idle=300.0)
    assert [(file.name, file.state) for file in said] == [
        ("a.tif", "done"),
        ("c.tif", "done"),
        ("b.tif", "failed"),
        ("b.tif", "done"),
    ]
    assert states(files) == {"a.tif": "done", "b.tif": "done", "c.tif": "done"}


def test_what_can_be_read_and_not_be_denoised_fails_once(tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    tifffile.imwrite(source / "nan.tif", np.full((24, 30), np.nan, np.float32))
    files, said = watched(tmp_path / "clean", source, until_idle=600.0)
    assert [(file.name, file.state) for file in said] == [("nan.tif", "failed")]
    assert "NaN" in str(files[0].error)


def test_an_image_that_changes_after_it_was_denoised_is_denoised_again(tmp_path):
    source, clean, time = tmp_path / "in", tmp_path / "clean", Time()
    write(source / "a.tif", 200)
    watched(clean, source)
    time.at(30, partial(write, source / "a.tif", 800))
    _, said = watched(clean, source, time=time)
    assert [file.state for file in said] == ["skipped", "done"]
    with read(clean / "a_gaussian.ome.tif") as result:
        assert 340 < float(result.data.mean()) < 360  # (800 - 100) * 0.5


def test_an_image_that_changes_while_it_is_denoised_is_no_failure(tmp_path, monkeypatch):
    source, prepare = tmp_path / "in", Gaussian.prepare
    write(source / "a.tif", 200)

    def meddling(method, photons, device):
        monkeypatch.setattr(Gaussian, "prepare", prepare)
        write(source / "a.tif", 800)
        (source / "a.tif").touch()
        return (yield from prepare(method, photons, device))

    monkeypatch.setattr(Gaussian, "prepare", meddling)
    _, said = watched(tmp_path / "clean", source)
    assert [file.state for file in said] == ["done"]


def test_what_another_run_writes_is_left_to_it_and_looked_at_later(tmp_path):
    source, clean, time = tmp_path / "in", tmp_path / "clean", Time()
    clean.mkdir()
    for name in ("a.tif", "b.tif"):
        write(source / name)
    other = held(clean / "a_gaussian.ome.tif")
    other.__enter__()
    time.at(400, lambda: other.__exit__(None, None, None))
    _, said = watched(clean, source, time=time, until_idle=900.0)
    assert [(file.name, file.state) for file in said] == [
        ("a.tif", "failed"),
        ("b.tif", "done"),
        ("a.tif", "done"),
    ]
    assert isinstance(said[0].error, InUse)


def test_images_of_one_name_keep_the_names_of_their_results_after_a_restart(tmp_path):
    source, clean, time = tmp_path / "in", tmp_path / "clean", Time()
    for number, folder in enumerate(("q", "p", "r")):  # in another order than they lie
        time.at(20 * number, partial(write, source / folder / "cell.tif", 200 + number))
    write(source / "other.tif")
    pattern = source / "**" / "*.tif"
    first, _ = watched(clean, pattern, time=time)
    assert set(states(first).values()) == {"done"}
    assert len({file.target for file in first}) == 4
    again, _ = watched(clean, pattern)
    assert {file.source: file.target for file in again} == {
        file.source: file.target for file in first
    }
    assert {file.state for file in again} == {"skipped"}


def test_a_file_for_all_images_is_refused_and_so_is_a_folder_that_is_not_there(tmp_path):
    write(tmp_path / "a.tif")
    with pytest.raises(PhotonDenoiseError, match="still to come can't go into one file"):
        run(watch_job(work(tmp_path / "out.ome.tif"), [tmp_path], Watch()))
    with pytest.raises(UnreadableFile, match="does not exist: check its name"):
        run(watch_job(work(tmp_path / "clean"), [tmp_path / "no"], Watch()))


def test_a_slow_network_is_not_looked_at_all_the_time(tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    time, looks = Time(), []

    def look(arrivals):
        looks.append(time.now)
        time.now += 5

    monkeypatch.setattr(Arrivals, "look", look)
    watched(tmp_path / "clean", tmp_path / "in", time=time, until_idle=300.0)
    assert all(later - before >= 50 for before, later in pairwise(looks))
    assert len(looks) > 4


def test_it_can_be_stopped_at_any_time(tmp_path):
    write(tmp_path / "in" / "a.tif")
    time = Time()
    job = watch_job(
        work(tmp_path / "clean"), [tmp_path / "in"], Watch(), clock=time, sleep=time.sleep
    )
    seen = []
    for step in job:
        if isinstance(step, FilesProgress) and "Denoising" in step.text:
            seen = step.files
            break
    job.close()
    assert [file.state for file in seen] == ["running"]
    assert list((tmp_path / "clean").iterdir()) == []
