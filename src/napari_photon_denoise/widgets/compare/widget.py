"""The dock widget: several methods on what is on the screen, side by side."""

from __future__ import annotations

from typing import Any

from napari.layers import Image
from qtpy.QtCore import QEvent, Qt
from qtpy.QtWidgets import QScrollArea, QTabWidget, QVBoxLayout, QWidget

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.methods import RAW, Compared, RowProgress
from napari_photon_denoise.job import Progress
from napari_photon_denoise.widgets.calibration.work import group
from napari_photon_denoise.widgets.compare.hand_over import CalibratedCamera, use_for_all
from napari_photon_denoise.widgets.compare.images import ImagePicker
from napari_photon_denoise.widgets.compare.methods import MethodList
from napari_photon_denoise.widgets.compare.request import (
    FinishedImage,
    Request,
    finished_image,
    region_again,
    renamed,
)
from napari_photon_denoise.widgets.compare.result_box import ResultBox
from napari_photon_denoise.widgets.compare.saver import ReportSaver
from napari_photon_denoise.widgets.compare.shown import TRUTH, Shown
from napari_photon_denoise.widgets.compare.views import Views
from napari_photon_denoise.widgets.parts.camera import CameraPicker
from napari_photon_denoise.widgets.parts.layers import photons_of
from napari_photon_denoise.widgets.parts.model_card import open_card
from napari_photon_denoise.widgets.parts.region import Region
from napari_photon_denoise.widgets.parts.run_bar import RunBar
from napari_photon_denoise.widgets.parts.settings import read_defaults
from napari_photon_denoise.widgets.parts.source import SourcePicker
from napari_photon_denoise.widgets.parts.worker import Runner

MINIMUM_WIDTH = 420  # px; narrower, the table without a truth is cut off


