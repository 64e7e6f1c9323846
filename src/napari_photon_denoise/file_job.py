"""Denoise one file into another, or into an OME-Zarr, and its extras beside."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np

from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.errors import OutputExists, UnreadableFile
from napari_photon_denoise.files_work import FilesProgress, FileState, FilesWork
from napari_photon_denoise.inputs import Opened, opened
from napari_photon_denoise.io import About, open_image
from napari_photon_denoise.io.whole import check_not_input
from napari_photon_denoise.job import Job
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import Denoised, denoise_job, result_dtype
from napari_photon_denoise.recipe import CalibrationRecord, Recipe
from napari_photon_denoise.settling import settle_job
from napari_photon_denoise.shards.before import camera_before, method_before
from napari_photon_denoise.shards.job import ShardWork, denoise_shards_job, is_finished
from napari_photon_denoise.shards.plan import is_cut, plan_results
from napari_photon_denoise.shards.records import InputFacts
from napari_photon_denoise.targets import extra_paths


def denoise_file_job(work: FilesWork, file: FileState) -> Job[FileState]:
    """Denoise one file into another, and its extras beside; whole, or not at all.

    What was made by the same recipe before is left alone.

    Parameters
    ----------
    work : FilesWork
    file : FileState
        As `FilesWork.planned` returns it.

    Returns
    -------
    FileState
        Done or skipped.

    Raises
    ------
    PhotonDenoiseError
        If the image can't be used or the result can't be written.
    """
    file = replace(file, state="running")
    yield FilesProgress("Opening", 0, 1, (file,))
    with opened(file.source, work.axes, work.likely) as image:
        image.check_raw(allow_results=work.allow_results)
        # Each as soon as it is known: what fails later must not lose it.
        file = replace(file, notes=image.notes(work.name_axes))
        yield FilesProgress("Looking for the camera", 0, 1, (file,))
        facts = InputFacts.of(file.source, image.files) if is_cut(file.target) else None
        camera = work.camera if facts is None else camera_before(work.camera, file.target, facts)
        known = yield from camera.find_job(image.data, image.axes)
        file = replace(file, notes=(*file.notes, *known.said(in_full=work.verbose)))
        yield FilesProgress("Getting ready", 0, 1, (file,))
        settled = yield from settle_job(
            image.photons(known.calibration), work.denoiser, own=known.own, device=work.device
        )
        file, photons = replace(file, notes=(*file.notes, *settled.notes)), settled.photons
        denoiser = work.denoiser.resolved(photons)
        files = (file.target, *extra_paths(file.target, denoiser.extras))
        for path in files:
            check_not_input(path, file.source, *image.files)
            for what, read in work.also_read(denoiser):
                check_not_input(path, read, what=what)
        file = replace(file, files=files)
        recipe = _recipe(work, file, photons, denoiser)
        if facts is not None:
            return (yield from _write_shards_job(work, file, image, photons, recipe, facts))
        if file.target.exists() and not work.overwrite:
            for path in files:
                _check_made_by(path, recipe)
            return replace(file, state="skipped")
        # Only now: who merely skips files that are done need not wait for torch.
        recipe = recipe.model_copy(update={"denoiser": denoiser.on(work.device)})
        yield FilesProgress("Denoising", 0, 1, (file,))
        result = yield from _write_job(work, file, image, photons, recipe)
    return replace(file, state="done", notes=(*file.notes, *result.notes))


def _recipe(work: FilesWork, file: FileState, photons: Photons, denoiser: AnyMethod) -> Recipe:
    return Recipe(
        calibration=CalibrationRecord.of(photons.calibration),
        denoiser=denoiser,
        units=work.units,
        axes=photons.axes,
        tile=work.tile,
        input=str(file.source.resolve()),
        output=str(file.target.resolve()),
    )


def _write_job(
    work: FilesWork, file: FileState, image: Opened, photons: Photons, recipe: Recipe
) -> Job[Denoised]:
    """Denoise into files: the image, then what the method gives beside."""
    about = _about(image, recipe)
    dtypes = [result_dtype(photons, work.units)] + [np.dtype(np.float32)] * len(file.files[1:])
    with ExitStack() as writing:
        first, *others = (
            writing.enter_context(
                open_image(path, photons.shape, dtype, about, overwrite=work.overwrite)
            )
            for path, dtype in zip(file.files, dtypes, strict=True)
        )
        result = yield from denoise_job(
            photons,
            recipe.denoiser,
            device=work.device,
            tile=work.tile,
            units=work.units,
            out=first,
            extra_out=dict(zip(recipe.denoiser.extras, others, strict=True)).__getitem__,
        )
        image.check_unchanged()  # while nothing has got its name yet
    return result


def _about(image: Opened, recipe: Recipe) -> About:
    return About(
        image.axes_to_write, image.pixel_size, image.channel_names, recipe.as_dict(), image.ome
    )


def _write_shards_job(
    work: FilesWork,
    file: FileState,
    image: Opened,
    photons: Photons,
    recipe: Recipe,
    facts: InputFacts,
) -> Job[FileState]:
    """Denoise into OME-Zarr, unless that was done; what was begun is gone on with."""
    recipe = method_before(recipe, file.target)
    dtype = result_dtype(photons, work.units)
    order = ShardWork(
        photons,
        recipe,
        plan_results(
            file.target, photons.shape, dtype, _about(image, recipe), recipe, work.options
        ),
        work.device,
        image.check_unchanged,
        work.options,
        facts,
        work.axes,
        work.overwrite,
    )
    if not work.overwrite and is_finished(order):
        return replace(file, state="skipped")
    recipe = recipe.model_copy(update={"denoiser": recipe.denoiser.on(work.device)})
    yield FilesProgress("Denoising", 0, 1, (file,))
    job = denoise_shards_job(
        replace(order, recipe=recipe),
        run_shards=work.run_shards,
        make_pyramid=work.make_pyramid,
        share=work.share,
    )
    done = yield from job
    return replace(file, state="done", notes=(*file.notes, *done.notes), parts=done)


def _check_made_by(target: Path, recipe: Recipe) -> None:
    """Refuse a file that is missing beside what is there, or was made by another recipe."""
    if not target.exists():
        raise OutputExists(f"{target} is missing, and what belongs with it exists already")
    try:
        with opened(target, None) as before:
            made = before.recipe
    except UnreadableFile:  # no image, or of a newer version
        made = None
    if made is None or not made.is_like(recipe):
        raise OutputExists(f"{target} exists already and was made otherwise")
