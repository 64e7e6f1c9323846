"""What "Photon denoise" does with its controls: which work they describe, what is said; no Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from napari.layers import Image

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.pipeline import Denoised
from napari_photon_denoise.widgets.denoise.layers_job import How, LayerRun, layers_job
from napari_photon_denoise.widgets.denoise.results import LayerResults, Results
from napari_photon_denoise.widgets.denoise.speed import Stopwatch
from napari_photon_denoise.widgets.on_disk.room import goes_to_disk, say_where
from napari_photon_denoise.widgets.on_disk.stores import Stores
from napari_photon_denoise.widgets.parts.layers import layer_axes, photons_of
from napari_photon_denoise.widgets.parts.plane_axis import is_known
from napari_photon_denoise.widgets.parts.settings import read_defaults
from napari_photon_denoise.widgets.parts.task import Task
from napari_photon_denoise.widgets.parts.work import NotYet, Work

if TYPE_CHECKING:
    from napari_photon_denoise.widgets.denoise.view import View


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
        self.results = Results(viewer, view)
        self._stores = Stores(viewer, view, self.results)
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
            own=view.camera.way() == "image",
        )

    def task_to_repeat(self) -> Task:
        """Return what made the last result, or would make the first."""
        return self.results.last or self.task().resolved()

    def tasks_to_time(self) -> list[Task]:
        """Return what Run would do, whatever the camera: it hardly matters for the time.

        Raises
        ------
        PhotonDenoiseError
            If something is missing or does not fit.
        """
        how, unknown = self._how(), Calibration(gain=1, offset=0)
        return [
            Task(
                layer,
                photons_of(layer, unknown, self._axes_of(layer) or layer_axes(layer)),
                how.denoiser,
                units=how.units,
                device=how.device,
                tile=how.tile,
            )
            for layer in self.chosen()
        ]

    def where(self, tasks: Sequence[Task]) -> str:
        """Say where the results of tasks go, if that is not into memory."""
        return say_where(tasks, self._view.result.keep())

    @property
    def cancel_tip(self) -> str:
        """What Cancel does."""
        return self._stores.cancel_tip

    def chosen(self) -> list[Image]:
        """Return the layers that Run denoises: those that are selected, if they are several.

        Raises
        ------
        PhotonDenoiseError
            If there is none.
        """
        selected = self._view.selection.layers()
        return selected if len(selected) > 1 else [self._view.source.layer()]

    def offer(self) -> tuple[str, str]:
        """Return what Run is called, and its help."""
        selected = self._view.selection.layers()
        if len(selected) < 2:
            return "&Run", "Denoise the whole image; the result is a new layer."
        names = "\n".join(layer.name for layer in selected)
        return f"&Run on {len(selected)} selected layers", f"Denoise one after the other:\n{names}"

    def work(self) -> Work:
        """Return the denoising of the whole image, or of all that are selected."""
        chosen = self.chosen()
        if len(chosen) > 1:
            return self._work_on(chosen)
        task, watch = self.task().resolved(), Stopwatch()
        if goes_to_disk([task], self._view.result.keep()):
            return self._stores.work(task, self._view.camera.way(), said=self._show_hints)
        done = partial(self._on_denoised, self._view.camera.way(), task, watch)
        return Work(watch.time(task.job()), f"Denoising {task.layer.name}", done)

    def _work_on(self, layers: Sequence[Image]) -> Work:
        """Return the denoising of several layers."""
        runs = [LayerRun(layer, self._axes_of(layer), self._camera_of(layer)) for layer in layers]
        how, tasks = self._how(), self.tasks_to_time()
        if goes_to_disk(tasks, self._view.result.keep()):
            how = replace(how, place=self._stores.ask_folder(tasks))
        way = self._view.camera.way()
        shown = LayerResults(self.results, self._viewer, self._view, way, len(runs))
        return Work(
            layers_job(how, runs),
            f"Denoising {len(runs)} layers",
            done=shown.finish,
            progressed=shown.follow,
            ended=shown.report,
        )

    def _how(self) -> How:
        view = self._view
        return How(
            view.method.value(), view.result.units(), view.result.device(), read_defaults().tile
        )

    def _axes_of(self, layer: Image) -> str:
        """Return the axes in the form, for its layer and for others of which no more is known."""
        shown = self._view.source.current()
        alike = shown is not None and layer.axis_labels == shown.axis_labels
        own = layer is not shown and is_known(layer)
        return self._view.source.axes() if alike and not own else ""

    def _camera_of(self, layer: Image) -> Calibration | None:
        """Return the camera of one of several layers; None has it told by the layer's own noise."""
        camera = self._view.camera
        if camera.way() != "layer":
            return camera.named()
        own = layer.metadata.get("calibration")
        return own if isinstance(own, Calibration) else None

    def follow_layer(self) -> None:
        """Take the camera that the chosen layer brings along, or have its noise looked at."""
        source = self._view.source
        self._view.camera.set_layer(source.current(), source.axes())

    def check(self) -> None:
        """Say what is wrong with the controls, beside them; and preview them."""
        self._view.method.set_sizes(self._view.source.sizes())
        self._hint(self._missing())
        self._show_hints()
        self._view.preview.refresh()

    def switch_preview(self, on: bool) -> None:
        """Show the preview, or take it away with what it said."""
        self._view.preview.switch(on)
        if not on:
            self._notes = ()
            self._show_hints()
            self._hint(self._missing())

    def on_preview_said(self, sentence: str) -> None:
        """Say why there is no preview; nothing if there is one again."""
        if sentence:
            self._notes = ()
            self._show_hints()
        self._hint(sentence)

    def on_preview_shown(self, task: Task, notes: tuple[str, ...]) -> None:
        """Say what the method has to say of the image."""
        self._notes = notes
        self._view.hints.learn(task)
        self._show_hints()

    def _hint(self, sentence: str) -> None:
        """Say what is missing, unless the files are in front, which need no layer."""
        if not self._view.shows_files():
            self._view.dock.controller.hint(sentence)

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

    def _on_denoised(self, way: str, task: Task, watch: Stopwatch, denoised: Denoised) -> None:
        """Add the result, and say so."""
        name = self.results.take(way, task, denoised, watch)
        self._show_hints()
        self._view.dock.bar.say("\n".join([f"Done: {name}.", *denoised.notes]))