class CompareWidget(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Choose methods; run them on the visible region; look, judge, and take one over.

    Parameters
    ----------
    napari_viewer : napari.Viewer
    """

    def __init__(self, napari_viewer: Any) -> None:
        super().__init__()
        self._viewer = napari_viewer
        self._request: Request | None = None
        self.source = SourcePicker(napari_viewer)
        self.camera = CameraPicker()
        self._calibrated = CalibratedCamera(napari_viewer, self.camera)
        self.methods = MethodList()
        self.images = ImagePicker(napari_viewer)
        self.results = ResultBox()
        self.bar = RunBar()
        self.runner = Runner(self)
        self.saver = ReportSaver(self)
        self.shown = Shown(napari_viewer, self._on_layers)
        self.views = Views(napari_viewer, self.shown, self.results.views.show_share, self)
        self._build()
        self._connect()
        self._on_layer()

    @property
    def message(self) -> str:
        """What the status line says."""
        return self.bar.message

    @property
    def compared(self) -> Request | None:
        """What was compared last, or is now."""
        return self._request

    def show_results(self, on: bool) -> None:
        """Turn to the results, or to what to compare."""
        self._tabs.setCurrentIndex(int(on))

    def request(self) -> Request:
        """Return what the controls describe now, for what is on the screen now.

        Raises
        ------
        PhotonDenoiseError
            If something is missing or does not fit; one sentence says what to do.
        """
        layer = self.source.layer()
        photons = photons_of(layer, self.camera.value(), self.source.axes())
        methods = self.methods.named()
        if not methods and not self.images.layers():
            raise PhotonDenoiseError("Tick at least one method or finished image to compare.")
        region = self._region(layer)
        unsaid = self.images.unsaid(photons.calibration)

        def image(other: Image) -> FinishedImage:
            return finished_image(other, layer, region, unsaid, photons.axes)

        truth = self.images.truth()
        if truth is not None and any(other.name == TRUTH for other in self.images.layers()):
            raise PhotonDenoiseError(f"A finished image is named '{TRUTH}', too: rename it.")
        return Request(
            layer,
            photons,
            region,
            methods,
            tuple(image(other) for other in self.images.layers()),
            renamed(image(truth), TRUTH) if truth is not None else None,
            self.images.exposure(),
            read_defaults().device,
        )

    def run(self) -> None:
        """Start on what is on the screen, or say what is missing."""
        if self.runner.busy:
            return
        try:
            request = self.request()
        except PhotonDenoiseError as error:
            self.bar.refuse(str(error))
            return
        self._clear()
        self._request = request
        self.results.start(with_truth=request.truth is not None)
        self.show_results(True)
        self.bar.show_busy()
        title = f"Comparing methods on {request.layer.name}"
        self.runner.start(request.job(), title, show_progress=True)

    def cancel(self) -> None:
        """Stop after the step that runs now; what is finished stays."""
        if self.runner.busy:
            self.runner.cancel()
            self.bar.show_cancelling()

    def use(self, name: str) -> None:
        """Take the method of a row to the widget that denoises."""
        method = self._request.method_of(name) if self._request is not None else None
        if self._request is None or method is None:
            return
        try:
            use_for_all(self._viewer, self._request, method)
        except PhotonDenoiseError as error:
            self.bar.refuse(str(error))
        else:
            self._clear_views()
            self.bar.say(f"Photon denoise is set to {name}: press Run there.")

    def keep(self) -> None:
        """Leave the layers of the comparison to the user."""
        self._clear_views()
        layers = self.shown.release()
        for layer in layers:
            layer.visible = True
        self.bar.say(f"{len(layers)} layers are yours now.")

    def event(self, event: QEvent) -> bool:
        """Take a new camera in; give everything back when napari takes the widget out."""
        if event.type() == QEvent.Type.Show:
            self._calibrated.take(self._request)
        if event.type() == QEvent.Type.ParentChange and self.parent() is None:
            self.runner.cancel()
            self._clear()
        return bool(super().event(event))

    def _region(self, layer: Image) -> Region:
        """Return the pixels on the screen; those of the tiles where there are tiles."""
        # Tiles have another shape than the window, and would show more with every run.
        return region_again(self._viewer, layer, self._request if self.views.grid.on else None)

    def _build(self) -> None:
        """Put what to compare and what came out on two pages; what runs stays in sight below."""
        content = QWidget()
        groups = QVBoxLayout(content)
        groups.addWidget(group("Raw image", self.source))
        groups.addWidget(group("Camera", self.camera))
        groups.addWidget(group("Methods", self.methods))
        groups.addWidget(group("Images that are finished already", self.images))
        groups.addStretch()
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidget(content)
        self._tabs = QTabWidget()
        self._tabs.addTab(scroll, "What to compare")
        self._tabs.addTab(self.results, "Results")
        self.bar.name_run(
            "&Compare the visible region",
            "Run every ticked method on what is on the screen, and judge the results.",
        )
        self.bar.name_cancel("Stop after the step that runs now; what is finished stays.")
        self.setMinimumWidth(MINIMUM_WIDTH)
        layout = QVBoxLayout(self)
        layout.addWidget(self._tabs, 1)
        layout.addWidget(self.bar)

    def _connect(self) -> None:
        self.source.layerChanged.connect(self._on_layer)
        self._viewer.layers.events.removed.connect(self._on_removed)
        self.methods.refused.connect(self.bar.hint)
        self.methods.cardAsked.connect(self._show_card)
        self.bar.runAsked.connect(self.run)
        self.bar.cancelAsked.connect(self.cancel)
        self.runner.progressed.connect(self._on_progress)
        self.runner.succeeded.connect(self._on_success)
        self.runner.refused.connect(self.bar.refuse)
        self.runner.failed.connect(self._on_failure)
        self.runner.finished.connect(self._on_finished)
        picker = self.results.views
        picker.modeChanged.connect(self.views.set_mode)
        picker.pairChanged.connect(self.views.set_pair)
        picker.intervalChanged.connect(self.views.flicker.set_interval)
        picker.shareChanged.connect(self.views.set_share)
        self.results.table.chosen.connect(self._on_row)
        self.results.useAsked.connect(self.use)
        self.results.keepAsked.connect(self.keep)
        self.results.reportAsked.connect(self.saver.save)
        self.saver.said.connect(self.bar.say)
        self.saver.refused.connect(self.bar.refuse)
        self.results.said.connect(self.bar.say)
        self.results.refused.connect(self.bar.refuse)

    def _clear(self) -> None:
        """Remove what the last comparison added, and give back what it changed."""
        self.views.clear()
        self.shown.clear()

    def _clear_views(self) -> None:
        """Leave grid, flicker and swipe."""
        self.results.views.set_mode("stacked")
        self.views.clear()

    def _on_layer(self) -> None:
        layer = self.source.current()
        self.camera.set_layer(layer.metadata if layer is not None else {})
        self.images.set_raw(layer)

    def _on_layers(self) -> None:
        """Other layers are shown than before."""
        self.results.views.set_names(list(self.shown.layers))
        self.views.refresh()

    def _on_removed(self, event: Any) -> None:
        """Stop when the user deletes what is compared; `_on_finished` says so."""
        if self.runner.busy and self._request is not None and event.value is self._request.layer:
            self.runner.cancel()

    def _on_progress(self, step: Progress) -> None:
        self.bar.show_progress(step)
        if isinstance(step, RowProgress) and self._request is not None:
            row = step.row
            self.results.table.rows.add(row)
            self.results.set_exportable()
            if row.clean is not None:
                self.shown.add(row.name, row.clean, self._request)

    def _on_success(self, result: tuple[Compared, Float32 | None]) -> None:
        compared, truth = result
        if self._request is None or self._request.layer not in self._viewer.layers:
            return
        if truth is not None:
            self.shown.add(TRUTH, truth, self._request)
        self.results.show_verdict(compared)
        self.saver.keep(self._request, compared, truth)
        best = next((row.name for row in compared.rows if row.clean is not None), "")
        self.results.views.set_pair(RAW, best)
        self.results.table.choose(best)
        self.bar.say("Done.")

    def _on_row(self, name: str) -> None:
        self.results.views.set_pair("", name)
        known = self._request is not None and self._request.method_of(name) is not None
        self.results.set_usable(known)

    def _on_failure(self, error: Exception) -> None:
        self.bar.hint(f"Stopped on an unexpected error ({error}); your images are as they were.")

    def _on_finished(self) -> None:
        gone = self._request is not None and self._request.layer not in self._viewer.layers
        if gone:
            self._clear()
            self.bar.hint("The raw image was deleted, so the comparison was stopped.")
        elif self.runner.cancelled:
            self.bar.say("Cancelled; what was finished stays.")
        self.bar.show_idle()

    def _show_card(self, method: AnyMethod) -> None:
        """Open the card of the model that is chosen, or that the image decides on."""
        try:
            layer = self.source.layer()
            photons = photons_of(layer, self.camera.value(), self.source.axes())
            open_card(method.resolved(photons).card, self)
        except PhotonDenoiseError as error:
            self.bar.refuse(str(error))
