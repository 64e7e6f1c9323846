"""What is done to one shard, by whoever does it: read around it, denoise its tiles, write it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.axes import AXES
from napari_photon_denoise.block_task import in_memory
from napari_photon_denoise.denoiser import Denoiser, Filter
from napari_photon_denoise.io.lock import held
from napari_photon_denoise.io.ome_zarr.store import Level
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import Units, relative, result_dtype, tiles_of
from napari_photon_denoise.shards.records import Records
from napari_photon_denoise.shards.remote import Remote
from napari_photon_denoise.tally import Seen
from napari_photon_denoise.tile_task import TileTask, run_here
from napari_photon_denoise.tiles import tile_size


@dataclass(frozen=True)
class ShardStep:
    """How far a shard is.

    Parameters
    ----------
    number : int
    share : float
        That is done of it, 0 to 1; below 1 until it is written and recorded.
    seen : Seen, optional
        What was seen in it, once it is done.
    text : str
        What is waited for; empty while shards are done.
    """

    number: int
    share: float
    seen: Seen | None = None
    text: str = ""


@dataclass(frozen=True, eq=False)
class Made:
    """What was made of a shard.

    Parameters
    ----------
    results : tuple of arrays of the shard's region
        The image, then what the method gives beside.
    seen : Seen
    """

    results: tuple[NDArray[Any], ...]
    seen: Seen


@dataclass(frozen=True, eq=False)
class ShardTask:
    """What is done to each shard.

    Parameters
    ----------
    photons : Photons
        The whole image.
    denoiser : Denoiser
        That is resolved.
    function : Filter
        What it prepared; returns all results.
    units : {"photons", "counts"}
    tile : int, optional
        Edge of a tile, px; None chooses.
    levels : tuple of Level
        The full resolution of each result: the image, then what the method gives beside.
    records : Records
    check_unchanged : function
        Refuses an image that was written to since its denoising began.
    remote : Remote, optional
        The same for another process; None of an image that only this one has.
    """

    photons: Photons
    denoiser: Denoiser
    function: Filter
    units: Units
    tile: int | None
    levels: tuple[Level, ...]
    records: Records
    check_unchanged: Callable[[], None]
    remote: Remote | None = None

    def job(self, number: int) -> Job[Seen]:
        """Make a shard, and record it; a `Progress` for each tile.

        Raises
        ------
        PhotonDenoiseError
            As `denoise_job`; or if another run works on this shard.
        """
        with self.begun(number):
            made = yield from self.denoise_job(number, self.read(number))
            self.write(number, made)
        return made.seen

    @contextmanager
    def begun(self, number: int) -> Iterator[None]:
        """Keep others from a shard that is made anew, and is not done until then."""
        with held(self.records.folder / f"shard-{number}"):
            self.records.unnote(number)
            yield

    def read(self, number: int) -> Photons:
        """Read the image's part that a shard's tiles see; it is the whole image to them."""
        return in_memory(self.photons, self.denoiser, self.levels[0].grid.region(number))

    def denoise_job(self, number: int, photons: Photons) -> Job[Made]:
        """Denoise a shard's tiles of what `read` returned."""
        region = self.levels[0].grid.region(number)
        queue = tiles_of(photons, region, self.denoiser, self.tile)
        grey = None if self.units == "photons" else result_dtype(photons, self.units)
        task = TileTask(photons, self.function, self.denoiser.depth_axis, grey)
        shape = tuple(side.stop - side.start for side in region)
        results = [np.empty(shape, level.dtype) for level in self.levels]
        seen, total = Seen(), queue.total
        yield Progress("", 0, total)
        for done in run_here(task, queue):
            place = relative(done.place, region)
            for result, values in zip(results, (done.image, *done.extras), strict=True):
                result[place] = values
            seen += done.seen
            yield Progress("", queue.total - len(queue), queue.total)
        return Made(tuple(results), seen)

    def write(self, number: int, made: Made) -> None:
        """Write a shard, and record it."""
        self.check_unchanged()
        for level, values in zip(self.levels, made.results, strict=True):
            level.write(number, values)
        self.records.note(number, made.seen, self.levels)


# Does the shards of these numbers, in any order and perhaps several at a time, and tells how far
# each is.
ShardRunner: TypeAlias = Callable[[ShardTask, Sequence[int]], Iterator[ShardStep]]


def run_shards_here(task: ShardTask, numbers: Sequence[int]) -> Iterator[ShardStep]:
    """Do shards one by one in this process; while one is denoised, the last one is written."""
    writing: deque[Future[ShardStep]] = deque()  # one at most
    with ThreadPoolExecutor(1, thread_name_prefix="photon-denoise-write") as writer:
        for number in numbers:
            with ExitStack() as begun:
                begun.enter_context(task.begun(number))
                made = yield from _make(task, number, writing)
                yield from _wait(writing)
                writing.append(writer.submit(_write, task, number, made, begun.pop_all()))
                del made  # or two would be held while the next one is made
        yield from _wait(writing)


def _make(
    task: ShardTask, number: int, writing: deque[Future[ShardStep]]
) -> Generator[ShardStep, None, Made]:
    """Read and denoise a shard, and tell as soon as the last one is written, or can't be."""
    job = task.denoise_job(number, task.read(number))
    try:
        while True:
            try:
                step = next(job)
            except StopIteration as end:
                made: Made = end.value
                return made
            if writing and writing[0].done():
                yield from _wait(writing)
            yield ShardStep(number, step.done / (step.total + 1))  # until it is written
    finally:
        job.close()


def _write(task: ShardTask, number: int, made: Made, begun: ExitStack) -> ShardStep:
    with begun:
        task.write(number, made)
    return ShardStep(number, 1.0, made.seen)


def _wait(writing: deque[Future[ShardStep]]) -> Iterator[ShardStep]:
    while writing:
        yield writing.popleft().result()


def tile_sides(denoiser: Denoiser, edge: int | None) -> dict[str, int]:
    """Return the sides of a method's tiles by axis letter, of which shards are made."""
    depth, y, x = tile_size(denoiser.halo, edge)
    sides = dict.fromkeys(AXES, 1) | {"Y": y, "X": x}
    return sides | ({denoiser.depth_axis: depth} if denoiser.halo[0] else {})
