"""The verb `measure` for Python: how good a denoised image is, with a truth and without."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from napari_photon_denoise.api.camera import tell
from napari_photon_denoise.denoisers import make_denoiser
from napari_photon_denoise.evaluation.image.job import MeasurementTask, measure_job
from napari_photon_denoise.evaluation.method_run import Runnable
from napari_photon_denoise.inputs import (
    Image,
    Opened,
    as_read,
    check_shapes,
    file_of,
    is_counted,
    opened,
)
from napari_photon_denoise.job import run
from napari_photon_denoise.metrics.applicable import NotApplicable
from napari_photon_denoise.metrics.exposure import scale_truth
from napari_photon_denoise.named_camera import Camera, Known, name_camera
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import Units
from napari_photon_denoise.recipe import Recipe, make_recipe
from napari_photon_denoise.reports.denoised.report import Report
from napari_photon_denoise.settling import settle_by_job


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
    allow_results: bool = False,
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
        A letter of "TCZYX" a dimension; None takes the file's, or finds out, as `denoise` does.
    units : {"photons", "counts"}, optional
        Of the denoised image; None takes the recipe's, or counts for whole numbers.
    device : {"auto", "cpu", "cuda", "mps"}
    seed : int
        Another seed, other photons held back.
    allow_results : bool
        Take a file that this program has denoised already for the raw image.

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
        allow_results=allow_results,
    ) as (task, notes):
        tell(notes)
        return Report(run(measure_job(task, device=device, seed=seed)))


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
    allow_results: bool = False,
    in_full: bool = False,
) -> Iterator[tuple[MeasurementTask, tuple[str, ...]]]:
    """Open what `measure` is given and see it as photons, for as long as the files are open.

    Parameters
    ----------
    clean, raw, camera, truth, truth_exposure, method, axes, units, allow_results
        Those of `measure`.
    in_full : bool
        Say all that was found of a camera that was estimated.

    Yields
    ------
    MeasurementTask
    tuple of str
        What the user should know of what was given, a sentence each.

    Raises
    ------
    PhotonDenoiseError
        If shapes differ, or image, camera or method can't be used.
    """
    with opened(clean, axes) as done, opened(raw, axes) as before:
        before.check_raw(allow_results=allow_results)
        check_shapes(before.data.shape, done.data.shape)
        recipe = done.recipe
        chosen = _method_of(method, recipe)
        known = _settled(_camera_of(before, camera, recipe), before, chosen)
        calibration = known if isinstance(known, NotApplicable) else known.calibration
        true, counted = None, False
        if truth is not None:
            with opened(truth, axes) as other:
                check_shapes(before.data.shape, other.data.shape, "truth")
                true = scale_truth(as_read(other.data, calibration), truth_exposure, 1)
                counted = is_counted(other.data)
        photons: Photons | NotApplicable
        if isinstance(calibration, NotApplicable):
            photons = calibration
        else:
            photons = before.photons(calibration)
        made = recipe if method is None else None
        if made is None and isinstance(photons, Photons):
            made = make_recipe(chosen, photons, file_of(raw))
        task = MeasurementTask(
            clean=as_read(done.data, calibration, units or (recipe.units if recipe else None)),
            photons=photons,
            truth=true,
            truth_exposure=truth_exposure,
            truth_counted=counted,
            method=chosen,
            image=file_of(clean),
            recipe={} if made is None else made.as_dict(),
        )
        yield task, () if isinstance(known, NotApplicable) else known.said(in_full=in_full)


def _camera_of(raw: Opened, camera: Camera | None, recipe: Recipe | None) -> Known | NotApplicable:
    """Return the camera that was named, that of the recipe, or an estimate."""
    from napari_photon_denoise.camera.estimate import NoEstimate

    if camera is None and recipe is not None:
        return Known(recipe.calibration.restore())
    named = name_camera(camera)
    try:
        known = run(named.find_job(raw.data, raw.axes))
    except NoEstimate as error:
        return NotApplicable(str(error))
    return replace(known, notes=(*named.notes, *known.notes))


def _settled(
    known: Known | NotApplicable, raw: Opened, method: Runnable | None
) -> Known | NotApplicable:
    """Correct an estimate as denoising by the method would; without one it stays as it is."""
    if isinstance(known, NotApplicable) or not known.own:
        return known
    settled = run(settle_by_job(raw.photons(known.calibration), [method], own=True))
    return Known(settled.photons.calibration, (*known.notes, *settled.notes), known.estimate)


def _method_of(method: str | Runnable | None, recipe: Recipe | None) -> Runnable | None:
    if isinstance(method, str):
        return make_denoiser(method)
    if method is None and recipe is not None:
        return recipe.denoiser
    return method
