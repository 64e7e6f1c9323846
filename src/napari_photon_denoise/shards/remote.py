"""The same work in another process: all that it needs, small enough to be sent, made into tasks.

Pixels are not sent: every process reads the image and writes the result by their paths, which all
of them must see. The camera's maps are sent once; networks are loaded once in each process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.denoiser import Prepared
from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.inputs import opened
from napari_photon_denoise.io.ome_zarr.store import Level
from napari_photon_denoise.io.stamp import stamp_of
from napari_photon_denoise.job import run
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import Units
from napari_photon_denoise.shards.records import InputFacts, Records
from napari_photon_denoise.shards.task import ShardTask
from napari_photon_denoise.tally import Seen


@dataclass(frozen=True, eq=False)
class Remote:
    """Everything that determines a shard, without pixels.

    Parameters
    ----------
    key : str
        Of this run, under which a process keeps what it has opened and loaded.
    source : Path
        The image.
    asked_axes : str, optional
        With which it was opened.
    axes : str
        That it then has.
    unanswered : bool
        As that of `Photons`.
    calibration : Calibration
    denoiser : AnyMethod
        That is resolved, and has learnt.
    device : {"auto", "cpu", "cuda", "mps"}
    units : {"photons", "counts"}
    tile : int, optional
    levels : tuple of Level
    store : Path
        The result, beside which the records are.
    input : InputFacts
    """

    key: str
    source: Path
    asked_axes: str | None
    axes: str
    unanswered: bool
    calibration: Calibration
    denoiser: AnyMethod
    device: str
    units: Units
    tile: int | None
    levels: tuple[Level, ...]
    store: Path
    input: InputFacts

    def open_task(self, opening: ExitStack) -> ShardTask:
        """Open the image and load the method.

        Parameters
        ----------
        opening : ExitStack
            Lets go of the image when it is closed.

        Raises
        ------
        PhotonDenoiseError
            If the image can't be read here, is another one, or the method can't be loaded.
        """
        image = opening.enter_context(opened(self.source, self.asked_axes))
        photons = Photons(
            image.data, self.calibration, self.axes, image.pixel_size, self.unanswered
        )

        def check_unchanged() -> None:
            if stamp_of(image.files) != self.input.stamp:
                raise UnreadableFile(
                    f"{self.source.name} was changed while it was being read, so that the result "
                    "would be made of two images: begin anew once it is written."
                )

        check_unchanged()
        prepared = Prepared.of(run(self.denoiser.ready_job(photons, self.device)))
        return ShardTask(
            photons,
            self.denoiser,
            prepared.results,
            self.units,
            self.tile,
            self.levels,
            Records(self.store),
            check_unchanged,
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
                self._task = remote.open_task(self._opening)
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
