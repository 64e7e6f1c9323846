"""What "Photon denoise" does with its controls: which work they describe, what is said; no Qt."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from napari.utils.notifications import show_warning

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.pipeline import Denoised
from napari_photon_denoise.widgets.parts.layers import photons_of
from napari_photon_denoise.widgets.parts.settings import read_defaults
from napari_photon_denoise.widgets.parts.task import Task
from napari_photon_denoise.widgets.parts.work import NotYet, Work

if TYPE_CHECKING:
    from napari_photon_denoise.denoisers import AnyMethod
    from napari_photon_denoise.widgets.denoise.hints import Hints
    from napari_photon_denoise.widgets.denoise.preview import Preview
    from napari_photon_denoise.widgets.parts.camera import CameraPicker
    from napari_photon_denoise.widgets.parts.dock import Dock
    from napari_photon_denoise.widgets.parts.form import MethodPicker
    from napari_photon_denoise.widgets.parts.result import ResultPicker
    from napari_photon_denoise.widgets.parts.source import SourcePicker


class View(Protocol):
    """What the controller asks, and shows things in: the dock, or a test."""

    source: SourcePicker
    camera: CameraPicker
    method: MethodPicker[AnyMethod]
    result: ResultPicker
    hints: Hints
    dock: Dock
    preview: Preview

    def show_preview(self, on: bool) -> None:
        """Tick the preview, or not."""


class DenoiseController:
    """Follows the controls; makes the work of them, and shows what comes out.

    Parameters
    ----------
    viewer : napari.Viewer
        Gets the results.
    view : View
    """

    def __init__(self, viewer: Any, view: View) -> None:
        self._viewer, self._view = viewer, view
        self._last: Task | None = None
        self._notes: tuple[str, ...] = ()  # of the preview

    def task(self) -> Task:
        """Return what the controls describe now.

        Raises
        ------
        PhotonDenoiseError
            If something is missing or does not fit; one sentence says what to do.
        """
        view = self._view
        layer = view.source.layer()
        photons = photons_of(layer, view.camera.value(), view.source.axes())
        return Task(
            layer,
            photons,
            view.method.value(),
            units=view.result.units(),
            device=view.result.device(),
            tile=read_defaults().tile,
        )

    def task_to_repeat(self) -> Task:
        """Return what made the last result, or would make the first."""
        return self._last or self.task().resolved()

    def work(self) -> Work:
        """Return the denoising of the whole image."""
        task = self.task().resolved()
        return Work(task.job(), f"Denoising {task.layer.name}", partial(self._on_denoised, task))

    def follow_layer(self) -> None:
        """Take the camera that the chosen layer brings along, or have its noise looked at."""
        source = self._view.source
        self._view.camera.set_layer(source.current(), source.axes())

    def check(self) -> None:
        """Say what is wrong with the controls, beside them; and preview them."""
        self._view.method.set_sizes(self._view.source.sizes())
        self._view.dock.controller.hint(self._missing())
        self._show_hints()
        self._view.preview.refresh()

    def switch_preview(self, on: bool) -> None:
        """Show the preview, or take it away with what it said."""
        self._view.preview.switch(on)
        if not on:
            self._notes = ()
            self._show_hints()
            self._view.dock.controller.hint(self._missing())

    def on_preview_said(self, sentence: str) -> None:
        """Say why there is no preview; nothing if there is one again."""
        if sentence:
            self._notes = ()
            self._show_hints()
        self._view.dock.controller.hint(sentence)

    def on_preview_shown(self, task: Task, notes: tuple[str, ...]) -> None:
        """Say what the method has to say of the image."""
        self._notes = notes
        self._view.hints.learn(task)
        self._show_hints()

    def _missing(self) -> str:
        """Return what keeps the controls from being a task; empty if nothing does."""
        try:
            self.task()
        except NotYet:  # the camera says what it waits for
            return ""
        except PhotonDenoiseError as error:
            return str(error)
        return ""

    def _show_hints(self) -> None:
        view = self._view
        try:
            denoiser, calibration = view.method.value(), view.camera.value()
        except PhotonDenoiseError:
            view.hints.clear()
        else:
            view.hints.describe(denoiser, calibration, view.result.device(), self._notes)

    def _on_denoised(self, task: Task, denoised: Denoised) -> None:
        """Add the result on top; the preview of it has served its purpose."""
        self._view.show_preview(False)
        layers = task.results(denoised)
        self._viewer.layers.extend(layers)
        name = layers[-1].name
        self._last = task
        self._view.hints.learn(task)
        self._show_hints()
        self._view.dock.bar.say("\n".join([f"Done: {name}.", *denoised.notes]))
        for note in denoised.notes:
            show_warning(f"{name}: {note}")
