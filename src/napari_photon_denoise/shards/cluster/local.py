"""Workers on this computer: processes, each with its share of the CPUs."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from tempfile import TemporaryDirectory
from typing import Any

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.kernels.threads import usable_cpus
from napari_photon_denoise.shards.cluster.quiet import SILENT

MOST = 512  # more than any computer has CPUs that are worth it
# What libraries read of how many threads they may use, once, when they are loaded.
THREADS = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "BLOSC_NTHREADS",
    "TIFFFILE_NUM_THREADS",
    "ZARR_THREADING__MAX_WORKERS",
)


@dataclass(frozen=True)
class LocalWorkers:
    """Processes of this computer.

    Parameters
    ----------
    count : int
    """

    count: int

    def __post_init__(self) -> None:
        """Refuse numbers of workers that are none."""
        if not 1 <= self.count <= MOST:
            raise PhotonDenoiseError(f"There can be 1 to {MOST} workers, not {self.count}.")

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        return "1 worker process" if self.count == 1 else f"{self.count} worker processes"

    @contextmanager
    def connect(self) -> Iterator[Any]:
        """Begin the processes; they end with this one, however that ends."""
        import dask
        from distributed import Client, LocalCluster

        threads = dict.fromkeys(THREADS, max(1, usable_cpus() // self.count))
        settings = {
            "distributed.nanny.pre-spawn-environ": threads | SILENT,
            # Shards keep the GIL for a while, and nobody looks at the profile.
            "distributed.worker.profile.enabled": False,
        }
        with (
            dask.config.set(settings),
            TemporaryDirectory(prefix="photon-denoise-") as scratch,
            LocalCluster(
                n_workers=0,
                threads_per_worker=1,  # a shard at a time
                processes=True,
                host="127.0.0.1",
                dashboard_address=None,  # a port that is taken would warn
                memory_limit=0,  # what a shard needs is bounded, and counted otherwise than here
                local_directory=scratch,
                silence_logs=logging.CRITICAL + 1,
            ) as cluster,
            Client(cluster, set_as_default=False) as client,
        ):
            client.sync(_begin_quietly)
            cluster.scale(self.count)
            try:
                client.sync(all_begun, cluster)
            except (OSError, RuntimeError) as error:
                raise PhotonDenoiseError(
                    f"A worker process can't be begun ({error}): close other programs, or name "
                    "fewer workers."
                ) from error
            yield client


async def all_begun(cluster: Any) -> None:
    """Wait until all workers, or their jobs, are begun; what is wrong with one is raised."""
    await cluster
    for worker in cluster.workers.values():
        await worker


async def _begin_quietly() -> None:
    """Keep Ctrl-C from the processes that this thread begins: who began them ends them.

    A terminal sends it to all, and each would print where it was. What multiprocessing begins
    beside them would let it through again, and warns of what a killed worker leaves: it is begun
    first.
    """
    before = os.environ.get("PYTHONWARNINGS")
    os.environ["PYTHONWARNINGS"] = SILENT["PYTHONWARNINGS"]
    try:
        resource_tracker.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONWARNINGS"]
        else:
            os.environ["PYTHONWARNINGS"] = before
    if hasattr(signal, "pthread_sigmask"):  # which processes inherit
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
