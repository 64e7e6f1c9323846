"""The verb `study` for Python: many methods on many images with truths."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from napari_photon_denoise.api.camera import tell
from napari_photon_denoise.api.compare import Methods, named_methods
from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.method_run import Runnable
from napari_photon_denoise.evaluation.study.given import Images, listed, named_images, one_each
from napari_photon_denoise.evaluation.study.job import study_job
from napari_photon_denoise.evaluation.study.shots import Optics, Shot, image_shot
from napari_photon_denoise.evaluation.study.store import RESULTS
from napari_photon_denoise.evaluation.study.virtual import VirtualSeries
from napari_photon_denoise.inputs import Image, opened
from napari_photon_denoise.io.lock import held
from napari_photon_denoise.io.paths import local_path
from napari_photon_denoise.io.whole import make_folder
from napari_photon_denoise.job import Job, run
from napari_photon_denoise.named_camera import Camera, Known, NamedCamera, name_camera
from napari_photon_denoise.reports.study.report import StudyReport
from napari_photon_denoise.virtual.scenes import PSF_SIGMA, PSF_SIGMA_Z
from napari_photon_denoise.words import counted

__all__ = ["Optics", "StudyReport", "VirtualSeries", "study"]

ESTIMATED = "The camera was estimated from the images: gain and offset are less sure."
EXACT_TRUTH = (
    "The truths were taken to be free of noise and at the images' exposure: if they were measured, "
    "say for how long."
)
NOISY_TRUTH = (
    "The truths are measurements: their own noise was taken off the squared errors (MSE, PSNR), "
    "but is part of SSIM, KS and J, which makes those improvements look smaller than they are."
)
VIRTUAL = (
    "The truths are exact, and the camera's numbers are known to every method.",
    "Ω is that of the scenes' own point-spread function, a Gaussian of sigma "
    f"{PSF_SIGMA:g} px across and {PSF_SIGMA_Z:g} planes along, and of a pixel as deep as a plane.",
)
BELOW_NOISE = (
    "In {count} of {all} cases the result or the raw image is nearer to the truth than the truth's "
    "own noise lets one see: their MSE and PSNR are left out of the means."
)


def study(
    images: Images | VirtualSeries,
    camera: Camera | None,
    methods: Methods,
    truths: Image | Sequence[Image] | None = None,
    *,
    folder: str | Path | None = None,
    exposures: float | Sequence[float] | None = None,
    truth_exposure: float | None = None,
    optics: Optics | None = None,
    pixel_size: Mapping[str, float] | None = None,
    axes: str | None = None,
    device: str = "auto",
    allow_results: bool = False,
) -> StudyReport:
    """Run every method on every image, and measure how much nearer to the truth it comes.

    Parameters
    ----------
    images : sequence of arrays or paths, mapping of name to one, or VirtualSeries
        Counts (ADU); or an exposure series for the virtual camera to take.
    camera : Calibration, path or str
        As for `denoise`; None estimates it from each image, and a warning says so. A virtual
        series takes None for a scientific CMOS camera.
    methods : sequence, or mapping of name to method
        Keys such as "gaussian", or denoisers such as ``Gaussian(sigma=2)``.
    truths : array or path, or a sequence of them
        Photons (e-), one for each image or one for all; whole numbers are taken for counts.
    folder : path, optional
        Where "results.json" keeps each result as it is finished: a study that was stopped
        goes on there. None keeps nothing.
    exposures : float or sequence of float, optional
        Of the images, in any unit: what plots are drawn over.
    truth_exposure : float, optional
        Of the truths, in the unit of `exposures` (as a multiple without them): they are scaled to
        the images' exposure, and their own noise is taken off the mean squared errors. None
        takes them to be exact, and at the images' exposure.
    optics : Optics, optional
        The microscope, for Ω.
    pixel_size : mapping of "Z", "Y" and "X" to µm, optional
        Instead of the files'; for single planes Z is the depth that they stand for.
    axes : str, optional
        A letter of "TCZYX" a dimension; None takes the file's, or finds out, as `denoise` does.
    device : {"auto", "cpu", "cuda", "mps"}
    allow_results : bool
        Take files that this program has denoised already for raw images.

    Returns
    -------
    StudyReport
        ``.summary``, ``.rows``, ``.save_report("study.html")``, ``.save_csv("study.csv")``.

    Raises
    ------
    PhotonDenoiseError
        If an image, the camera or a method can't be used, nothing could be measured, or another
        run works in the folder. An image
        that can't be measured beside others is a sentence of ``.failed``.

    Warns
    -----
    PhotonDenoiseWarning
        For what a user should know, such as an estimated camera.
    """
    named = named_methods(methods)
    known = name_camera(camera)
    tell(known.notes)
    if isinstance(images, VirtualSeries):
        given = (truths, exposures, truth_exposure, optics, pixel_size, axes)
        if any(one is not None for one in given):
            raise PhotonDenoiseError(
                "A virtual series has truths, exposures and optics of its own: leave those out."
            )
        task = virtual_task(images, known.calibration, named)
    else:
        named_image = named_images(images)
        task = image_task(
            named_image,
            (_camera_of(image, known, axes) for image in named_image.values()),
            named,
            listed(truths),
            exposures=listed(exposures),
            truth_exposure=truth_exposure,
            optics=optics,
            pixel_size=pixel_size,
            axes=axes,
            allow_results=allow_results,
        )
        tell(task.about_cameras)
    if folder is None:
        return run(study_report_job(task, device=device))
    with held(make_folder(folder) / RESULTS):
        return run(study_report_job(task, local_path(folder), device=device))


@dataclass(frozen=True)
class StudyTask:
    """What is studied.

    Parameters
    ----------
    shots : tuple of Shot
        Images with truths.
    methods : mapping of name to method
    title : str
    exposure_label : str
        Quantity and unit of the exposures.
    notes : tuple of str
        What the user should know, a sentence each.
    about_cameras : tuple of str
        What the user should know of the cameras; no part of the report.
    """

    shots: tuple[Shot, ...]
    methods: Mapping[str, Runnable]
    title: str
    exposure_label: str
    notes: tuple[str, ...] = ()
    about_cameras: tuple[str, ...] = ()


def virtual_task(
    series: VirtualSeries, camera: Calibration | None, methods: Mapping[str, Runnable]
) -> StudyTask:
    """Gather a study on the virtual camera; a camera of None is a scientific CMOS camera."""
    return StudyTask(
        tuple(series.shots(camera)),
        methods,
        "Study on a virtual camera",
        "mean photons a pixel, e-",
        VIRTUAL,
    )


def image_task(
    images: Mapping[str, Image],
    cameras: Iterable[Known],
    methods: Mapping[str, Runnable],
    truths: Sequence[Image],
    *,
    exposures: Sequence[float] = (),
    truth_exposure: float | None = None,
    optics: Optics | None = None,
    pixel_size: Mapping[str, float] | None = None,
    axes: str | None = None,
    allow_results: bool = False,
) -> StudyTask:
    """Gather a study on images that were taken; no pixel is read.

    Parameters
    ----------
    images : mapping of name to array or path
    cameras : iterable of Known
        That fit the images, one each; asked for when all else is found to be right.
    methods : mapping of name to method
    truths, exposures : sequences
        One for each image or one for all; exposures may be left out.
    truth_exposure, optics, pixel_size, axes, allow_results
        Those of `study`.

    Raises
    ------
    PhotonDenoiseError
        If there are too few or too many of anything, or an exposure or pixel size can't be.
    """
    count = len(images)
    if not count or not truths:
        raise PhotonDenoiseError("A study needs images, and a truth for each or one for all.")
    true = one_each(truths, count, "truths")
    times = one_each(exposures or [None], count, "exposures")
    for time in (*times, truth_exposure):
        if time is not None and not 0 < time < float("inf"):
            raise PhotonDenoiseError(f"An exposure must be above 0, not {time:g}.")
    if optics is not None and pixel_size is not None:
        optics.omega(pixel_size)  # refuses sizes that can't be, before any work is done
    fitting = list(cameras)
    shots = [
        image_shot(
            image,
            truth,
            known.calibration,
            name=name,
            axes=axes,
            exposure=time,
            truth_exposure=truth_exposure,
            pixel_size=pixel_size,
            optics=optics,
            allow_results=allow_results,
        )
        for (name, image), truth, known, time in zip(
            images.items(), true, fitting, times, strict=True
        )
    ]
    estimated = any(known.calibration.source == "estimated" for known in fitting)
    notes = [ESTIMATED] if estimated else []
    notes.append(EXACT_TRUTH if truth_exposure is None else NOISY_TRUTH)
    title = f"Study of {counted(count, 'images')}"
    said = tuple(sentence for known in fitting for sentence in known.notes)
    return StudyTask(tuple(shots), methods, title, "exposure", tuple(notes), said)


def study_report_job(
    task: StudyTask, folder: Path | None = None, *, device: str = "auto"
) -> Job[StudyReport]:
    """Measure what is not measured yet.

    Parameters
    ----------
    task : StudyTask
    folder : Path, optional
        Where finished results are kept.
    device : {"auto", "cpu", "cuda", "mps"}

    Returns
    -------
    StudyReport
        Through the generator's return value.

    Raises
    ------
    PhotonDenoiseError
        If nothing could be measured, or the results can't be read or written.
    """
    found = yield from study_job(task.shots, task.methods, folder, device=device)
    if not found.rows:
        more = len(found.failed) - 1
        others = f" {more} more could not be measured either." if more else ""
        raise PhotonDenoiseError(f"{found.failed[0]}{others}")
    notes = list(task.notes)
    below = sum(row.cell.is_below_noise for row in found.rows)
    if below:
        notes.append(BELOW_NOISE.format(count=below, all=len(found.rows)))
    return StudyReport(found, task.title, task.exposure_label, tuple(notes))


def _camera_of(image: Image, named: NamedCamera, axes: str | None) -> Known:
    """Return the camera of an image; one that was named is looked at when the image is."""
    if named.calibration is not None:
        return Known(named.calibration)
    with opened(image, axes) as raw:
        return run(named.find_job(raw.data, raw.axes))
