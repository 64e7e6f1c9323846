"""Live preview: what is on the screen, denoised with the present settings."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from napari.layers import Image
from qtpy.QtCore import QObject, QTimer, Signal

from napari_photon_denoise.denoiser import Filter
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.pipeline import Denoised
from napari_photon_denoise.widgets.parts.latest import Latest
from napari_photon_denoise.widgets.parts.layers import add_quietly, limits, place
from napari_photon_denoise.widgets.parts.region import Region, camera_of, region_job, visible_region
from napari_photon_denoise.widgets.parts.task import Task
from napari_photon_denoise.widgets.parts.work import Work

GATHER = 150  # ms; changes that follow each other so fast are answered once
PATIENCE = 400  # ms; what takes longer says what it does
FOLLOWED = ("data", "scale", "translate", "rotate", "shear", "affine", "units")


class Preview(QObject):  # type: ignore[misc]  # Qt comes without types
    """Shows a layer of the visible region, and keeps it up to date.

    Parameters
    ----------
    viewer : napari.Viewer
    task : callable
        Returns the present `Task`, or raises the PhotonDenoiseError that says what is missing.
    parent : QObject
    """

    said = Signal(str)
    """Why there is no preview; empty when there is one again."""
    working = Signal(str)
    """What takes so long."""
    closed = Signal()
    """The user deleted the preview's layer, or its source."""
    shown = Signal(object, object)
    """The preview is up to date: its Task, and what the method has to say, a tuple of str."""

    def __init__(self, viewer: Any, task: Callable[[], Task], parent: QObject) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._task = task
        self._layer: Image | None = None
        self._shown: Task | None = None
        self._followed: Image | None = None
        # What a method prepared, and for which task: as long as only the view changes, it stays.
        self._prepared: tuple[Task, Filter] | None = None
        self.latest = Latest(self._work, GATHER, self)
        self.latest.refused.connect(self._refuse)
        self.latest.waits.connect(self.working)
        self.latest.runner.failed.connect(self._fail)
        self.refresh = self.latest.refresh
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE)
        self._patience.timeout.connect(self._say_step)
        self._step = ""
        for event in (
            viewer.dims.events.point,
            viewer.dims.events.ndisplay,
            viewer.dims.events.order,
            camera_of(viewer).events.center,
            camera_of(viewer).events.zoom,
        ):
            event.connect(self.refresh)
        viewer.layers.events.removed.connect(self._on_removed)

    @property
    def layer(self) -> Image | None:
        """The layer that is shown, if any."""
        return self._layer

    @property
    def busy(self) -> bool:
        """Whether a preview is asked for or computed."""
        return self.latest.busy

    def switch(self, on: bool) -> None:
        """Show the preview, or take it away."""
        self.latest.switch(on)
        if not on:
            self._patience.stop()
            self._remove()
            self._forget()

    def _work(self) -> Work:
        """Return the preview of the present settings."""
        task = self._task()
        _check_fast(task)
        region = visible_region(self._viewer, task.layer)
        self._patience.start()
        return Work(
            self._job(task, region),
            "Preview",
            done=partial(self._show, task, region),
            progressed=self._on_progress,
            ended=self._patience.stop,
        )

    def _job(self, task: Task, region: Region) -> Job[Denoised]:
        """Prepare the method, unless that was done before, and denoise the region."""
        task = task.resolved()
        before = self._prepared
        if before is not None and before[0].prepares_like(task):
            function = before[1]
        else:
            self._prepared = None  # the old one may hold a GPU's memory
            function = yield from task.denoiser.prepare(task.photons, task.device)
            self._prepared = task, function
        return (yield from region_job(task, region, function))

    def _on_progress(self, step: Progress) -> None:
        self._step = step.text
        if not self._patience.isActive():
            self._say_step()

    def _say_step(self) -> None:
        if self.latest.on and self.latest.runner.busy and self._step:
            self.working.emit(f"{self._step}…")

    def _refuse(self, sentence: str) -> None:
        self._remove()
        self.said.emit(sentence)

    def _fail(self, error: Exception) -> None:
        self._refuse(f"The preview stopped on an unexpected error ({error}).")

    def _show(self, task: Task, region: Region, denoised: Denoised) -> None:
        """Put the pixels exactly where they belong."""
        if task.layer not in self._viewer.layers:
            return
        if self._layer is not None and self._layer.ndim != task.layer.ndim:
            self._remove()
        start = [part.start for part in region]
        if self._layer is None:
            self._layer = task.preview(denoised.data, start)
            add_quietly(self._viewer, self._layer)
        else:
            self._layer.data = denoised.data
            place(self._layer, task.layer, start)
            if self._shown is None or not _looks_alike(task, self._shown):
                # Not otherwise: the user may have set them by hand.
                contrast = limits(task.layer, task.photons.calibration, task.units)
                self._layer.contrast_limits = contrast
        self._follow(task.layer)
        self._shown = task
        self._layer.name = f"{task.layer.name} [{task.denoiser.label} preview]"
        self.said.emit("")
        self.shown.emit(task, denoised.notes)

    def _follow(self, layer: Image | None) -> None:
        """Refresh when the source is moved or gets other pixels."""
        if layer is self._followed:
            return
        for source, act in ((self._followed, "disconnect"), (layer, "connect")):
            if source is not None:
                for name in FOLLOWED:
                    getattr(getattr(source.events, name), act)(self.refresh)
                getattr(source.events.data, act)(self._forget)
        self._followed = layer

    def _forget(self, _event: object = None) -> None:
        """Prepare anew next time: the pixels are others, in the same array perhaps."""
        self._prepared = None

    def _remove(self) -> None:
        layer, self._layer = self._layer, None
        self._shown = None
        self._follow(None)
        if layer is not None and layer in self._viewer.layers:
            self._viewer.layers.remove(layer)

    def _on_removed(self, event: Any) -> None:
        """Follow the user, who deleted the preview or what it is of."""
        source = self._shown.layer if self._shown is not None else None
        if self.latest.on and self._layer is not None and event.value in (self._layer, source):
            self.switch(False)
            self.closed.emit()


def _check_fast(task: Task) -> None:
    """Refuse a method that would take minutes at every change.

    Raises
    ------
    PhotonDenoiseError
    """
    if not task.denoiser.previews:
        raise PhotonDenoiseError(
            f"{task.denoiser.label} learns first: press Run, or use Learn to denoise, which shows "
            "how it goes."
        )


def _looks_alike(new: Task, old: Task) -> bool:
    """Whether the same contrast fits both; cheap, since medians of maps are not."""
    return (
        new.layer is old.layer
        and new.photons.calibration is old.photons.calibration
        and new.units == old.units
    )
