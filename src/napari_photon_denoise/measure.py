"""The verb `measure` for Python: how good a denoised image is, with a truth and without."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from napari_photon_denoise.api import Camera, Image, find_camera
from napari_photon_denoise.axes import check_array, guess_array_axes
from napari_photon_denoise.calibration import Calibration, Float32
from napari_photon_denoise.denoisers import make_denoiser
from napari_photon_denoise.errors import PhotonDenoiseError, PhotonDenoiseWarning
from napari_photon_denoise.io import read
from napari_photon_denoise.metrics.applicable import NotApplicable
from napari_photon_denoise.metrics.exposure import scale_truth
from napari_photon_denoise.metrics.measuring import Task, measure_job
from napari_photon_denoise.metrics.method_run import Runnable
from napari_photon_denoise.metrics.report import Report
from napari_photon_denoise.photons import LazyArray, Photons
from napari_photon_denoise.pipeline import Job, Units, run
from napari_photon_denoise.recipe import Recipe, make_recipe, parse_recipe


def measure(
    clean: Image,
    raw: Image,
    camera: Camera | None = None,
    truth: Image | None = None,
    *,
    truth_exposure: float = 1.0,
    method: str | Runnable | None = None,
    axes: str | None = None,
    units: Units | None = None,
    device: str = "auto",
    seed: int = 0,
) -> Report:
    """Measure how good a denoised image is, and whether it may be believed.

    Parameters
    ----------
    clean : array or path
        The denoised image. A file of this program brings its recipe, from which camera and
        method are taken where they are not given.
    raw : array or path
        Counts (ADU) that it was made from.
    camera : Calibration, path or str
        As for `denoise`; None estimates the noise from the raw image, and a warning says so.
    truth : array or path, optional
        Photons (e-) at the raw image's exposure; whole numbers are taken for counts.
    truth_exposure : float
        How many times as long as the raw image the truth was exposed; its photons are divided
        by that, and its shot noise is taken off the mean squared error.
    method : str, Denoiser, or function ``(photons, read_noise) -> photons``, optional
        What made the image: it is run again, on a part of the photons, and judged by the rest.
    axes : str, optional
        A letter of "TCZYX" a dimension; None takes the file's, or the last of TZYX.
    units : {"photons", "counts"}, optional
        Of the denoised image; None takes the recipe's, or counts for whole numbers.
    device : {"auto", "cpu", "cuda", "mps"}
    seed : int
        Another seed, other photons held back.

    Returns
    -------
    Report
        ``report.verdict``, ``report["psnr"].value``, ``report.as_dict()``.

    Raises
    ------
    PhotonDenoiseError
        If shapes differ, a pixel is not finite, or image, camera or method can't be used.

    Warns
    -----
    PhotonDenoiseWarning
        For what a user should know, such as an estimated camera.
    """
    with gathered(
        clean,
        raw,
        camera,
        truth,
        truth_exposure=truth_exposure,
        method=method,
        axes=axes,
        units=units,
    ) as task:
        return run(measure_job(task, device=device, seed=seed))


@contextmanager
def gathered(
    clean: Image,
    raw: Image,
    camera: Camera | None = None,
    truth: Image | None = None,
    *,
    truth_exposure: float = 1.0,
    method: str | Runnable | None = None,
    axes: str | None = None,
    units: Units | None = None,
) -> Iterator[Task]:
    """Open what `measure` is given and see it as photons, for as long as the files are open.

    Parameters
    ----------
    clean, raw, camera, truth, truth_exposure, method, axes, units
        Those of `measure`.

    Yields
    ------
    Task

    Raises
    ------
    PhotonDenoiseError
        If shapes differ, or image, camera or method can't be used.
    """
    with opened(clean, axes) as done, opened(raw, axes) as before:
        check_shapes(before.data.shape, done.data.shape)
        recipe = done.recipe
        calibration = camera_of(before, camera, recipe)
        true = None
        if truth is not None:
            with opened(truth, axes) as other:
                check_shapes(before.data.shape, other.data.shape, "truth")
                true = scale_truth(as_read(other.data, calibration), truth_exposure, 1)
        photons: Photons | NotApplicable
        if isinstance(calibration, NotApplicable):
            photons = calibration
        else:
            photons = Photons(before.data, calibration, before.axes, before.pixel_size)
        chosen = _method_of(method, recipe)
        made = recipe if method is None else None
        if made is None and isinstance(photons, Photons):
            made = make_recipe(chosen, photons, file_of(raw))
        yield Task(
            clean=as_read(done.data, calibration, units or (recipe.units if recipe else None)),
            photons=photons,
            truth=true,
            truth_exposure=truth_exposure,
            method=chosen,
            image=file_of(clean),
            recipe={} if made is None else made.as_dict(),
        )


def file_of(image: Image) -> str:
    """Return where an image lies; empty for one in memory."""
    return str(Path(image).resolve()) if isinstance(image, str | Path) else ""


def as_read(
    data: LazyArray,
    calibration: Calibration | NotApplicable,
    units: Units | None = None,
    region: tuple[slice, ...] | None = None,
) -> Float32:
    """Read an image as photons; whole numbers are counts unless `units` says otherwise.

    Of a region, the calibration is that of the region.

    Raises
    ------
    PhotonDenoiseError
        If it is in counts, and the camera is not known.
    """
    values = np.asarray(data[region or (slice(None),) * len(data.shape)])
    counts = values.dtype.kind in "iu" if units is None else units == "counts"
    if not counts:
        return values.astype(np.float32)
    if isinstance(calibration, NotApplicable):
        raise PhotonDenoiseError(
            f"The image is in counts, and its camera is not known. {calibration.reason}"
        )
    return calibration.to_photons(values)


def check_shapes(raw: tuple[int, ...], other: tuple[int, ...], name: str = "denoised") -> None:
    """Refuse a denoised image or a truth that has not the raw image's shape.

    Raises
    ------
    PhotonDenoiseError
    """
    if tuple(raw) != tuple(other):
        raise PhotonDenoiseError(
            f"The raw image has the shape {tuple(raw)}, the {name} {tuple(other)}: they must be "
            "equal, so crop them alike."
        )


def estimate_camera_job(data: LazyArray, axes: str) -> Job[Calibration | NotApplicable]:
    """Estimate the camera from the raw image, or say why that can't be done."""
    from napari_photon_denoise.camera.estimate import NoEstimate, estimate_job

    try:
        estimate = yield from estimate_job(data, axes)
    except NoEstimate as error:
        return NotApplicable(f"The camera is not known. {error}")
    for sentence in ("No camera was given.", *estimate.sentences):
        warnings.warn(sentence, PhotonDenoiseWarning, stacklevel=2)
    return estimate.calibration()


