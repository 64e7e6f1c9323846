"""Shards on a cluster's workers, which are threads of this process here; others are slow."""

import pickle
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from subprocess import run as run_program

import numpy as np
import pytest
import tifffile
import zarr

from napari_photon_denoise.denoisers import Gaussian
from napari_photon_denoise.errors import PhotonDenoiseError, UnreadableFile
from napari_photon_denoise.io.image import About
from napari_photon_denoise.io.lock import held
from napari_photon_denoise.io.ome_zarr.container import plan_container
from napari_photon_denoise.io.ome_zarr.pyramid import MAKING, pyramid_job
from napari_photon_denoise.shards import worker
from napari_photon_denoise.shards.cluster import flight
from napari_photon_denoise.shards.cluster.runner import ClusterRunner
from napari_photon_denoise.shards.records import Records
from napari_photon_denoise.shards.task import ShardStep

pytestmark = pytest.mark.usefixtures("all_cpus")


class Threads:
    """Two workers in this process."""

    name = "two threads"

    def __init__(self, count=2):
        self.count = count

    @contextmanager
    def connect(self):
        from distributed import Client, LocalCluster

        with (
            LocalCluster(
                n_workers=self.count,
                threads_per_worker=1,
                processes=False,
                dashboard_address=None,
                memory_limit=0,
            ) as cluster,
            Client(cluster, set_as_default=False) as client,
        ):
            self.client = client
            yield client


@pytest.fixture
def runner():
    with ClusterRunner(Threads()) as runner:
        yield runner


def pixels(path):
    return zarr.open(path / "0")[:] if path.suffix == ".zarr" else tifffile.imread(path)


def test_the_same_to_the_bit_whoever_does_it(tmp_path, denoise, runner):
    done = denoise("there.ome.zarr", run_shards=runner)
    assert done.state == "done", done.error
    assert done.parts.new > 4
    denoise("here.ome.zarr")
    denoise("here.ome.tif")
    expected = pixels(tmp_path / "here.ome.tif")
    np.testing.assert_array_equal(pixels(tmp_path / "there.ome.zarr"), expected)
    np.testing.assert_array_equal(pixels(tmp_path / "here.ome.zarr"), expected)


