"""Shards in a process that was sent what is to be done: networks are loaded once in each."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.counts import LazyArray
from napari_photon_denoise.denoiser import Prepared
from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.inputs import opened
from napari_photon_denoise.io.ome_zarr.pyramid import write_coarse
from napari_photon_denoise.io.stamp import Seldom, stamp_of
from napari_photon_denoise.job import run
from napari_photon_denoise.kernels.threads import usable_cpus
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.shards.records import Records
from napari_photon_denoise.shards.remote import Coarse, Remote
from napari_photon_denoise.shards.task import ShardTask
from napari_photon_denoise.tally import Seen


def open_task(remote: Remote, opening: ExitStack) -> ShardTask:
    """Open the image and load the method.

    Parameters
    ----------
    remote : Remote
    opening : ExitStack
        Lets go of the image when it is closed.

    Raises
    ------
    PhotonDenoiseError
        If the image can't be read here, is another one, or the method can't be loaded.
    """
    image = opening.enter_context(opened(remote.source, remote.asked_axes))
    photons = Photons(
        _ReadHere(image.data),
        remote.calibration,
        remote.axes,
        image.pixel_size,
        remote.unanswered,
    )

    def check_unchanged() -> None:
        if stamp_of(image.files) != remote.input.stamp:
            raise UnreadableFile(
                f"{remote.source.name} was changed while it was being read, so that the result "
                "would be made of two images: begin anew once it is written."
            )

    check_unchanged()
    prepared = Prepared.of(run(remote.denoiser.ready_job(photons, remote.device)))
    return ShardTask(
        photons,
        remote.denoiser,
        prepared.results,
        remote.units,
        remote.tile,
        remote.levels,
        Records(remote.store),
        Seldom(check_unchanged),
    )


@dataclass(frozen=True, eq=False)
class _ReadHere:
    """An image that is read by this process: in a task, dask would ask its cluster to do that."""

    data: LazyArray

    @property
    def shape(self) -> tuple[int, ...]:
        return self.data.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.data.dtype

    def __getitem__(self, index: tuple[slice, ...]) -> NDArray[Any]:
        found = self.data[index]
        if hasattr(found, "compute"):
            found = found.compute(scheduler="threads", num_workers=usable_cpus())
        return found  # type: ignore[no-any-return]


@dataclass(eq=False)
class _Open:
    """A run's image and method, as long as somebody works on it."""

    key: str
    task: ShardTask
    opening: ExitStack
    users: int = 0
    is_left: bool = False


@dataclass(eq=False)
class _Opened:
    """What this process has opened and loaded last; one run at a time, as its models are large."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    last: _Open | None = None

    @contextmanager
    def task(self, remote: Remote) -> Iterator[ShardTask]:
        """Keep a run's image open meanwhile, also where another run comes between."""
        with self.lock:
            if self.last is None or self.last.key != remote.key:
                self._leave()
                self.last = _open(remote)
            mine = self.last
            mine.users += 1
        try:
            yield mine.task
        finally:
            with self.lock:
                mine.users -= 1
                _close_unused(mine)

    def leave(self, key: str) -> None:
        """Let go of a run's image and method, as soon as nobody works on them."""
        with self.lock:
            if self.last is not None and self.last.key == key:
                self._leave()

    def _leave(self) -> None:
        if self.last is not None:
            self.last.is_left = True
            _close_unused(self.last)
        self.last = None


def _open(remote: Remote) -> _Open:
    with ExitStack() as opening:
        task = open_task(remote, opening)
        return _Open(remote.key, task, opening.pop_all())


def _close_unused(one: _Open) -> None:
    if one.is_left and not one.users:
        one.opening.close()


_OPENED = _Opened()


def do_shard(
    remote: Remote | Coarse, number: int, tell: Callable[[float], None] = lambda share: None
) -> Seen:
    """Do a shard in this process.

    Parameters
    ----------
    remote : Remote or Coarse
    number : int
    tell : function of float
        Is told the share that is done, 0 to 1, after each tile; what it raises stops the shard.

    Raises
    ------
    PhotonDenoiseError
        As `ShardTask.job`.
    """
    if isinstance(remote, Coarse):
        write_coarse(remote.container, remote.level, number)
        return Seen()
    with _OPENED.task(remote) as task:
        _use_threads()
        job = task.job(number)
        try:
            while True:
                try:
                    step = next(job)
                except StopIteration as end:
                    seen: Seen = end.value
                    return seen
                tell(step.done / (step.total + 1))
        finally:
            job.close()


def leave(key: str) -> None:
    """Let go of what a run has opened and loaded in this process, by the key of its `Remote`."""
    _OPENED.leave(key)


def _use_threads() -> None:
    """Have torch compute with as many threads as this process may use."""
    if "torch" in sys.modules:
        from napari_photon_denoise.networks.threads import use_threads

        use_threads(usable_cpus())
