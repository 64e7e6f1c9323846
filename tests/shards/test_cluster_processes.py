"""Shards in other processes, as on other computers; each of them takes seconds to begin."""

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

from napari_photon_denoise.kernels.threads import usable_cpus
from napari_photon_denoise.shards.cluster.existing import ExistingCluster
from napari_photon_denoise.shards.cluster.local import LocalWorkers
from napari_photon_denoise.shards.cluster.runner import ClusterRunner
from napari_photon_denoise.shards.job import Share

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("all_cpus")]
BLOCKED = Path(__file__).parent / "blocked"
METHODS = {
    "gaussian": {"sigma_z": 1.0},
    "resunet": {"precision": "float32"},
    "n2v": {"epochs": 1, "patch": 16, "batch": 2, "precision": "float32"},
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
        with begun(*words, *local, folder=folder, **more):
            from distributed import Client

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
    monkeypatch.chdir(tmp_path)  # the workers work elsewhere
    parameters = METHODS[method]
    if method == "n2v":  # which would learn anew
        from napari_photon_denoise.job import run
        from napari_photon_denoise.shards.finish import finish_store_job

        for number in (1, 2, 3, 4):
            done = denoise("first.ome.zarr", method, parameters, share=Share(number, 4))
            assert done.state == "done", done.error
        run(finish_store_job(Path("first.ome.zarr")))
        parameters = {"model": str(tmp_path / ".first.ome.zarr.photon-denoise/learned.safetensors")}
        method = "resunet"
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
