"""The verb `compare` for Python: several methods on one image, judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from napari_photon_denoise.api.camera import tell
from napari_photon_denoise.calibration import Calibration, Float32
from napari_photon_denoise.denoiser import Method
from napari_photon_denoise.denoisers import make_denoiser
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.method_run import Runnable
from napari_photon_denoise.evaluation.methods import Candidate, compare_region_job, name_of
from napari_photon_denoise.evaluation.methods.places import (
    Asked,
    axes_by_region,
    find_region,
)
from napari_photon_denoise.evaluation.methods.surroundings import Region
from napari_photon_denoise.inputs import Image, as_read, check_shapes, file_of, is_counted, opened
from napari_photon_denoise.job import Job, run
from napari_photon_denoise.metrics.exposure import scale_truth
from napari_photon_denoise.named_camera import Camera, name_camera
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.reports.denoised.comparison import ComparisonReport, make_report
from napari_photon_denoise.settling import settle_by_job

Methods: TypeAlias = "Sequence[str | Runnable] | Mapping[str, str | Runnable]"


def compare(
    raw: Image,
    camera: Camera | None,
    methods: Methods,
    truth: Image | None = None,
    *,
    truth_exposure: float = 1.0,
    region: Asked = None,
    axes: str | None = None,
    device: str = "auto",
    seed: int = 0,
    allow_results: bool = False,
) -> ComparisonReport:
    """Run several methods on the same pixels, and say which one comes nearest to the truth.

    Parameters
    ----------
    raw : array or path
        Counts (ADU).
    camera : Calibration, path or str
        As for `denoise`; None estimates it from the raw image, and a warning says so.
    methods : sequence, or mapping of name to method
        Keys such as "gaussian", denoisers such as ``Gaussian(sigma=2)``, or functions
        ``(photons, read_noise) -> photons``.
    truth : array or path, optional
        Photons (e-) at the raw image's exposure; whole numbers are taken for counts.
    truth_exposure : float
        How many times as long as the raw image the truth was exposed; its photons are divided
        by that, and there is a mean squared error without its shot noise.
    region : "whole", or mapping of axis letter to int or (start, stop), optional
        What to compare on, px; None takes a million pixels in the middle of a larger image.
    axes : str, optional
        A letter of "TCZYX" a dimension; None takes the file's, or finds out, as `denoise` does.
    device : {"auto", "cpu", "cuda", "mps"}
    seed : int
        Another seed, other photons held back.
    allow_results : bool
        Take a file that this program has denoised already for a raw image.

    Returns
    -------
    ComparisonReport
        ``.rows``, ``.verdict``, ``.save_report("methods.html")``, ``.save_csv("methods.csv")``.

    Raises
    ------
    PhotonDenoiseError
        If an image, the camera, a method or the region can't be used.

    Warns
    -----
    PhotonDenoiseWarning
        For what a user should know, such as an estimated camera.
    """
    with gathered_comparison(
        raw,
        camera,
        methods,
        truth,
        truth_exposure=truth_exposure,
        region=region,
        axes=axes,
        allow_results=allow_results,
    ) as task:
        tell(task.about_camera)
        return run(compare_job(task, device=device, seed=seed))


@dataclass(frozen=True, eq=False)
class ComparisonTask:
    """What is compared.

    Parameters
    ----------
    photons : Photons
        The raw image.
    region : tuple of slice
    methods : mapping of name to method
    truth : array of the region's shape, float32, e-, or None
        Scaled to the exposure of the raw image.
    truth_exposure : float
        How many times as long it was exposed, before it was scaled.
    truth_counted : bool
        Whether it was in counts of the same camera.
    file : str
        Where the raw image lies; empty for an array.
    notes : tuple of str
        What the user should know, a sentence each.
    about_camera : tuple of str
        What the user should know of the camera; no part of the report.
    """

    photons: Photons
    region: Region
    methods: Mapping[str, Runnable]
    truth: Float32 | None
    truth_exposure: float
    truth_counted: bool
    file: str
    notes: tuple[str, ...]
    about_camera: tuple[str, ...] = ()


@contextmanager
def gathered_comparison(
    raw: Image,
    camera: Camera | None,
    methods: Methods,
    truth: Image | None = None,
    *,
    truth_exposure: float = 1.0,
    region: Asked = None,
    axes: str | None = None,
    allow_results: bool = False,
    own: bool = False,
    device: str = "auto",
) -> Iterator[ComparisonTask]:
    """Open what `compare` is given, for as long as it is needed.

    Parameters
    ----------
    raw, camera, methods, truth, truth_exposure, region, axes, allow_results
        Those of `compare`.
    own : bool
        Whether a camera that is given was estimated from this very image, and may be corrected.
    device : {"auto", "cpu", "cuda", "mps"}

    Yields
    ------
    ComparisonTask

    Raises
    ------
    PhotonDenoiseError
        If an image, the camera, a method or the region can't be used.
    """
    named = name_camera(camera)
    runnable = named_methods(methods)
    with opened(raw, axes, axes_by_region(region)) as before:
        before.check_raw(allow_results=allow_results)
        known = run(named.find_job(before.data, before.axes))
        settled = run(
            settle_by_job(
                before.photons(known.calibration),
                runnable.values(),
                own=own or known.own,
                device=device,
            )
        )
        photons = settled.photons
        place, notes = find_region(photons, region)
        true, counted = None, False
        if truth is not None:
            true, counted = _truth(truth, photons, place, axes)
            true = scale_truth(true, truth_exposure, 1)
        yield ComparisonTask(
            photons=photons,
            region=place,
            methods=runnable,
            truth=true,
            truth_exposure=truth_exposure,
            truth_counted=counted,
            file=file_of(raw),
            notes=notes,
            about_camera=(*named.notes, *known.notes, *settled.notes),
        )


def compare_job(
    task: ComparisonTask, *, device: str = "auto", seed: int = 0
) -> Job[ComparisonReport]:
    """Run and judge every method.

    Parameters
    ----------
    task : ComparisonTask
    device : {"auto", "cpu", "cuda", "mps"}
    seed : int

    Returns
    -------
    ComparisonReport
        Through the generator's return value.
    """
    candidates = [Candidate(name, method) for name, method in task.methods.items()]
    compared = yield from compare_region_job(
        task.photons,
        task.region,
        candidates,
        truth=task.truth,
        truth_exposure=task.truth_exposure,
        truth_counted=task.truth_counted,
        seed=seed,
        device=device,
    )
    return make_report(
        compared,
        task.photons,
        task.region,
        task.methods,
        truth=task.truth,
        image=Path(task.file).name,
        file=task.file,
        device=device,
        notes=task.notes,
    )


def named_methods(methods: Methods) -> dict[str, Runnable]:
    """Make the methods that are meant, each with a name of its own.

    Raises
    ------
    PhotonDenoiseError
        If there is none, one is unknown, or two are the same.
    """
    if isinstance(methods, Mapping):
        return {name: _made(method) for name, method in methods.items()}
    if isinstance(methods, str):
        methods = [methods]
    named: dict[str, Runnable] = {}
    for method in map(_made, methods):
        name = name_of(method) if isinstance(method, Method) else _function_name(method)
        if name in named:
            raise PhotonDenoiseError(f"{name} is given twice: change a parameter, or leave one.")
        named[name] = method
    return named


def _made(method: str | Runnable) -> Runnable:
    return make_denoiser(method) if isinstance(method, str) else method


def _function_name(method: Runnable) -> str:
    return str(getattr(method, "__name__", None) or getattr(method, "method", "method"))


def _truth(
    truth: Image, photons: Photons, region: Region, axes: str | None
) -> tuple[Float32, bool]:
    """Read the truth's region, and tell whether it is in counts."""
    with opened(truth, axes) as image:
        check_shapes(photons.shape, image.data.shape, "truth")
        y, x = region[-2], region[-1]
        camera: Calibration = photons.calibration.crop(
            y.start, x.start, y.stop - y.start, x.stop - x.start
        )
        return as_read(image.data, camera, region=region), is_counted(image.data)
