"""A run that was broken off goes on, and its result is that of one that was not, to the bit."""

import json
import re
import shutil

import numpy as np
import pytest

import napari_photon_denoise as npd
from napari_photon_denoise.errors import OutputExists, PhotonDenoiseError
from napari_photon_denoise.files import denoise_files_job
from napari_photon_denoise.io.lock import InUse
from napari_photon_denoise.shards.records import Records
from napari_photon_denoise.shards.task import ShardTask
from shard_runs import denoised, save_counts, shard_files, watch, whole, work_for

SHARDS = 8  # 2 × 2 × 2


class Broken(RuntimeError):
    pass


def break_off():
    raise Broken


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "cells.ome.tif"
    save_counts(path)
    return path


@pytest.fixture
def right(tmp_path, source):
    """Return the files of an undisturbed result of the same name."""
    folder = tmp_path / "undisturbed"
    folder.mkdir()
    denoised(source, folder / "clean.ome.zarr")
    return whole(folder / "clean.ome.zarr")


@pytest.fixture
def store(tmp_path, source):
    denoised(source, tmp_path / "clean.ome.zarr")
    return tmp_path / "clean.ome.zarr"


def broken_off(monkeypatch, source, store, at, denoiser=None):
    with monkeypatch.context() as patch:
        numbers = watch(patch, at, break_off)
        with pytest.raises(PhotonDenoiseError, match="fault of this program"):
            denoised(source, store, denoiser)
    return numbers


def same(store, right):
    """Tell whether a result is that of an undisturbed run, but for its place and the XML's UUID."""

    def neutral(files):
        return {
            name: data if "/c/" in name else re.sub(rb"undisturbed/|urn:uuid:[0-9a-f-]+", b"", data)
            for name, data in files.items()
        }

    return neutral(whole(store)) == neutral(right)


@pytest.mark.parametrize("at", [0, 3, SHARDS - 1])
def test_a_run_that_broke_off_goes_on(monkeypatch, tmp_path, source, right, at):
    store = tmp_path / "clean.ome.zarr"
    assert broken_off(monkeypatch, source, store, at) == [*range(at)]
    assert "ome" not in json.loads((store / "zarr.json").read_text())["attributes"]
    again = watch(monkeypatch)
    file = denoised(source, store)
    assert again == [*range(at, SHARDS)]
    assert file.state == "done"
    assert [note for note in file.notes if "parts were done before" in note] == (
        [f"{at} of {SHARDS} parts were done before, and kept."] if at else []
    )
    assert same(store, right)


def test_what_is_done_is_skipped(monkeypatch, source, store):
    again = watch(monkeypatch)
    assert denoised(source, store).state == "skipped"
    assert again == []


def spoil_truncate(store):
    file = shard_files(store)[3]
    file.write_bytes(file.read_bytes()[:-20])


def spoil_overwrite(store):
    file = shard_files(store)[3]
    file.write_bytes(b"\0" * file.stat().st_size)


def spoil_delete(store):
    shard_files(store)[3].unlink()


def spoil_record(store):
    (Records(store).folder / "done" / "3.json").unlink()


def spoil_half_record(store):
    file = Records(store).folder / "done" / "3.json"
    file.write_bytes(file.read_bytes()[:20])


def spoil_odd_record(store):
    (Records(store).folder / "done" / "3.json").write_text('{"seen": 3, "stamps": [4]}')


@pytest.mark.parametrize(
    "spoil",
    [
        spoil_truncate,
        spoil_overwrite,
        spoil_delete,
        spoil_record,
        spoil_half_record,
        spoil_odd_record,
    ],
)
def test_what_was_changed_by_hand_is_done_again_and_no_more(
    monkeypatch, source, store, right, spoil
):
    spoil(store)
    again = watch(monkeypatch)
    assert denoised(source, store).state == "done"
    assert again == [3]
    assert same(store, right)


@pytest.mark.parametrize(
    "lost", ["zarr.json", "0/zarr.json", "OME", "OME/zarr.json", "OME/METADATA.ome.xml"]
)
def test_metadata_that_was_deleted_is_made_again(monkeypatch, source, store, right, lost):
    path = store / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    again = watch(monkeypatch)
    assert denoised(source, store).state == ("skipped" if lost.startswith("OME") else "done")
    assert again == []
    if not lost.startswith("OME"):
        assert same(store, right)


