"""Who does the shards: the workers of a cluster, which is there as soon as it is needed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.ome_zarr.container import Container
from napari_photon_denoise.io.ome_zarr.pyramid import MAKING
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.shards.cluster.crew import Needs, ask_workers, differences
from napari_photon_denoise.shards.cluster.flight import Flight
from napari_photon_denoise.shards.cluster.quiet import quiet
from napari_photon_denoise.shards.remote import Coarse
from napari_photon_denoise.shards.task import ShardStep, ShardTask


class Cluster(Protocol):
    """Where workers are."""

    @property
    def name(self) -> str:
        """What it is called in a sentence."""

    def connect(self) -> AbstractContextManager[Any]:
        """Begin it, or connect to it; gives a `distributed.Client`."""


class ClusterRunner:
    """A `ShardRunner` that has a cluster do the shards, of one image after the other.

    Use it in a `with`: what was begun ends with it.

    Parameters
    ----------
    cluster : Cluster
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._open = ExitStack()
        self._client: Any = None

    def __call__(self, task: ShardTask, numbers: Sequence[int]) -> Iterator[ShardStep]:
        """Do the shards of these numbers.

        Raises
        ------
        PhotonDenoiseError
            Of a shard; if the image is no file; or if a worker lacks something.
        """
        if not numbers:
            return
        if task.remote is None:
            raise PhotonDenoiseError(
                "Other processes can't see an image in memory: save it, and name the file."
            )
        yield ShardStep(numbers[0], 0.0, text=f"Starting {self._cluster.name}")
        yield from Flight(self._begun(), task.remote, self._cluster.name).steps(numbers)

    def pyramid_job(self, container: Container) -> Job[None]:
        """Make the smaller resolutions of a result, one after the other, as `pyramid_job` does.

        Raises
        ------
        PhotonDenoiseError
            As when shards are done.
        """
        grids = [level.grid for level in container.levels[1:]]
        total, done = sum(map(len, grids)), 0
        for level, grid in enumerate(grids, 1):
            work = Coarse(uuid.uuid4().hex, container, level)
            for step in Flight(self._begun(), work, self._cluster.name).steps(range(len(grid))):
                done += step.seen is not None
                yield Progress(MAKING, done, total)

    def check(self, reads: Sequence[Path], folder: Path, *, torch: bool) -> list[str]:
        """Ask all workers that are there what they have and see, before any work.

        Returns
        -------
        list of str
            What the user should know, a sentence each.

        Raises
        ------
        PhotonDenoiseError
            If the cluster does not answer, has no workers, or one lacks something.
        """
        client = self._begun()
        addresses = list(client.nthreads())
        if not addresses:
            raise PhotonDenoiseError(
                f"There are no workers at {self._cluster.name}: start some, for instance with "
                "'dask worker' and the scheduler's address."
            )
        return differences(ask_workers(client, addresses, Needs(tuple(reads), folder, torch)))

    def __enter__(self) -> Self:
        """Begin nothing yet: who skips what is done needs no cluster."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End what was begun."""
        self._client = None
        self._open.close()

    def _begun(self) -> Any:
        if self._client is None:
            with ExitStack() as opening:
                opening.enter_context(quiet())
                self._client = opening.enter_context(self._cluster.connect())
                self._open = opening.pop_all()
        return self._client
