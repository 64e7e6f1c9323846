"""How fast methods are on this computer, as measured, and how long a run will take; no Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from napari_photon_denoise.block_task import in_memory
from napari_photon_denoise.denoisers.names import name_of
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import TileProgress, denoise_region_job, pixels_read
from napari_photon_denoise.widgets.parts.task import Task
from napari_photon_denoise.widgets.parts.user_file import read_user_file, write_user_file

FILE = "speeds.json"
T = TypeVar("T")
ENOUGH = 256 * 256  # px; fewer tell more of what a tile costs beside its pixels
# px of a side: what is timed of a quick method that was never run
SMALL, LARGE = 32, 256
PATIENCE, SHORTEST = 2, 1e-6  # s, that a probe may take, and that a clock tells from nothing
MOST = 300  # methods with their parameters that are kept


class Speed(BaseModel):
    """What was measured of a method with its parameters.

    Parameters
    ----------
    ready : float, s
        Before the first tile, of a method that ran before in this session.
    cold : float, s
        The same of one that did not: it is loaded, compiled and tried first.
    rate : float, px/s
        Pixels of tiles, with what is read around them.
    pixels : float
        Of how many it was measured.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    ready: float = Field(ge=0)
    cold: float = Field(default=0, ge=0)
    rate: float = Field(gt=0)
    pixels: float = Field(gt=0)