@pytest.mark.parametrize("what", ["records", "store"])
def test_either_half_alone_is_no_result(source, store, what):
    """Records without pixels begin anew; pixels without records may be anybody's."""
    if what == "store":
        shutil.rmtree(store)
        assert denoised(source, store).state == "done"
        return
    shutil.rmtree(Records(store).folder)
    with pytest.raises(OutputExists, match="exists already"):
        denoised(source, store)
    assert denoised(source, store, overwrite=True).state == "done"


@pytest.mark.parametrize("more", [{"denoiser": npd.Gaussian(sigma=2)}, {"units": "counts"}])
def test_another_recipe_is_refused(monkeypatch, source, store, more):
    before = whole(store)
    with pytest.raises(OutputExists, match="begun by another recipe"):
        denoised(source, store, **more)
    assert whole(store) == before
    assert denoised(source, store, overwrite=True, **more).state == "done"


def test_an_image_that_changed_between_the_runs_is_refused(monkeypatch, tmp_path, source):
    store = tmp_path / "clean.ome.zarr"
    broken_off(monkeypatch, source, store, 3)
    save_counts(source, seed=2)
    with pytest.raises(OutputExists, match="from another image, or from this one before it was"):
        denoised(source, store)
    again = watch(monkeypatch)
    denoised(source, store, overwrite=True)
    assert again == [*range(SHARDS)]


def test_an_image_that_changes_meanwhile_is_noticed(monkeypatch, tmp_path, source):
    store = tmp_path / "clean.ome.zarr"
    watch(monkeypatch, 3, lambda: save_counts(source, seed=2))
    with pytest.raises(PhotonDenoiseError, match="changed while it was being read"):
        denoised(source, store)
    assert "ome" not in json.loads((store / "zarr.json").read_text())["attributes"]


def test_of_two_runs_on_one_output_the_second_is_refused(source, tmp_path):
    store = tmp_path / "clean.ome.zarr"
    job = denoise_files_job(work_for(store, npd.Gaussian()), [source])
    while "part" not in next(job).text:
        pass
    with pytest.raises(InUse, match="written by another run"):
        denoised(source, store)
    for _ in job:
        pass
    assert denoised(source, store).state == "skipped"


def test_a_cancelled_run_goes_on(monkeypatch, tmp_path, source, right):
    """The shard that is being written then is written, and recorded."""
    store = tmp_path / "clean.ome.zarr"
    job = denoise_files_job(work_for(store, npd.Gaussian()), [source])
    while "part 3" not in next(job).text:
        pass
    job.close()
    done = len([*(Records(store).folder / "done").glob("*.json")])
    assert done in (2, 3)
    again = watch(monkeypatch)
    denoised(source, store)
    assert again == [*range(done, SHARDS)]
    assert same(store, right)


def test_nan_in_a_shard_keeps_the_others(monkeypatch, tmp_path):
    source, store = tmp_path / "cells.ome.tif", tmp_path / "clean.ome.zarr"
    counts = save_counts(source, dtype=np.float32)
    counts[12, 5, 45] = np.nan
    from napari_photon_denoise.io.write import write_image

    write_image(source, counts, "ZYX", overwrite=True)
    written = watch(monkeypatch)
    with pytest.raises(PhotonDenoiseError, match="NaN or infinite values") as said:
        denoised(source, store)
    assert "\n" not in str(said.value)
    assert written == [0, 1, 2, 3, 4]


def test_a_full_disk_is_said_and_gone_on_with(monkeypatch, tmp_path, source, right):
    import errno

    store = tmp_path / "clean.ome.zarr"

    def full():
        raise OSError(errno.ENOSPC, "No space left on device", str(store))

    with monkeypatch.context() as patch:
        watch(patch, 5, full)
        with pytest.raises(PhotonDenoiseError, match="disk is full"):
            denoised(source, store)
    again = watch(monkeypatch)
    denoised(source, store)
    assert again == [5, 6, 7]
    assert same(store, right)


def test_a_shard_is_written_while_the_next_one_is_denoised(monkeypatch, source, tmp_path):
    """And no more than these two are held."""
    import threading

    write, denoise, next_began = ShardTask.write, ShardTask.denoise_job, threading.Event()
    waited = []

    def slow(task, number, made):
        waited.append(number == SHARDS - 1 or next_began.wait(10))
        write(task, number, made)

    def watched(task, number, photons):
        next_began.set() if number else None
        return denoise(task, number, photons)

    monkeypatch.setattr(ShardTask, "write", slow)
    monkeypatch.setattr(ShardTask, "denoise_job", watched)
    denoised(source, tmp_path / "clean.ome.zarr")
    assert waited == [True] * SHARDS
