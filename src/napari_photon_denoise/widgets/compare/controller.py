"""What "Compare methods" does with its controls, and with what comes out; without Qt."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from napari.layers import Image

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.methods import RAW, Compared, RowProgress
from napari_photon_denoise.job import Progress
from napari_photon_denoise.settling import SettledProgress
from napari_photon_denoise.widgets.compare.request import (
    FinishedImage,
    Request,
    finished_image,
    region_again,
    renamed,
)
from napari_photon_denoise.widgets.compare.shown import TRUTH, Shown
from napari_photon_denoise.widgets.parts.layers import photons_of
from napari_photon_denoise.widgets.parts.settings import read_defaults
from napari_photon_denoise.widgets.parts.work import Work

if TYPE_CHECKING:
    from napari_photon_denoise.widgets.compare.images import ImagePicker
    from napari_photon_denoise.widgets.compare.methods import MethodList
    from napari_photon_denoise.widgets.compare.result_box import ResultBox
    from napari_photon_denoise.widgets.compare.saver import ReportSaver
    from napari_photon_denoise.widgets.compare.views import Views
    from napari_photon_denoise.widgets.parts.camera import CameraPicker
    from napari_photon_denoise.widgets.parts.dock import Dock
    from napari_photon_denoise.widgets.parts.source import SourcePicker

STAYS = "Cancelled; what was finished stays."


class View(Protocol):
    """What the controller asks, and shows things in: the dock, or a test."""

    source: SourcePicker
    camera: CameraPicker
    methods: MethodList
    images: ImagePicker
    results: ResultBox
    views: Views
    saver: ReportSaver
    dock: Dock

    def show_results(self, on: bool) -> None:
        """Turn to the results, or to what to compare."""

    def hand_over(self, request: Request, method: AnyMethod) -> None:
        """Set "Photon denoise" to a method, and to the image and camera of a comparison."""


class CompareController:
    """Follows the controls; makes a comparison of them, and shows what comes out.

    Parameters
    ----------
    viewer : napari.Viewer
    view : View
    """

    def __init__(self, viewer: Any, view: View) -> None:
        self._viewer, self._view = viewer, view
        self.compared: Request | None = None
        """What was compared last, or is now."""
        self.shown = Shown(viewer, self._on_layers)
        viewer.layers.events.removed.connect(self._on_removed)

    def request(self) -> Request:
        """Return what the controls describe now, for what is on the screen now.

        Raises
        ------
        PhotonDenoiseError
            If something is missing or does not fit; one sentence says what to do.
        """
        view = self._view
        layer = view.source.layer()
        photons = photons_of(layer, view.camera.value(), view.source.axes())
        methods, images, truth = view.methods.named(), view.images.layers(), view.images.truth()
        if not methods and not images:
            raise PhotonDenoiseError("Tick at least one method or finished image to compare.")
        # Tiles have another shape than the window, and would show more with every run.
        last = self.compared if view.views.grid.on else None
        region = region_again(self._viewer, layer, last)
        unsaid = view.images.unsaid(photons.calibration)
        if truth is not None and any(other.name == TRUTH for other in images):
            raise PhotonDenoiseError(f"A finished image is named '{TRUTH}', too: rename it.")

        def image(other: Image) -> FinishedImage:
            return finished_image(other, layer, region, unsaid, photons.axes)

        return Request(
            layer,
            photons,
            region,
            methods,
            tuple(map(image, images)),
            renamed(image(truth), TRUTH) if truth is not None else None,
            view.images.exposure(),
            read_defaults().device,
            own=view.camera.way() == "image",
        )

    def work(self) -> Work:
        """Return the comparison of what is on the screen; what the last one added goes."""
        request = self.request()
        self.clear()
        self.compared = request
        self._view.results.start(with_truth=request.truth is not None)
        self._view.show_results(True)
        return Work(
            request.job(),
            f"Comparing methods on {request.layer.name}",
            done=self._on_compared,
            progressed=self._on_progress,
            ended=self._on_ended,
        )

    def use(self, name: str) -> None:
        """Take the method of a row to the widget that denoises."""
        method = self._method_of(name)
        if self.compared is None or method is None:
            return
        bar = self._view.dock.bar
        try:
            self._view.hand_over(self.compared, method)
        except PhotonDenoiseError as error:
            bar.refuse(str(error))
        else:
            self._clear_views()
            bar.say(f"Photon denoise is set to {name}: press Run there.")

    def keep(self) -> None:
        """Leave the layers of the comparison to the user."""
        self._clear_views()
        layers = self.shown.release()
        for layer in layers:
            layer.visible = True
        self._view.dock.bar.say(f"{len(layers)} layers are yours now.")

    def clear(self) -> None:
        """Put away what the last comparison added, and give back what it changed."""
        self._view.views.clear()
        self.shown.clear()

    def close(self) -> None:
        """Leave the viewer as it was."""
        self._view.views.close()
        self.shown.close()

    def follow_layer(self) -> None:
        """Take the camera that the chosen layer brings along, or have its noise looked at."""
        layer = self._view.source.current()
        self._view.camera.set_layer(layer, self._view.source.axes())
        self._view.images.set_raw(layer)

    def choose_row(self, name: str) -> None:
        """Show what a row's method made, and offer it where it is known."""
        self._view.results.views.set_pair("", name)
        self._view.results.set_usable(self._method_of(name) is not None)

    def _method_of(self, name: str) -> AnyMethod | None:
        return self.compared.method_of(name) if self.compared is not None else None

    def _clear_views(self) -> None:
        """Leave grid, flicker and swipe."""
        self._view.results.views.set_mode("stacked")
        self._view.views.clear()

    def _on_layers(self) -> None:
        """Other layers are shown than before."""
        self._view.results.views.set_names(list(self.shown.layers))
        self._view.views.refresh()

    def _on_removed(self, event: Any) -> None:
        """Stop when the user deletes what is compared; `_on_ended` says so."""
        runner = self._view.dock.runner
        if runner.busy and self.compared is not None and event.value is self.compared.layer:
            runner.cancel()

    def _on_progress(self, step: Progress) -> None:
        if isinstance(step, SettledProgress) and self.compared is not None:
            self.compared = replace(self.compared, settled=step.photons)
        if isinstance(step, RowProgress) and self.compared is not None:
            row = step.row
            self._view.results.table.rows.add(row)
            self._view.results.set_exportable()
            if row.clean is not None:
                self.shown.add(row.name, row.clean, self.compared)
                if len(self.shown.layers) == 2:  # the first beside the raw image
                    self.shown.brighten(row.name)

    def _on_compared(self, result: tuple[Compared, Float32 | None]) -> None:
        compared, truth = result
        if self.compared is None or self._is_gone:
            return
        if truth is not None:
            self.shown.add(TRUTH, truth, self.compared)
        results = self._view.results
        results.show_verdict(compared)
        self._view.saver.keep(self.compared, compared, truth)
        best = next((row.name for row in compared.rows if row.clean is not None), "")
        self.shown.brighten(best)
        results.views.set_pair(RAW, best)
        results.table.choose(best)
        self._view.dock.bar.say("Done.")

    def _on_ended(self) -> None:
        if self._is_gone:
            self.clear()
            self._view.dock.bar.hint("The raw image was deleted, so the comparison was stopped.")

    @property
    def _is_gone(self) -> bool:
        """Whether the user has deleted what is compared."""
        return self.compared is not None and self.compared.layer not in self._viewer.layers