@dataclass(frozen=True, eq=False)
class Opened:
    """An image, in a file or in memory.

    Parameters
    ----------
    data : array
    axes : str
    pixel_size : mapping
        µm for "Z", "Y" and "X", where known.
    recipe : Recipe, optional
        That made it, where its file holds one.
    """

    data: LazyArray
    axes: str
    pixel_size: Mapping[str, float]
    recipe: Recipe | None = None


@contextmanager
def opened(image: Image, axes: str | None) -> Iterator[Opened]:
    """Open a file, or see an array as one.

    Parameters
    ----------
    image : array or path
    axes : str or None
        A letter of "TCZYX" a dimension; None takes the file's, or the last of TZYX.

    Yields
    ------
    Opened

    Raises
    ------
    PhotonDenoiseError
        If an array can't be a grey image.
    """
    if isinstance(image, str | Path):
        with read(image, axes=axes) as file:
            recipe = parse_recipe(file.recipe, str(image)) if file.recipe else None
            yield Opened(file.data, file.axes, file.pixel_size, recipe)
        return
    check_array(image.shape, image.dtype)
    yield Opened(image, axes or guess_array_axes(image.shape), {})


def camera_of(
    raw: Opened, camera: Camera | None, recipe: Recipe | None
) -> Calibration | NotApplicable:
    """Return the camera that was named, that of the recipe, or an estimate."""
    if camera is not None:
        return find_camera(camera)
    if recipe is not None:
        return recipe.calibration.restore()
    return run(estimate_camera_job(raw.data, raw.axes))


def _method_of(method: str | Runnable | None, recipe: Recipe | None) -> Runnable | None:
    if isinstance(method, str):
        return make_denoiser(method)
    if method is None and recipe is not None:
        return recipe.denoiser
    return method
