"""Shards in a process that was sent what is to be done: networks are loaded once in each."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack

from napari_photon_denoise.denoiser import Prepared
from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.inputs import opened
from napari_photon_denoise.io.stamp import Seldom, stamp_of
from napari_photon_denoise.job import run
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.shards.records import Records
from napari_photon_denoise.shards.remote import Remote
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
        image.data, remote.calibration, remote.axes, image.pixel_size, remote.unanswered
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


class _Opened:
    """What this process has opened and loaded last; one run at a time, as its models are large."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._key = ""
        self._opening = ExitStack()
        self._task: ShardTask | None = None

    def task(self, remote: Remote) -> ShardTask:
        with self._lock:
            if self._task is None or self._key != remote.key:
                self._opening.close()
                self._task, self._opening = None, ExitStack()
                self._task = open_task(remote, self._opening)
                self._key = remote.key
            return self._task


_OPENED = _Opened()


def do_shard(
    remote: Remote, number: int, tell: Callable[[float], None] = lambda share: None
) -> Seen:
    """Do a shard in this process.

    Parameters
    ----------
    remote : Remote
    number : int
    tell : function of float
        Is told the share that is done, 0 to 1, after each tile.

    Raises
    ------
    PhotonDenoiseError
        As `ShardTask.job`.
    """
    job = _OPENED.task(remote).job(number)
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
