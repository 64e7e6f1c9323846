"""Live preview: what is on the screen, denoised with the present settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from napari.layers import Image
from qtpy.QtCore import QObject, QTimer, Signal

from napari_photon_denoise.denoiser import Filter, Prepared
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import RegionProgress
from napari_photon_denoise.settling import SettledProgress, settle_job
from napari_photon_denoise.widgets.denoise.preview_layer import PreviewLayer
from napari_photon_denoise.widgets.parts.hooks import Hooks
from napari_photon_denoise.widgets.parts.latest import Latest
from napari_photon_denoise.widgets.parts.region import (
    Region,
    camera_of,
    region_job,
    size_of,
    visible_region,
)
from napari_photon_denoise.widgets.parts.task import Task
from napari_photon_denoise.widgets.parts.work import Work

GATHER = 150  # ms; changes that follow each other so fast are answered once
PATIENCE = 400  # ms; what takes longer says what it does
FOLLOWED = ("data", "scale", "translate", "rotate", "shear", "affine", "units")
LARGEST = 2**24  # px: 4096 by 4096, all of a camera's frame; 80 MB
PERCENT = 100


@dataclass(frozen=True, eq=False)
class _Ready:
    """What a method prepared for a task, and how a run would see its image."""

    task: Task
    photons: Photons
    function: Filter
    notes: tuple[str, ...]


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
    progressed = Signal(int)
    """How much is done, %; of what takes long."""
    rested = Signal()
    """Nothing is computed now."""
    closed = Signal()
    """The user deleted the preview's layer, or its source."""
    shown = Signal(object, object)
    """The preview is up to date: its Task, and what the method has to say, a tuple of str."""

    def __init__(self, viewer: Any, task: Callable[[], Task], parent: QObject) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._task = task
        self._pixels = PreviewLayer(viewer, self)
        self._followed: Image | None = None
        # As long as only the view changes, it stays.
        self._prepared: _Ready | None = None
        self.latest = Latest(self._work, GATHER, self)
        self.latest.refused.connect(self._refuse)
        self.latest.waits.connect(self.working)
        self.latest.runner.failed.connect(self._fail)
        self.refresh = self.latest.refresh
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE)
        self._patience.timeout.connect(self._say_step)
        self._step = Progress("", 0, 0)
        self._hooks = Hooks()
        self._hooks.connect(
            self.refresh,
            viewer.dims.events.point,
            viewer.dims.events.ndisplay,
            viewer.dims.events.order,
            camera_of(viewer).events.center,
            camera_of(viewer).events.zoom,
        )
        self._hooks.connect(self._on_removed, viewer.layers.events.removed)

    @property
    def layer(self) -> Image | None:
        """The layer that is shown, if any."""
        return self._pixels.layer

    @property
    def source(self) -> Image | None:
        """What it is a preview of, if there is one."""
        return self._pixels.source

    @property
    def busy(self) -> bool:
        """Whether a preview is asked for or computed."""
        return self.latest.busy

    def switch(self, on: bool) -> None:
        """Show the preview, or put it away."""
        self.latest.switch(on)
        if not on:
            self._hide()
            self._forget()

    def stop(self) -> None:
        """Leave it at the tiles that are done, until something changes."""
        if not self.busy:
            return
        self.latest.stop()
        self._pixels.leave()
        self.said.emit("")
        self.working.emit(
            "The preview was stopped: where it had not come yet, you see the raw image."
        )

    def close(self) -> None:
        """Leave nothing in the viewer, and hear no more of it."""
        self.switch(False)
        self._hooks.cut()
        self._pixels.close()

    def _work(self) -> Work:
        """Return the preview of the present settings."""
        task = self._task()
        _check_fast(task)
        region = visible_region(self._viewer, task.layer, LARGEST)
        note = _cut(region, visible_region(self._viewer, task.layer, most=2**62))
        parts = self._pixels.missing(task, region)
        self._pixels.begin(task, region)
        self._follow(task.layer)
        self._step = Progress("", 0, 0)
        self._patience.start()
        return Work(
            self._job(task, parts),
            "Preview",
            done=partial(self._show, task, note),
            progressed=self._on_progress,
            ended=self._on_ended,
        )

    def _job(self, task: Task, parts: list[Region]) -> Job[tuple[str, ...]]:
        """Prepare the method, unless that was done before, and denoise; return its notes."""
        task = task.resolved()
        ready = self._prepared
        if ready is None or not ready.task.prepares_like(task):
            self._prepared = None  # the old one may hold a GPU's memory
            ready = self._prepared = yield from _ready_job(task)
            yield SettledProgress("Computing the preview", 0, 1, ready.photons)
        for part in parts:
            seen = replace(task, photons=ready.photons)
            yield from region_job(seen, part, ready.function)
        return (*ready.notes, *Prepared.of(ready.function).notes)

    def _on_progress(self, step: Progress) -> None:
        self._step = step
        if isinstance(step, SettledProgress) and self.latest.on:
            self._pixels.see(step.photons.calibration)
        if isinstance(step, RegionProgress) and step.image is not None and self.latest.on:
            self._pixels.put(step.place, step.image)
        if not self._patience.isActive():
            self._say_step()

    def _say_step(self) -> None:
        step = self._step
        if not (self.latest.on and self.latest.runner.busy and step.text):
            return
        if isinstance(step, RegionProgress):
            share = self._pixels.share
            self.progressed.emit(int(PERCENT * share))
            self.working.emit(f"Preview: {share:.0%} is done; Esc stops it.")
        else:
            self.working.emit(f"{step.text}…")

    def _on_ended(self) -> None:
        self._patience.stop()
        self.rested.emit()

    def _refuse(self, sentence: str) -> None:
        self._hide()
        self.said.emit(sentence)

    def _fail(self, error: Exception) -> None:
        self._refuse(f"The preview stopped on an unexpected error ({error}).")

    def _show(self, task: Task, cut: str, notes: tuple[str, ...]) -> None:
        """Say that the pixels are all there."""
        if self._pixels.layer is None:  # the user deleted it meanwhile
            return
        self._pixels.finish()
        self.said.emit("")
        self.shown.emit(task, (*notes, *([cut] if cut else [])))

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
        self._pixels.distrust()

    def _hide(self) -> None:
        self._patience.stop()
        self._follow(None)
        self._pixels.hide()

    def _on_removed(self, event: Any) -> None:
        """Follow the user, who deleted the preview or what it is of."""
        layer, source = self._pixels.layer, self._pixels.source
        if self.latest.on and layer is not None and event.value in (layer, source):
            self.switch(False)
            self.closed.emit()


def _ready_job(task: Task) -> Job[_Ready]:
    """Prepare the method for the camera that a run would take, checked and corrected alike."""
    settled = yield from settle_job(task.photons, task.denoiser, own=task.own, device=task.device)
    function = yield from task.denoiser.prepare(settled.photons, task.device)
    return _Ready(task, settled.photons, function, settled.notes)


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


def _cut(region: Region, seen: Region) -> str:
    """Say that more is on the screen than is previewed."""
    if size_of(region) == size_of(seen):
        return ""
    sides = [part.stop - part.start for part in region]
    size = "×".join(str(side) for side in sides if side > 1)
    return (
        f"The preview shows the middle {size} px of what is on the screen: zoom in or move to see "
        "others."
    )
