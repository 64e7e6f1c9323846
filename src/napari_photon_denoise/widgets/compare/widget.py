"""The dock widget: several methods on what is on the screen, side by side."""

from __future__ import annotations

from typing import Any

from qtpy.QtWidgets import QTabWidget, QWidget

from napari_photon_denoise.denoisers import AnyMethod
from napari_photon_denoise.widgets.compare.controller import STAYS, CompareController
from napari_photon_denoise.widgets.compare.hand_over import CalibratedCamera, use_for_all
from napari_photon_denoise.widgets.compare.images import ImagePicker
from napari_photon_denoise.widgets.compare.methods import MethodList
from napari_photon_denoise.widgets.compare.request import Request
from napari_photon_denoise.widgets.compare.result_box import ResultBox
from napari_photon_denoise.widgets.compare.saver import ReportSaver
from napari_photon_denoise.widgets.compare.views import Views
from napari_photon_denoise.widgets.parts.camera import CameraPicker
from napari_photon_denoise.widgets.parts.dock import Dock
from napari_photon_denoise.widgets.parts.layout import group, scrolled, stack
from napari_photon_denoise.widgets.parts.model_card import show_card
from napari_photon_denoise.widgets.parts.source import SourcePicker

MINIMUM_WIDTH = 470  # px; narrower, the table without a truth is cut off


class CompareWidget(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Choose methods; run them on the visible region; look, judge, and take one over.

    Parameters
    ----------
    napari_viewer : napari.Viewer
    """

    def __init__(self, napari_viewer: Any) -> None:
        super().__init__()
        self._viewer = napari_viewer
        self.controller = CompareController(napari_viewer, self)
        self.source = SourcePicker(napari_viewer)
        self.camera = CameraPicker(napari_viewer)
        self._calibrated = CalibratedCamera(napari_viewer, self.camera)
        self.methods = MethodList()
        self.images = ImagePicker(napari_viewer)
        self.results = ResultBox()
        self.dock = Dock(self, self.controller.work, STAYS)
        self.bar, self.runner = self.dock.bar, self.dock.runner
        self.run, self.cancel = self.dock.controller.run, self.dock.controller.cancel
        self.saver = ReportSaver(self)
        self.shown = self.controller.shown
        self.views = Views(napari_viewer, self.shown, self.results.views.show_share, self)
        self._build()
        self._connect()
        self.controller.follow_layer()

    @property
    def message(self) -> str:
        """What the status line says."""
        return self.bar.message

    @property
    def compared(self) -> Request | None:
        """What was compared last, or is now."""
        return self.controller.compared

    def show_results(self, on: bool) -> None:
        """Turn to the results, or to what to compare."""
        self._tabs.setCurrentIndex(int(on))

    def hand_over(self, request: Request, method: AnyMethod) -> None:
        """Set "Photon denoise" to a method, and to the image and camera of a comparison."""
        use_for_all(self._viewer, request, method)

    def _build(self) -> None:
        """Put what to compare and what came out on two pages; what runs stays in sight below."""
        groups = stack(
            QWidget(),
            group("Raw image", self.source),
            group("Camera", self.camera),
            group("Methods", self.methods),
            group("Images that are finished already", self.images),
        )
        self._tabs = QTabWidget()
        self._tabs.addTab(scrolled(groups), "What to compare")
        self._tabs.addTab(self.results, "Results")
        self.bar.name_run(
            "&Compare the visible region",
            "Run every ticked method on what is on the screen, and judge the results.",
        )
        self.bar.name_cancel("Stop after the step that runs now; what is finished stays.")
        self.dock.fill(self._tabs, width=MINIMUM_WIDTH)

    def _connect(self) -> None:
        control = self.controller
        for changed in (self.source.layerChanged, self.source.axesChanged):
            changed.connect(control.follow_layer)
        self.source.layerChanged.connect(self.dock.controller.stop_waiting)
        self.camera.estimated.connect(self.dock.controller.go_on)
        self.methods.refused.connect(self.bar.hint)
        self.methods.cardAsked.connect(self._show_card)
        picker = self.results.views
        picker.modeChanged.connect(self.views.set_mode)
        picker.pairChanged.connect(self.views.set_pair)
        picker.intervalChanged.connect(self.views.flicker.set_interval)
        picker.shareChanged.connect(self.views.set_share)
        self.results.table.chosen.connect(control.choose_row)
        self.results.useAsked.connect(control.use)
        self.results.keepAsked.connect(control.keep)
        self.results.reportAsked.connect(self.saver.save)
        for part in (self.saver, self.results):
            part.said.connect(self.bar.say)
            part.refused.connect(self.bar.refuse)
        self.dock.life.shown.connect(self._on_shown)
        self.dock.life.closed.connect(control.close)

    def _on_shown(self) -> None:
        """Take a new camera in."""
        self._calibrated.take(self.compared)

    def _show_card(self, method: AnyMethod) -> None:
        show_card(method, self.source, self.bar)
