"""Workers in jobs that Slurm runs, by dask-jobqueue."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.shards.cluster.local import all_begun

MOST = 10_000
EXAMPLE = "jobs: 4, cores: 8, memory: 32GB, walltime: '04:00:00', queue: your-partition"


@dataclass(frozen=True)
class SlurmJobs:
    """Jobs that are submitted, each with one worker or several.

    Parameters
    ----------
    file : Path
        YAML: the parameters of `dask_jobqueue.SLURMCluster`, and `jobs`, how many.
    """

    file: Path

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        return f"the Slurm jobs of {self.file.name}"

    def check(self) -> None:
        """Refuse, before any work, what can't be submitted.

        Raises
        ------
        PhotonDenoiseError
        """
        read_settings(self.file)
        if find_spec("dask_jobqueue") is None:
            raise PhotonDenoiseError(
                "Jobs for Slurm need dask-jobqueue: pip install 'napari-photon-denoise[slurm]'."
            )
        if shutil.which("sbatch") is None:
            raise PhotonDenoiseError(
                "There is no sbatch here: start this where jobs are submitted to Slurm, such as "
                "the cluster's login node."
            )

    @contextmanager
    def connect(self) -> Iterator[Any]:
        """Submit the jobs; they end with this process."""
        self.check()
        from dask_jobqueue import SLURMCluster
        from distributed import Client

        jobs, settings = read_settings(self.file)

        try:
            cluster = SLURMCluster(n_workers=0, silence_logs=logging.CRITICAL + 1, **settings)
        except (TypeError, ValueError, OSError, RuntimeError) as error:
            raise PhotonDenoiseError(
                f"{self.file.name} can't be used ({_brief(error)}): give the parameters of "
                f"dask-jobqueue's SLURMCluster, such as {EXAMPLE}."
            ) from error
        with cluster, Client(cluster, set_as_default=False) as client:
            try:
                cluster.scale(jobs=jobs)
                client.sync(all_begun, cluster)
            except RuntimeError as error:
                client.sync(_forget_unsubmitted, cluster)
                said = str(error).partition("stderr:")[2].strip() or str(error)
                raise PhotonDenoiseError(
                    f"sbatch refuses the jobs of {self.file.name} ({_short(said)}): change them "
                    "there."
                ) from error
            yield client


def read_settings(file: Path) -> tuple[int, dict[str, Any]]:
    """Read how many jobs there are to be, and what each is like.

    Raises
    ------
    PhotonDenoiseError
        If the file is no such description.
    """
    try:
        said = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        raise PhotonDenoiseError(
            f"{file} can't be read ({_brief(error)}): name a YAML file such as {EXAMPLE}, a line "
            "each."
        ) from error
    if not isinstance(said, Mapping) or not all(isinstance(name, str) for name in said):
        raise PhotonDenoiseError(
            f"{file} does not describe jobs: write the parameters of dask-jobqueue's SLURMCluster, "
            f"such as {EXAMPLE}, a line each."
        )
    settings = dict(said)
    jobs = settings.pop("jobs", 1)
    if not isinstance(jobs, int) or isinstance(jobs, bool) or not 1 <= jobs <= MOST:
        raise PhotonDenoiseError(f"{file}: jobs must be a whole number, 1 to {MOST}, not {jobs!r}.")
    # A port that is taken would warn, and nobody looks at the page.
    options = {"dashboard_address": None} | dict(settings.pop("scheduler_options", {}) or {})
    return jobs, settings | {"scheduler_options": options}


async def _forget_unsubmitted(cluster: Any) -> None:
    """Have a cluster know only jobs that there are, so that it can be closed."""
    from distributed.core import Status

    for name, job in [*cluster.workers.items()]:
        if job.status != Status.running:
            job.status = Status.failed
            del cluster.workers[name], cluster.worker_spec[name]


def _brief(error: Exception) -> str:
    return _short(str(error)) or type(error).__name__


def _short(text: str) -> str:
    return " ".join(text.split())[:300]
