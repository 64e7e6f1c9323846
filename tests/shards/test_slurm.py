"""Workers in Slurm's jobs: dask-jobqueue as it is, and a Slurm that runs scripts here."""

import os
from pathlib import Path

import numpy as np
import pytest
import zarr

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.shards.cluster.runner import ClusterRunner
from napari_photon_denoise.shards.cluster.slurm import SlurmJobs, read_settings

SLURM = Path(__file__).parent / "slurm"
JOBS = "jobs: 2\ncores: 1\nprocesses: 1\nmemory: 1GB\nqueue: short\n"


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    pytest.importorskip("dask_jobqueue")
    logs = tmp_path / "logs"
    logs.mkdir()
    monkeypatch.setenv("SLURM_LOGS", str(logs))
    monkeypatch.setenv("PATH", f"{SLURM}{os.pathsep}{os.environ['PATH']}")
    return logs


@pytest.fixture
def jobs(tmp_path):
    def write(text):
        path = tmp_path / "slurm.yaml"
        path.write_text(text)
        return SlurmJobs(path)

    return write


@pytest.mark.slow
@pytest.mark.usefixtures("all_cpus")
@pytest.mark.skipif(os.name == "nt", reason="Slurm's commands are shell scripts here")
def test_jobs_are_submitted_work_and_are_cancelled(tmp_path, denoise, slurm, jobs):
    with ClusterRunner(jobs(JOBS)) as runner:
        done = denoise("it.ome.zarr", run_shards=runner)
    assert done.state == "done", done.error
    assert len((slurm / "jobs").read_text().splitlines()) == 2
    assert len((slurm / "cancelled").read_text().split()) == 2
    denoise("here.ome.zarr")
    here = zarr.open(tmp_path / "here.ome.zarr" / "0")[:]
    np.testing.assert_array_equal(zarr.open(tmp_path / "it.ome.zarr" / "0")[:], here)


@pytest.mark.skipif(os.name == "nt", reason="Slurm's commands are shell scripts here")
@pytest.mark.usefixtures("slurm")
def test_what_sbatch_says_is_said(denoise, jobs, monkeypatch):
    monkeypatch.setenv("REFUSE", "short")
    with ClusterRunner(jobs(JOBS)) as runner:
        failed = denoise("it.ome.zarr", run_shards=runner)
    said = str(failed.error)
    assert said.startswith("sbatch refuses the jobs of slurm.yaml (")
    assert "invalid partition specified: short" in said


@pytest.mark.usefixtures("slurm")
def test_a_parameter_that_there_is_not(denoise, jobs):
    with ClusterRunner(jobs(f"{JOBS}nodes: 3\n")) as runner:
        failed = denoise("it.ome.zarr", run_shards=runner)
    assert str(failed.error).startswith("slurm.yaml can't be used (")
    assert "nodes" in str(failed.error)


def test_without_sbatch(jobs, monkeypatch):
    pytest.importorskip("dask_jobqueue")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(PhotonDenoiseError, match="no sbatch here: start this where jobs are sub"):
        jobs(JOBS).check()


def test_without_dask_jobqueue(jobs, monkeypatch):
    monkeypatch.setattr("napari_photon_denoise.shards.cluster.slurm.find_spec", lambda name: None)
    with pytest.raises(PhotonDenoiseError, match=r"napari-photon-denoise\[slurm\]"):
        jobs(JOBS).check()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a\n- b\n", "does not describe jobs: write the parameters"),
        ("jobs: many\n", "jobs must be a whole number, 1 to 10000, not 'many'"),
        ("jobs: 0\n", "jobs must be a whole number"),
        ("jobs: [\n", "can't be read"),
        ("", "does not describe jobs"),
    ],
)
def test_files_that_describe_no_jobs(jobs, text, said):
    with pytest.raises(PhotonDenoiseError, match=said):
        jobs(text).check()


def test_settings(jobs):
    count, settings = read_settings(jobs(JOBS).file)
    assert count == 2
    assert settings["queue"] == "short"
    assert settings["scheduler_options"] == {"dashboard_address": None}
