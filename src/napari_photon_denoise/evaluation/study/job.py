"""Denoise and measure what is not measured yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.method_run import Runnable, run_method_job
from napari_photon_denoise.evaluation.study.cells import Cell, measure_cell
from napari_photon_denoise.evaluation.study.shots import Shot, Taken
from napari_photon_denoise.evaluation.study.store import RESULTS, Store, identify
from napari_photon_denoise.faults import ProgramFault, as_sentence
from napari_photon_denoise.job import Job, Progress, relabelled
from napari_photon_denoise.recipe import CalibrationRecord, Recipe


@dataclass(frozen=True)
class StudyRow:
    """A method on an image.

    Parameters
    ----------
    image, method : str
    exposure : float or None
        See `Shot`.
    omega : float or None
        Voxel over point-spread function; None where optics or voxel are not known.
    cell : Cell
    """

    image: str
    method: str
    exposure: float | None
    omega: float | None
    cell: Cell


@dataclass(frozen=True)
class Study:
    """What came out.

    Parameters
    ----------
    rows : tuple of StudyRow
        Image by image, methods in the order they were given.
    computed : int
        Cells of this run; the others were there.
    failed : tuple of str
        What could not be done and why, a sentence each.
    """

    rows: tuple[StudyRow, ...]
    computed: int = 0
    failed: tuple[str, ...] = ()

    @property
    def methods(self) -> list[str]:
        """Names of the methods."""
        return list(dict.fromkeys(row.method for row in self.rows))

    @property
    def images(self) -> list[str]:
        """Names of the images."""
        return list(dict.fromkeys(row.image for row in self.rows))

    def of(self, method: str) -> list[StudyRow]:
        """Return the rows of a method."""
        return [row for row in self.rows if row.method == method]


@dataclass
class _Run:
    """What is gathered while a study runs."""

    store: Store
    device: str
    total: int
    done: int = 0
    computed: int = 0
    rows: list[StudyRow] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def study_job(
    shots: Sequence[Shot],
    methods: Mapping[str, Runnable],
    folder: Path | None = None,
    *,
    device: str = "auto",
) -> Job[Study]:
    """Run every method on every image; finished cells are taken from the folder.

    An image that can't be used, or a method that can't run on it, does not stop the others.

    Parameters
    ----------
    shots : sequence of Shot
    methods : mapping of name to method and its parameters
    folder : Path, optional
        Where "results.json" lies or will lie; None keeps nothing.
    device : {"auto", "cpu", "cuda", "mps"}

    Returns
    -------
    Study
        Through the generator's return value.

    Raises
    ------
    PhotonDenoiseError
        If there is no method, one is none of the program's, or the results can't be read or
        written.
    """
    if not methods:
        raise PhotonDenoiseError("A study needs at least one method.")
    known = {name: _known(name, method) for name, method in methods.items()}
    store = Store.open(None if folder is None else folder / RESULTS)
    run = _Run(store, device, len(shots) * len(known))
    for shot in shots:
        yield Progress(shot.name, run.done, run.total)
        try:
            taken = shot.make()
        except Exception as error:
            run.failed.append(f"{shot.name}: {_said(error, shot.name)}")
            run.done += len(known)
            continue
        yield from _image_job(run, shot, taken, known)
    yield Progress("Done", run.total, run.total)
    return Study(tuple(run.rows), run.computed, tuple(run.failed))


def _said(error: Exception, name: str) -> str:
    """Return the sentence of what went wrong with an image; a fault of the program goes on."""
    said = as_sentence(error, name)
    if isinstance(said, ProgramFault):
        raise error
    return str(said)


def _known(name: str, method: Runnable) -> AnyMethod:
    if not isinstance(method, AnyMethod):
        raise PhotonDenoiseError(
            f"{name} is no method of the program, so that its results could not be told from "
            "those of another: study methods that have a recipe."
        )
    return method


def _image_job(run: _Run, shot: Shot, taken: Taken, methods: Mapping[str, AnyMethod]) -> Job[None]:
    content = taken.digest()
    for name, method in methods.items():
        try:
            recipe = Recipe(
                calibration=CalibrationRecord.of(taken.photons.calibration),
                denoiser=method.resolved(taken.photons),
            )
            identity = identify(shot.name, content, recipe)
            cell = run.store.get(identity)
            fresh = cell is None
            if cell is None:
                cell = yield from _cell_job(run, f"{shot.name}, {name}", method, taken)
        except Exception as error:
            run.failed.append(f"{name} on {shot.name}: {_said(error, shot.name)}")
            run.done += 1
            continue
        if fresh:
            # Outside of the above: a folder that can't be written stops the study.
            run.store.put(identity, cell)
            run.computed += 1
        run.done += 1
        run.rows.append(StudyRow(shot.name, name, shot.exposure, taken.omega, cell))


def _cell_job(run: _Run, text: str, method: AnyMethod, taken: Taken) -> Job[Cell]:
    """Denoise and measure; the bar counts cells, the text says where a cell is."""

    def counted(step: Progress) -> Progress:
        return Progress(f"{text}: {step.text}", run.done, run.total)

    job = run_method_job(method, taken.photons, device=run.device)
    clean = yield from relabelled(job, counted)
    whole = tuple(slice(0, size) for size in taken.photons.shape)
    return measure_cell(taken.photons.read(whole), clean, taken.truth, taken.truth_noise)
