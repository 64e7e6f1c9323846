"""All figures of one denoised image that its photons, its truth and its method allow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.evidence import Evidence, find_evidence
from napari_photon_denoise.evaluation.figure import Reading, read, read_all
from napari_photon_denoise.evaluation.figures import (
    HELD_OUT,
    OF_EVIDENCE,
    OF_PLANES,
    RESOLUTION,
    WITH_NOISY_TRUTH,
    WITH_TRUTH,
    Beside,
    read_beside,
)
from napari_photon_denoise.evaluation.image.measured import Measured
from napari_photon_denoise.evaluation.image.signal import signal_of_planes
from napari_photon_denoise.evaluation.method_run import Runnable, unchanged
from napari_photon_denoise.evaluation.plane import Plane, edges, middle, place, steps_of
from napari_photon_denoise.evaluation.ranking import Comparison, rank_job
from napari_photon_denoise.evaluation.resolution import ResolutionPair, resolution_job
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.metrics.applicable import (
    NotApplicable,
    find_obstacle,
    find_truth_obstacle,
)
from napari_photon_denoise.metrics.checks import check_image, truth_range
from napari_photon_denoise.metrics.exposure import note_exposure
from napari_photon_denoise.metrics.resolution import SMALLEST, Resolution
from napari_photon_denoise.photons import Photons

RAW = "raw"
BYTES = 96  # of memory that a pixel needs on the way
FINISHED = NotApplicable(
    "A finished image can't be judged by photons held back: give the method that made it."
)


@dataclass(frozen=True)
class MeasurementTask:
    """What is measured, in photons.

    Parameters
    ----------
    clean : (..., Y, X) float32, e-
    photons : Photons or NotApplicable
        The raw image, or why it has no photons.
    truth : (..., Y, X) float32, e-, optional
        At the raw image's exposure.
    truth_exposure : float
        How many times as long as the raw image the truth was exposed, before it was scaled.
    truth_counted : bool
        Whether the truth was in counts of the same camera.
    method : Denoiser, or function ``(photons, read_noise) -> photons``, optional
    image : str
        Where the denoised image lies, or its name; empty for an array.
    recipe : mapping
        How it was made, ready for JSON; empty where that is not known.
    """

    clean: Float32
    photons: Photons | NotApplicable
    truth: Float32 | None = None
    truth_exposure: float = 1.0
    truth_counted: bool = False
    method: Runnable | None = None
    image: str = ""
    recipe: Mapping[str, Any] = field(default_factory=dict)

    @property
    def truth_obstacle(self) -> NotApplicable | None:
        """Why the photons of image and truth can't be compared; None where they can."""
        if isinstance(self.photons, NotApplicable):
            return None  # photons were given, in a unit that the user knows
        return find_truth_obstacle(self.photons.calibration, counted=self.truth_counted)


def measure_job(task: MeasurementTask, *, device: str = "auto", seed: int = 0) -> Job[Measured]:
    """Take all figures of a denoised image that its photons, truth and method allow.

    Parameters
    ----------
    task : MeasurementTask
    device : {"auto", "cpu", "cuda", "mps"}
    seed : int

    Returns
    -------
    Measured
        Through the generator's return value.

    Raises
    ------
    PhotonDenoiseError
        If a pixel is not finite, the images do not fit in memory, or the method fails.
    """
    photons, method = task.photons, task.method
    _check_memory(task.clean.size)
    check_image(task.clean, "denoised image")
    yield Progress("Reading the photons", 0, 4)
    raw: Float32 | None = None
    obstacle: NotApplicable | None
    if isinstance(photons, NotApplicable):
        obstacle = photons
    else:
        obstacle = find_obstacle(photons)
        raw = photons.read([slice(None)] * len(photons.shape))
    yield Progress("Comparing image and photons", 1, 4)
    figures = _with_truth(raw, task)
    evidence = _evidence(raw, task, obstacle)
    held_out: Comparison | NotApplicable = obstacle or FINISHED
    resolution: ResolutionPair | NotApplicable = obstacle or FINISHED
    if obstacle is None and isinstance(photons, Photons):
        if method is not None:
            methods: dict[str, Runnable] = {RAW: unchanged, _name(method): method}
            held_out = yield from rank_job(photons, methods, seed=seed, device=device)
        resolution = yield from _resolution_job(photons, method, seed, device)
    figures += read_all(OF_EVIDENCE, evidence)
    figures += _held_out(held_out, _name(method))
    figures += _of_resolution(resolution)
    return Measured(
        figures=tuple(figures),
        evidence=evidence,
        held_out=held_out,
        resolution=resolution,
        camera="" if isinstance(photons, NotApplicable) else photons.calibration.describe(),
        method=_name(method) if method is not None else "",
        notes=(*_notes(photons), *_note_exposure(raw, task)),
        plane=None if raw is None else _plane(raw, task),
        image=task.image,
        recipe=task.recipe,
    )