class Kept(BaseModel):
    """The file."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    speeds: dict[str, Speed] = Field(default_factory=dict)


@dataclass
class Stopwatch:
    """Times a job.

    Parameters
    ----------
    clock : callable
        Returns seconds.
    """

    clock: Callable[[], float] = monotonic
    begin: float = 0
    first: float | None = None
    """When the first tile began."""
    second: float | None = None
    """When it was done: what a first tile takes longer is no measure of the others."""
    end: float = 0
    tiles: int = 0

    def time(self, job: Job[T]) -> Job[T]:
        """Run a job, and look at the clock at its steps."""
        self.begin = self.clock()
        try:
            while True:
                try:
                    step = next(job)
                except StopIteration as stop:
                    self.end = self.clock()
                    result: T = stop.value
                    return result
                self._look(step)
                yield step
        finally:
            job.close()

    def _look(self, step: Progress) -> None:
        if isinstance(step, TileProgress):
            self.tiles = step.total
            if self.first is None:
                self.first = self.clock()
            elif self.second is None:
                self.second = self.clock()

    def speed(self, pixels: int, *, is_warm: bool, before: Speed | None = None) -> Speed | None:
        """Return what was measured in an image; None if that was too little.

        Parameters
        ----------
        pixels : int
            Of all tiles, with what is read around them.
        is_warm : bool
            Whether the method ran before in this session: else its first tile tells how long it
            takes to warm up, and a run of one tile nothing more.
        before : Speed, optional
            What was known.
        """
        if self.first is None or self.second is None or pixels < ENOUGH:
            return None
        seconds, share = self.end - self.first, 1.0
        if self.tiles > 2 or not is_warm:
            seconds, share = self.end - self.second, 1 - 1 / self.tiles
        if seconds <= 0 or share == 0:
            return None
        ready, rate = self.first - self.begin, share * pixels / seconds
        if is_warm:
            return Speed(ready=ready, cold=before.cold if before else 0, rate=rate, pixels=pixels)
        return Speed(ready=before.ready if before else 0, cold=ready, rate=rate, pixels=pixels)


class Speeds:
    """All that was measured on this computer."""

    def __init__(self) -> None:
        self._speeds = dict(_read().speeds)
        self._warm: set[str] = set()  # what ran in this session

    def ready(self, task: Task, speed: Speed) -> float:
        """Return how long it takes until the first tile of a task that is resolved, s."""
        return speed.ready if self._is_warm(task) else max(speed.ready, speed.cold)

    def _is_warm(self, task: Task) -> bool:
        """Whether it ran before; what learns takes its time for that, whenever it runs."""
        return task.denoiser.learns or _key(task) in self._warm

    def of(self, task: Task) -> Speed | None:
        """Return what is known of a task that is resolved."""
        return self._speeds.get(_key(task))

    def note(self, task: Task, watch: Stopwatch) -> None:
        """Keep what a run took; what is measured in much less is no better than what is known.

        Raises
        ------
        PhotonDenoiseError
            If the file can't be written.
        """
        before = self.of(task)
        speed = watch.speed(read_in(task), is_warm=self._is_warm(task), before=before)
        if watch.second is not None:
            self._warm.add(_key(task))
        if speed is None or (before is not None and speed.pixels < before.pixels / 4):
            return
        self._speeds.pop(_key(task), None)
        self._speeds[_key(task)] = speed  # the latest last
        while len(self._speeds) > MOST:
            del self._speeds[next(iter(self._speeds))]
        write_user_file(FILE, Kept(speeds=self._speeds).model_dump(mode="json"))

    def probed(self, task: Task, speed: Speed) -> None:
        """Take what a probe measured, for as long as nothing better is known; it is not written."""
        self._speeds.setdefault(_key(task), speed)


def expected_job(tasks: Sequence[Task], speeds: Speeds) -> Job[float | None]:
    """Say how long tasks will take, s; None as long as nobody knows.

    Of a quick method that was never run a small piece is denoised, and timed.
    """
    seconds = 0.0
    for task in map(Task.resolved, tasks):
        speed = speeds.of(task)
        if speed is None and task.denoiser.group == "classical":
            speed = yield from _probe_job(task)
            if speed is not None:
                speeds.probed(task, speed)
        if speed is None:
            return None
        seconds += speeds.ready(task, speed) + read_in(task) / speed.rate
    return seconds


def read_in(task: Task) -> int:
    """Return the pixels of all tiles of a task that is resolved, with what is read around them."""
    return pixels_read(task.photons, task.denoiser, task.tile)


def _probe_job(task: Task, clock: Callable[[], float] = monotonic) -> Job[Speed | None]:
    """Denoise a piece of the middle, and time it.

    The first time compiles; where the small piece shows that a larger one would take long, the
    small one tells enough.
    """
    function = yield from task.denoiser.prepare(task.photons, task.device)
    # Read before it is timed: a small piece may take a chunk of many planes, or a whole plane.
    photons = in_memory(task.photons, task.denoiser, _middle(task.photons, LARGE))
    speed: Speed | None = None
    for side in (SMALL, SMALL, LARGE):
        region = _middle(task.photons, side)
        pixels = pixels_read(task.photons, task.denoiser, None, region)
        if speed is not None and side == LARGE and pixels / speed.rate > PATIENCE:
            break
        begin = clock()
        yield from denoise_region_job(photons, task.denoiser, region, function)
        seconds = max(clock() - begin, SHORTEST)
        speed = Speed(ready=0, rate=pixels / seconds, pixels=pixels)
    return speed


def _middle(photons: Photons, side: int) -> tuple[slice, ...]:
    """Return one plane of so many pixels a side."""
    region = []
    for axis, size in photons.sizes.items():
        wanted = min(size, side if axis in "YX" else 1)
        begin = (size - wanted) // 2
        region.append(slice(begin, begin + wanted))
    return tuple(region)


def _key(task: Task) -> str:
    """Name what decides on the speed: a method that learns does so anew from each image."""
    parts = [name_of(task.denoiser), task.device]
    if task.denoiser.learns:
        parts.append("×".join(map(str, task.photons.shape)))
    return ", ".join(parts)


def _read() -> Kept:
    """Return what was measured; what can't be read is measured anew."""
    try:
        return Kept.model_validate(read_user_file(FILE) or {})
    except (PhotonDenoiseError, ValidationError):
        return Kept()
