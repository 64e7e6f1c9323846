"""Several layers, denoised one after the other; without Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from napari.layers import Image

from napari_photon_denoise.axes import check_axes
from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Job, Progress, relabelled
from napari_photon_denoise.pipeline import Denoised, Units
from napari_photon_denoise.widgets.denoise.speed import Stopwatch
from napari_photon_denoise.widgets.on_disk.job import store_job
from napari_photon_denoise.widgets.on_disk.seen_first import Eye
from napari_photon_denoise.widgets.parts.layers import full_data, layer_axes, photons_of
from napari_photon_denoise.widgets.parts.task import Task


@dataclass(frozen=True)
class How:
    """What is done to each layer.

    Parameters
    ----------
    denoiser : method and its parameters
    units : {"photons", "counts"}
    device : {"auto", "cpu", "cuda", "mps"}
    tile : int, optional
        Edge of a tile, px; None chooses.
    place : function of a Task, optional
        Returns where its result goes on disk; None keeps results in memory.
    """

    denoiser: AnyMethod
    units: Units
    device: str
    tile: int | None
    place: Callable[[Task], Path] | None = None


@dataclass(frozen=True, eq=False)
class LayerRun:
    """A layer of several, and what became of it.

    Parameters
    ----------
    layer : Image
    axes : str
        Empty for those that the layer's labels tell.
    camera : Calibration or None
        Of this layer; None has it told by the layer's own noise.
    task : Task, optional
        That was done, resolved; None as long as it is not known.
    denoised : Denoised, optional
        None as long as it is not done.
    watch : Stopwatch, optional
        That timed it.
    error : PhotonDenoiseError, optional
        Why it failed.
    """

    layer: Image
    axes: str
    camera: Calibration | None
    task: Task | None = None
    denoised: Denoised | None = None
    watch: Stopwatch | None = None
    error: PhotonDenoiseError | None = None


@dataclass(frozen=True)
class LayersProgress(Progress):
    """Where the work is, and which layers are finished, in their order."""

    finished: tuple[LayerRun, ...]


def layers_job(how: How, runs: Sequence[LayerRun]) -> Job[tuple[LayerRun, ...]]:
    """Denoise layers one by one; one that can't be denoised does not stop the others.

    Parameters
    ----------
    how : How
    runs : sequence of LayerRun

    Yields
    ------
    LayersProgress
        As soon as one is finished, too.

    Returns
    -------
    tuple of LayerRun
        Of each layer, in their order.
    """
    finished: list[LayerRun] = []
    for number, run in enumerate(runs):
        name = f"{run.layer.name} ({number + 1} of {len(runs)})"

        def label(step: Progress, name: str = name) -> LayersProgress:
            return LayersProgress(f"{name}: {step.text}", step.done, step.total, tuple(finished))

        try:
            finished.append((yield from relabelled(_layer_job(how, run), label)))
        except PhotonDenoiseError as error:
            finished.append(replace(run, error=error))
        yield label(Progress("failed" if finished[-1].error else "done", 1, 1))
    return tuple(finished)


def _layer_job(how: How, run: LayerRun) -> Job[LayerRun]:
    """Find the camera of a layer, and denoise it."""
    yield Progress("Getting ready", 0, 1)
    axes = run.axes or layer_axes(run.layer)
    check_axes(axes, full_data(run.layer).shape)
    calibration = run.camera
    if calibration is None:
        # With it comes Qt, which a controller is tested without.
        from napari_photon_denoise.widgets.parts.estimates import look_job

        calibration = (yield from look_job(run.layer, axes)).calibration
        assert calibration is not None  # an image that can't tell is refused
    photons = photons_of(run.layer, calibration, axes)
    task = Task(
        run.layer,
        photons,
        how.denoiser,
        how.units,
        how.device,
        how.tile,
        own=run.camera is None,
    ).resolved()
    watch = Stopwatch()
    if how.place is None:
        denoised = yield from watch.time(task.job())
        return replace(run, task=task, denoised=denoised, watch=watch)
    stored = yield from watch.time(store_job(task, how.place(task), Eye()))
    # What was partly done before is no measure of the time.
    took = Stopwatch() if stored.again else watch
    return replace(run, task=task, denoised=stored.denoised, watch=took)