def test_workers_make_the_smaller_resolutions(tmp_path, runner):
    pixels = np.random.default_rng(1).poisson(20, (3, 700, 1100)).astype(np.float32)
    made = []
    for name, make in (("here.ome.zarr", pyramid_job), ("there.ome.zarr", runner.pyramid_job)):
        container = plan_container(
            tmp_path / name, "TYX", pixels.shape, pixels.dtype, About("TYX"), {}, shard_bytes=2**20
        )
        container.create()
        for number, region in enumerate(container.level0.grid.regions()):
            container.level0.write(number, pixels[region])
        steps = list(make(container))
        shards = sum(len(level.grid) for level in container.levels[1:])
        assert (steps[-1].text, steps[-1].total) == (MAKING, shards)
        made.append([level.open()[:] for level in container.levels[1:]])
    here, there = made
    assert len(here) == 2
    for one, other in zip(here, there, strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_is_done_is_not_done_again(denoise, runner):
    first = denoise("it.ome.zarr", run_shards=runner)
    assert denoise("it.ome.zarr", run_shards=runner).state == "skipped"
    next(one for one in (first.target / "0" / "c").rglob("*") if one.is_file()).unlink()
    again = denoise("it.ome.zarr", run_shards=runner)
    assert (again.parts.new, again.parts.again) == (1, first.parts.new - 1)


def test_workers_tell_how_far_they_are(denoise, runner, monkeypatch):
    monkeypatch.setattr(flight, "TELL", 0.0)
    steps = []

    def watched(task, numbers):
        for step in runner(task, numbers):
            steps.append(step)
            yield step

    denoise("it.ome.zarr", run_shards=watched)
    assert any(0 < step.share < 1 for step in steps)
    done = [step.number for step in steps if step.seen is not None]
    assert sorted(done) == [*range(len(done))]


def test_what_is_wrong_with_a_shard_ends_the_run_and_keeps_the_others(denoise, runner, monkeypatch):
    notes = []
    note = Records.note

    def noting(records, number, seen, levels):
        if len(notes) == 2:
            raise UnreadableFile("The image is gone: look for it.")
        notes.append(number)
        note(records, number, seen, levels)

    monkeypatch.setattr(Records, "note", noting)
    failed = denoise("it.ome.zarr", run_shards=runner)
    assert str(failed.error) == "The image is gone: look for it."
    monkeypatch.setattr(Records, "note", note)
    again = denoise("it.ome.zarr", run_shards=runner)
    assert again.state == "done"
    assert again.parts.again >= 2


def test_a_shard_that_another_worker_still_does_is_waited_for(denoise, runner, monkeypatch):
    monkeypatch.setattr(flight, "AGAIN", 0.2)
    begun = threading.Event()
    asked = []

    def hold(folder):
        with held(folder / "shard-1"):
            begun.set()
            while not asked:
                time.sleep(0.01)

    def watched(task, numbers):
        holder = threading.Thread(target=hold, args=(task.records.folder,))
        holder.start()
        begun.wait()
        for step in runner(task, numbers):
            if step.number == 1 and step.share == 0.0 and not step.text:
                asked.append(step)
            yield step
        holder.join()

    assert denoise("it.ome.zarr", run_shards=watched).state == "done"
    assert asked


def test_what_was_sent_and_is_lost_is_sent_again(denoise, monkeypatch):
    monkeypatch.setattr(flight, "SMALL", 0)
    threads = Threads()
    sent = []
    scatter = flight.Flight._begin

    def begin(this):
        scatter(this)
        sent.append(this._data)
        if len(sent) == 1:
            threads.client.cancel([this._data], force=True)

    monkeypatch.setattr(flight.Flight, "_begin", begin)
    with ClusterRunner(threads) as runner:
        assert denoise("it.ome.zarr", run_shards=runner).state == "done"
    assert len(sent) > 1


def test_who_stops_leaves_nothing_open(denoise, runner):
    class Stopped(Exception):
        pass

    def stopped(task, numbers):
        steps = runner(task, numbers)
        try:
            for step in steps:
                yield step
                if step.seen is not None:
                    raise Stopped
        finally:
            steps.close()

    done = denoise("it.ome.zarr", run_shards=stopped)
    assert isinstance(done.error.__cause__, Stopped)
    for _ in range(200):
        if worker._OPENED.last is None:
            break
        time.sleep(0.05)
    assert worker._OPENED.last is None
    assert denoise("it.ome.zarr").parts.again >= 1


def test_without_anything_to_do_no_cluster_begins():
    class Never:
        name = "none"

        def connect(self):
            raise AssertionError

    with ClusterRunner(Never()) as runner:
        assert [*runner(None, [])] == []


def test_an_image_in_memory_is_refused(denoise, runner):
    def without(task, numbers):
        return runner(replace(task, remote=None), numbers)

    assert "save it" in str(denoise("it.ome.zarr", run_shards=without).error)


def test_two_runs_take_turns_in_one_process(tmp_path, denoise, monkeypatch):
    """One closes the other's image only when nobody reads it any more."""
    remotes = []

    def catch(task, numbers):
        remotes.append(task.remote)
        yield from (
            ShardStep(number, 1.0, worker.do_shard(task.remote, number)) for number in numbers
        )

    denoise("a.ome.zarr", run_shards=catch)
    denoise("b.ome.zarr", run_shards=catch)
    first, second = remotes
    with worker._OPENED.task(first) as task, worker._OPENED.task(second):
        assert task.photons.data[0:1, 0:1, 0:4, 0:4].shape == (1, 1, 4, 4)
    worker.leave(second.key)
    assert worker._OPENED.last is None


def test_a_task_reads_by_itself(denoise, monkeypatch):
    """dask would hand the reading of an image back to the cluster, which waits for the task."""
    import dask

    def refuse(*graph, **more):
        raise AssertionError("read by the cluster")

    def inside(task, numbers):
        with dask.config.set(scheduler=refuse):
            for number in numbers:
                yield ShardStep(number, 1.0, worker.do_shard(task.remote, number))

    done = denoise("it.ome.zarr", run_shards=inside)
    assert done.state == "done", done.error


def errors(kind=PhotonDenoiseError):
    yield kind
    for below in kind.__subclasses__():
        if below.__module__.startswith("napari_photon_denoise"):
            yield from errors(below)


def test_every_error_can_be_sent():
    """As far as they are imported: all that the core raises."""
    kinds = {*errors()}
    assert len(kinds) > 8
    for kind in kinds:
        sent = pickle.loads(pickle.dumps(kind("Such a pity")))
        assert type(sent) is kind
        assert str(sent) == str(kind("Such a pity"))


def test_importing_the_package_does_not_import_distributed():
    code = (
        "import sys, napari_photon_denoise, napari_photon_denoise.cli.commands\n"
        "sys.exit('distributed' in sys.modules)"
    )
    assert run_program([sys.executable, "-c", code], check=False).returncode == 0


def test_methods_can_be_sent():
    assert pickle.loads(pickle.dumps(Gaussian(sigma=2))) == Gaussian(sigma=2)
