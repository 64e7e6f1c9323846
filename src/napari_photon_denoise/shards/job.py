"""The whole work: begin or go on, do the shards that are not done, and finish."""

from __future__ import annotations

import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from pathlib import Path
from typing import TypeAlias

import numpy as np

from napari_photon_denoise.errors import OutputExists, PhotonDenoiseError
from napari_photon_denoise.io.lock import InUse, held
from napari_photon_denoise.io.ome_zarr.container import Container
from napari_photon_denoise.io.ome_zarr.place import check_zarr_place, is_one_image
from napari_photon_denoise.io.ome_zarr.pyramid import pyramid_job
from napari_photon_denoise.io.parts import part_of
from napari_photon_denoise.io.stamp import Seldom
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import (
    TileProgress,
    check_answered,
    check_wishes,
    result_dtype,
)
from napari_photon_denoise.recipe import Recipe
from napari_photon_denoise.shards.learned import ForShards, for_shards_job
from napari_photon_denoise.shards.plan import size_of
from napari_photon_denoise.shards.records import (
    AboutFacts,
    Begun,
    InputFacts,
    Records,
    StoreFacts,
    StoreOptions,
)
from napari_photon_denoise.shards.remote import Remote
from napari_photon_denoise.shards.task import ShardRunner, ShardStep, ShardTask, run_shards_here
from napari_photon_denoise.tally import Seen, say_coarse, say_seen

STEPS = 1000  # of a shard, in which progress is counted
SHOWN = 10  # numbers in a sentence

# Makes the smaller resolutions of a result whose full one is there.
PyramidMaker: TypeAlias = Callable[[Container], Job[None]]


@dataclass(frozen=True)
class Share:
    """A share of the shards, for jobs that know nothing of each other: every `of`-th one."""

    number: int = 1
    of: int = 1

    def __post_init__(self) -> None:
        """Refuse what is no share."""
        if not 1 <= self.number <= self.of:
            raise PhotonDenoiseError(
                f"There is no share {self.number}/{self.of}: the first of {max(1, self.of)} is 1, "
                f"the last {max(1, self.of)}."
            )

    def take(self, numbers: Sequence[int]) -> list[int]:
        """Return those that are in it."""
        return [number for number in numbers if number % self.of == self.number - 1]


@dataclass(frozen=True, eq=False)
class ShardWork:
    """An image that is denoised into OME-Zarr.

    Parameters
    ----------
    photons : Photons
    recipe : Recipe
        With everything decided.
    containers : tuple of Container
        Of each result: the image, then what the method gives beside.
    device : {"auto", "cpu", "cuda", "mps"}
    check_unchanged : function
        Refuses an image that was written to since its denoising began.
    options : StoreOptions
        By which the containers were planned.
    input : InputFacts, optional
        Of the image's file; None of an image in memory.
    asked_axes : str, optional
        With which the file was opened.
    overwrite : bool
        Replace results that are there.
    """

    photons: Photons
    recipe: Recipe
    containers: tuple[Container, ...]
    device: str
    check_unchanged: Callable[[], None]
    options: StoreOptions = field(default_factory=StoreOptions)
    input: InputFacts | None = None
    asked_axes: str | None = None
    overwrite: bool = False

    @property
    def store(self) -> Path:
        """The result."""
        return self.containers[0].path

    @property
    def begun(self) -> Begun:
        """What is recorded of it."""
        stores = tuple(StoreFacts.of(one.path.name, one.levels[0]) for one in self.containers)
        return Begun(
            recipe=self.recipe,
            input=self.input,
            stores=stores,
            options=self.options,
            about=AboutFacts.of(self.containers[0].about),
        )


@dataclass(frozen=True)
class ShardProgress(TileProgress):
    """How far all shards are together, and which are done.

    Parameters
    ----------
    finished : tuple of int
        Those that are done since the step before.
    """

    finished: tuple[int, ...] = ()


@dataclass(frozen=True)
class ShardsDone:
    """What became of it.

    Parameters
    ----------
    notes : tuple of str
        What the user should know, a sentence each.
    again, new, missing : int
        Shards that were done before and are as they were, that were done now, and that are left
        for others to do; of a share, the first two are of its own.
    """

    notes: tuple[str, ...]
    again: int
    new: int
    missing: int


