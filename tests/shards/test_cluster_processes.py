"""Shards in other processes, as on other computers; each of them takes seconds to begin."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
import pytest
import tifffile
import zarr

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.kernels.threads import usable_cpus
from napari_photon_denoise.shards.cluster import existing, flight
from napari_photon_denoise.shards.cluster.existing import ExistingCluster
from napari_photon_denoise.shards.cluster.local import LocalWorkers
from napari_photon_denoise.shards.cluster.runner import ClusterRunner
from napari_photon_denoise.shards.job import Share
from quick_learning import QUICK, make_small, make_uncritical

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("all_cpus")]
BLOCKED = Path(__file__).parent / "blocked"
METHODS = {
    "gaussian": {"sigma_z": 1.0},
    "resunet": {"precision": "float32"},
    "n2v": QUICK,
}


@contextmanager
def begun(*words, folder, **more):
    """A program that runs beside."""
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    program = subprocess.Popen(
        [sys.executable, *map(str, words)], cwd=folder, env=os.environ | more, **silent
    )
    try:
        yield program
    finally:
        program.kill()
        program.wait()


@contextmanager
def cluster(folder, workers=2, **more):
    """A scheduler and its workers, over TCP, that work in a folder of their own."""
    folder.mkdir()
    file = folder / "scheduler.json"
    scheduler = ("-m", "distributed.cli.dask_scheduler", "--scheduler-file", file)
    with begun(*scheduler, "--port", 0, "--no-dashboard", folder=folder):
        await_that(file.exists)
        words = ("-m", "distributed.cli.dask_worker", "--scheduler-file", file, "--nthreads", 1)
        local = ("--no-dashboard", "--nworkers", workers, "--local-directory", folder)
        with begun(*(words if workers else ("-c", "")), *local, folder=folder, **more):
            from distributed import Client

            if workers:
                with Client(scheduler_file=str(file), set_as_default=False) as client:
                    client.wait_for_workers(workers, timeout=60)
            yield file


def await_that(is_so):
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


def pixels(path):
    return zarr.open(path / "0")[:] if path.suffix == ".zarr" else tifffile.imread(path)


@pytest.mark.parametrize("method", METHODS)
def test_the_same_to_the_bit_whoever_does_it(tmp_path, denoise, method, monkeypatch):
    if method != "gaussian":
        pytest.importorskip("torch")
    if method == "n2v":
        make_small(monkeypatch)
        make_uncritical(monkeypatch)
    monkeypatch.chdir(tmp_path)  # the workers work elsewhere
    parameters = METHODS[method]
    denoise("here.ome.tif", method, parameters)
    expected = pixels(Path("here.ome.tif"))
    denoise("here.ome.zarr", method, parameters)
    with ClusterRunner(LocalWorkers(2)) as runner:
        done = denoise("workers.ome.zarr", method, parameters, run_shards=runner)
        assert done.state == "done", done.error
    with (
        cluster(tmp_path / "elsewhere") as file,
        ClusterRunner(ExistingCluster(str(file))) as runner,
    ):
        done = denoise("tcp.ome.zarr", method, parameters, run_shards=runner)
        assert done.state == "done", done.error
    for number in (1, 2, 3, 4):
        denoise("shares.ome.zarr", method, parameters, share=Share(number, 4))
    for path in tmp_path.glob("*.ome.zarr"):
        np.testing.assert_array_equal(pixels(path), expected, err_msg=path.name)


def test_a_worker_has_its_share_of_the_threads():
    with ClusterRunner(LocalWorkers(2)) as runner:
        client = runner._begun()
        found = client.run(threads_of)
    share = max(1, usable_cpus() // 2)
    assert [*found.values()] == [{"torch": share, "zarr": share, "numba": share}] * 2


def threads_of():
    import numba
    import zarr

    try:
        import torch
    except ImportError:
        torch = None
    return {
        "torch": torch.get_num_threads() if torch else int(os.environ["OMP_NUM_THREADS"]),
        "zarr": zarr.config.get("threading.max_workers"),
        "numba": numba.get_num_threads(),
    }


@pytest.mark.parametrize(
    ("lacks", "said"),
    [
        ("napari-photon-denoise", "has no napari-photon-denoise: install it there in the version"),
        ("napari-photon-denoise=0.0.1", "has napari-photon-denoise 0.0.1, and this is "),
        ("torch", "has no PyTorch, which the method needs: install torch there"),
    ],
)
def test_a_worker_that_lacks_something_is_named(tmp_path, denoise, lacks, said):
    path = os.pathsep.join([str(BLOCKED), os.environ.get("PYTHONPATH", "")])
    with (
        cluster(tmp_path / "elsewhere", 1, LACKS=lacks, PYTHONPATH=path) as file,
        ClusterRunner(ExistingCluster(str(file))) as runner,
        pytest.raises(PhotonDenoiseError, match=f"^The worker tcp://.* on .* {said}"),
    ):
        runner.check([], tmp_path, torch=True)


def test_a_worker_that_comes_later_and_lacks_the_package_ends_the_run(tmp_path, denoise):
    path = os.pathsep.join([str(BLOCKED), os.environ.get("PYTHONPATH", "")])
    lacks = {"LACKS": "napari-photon-denoise", "PYTHONPATH": path}
    with (
        cluster(tmp_path / "elsewhere", 1, **lacks) as file,
        ClusterRunner(ExistingCluster(str(file))) as runner,
    ):
        failed = denoise("it.ome.zarr", run_shards=runner)
    assert "has no napari-photon-denoise" in str(failed.error)


def test_nobody_answers_or_works(tmp_path):
    with pytest.raises(PhotonDenoiseError, match="No Dask scheduler answers at tcp://127"):
        ClusterRunner(ExistingCluster("tcp://127.0.0.1:9")).check([], tmp_path, torch=False)
    with (
        cluster(tmp_path / "elsewhere", 0) as file,
        ClusterRunner(ExistingCluster(str(file))) as runner,
        pytest.raises(PhotonDenoiseError, match="There are no workers at the Dask cluster"),
    ):
        runner.check([], tmp_path, torch=False)


def test_a_scheduler_that_is_lost_is_said(tmp_path, denoise, monkeypatch):
    monkeypatch.setattr(existing, "ANSWER", 2.0)
    with (
        cluster(tmp_path / "elsewhere") as file,
        ClusterRunner(ExistingCluster(str(file))) as runner,
    ):
        port = json.loads(file.read_text())["address"].rpartition(":")[2]
        scheduler = next(
            one.pid
            for one in psutil.net_connections("tcp")
            if one.status == "LISTEN" and one.laddr.port == int(port)
        )

        def watched(task, numbers):
            for step in runner(task, numbers):
                yield step
                if step.seen is not None:
                    os.kill(scheduler, signal.SIGKILL)

        failed = denoise("it.ome.zarr", run_shards=watched)
    assert "does not answer any more: what was done is kept" in str(failed.error)
    assert denoise("it.ome.zarr").parts.again >= 1


def test_a_worker_that_is_killed_is_replaced(tmp_path, denoise):
    killed = []
    with ClusterRunner(LocalWorkers(2)) as runner:

        def watched(task, numbers):
            for step in runner(task, numbers):
                yield step
                if step.seen is not None and not killed:
                    killed.append(next(iter(runner._begun().run(os.getpid).values())))
                    os.kill(killed[0], signal.SIGKILL)

        done = denoise("it.ome.zarr", run_shards=watched)
    assert done.state == "done", done.error
    denoise("here.ome.zarr")
    np.testing.assert_array_equal(
        pixels(tmp_path / "it.ome.zarr"), pixels(tmp_path / "here.ome.zarr")
    )


def test_a_part_that_kills_its_workers_is_one_sentence(denoise, monkeypatch):
    monkeypatch.setattr(flight, "do_part", die)
    with ClusterRunner(LocalWorkers(1)) as runner:
        failed = denoise("it.ome.zarr", run_shards=runner)
    assert "has ended 4 workers, most likely for lack of memory: give each" in str(failed.error)


def die(*arguments):
    os._exit(1)


def test_ctrl_c_ends_all_processes_with_one_line(tmp_path, volume):
    words = ("denoise", volume.name, "-o", "it.ome.zarr", "--gain", "0.5", "--offset", "100")
    more = ("--method", "gaussian", "--chunk", "1,4,32,32", "--shard-size", "1", "--workers", "2")
    program = subprocess.Popen(
        [sys.executable, "-m", "napari_photon_denoise", *words, *more],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    await_that(lambda: len(psutil.Process(program.pid).children(recursive=True)) >= 3)
    below = psutil.Process(program.pid).children(recursive=True)
    time.sleep(1)
    os.killpg(program.pid, signal.SIGINT)  # as a terminal does
    said, _ = program.communicate(timeout=60)
    assert program.returncode == 130
    kept, stopped = said.splitlines()
    assert "parts are done and kept: the same command goes on" in kept
    assert stopped == "error: Stopped; what was half done has been removed."
    await_that(lambda: not [one for one in below if runs(one)])


def runs(process):
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
