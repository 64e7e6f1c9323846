"""Denoise files into files: what the command line, Learn and every batch have in common."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.errors import OutputExists, PhotonDenoiseError, UnreadableFile
from napari_photon_denoise.faults import ProgramFault, as_sentence
from napari_photon_denoise.inputs import Opened, opened
from napari_photon_denoise.io import About, open_image
from napari_photon_denoise.io.image import shown_name
from napari_photon_denoise.io.paths import local_path
from napari_photon_denoise.io.whole import check_not_input, make_folder
from napari_photon_denoise.io.write import check_no_image, find_writer
from napari_photon_denoise.job import Job, Progress, relabelled
from napari_photon_denoise.named_camera import NamedCamera
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import Denoised, Units, denoise_job, result_dtype
from napari_photon_denoise.recipe import CalibrationRecord, Recipe
from napari_photon_denoise.settling import settle_job
from napari_photon_denoise.targets import extra_paths, model_files, refusals, result_paths

_LOG = logging.getLogger(__name__)

State = Literal["waiting", "running", "done", "skipped", "failed"]


@dataclass(frozen=True, eq=False)
class FileState:
    """One file, and how far it is.

    Parameters
    ----------
    source, target : Path
        The image, and the file for its denoised photons.
    state : {"waiting", "running", "done", "skipped", "failed"}
        Skipped is what was done before, by the same recipe.
    files : tuple of Path
        What was written, or is there: the target, then what the method gives beside.
    notes : tuple of str
        What the user should know, a sentence each.
    error : PhotonDenoiseError, optional
        Why it failed.
    """

    source: Path
    target: Path
    state: State = "waiting"
    files: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    error: PhotonDenoiseError | None = None

    @property
    def name(self) -> str:
        """What it is called in a sentence: the file's name, and that of a position in it."""
        return shown_name(self.source)


@dataclass(frozen=True)
class FilesProgress(Progress):
    """Where the work is, and how far each file is."""

    files: tuple[FileState, ...]


@dataclass(frozen=True, eq=False)
class FilesWork:
    """What is done to every file.

    Parameters
    ----------
    denoiser : method and its parameters
    output : Path
        A folder, which is made, or a file for a single image.
    label : str
        What the names of results in a folder end with, such as "gaussian".
    camera : NamedCamera
        Of the images; it may be one that is estimated from each.
    units : {"photons", "counts"}
    axes : str, optional
        Of the images, where they do not say.
    likely : str, optional
        Axes that are the better guess for a file that does not name its own.
    name_axes : str
        What a note on guessed axes advises, in the words of the face.
    device : {"auto", "cpu", "cuda", "mps"}
    tile : int, optional
        Edge of a tile, px; None chooses.
    overwrite : bool
        Replace files that are there.
    allow_results : bool
        Denoise results of this program, too.
    verbose : bool
        Note all that was found of a camera that was estimated.
    recipe : Path, optional
        The file that all this was read from.
    """

    denoiser: AnyMethod
    output: Path
    label: str
    camera: NamedCamera
    units: Units = "photons"
    axes: str | None = None
    likely: str | None = None
    name_axes: str = "name them"
    device: str = "auto"
    tile: int | None = None
    overwrite: bool = False
    allow_results: bool = False
    verbose: bool = False
    recipe: Path | None = None

    def planned(self, sources: Sequence[Path]) -> tuple[FileState, ...]:
        """Name the file for each image, and make the folder.

        Raises
        ------
        PhotonDenoiseError
            If several would be written into one file, or the folder can't be made. One that is
            named twice fails alone.
        """
        if find_writer(self.output) is not None:
            if len(sources) > 1:
                raise PhotonDenoiseError(
                    f"{len(sources)} images can't go into one file {self.output}: name a folder."
                )
            return tuple(FileState(source, local_path(self.output)) for source in sources)
        check_no_image(self.output)
        targets = result_paths(make_folder(self.output), sources, self.label)
        files = [*map(FileState, sources, targets)]
        for at, error in refusals(sources, targets).items():
            files[at] = replace(files[at], state="failed", error=error)
        return tuple(files)

    def also_read(self, denoiser: AnyMethod) -> tuple[tuple[str, Path], ...]:
        """Return what is read besides the image, and what it is: a result must not replace it."""
        camera = self.camera.calibration
        files = [("calibration", camera.path)] if camera is not None and camera.path else []
        files += [("model", path) for path in model_files(denoiser)]
        return (*files, *((("recipe", self.recipe),) if self.recipe else ()))


def denoise_files_job(work: FilesWork, sources: Sequence[Path]) -> Job[tuple[FileState, ...]]:
    """Denoise files into files, one by one; a bad one does not stop the others.

    What was done before, by the same recipe, is skipped. Each comes out whole or not at all.

    Parameters
    ----------
    work : FilesWork
    sources : sequence of Path

    Yields
    ------
    FilesProgress
        After each change of a file's state, too.

    Returns
    -------
    tuple of FileState
        Of each file, in their order.

    Raises
    ------
    PhotonDenoiseError
        If several would go into one file, or their folder can't be made. What is wrong with one of
        the images is in its `FileState`; of a fault of this program, that is a `ProgramFault`.
    """
    files = list(work.planned(sources))
    for number, file in enumerate(files):
        if file.state == "failed":
            continue
        place = f" ({number + 1} of {len(files)})" if len(files) > 1 else ""

        def label(step: Progress, number: int = number, place: str = place) -> FilesProgress:
            if isinstance(step, FilesProgress):
                (files[number],) = step.files
            text = f"{files[number].name}{place}: {step.text}"
            return FilesProgress(text, step.done, step.total, tuple(files))

        files[number] = yield from relabelled(tried_job(work, file), label)
        yield label(Progress(files[number].state, 1, 1))
    return tuple(files)


def tried_job(work: FilesWork, file: FileState) -> Job[FileState]:
    """Denoise one file into another; what fails is told by the state that is returned.

    Parameters
    ----------
    work : FilesWork
    file : FileState
        As `FilesWork.planned` returns it.

    Returns
    -------
    FileState
        Done, skipped or failed, with what was known of it until then.
    """
    known = [file]

    def look(step: Progress) -> Progress:
        if isinstance(step, FilesProgress):
            known[:] = step.files
        return step

    try:
        return (yield from relabelled(denoise_file_job(work, file), look))
    # The one border where whatever happens to a file is said, and the next one is done.
    except Exception as error:
        said = as_sentence(error, file.source.name)
        if isinstance(said, ProgramFault):
            _LOG.error("Please report this.", exc_info=error)
        return replace(known[0], state="failed", error=said)


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
        known = yield from work.camera.find_job(image.data, image.axes)
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
    about = About(
        image.axes_to_write, image.pixel_size, image.channel_names, recipe.as_dict(), image.ome
    )
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