def denoise_shards_job(
    work: ShardWork,
    *,
    run_shards: ShardRunner = run_shards_here,
    share: Share | None = None,
    make_pyramid: PyramidMaker = pyramid_job,
    first: Sequence[int] | None = None,
) -> Job[ShardsDone]:
    """Denoise an image into OME-Zarr, or go on where that was broken off.

    Parameters
    ----------
    work : ShardWork
    run_shards : ShardRunner
        Who does the shards; this thread, unless another is handed in.
    make_pyramid : PyramidMaker
        Who makes the smaller resolutions then; the same.
    share : Share, optional
        To be done; who has done the last one calls `finish_job`. None does all, and finishes.
    first : sequence of int, optional
        A pixel that somebody waits for: its shard comes first.

    Returns
    -------
    ShardsDone
        Through the generator's return value.

    Raises
    ------
    OutputExists
        If something else is there and may not be replaced.
    InUse
        If another run works on it.
    PhotonDenoiseError
        As `denoise_job`. What was done stays done.
    """
    check_wishes(work.recipe.units, work.recipe.tile)
    check_answered(work.photons, work.recipe.denoiser)
    records = Records(work.store)
    with ExitStack() as alone:
        if share is None:
            alone.enter_context(held(work.store))
        else:
            yield from _wait_job(alone, work.store)
        ready, notes = yield from _begin_job(work, records)
        if share is not None:
            alone.close()  # each shard has a lock of its own
        task = _task(work, ready, records)
        mine = (share or Share()).take(range(len(task.levels[0].grid)))
        before = records.seen(task.levels, mine)
        waiting = [one for one in _ordered(mine, task, first) if one not in before]
        again = len(mine) - len(waiting)
        room = _say_room(work, len(waiting) / max(1, len(mine)))
        now = yield from _follow_job(run_shards(task, waiting), len(waiting))
        work.check_unchanged()  # once more: from shard to shard that is not always done
        if share is None:
            seen, missing = before | now, 0
            yield from finish_job(work.containers, records, make_pyramid)
        else:
            seen = now  # what others see they say
            missing = len(task.levels[0].grid) - records.count()
    kept = [f"{again} of {len(mine)} parts were done before, and kept."] if again else []
    said = _say(seen.values(), work)
    return ShardsDone((*room, *notes, *kept, *said), again, len(now), missing)


def finish_job(
    containers: Sequence[Container], records: Records, make_pyramid: PyramidMaker = pyramid_job
) -> Job[None]:
    """Make the pyramids of results whose shards are all done, and make them images for all.

    Raises
    ------
    PhotonDenoiseError
        If a shard is missing.
    """
    levels = [container.levels[0] for container in containers]
    seen = records.seen(levels)
    missing = [number for number in range(len(levels[0].grid)) if number not in seen]
    if missing:
        some = ", ".join(str(number + 1) for number in missing[:SHOWN])
        more = ", …" if len(missing) > SHOWN else ""
        raise PhotonDenoiseError(
            f"{records.store.name} is not complete: {len(missing)} of {len(levels[0].grid)} parts "
            f"are not done, or were changed since ({some}{more}): do them first."
        )
    for container in containers:
        yield from make_pyramid(container)
        container.finish()
    records.finish([level for container in containers for level in container.levels[1:]])


def is_finished(work: ShardWork) -> bool:
    """Tell whether the very same was done before, and all of it is as it was then."""
    records = Records(work.store)
    begun = records.begun()
    if begun is None or begun.difference(work.begun):
        return False
    levels = [container.levels[0] for container in work.containers]
    above = [level for container in work.containers for level in container.levels[1:]]
    whole = all(container.is_finished() for container in work.containers)
    return whole and records.is_finished(above) and len(records.seen(levels)) == len(levels[0].grid)


def _wait_job(alone: ExitStack, store: Path) -> Job[None]:
    """Wait for another share that gets ready."""
    while True:
        try:
            alone.enter_context(held(store))
        except InUse:
            yield Progress("Waiting for another run, which gets the result ready", 0, 1)
            time.sleep(1)
        else:
            return