def _with_truth(raw: Float32 | None, task: MeasurementTask) -> list[Reading]:
    """Read the figures that need a truth; none without one."""
    if task.truth is None:
        return []
    extent = truth_range(task.truth)
    obstacle = task.truth_obstacle
    after = Beside(task.clean, task.truth, extent, task.truth_exposure, obstacle)
    before = None if raw is None else replace(after, image=raw)
    readings = read_beside(WITH_TRUTH, after, before)
    readings.append(read(OF_PLANES, obstacle or signal_of_planes(raw, task.clean, task.truth)))
    if task.truth_exposure != 1:
        readings += read_beside(WITH_NOISY_TRUTH, after, before)
    return readings


def _note_exposure(raw: Float32 | None, task: MeasurementTask) -> Sequence[str]:
    if raw is None or task.truth_obstacle is not None:
        return ()
    return note_exposure(raw, task.truth)


def _held_out(found: Comparison | NotApplicable, method: str) -> list[Reading]:
    """Read the figures from photons held back."""
    if isinstance(found, NotApplicable):
        return read_all(HELD_OUT, found)
    return read_all(HELD_OUT, found.scores[method], found.scores[RAW])


def _of_resolution(found: ResolutionPair | NotApplicable) -> list[Reading]:
    """Read the figures from Fourier ring correlation; of the raw image alone they are worth it."""
    if isinstance(found, NotApplicable):
        return read_all(RESOLUTION, found)
    raw, after = found.raw, found.denoised
    known = next((one for one in (after, raw) if isinstance(one, Resolution)), None)
    if known is None:
        return read_all(RESOLUTION, raw)
    return read_all(RESOLUTION if known.pixel_size else RESOLUTION[:1], after, raw)


def _plane(raw: Float32, task: MeasurementTask) -> Plane | None:
    """Return the middle plane of all images; None without photons."""
    photons = task.photons
    if isinstance(photons, NotApplicable):
        return None
    at = middle(raw.shape)
    return Plane(
        raw=raw[at],
        read_noise=photons.read_noise([slice(None)] * raw.ndim),
        denoised={"Denoised": task.clean[at]},
        truth=None if task.truth is None else task.truth[at],
        pixel_size=edges(photons.pixel_size),
        steps=steps_of(photons),
        where=place(photons.sizes, at),
        relative=photons.calibration.relative,
    )


def _check_memory(pixels: int) -> None:
    import psutil

    needed, free = BYTES * pixels, psutil.virtual_memory().available
    if needed > free:
        raise PhotonDenoiseError(
            f"To measure the image needs {needed / 1e9:.1f} GB and {free / 1e9:.1f} GB of memory "
            "are free: crop it, or take fewer frames."
        )


def _evidence(
    raw: Float32 | None, task: MeasurementTask, obstacle: NotApplicable | None
) -> Evidence | NotApplicable:
    if obstacle is not None:
        return obstacle
    assert raw is not None and isinstance(task.photons, Photons)  # noqa: PT018  # so is no obstacle
    try:
        read_noise = task.photons.read_noise([slice(None)] * raw.ndim)
        return find_evidence(raw, task.clean, read_noise)
    except PhotonDenoiseError as error:  # no noise to expect anywhere
        return NotApplicable(str(error))


def _resolution_job(
    photons: Photons, method: Runnable | None, seed: int, device: str
) -> Job[ResolutionPair | NotApplicable]:
    if min(photons.shape[-2:]) < SMALLEST:
        return NotApplicable(
            f"Fourier ring correlation needs images of at least {SMALLEST}×{SMALLEST} px."
        )
    return (yield from resolution_job(photons, method, seed=seed, device=device))


def _name(method: Runnable | None) -> str:
    """Return the key of a method; a bare function has none."""
    return str(getattr(method, "method", "method"))


def _notes(photons: Photons | NotApplicable) -> Iterator[str]:
    if isinstance(photons, Photons) and photons.calibration.source == "estimated":
        yield (
            "The camera was estimated from the raw image itself: what is said of noise is only as "
            "sure as that."
        )
