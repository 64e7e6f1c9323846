"""A layer denoised into an OME-Zarr, shard by shard, while it is shown; without Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.faults import as_sentence
from napari_photon_denoise.inputs import WRITTEN
from napari_photon_denoise.io import read
from napari_photon_denoise.io.image import About, OmeText
from napari_photon_denoise.io.ome_zarr.container import Container
from napari_photon_denoise.io.whole import check_not_input
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.pipeline import Denoised, result_dtype
from napari_photon_denoise.recipe import Recipe
from napari_photon_denoise.settling import settle_job
from napari_photon_denoise.shards.before import estimate_before, method_before
from napari_photon_denoise.shards.job import ShardWork, denoise_shards_job, is_finished
from napari_photon_denoise.shards.plan import plan_results
from napari_photon_denoise.shards.records import InputFacts, Records, StoreOptions
from napari_photon_denoise.targets import model_files
from napari_photon_denoise.widgets.on_disk.growing import Growing
from napari_photon_denoise.widgets.on_disk.origin import origin_of
from napari_photon_denoise.widgets.on_disk.seen_first import Eye, SeenFirst
from napari_photon_denoise.widgets.parts.task import Task
from napari_photon_denoise.widgets.parts.units import pixel_size_of

# Smaller than elsewhere: somebody waits for the first one, and each change of plane or place waits
# for the one that runs. On a cluster fewer and larger files count more.
SHARD_BYTES = 2**26
OPTIONS = StoreOptions(shard_bytes=SHARD_BYTES)


@dataclass(frozen=True)
class Begins(Progress):
    """All is decided, and shards will come.

    Parameters
    ----------
    task : Task
        With everything decided.
    growing : Growing
        Where they can be looked at.
    """

    task: Task
    growing: Growing


@dataclass(frozen=True, eq=False)
class Stored:
    """A result on disk.

    Parameters
    ----------
    path : Path
    denoised : Denoised
        Its pixels are lists of resolutions, or arrays where there is but one.
    again, new : int
        Shards that were done before, and now.
    """

    path: Path
    denoised: Denoised
    again: int
    new: int


def store_job(task: Task, path: Path, eye: Eye) -> Job[Stored]:
    """Denoise a layer into an OME-Zarr, or go on where that was broken off.

    Parameters
    ----------
    task : Task
        That is resolved.
    path : Path
        Of the result.
    eye : Eye
        What is looked at, and done first.

    Raises
    ------
    PhotonDenoiseError
        As `denoise_shards_job`.
    """
    try:
        return (yield from _store_job(task, path, eye))
    except OSError as error:
        raise as_sentence(error, str(path)) from error


def _store_job(task: Task, path: Path, eye: Eye) -> Job[Stored]:
    yield Progress("Getting ready", 0, 1)
    for file in (task.layer.source.path, *model_files(task.denoiser)):
        if file is not None:
            check_not_input(path, file)
    origin = origin_of(task.layer)
    known = _with_camera_before(task, path, origin.facts)
    settled = yield from settle_job(
        known.photons, known.denoiser, own=known.own, device=task.device
    )
    known = replace(known, photons=settled.photons)
    recipe = method_before(known.recipe().model_copy(update={"output": str(path.resolve())}), path)
    work = ShardWork(
        known.photons,
        recipe,
        plan_results(
            path,
            known.photons.shape,
            result_dtype(known.photons, task.units),
            _about(known, recipe),
            recipe,
            OPTIONS,
        ),
        task.device,
        origin.check_unchanged,
        OPTIONS,
        origin.facts,
        None,
    )
    if is_finished(work):
        before = Denoised(None, settled.notes, {}, known.photons.calibration, recipe.denoiser)
        return _stored(work, before, len(work.containers[0].level0.grid), 0)
    recipe = recipe.model_copy(update={"denoiser": recipe.denoiser.on(task.device)})
    work = replace(work, recipe=recipe)
    growing = Growing(work.containers[0], Records(path).folder / "overview")
    shown = replace(known, denoiser=recipe.denoiser, asked=task.asked, own=False)
    yield Begins("Denoising", 0, 1, shown, growing)
    done = yield from denoise_shards_job(work, run_shards=SeenFirst(growing, eye))
    growing.overview.remove()
    notes = (*settled.notes, *done.notes)
    made = Denoised(None, notes, {}, known.photons.calibration, recipe.denoiser)
    return _stored(work, made, done.again, done.new)


def _with_camera_before(task: Task, path: Path, facts: InputFacts | None) -> Task:
    """Take the camera that was estimated from the same image when its denoising began."""
    before = estimate_before(path, facts) if task.own else None
    return task if before is None else replace(task.with_calibration(before), own=False)


def _about(task: Task, recipe: Recipe) -> About:
    photons, layer = task.photons, task.layer
    axes = WRITTEN.get(photons.axes, photons.axes) if photons.unanswered else photons.axes
    said = layer.metadata.get("ome")
    channels = photons.sizes.get("C", 1) if "C" in axes else 1
    return About(
        axes,
        pixel_size_of(layer.scale, layer.units, photons.axes),
        (layer.name,) if channels == 1 else (),
        recipe.as_dict(),
        said if isinstance(said, OmeText) else None,
    )


def _stored(work: ShardWork, made: Denoised, again: int, new: int) -> Stored:
    image, *extras = map(pixels_of, work.containers)
    names = work.recipe.denoiser.extras
    method: AnyMethod = work.recipe.denoiser
    denoised = replace(
        made, data=image, extras=dict(zip(names, extras, strict=True)), method=method
    )
    return Stored(work.store, denoised, again, new)


def pixels_of(container: Container) -> Any:
    """Return the resolutions of a result as it is read: a list, or an array where there is one."""
    with read(container.path) as image:
        levels = [image.data, *image.coarser()]
    return levels if len(levels) > 1 else levels[0]