def _begin_job(work: ShardWork, records: Records) -> Job[tuple[ForShards, tuple[str, ...]]]:
    """Make all that is needed before the first shard, unless it is there."""
    wanted, before = work.begun, records.begun()
    difference = before.difference(wanted) if before is not None else ""
    goes_on = (
        before is not None
        and not difference
        and not (work.overwrite and records.was_finished)
        and all(map(_may_be_begun, work.containers))
    )
    if not goes_on:
        _check_free(work, difference)
        for container in work.containers:
            _remove(container.path)
        records.begin(wanted)
        before = None
    for container in work.containers:
        container.create()
    records.unfinish()
    ready = yield from for_shards_job(
        work.recipe.denoiser,
        work.photons,
        work.device,
        records.folder,
        look=before is None or not before.is_ready,
    )
    notes = before.notes if before is not None and before.is_ready else ready.prepared.notes
    if before is None or not before.is_ready:
        records.update(wanted.model_copy(update={"notes": notes, "is_ready": True}))
    return ready, notes


def _check_free(work: ShardWork, difference: str) -> None:
    """Refuse what would replace something that is there, unless it may be replaced."""
    if difference and work.store.exists() and not work.overwrite:
        raise OutputExists(f"{work.store} was begun {difference}")
    for container in work.containers:
        check_zarr_place(container.path, overwrite=work.overwrite)


def _may_be_begun(container: Container) -> bool:
    """Tell whether what is in its place, if anything, can be what was begun, however damaged."""
    path = container.path
    if not path.is_dir():
        return not path.exists()
    has_begun = is_one_image(path) or container.level0.is_there()
    return has_begun or all(name.endswith(".partial") for name in os.listdir(path))


def _remove(path: Path) -> None:
    """Remove a result by another name: half of one would be taken for somebody's folder."""
    if path.exists():
        with part_of(path) as part:
            os.rename(path, part)


def _say_room(work: ShardWork, share: float) -> list[str]:
    """Say that the disk may fill up before the end; it is not sure, as pixels are compressed."""
    needed, free = share * size_of(work.containers), shutil.disk_usage(work.store.parent).free
    if needed < free:
        return []
    return [
        f"The result needs up to {needed / 1e9:.3g} GB, and the disk has {free / 1e9:.3g} GB free: "
        "if it fills up, free some space and run the same again, which goes on."
    ]


def _task(work: ShardWork, ready: ForShards, records: Records) -> ShardTask:
    photons, recipe = work.photons, work.recipe
    levels = tuple(container.levels[0] for container in work.containers)
    remote = None
    if work.input is not None:
        remote = Remote(
            key=uuid.uuid4().hex,
            source=Path(work.input.path),
            asked_axes=work.asked_axes,
            axes=photons.axes,
            unanswered=photons.unanswered,
            calibration=photons.calibration,
            denoiser=ready.method,
            device=work.device,
            units=recipe.units,
            tile=recipe.tile,
            levels=levels,
            store=work.store,
            input=work.input,
        )
    return ShardTask(
        photons,
        ready.method,
        ready.prepared.results,
        recipe.units,
        recipe.tile,
        levels,
        records,
        Seldom(work.check_unchanged),
        remote,
    )


def _ordered(numbers: list[int], task: ShardTask, first: Sequence[int] | None) -> list[int]:
    if first is None:
        return numbers
    seen = task.levels[0].grid.number_at(first)
    return sorted(numbers, key=lambda number: number != seen)


def _follow_job(steps: Iterator[ShardStep], of: int) -> Job[dict[int, Seen]]:
    """Say how far all shards are; what others do counts for nobody here."""
    shares: dict[int, float] = {}
    all_shares = 0.0  # added up as they come: there may be thousands, of thousands of steps each
    seen: dict[int, Seen] = {}
    yield ShardProgress(f"Denoising part 1 of {of}", 0, max(1, of) * STEPS)
    for step in steps:
        all_shares += step.share - shares.get(step.number, 0.0)
        shares[step.number] = step.share
        finished: tuple[int, ...] = ()
        if step.seen is not None:
            seen[step.number] = step.seen
            finished = (step.number,)
        text = step.text or f"Denoising part {min(len(seen) + 1, of)} of {of}"
        yield ShardProgress(text, round(STEPS * all_shares), of * STEPS, finished)
    return seen


def _say(seen: Iterable[Seen], work: ShardWork) -> list[str]:
    """Say what was seen in the shards, unless nothing was."""
    all_seen = reduce(add, seen, Seen())
    photons, units = work.photons, work.recipe.units
    grey = None if units == "photons" else result_dtype(photons, units)
    offset = float(np.mean(photons.calibration.offset))
    if not all_seen.pixels:
        return []
    return [*say_seen(all_seen, photons.ceiling), *say_coarse(all_seen, offset, grey)]
