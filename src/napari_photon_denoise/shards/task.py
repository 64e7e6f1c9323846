"""What is done to one shard, by whoever does it: read around it, denoise its tiles, write it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.axes import AXES
from napari_photon_denoise.denoiser import Denoiser, Filter
from napari_photon_denoise.held import read_around
from napari_photon_denoise.hot_pixels import REACH
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
        region = self.levels[0].grid.region(number)
        with held(self.records.folder / f"shard-{number}"):
            self.records.unnote(number)
            results, seen = yield from self._denoise_job(region)
            self.check_unchanged()
            for level, values in zip(self.levels, results, strict=True):
                level.write(number, values)
            self.records.note(number, seen, self.levels)
        return seen

    def _denoise_job(self, region: tuple[slice, ...]) -> Job[tuple[list[NDArray[Any]], Seen]]:
        photons = self._in_memory(region)
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
        return results, seen

    def _in_memory(self, region: tuple[slice, ...]) -> Photons:
        """Read the image's part that the shard's tiles see; it is the whole image to them."""
        photons = self.photons
        depth, y, x = self.denoiser.halo
        beside = REACH if photons.calibration.mends_hot else 0
        reach = {self.denoiser.depth_axis: depth, "Y": y + beside, "X": x + beside}
        halo = [reach.get(axis, 0) for axis in photons.axes]
        return replace(photons, data=read_around(photons.data, region, halo, photons.shape))


# Does the shards of these numbers, in any order and perhaps several at a time, and tells how far
# each is.
ShardRunner: TypeAlias = Callable[[ShardTask, Sequence[int]], Iterator[ShardStep]]


def run_shards_here(task: ShardTask, numbers: Sequence[int]) -> Iterator[ShardStep]:
    """Do shards one by one in this thread."""
    for number in numbers:
        job = task.job(number)
        try:
            while True:
                try:
                    step = next(job)
                except StopIteration as end:
                    yield ShardStep(number, 1.0, end.value)
                    break
                # Until it is written.
                yield ShardStep(number, step.done / (step.total + 1))
        finally:
            job.close()


def tile_sides(denoiser: Denoiser, edge: int | None) -> dict[str, int]:
    """Return the sides of a method's tiles by axis letter, of which shards are made."""
    depth, y, x = tile_size(denoiser.halo, edge)
    sides = dict.fromkeys(AXES, 1) | {"Y": y, "X": x}
    return sides | ({denoiser.depth_axis: depth} if denoiser.halo[0] else {})
