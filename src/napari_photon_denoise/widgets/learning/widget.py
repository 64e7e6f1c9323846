"""The dock widget: a network learns from the noisy image, and shows what it has learnt."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QTabWidget, QWidget

from napari_photon_denoise.widgets.learning.controller import LearnController
from napari_photon_denoise.widgets.learning.keeper import Keeper
from napari_photon_denoise.widgets.learning.look_layer import LookLayer
from napari_photon_denoise.widgets.learning.progress_page import ProgressPage
from napari_photon_denoise.widgets.learning.setup_page import SetupPage
from napari_photon_denoise.widgets.parts.dock import Dock
from napari_photon_denoise.widgets.parts.layout import button, scrolled

MINIMUM_WIDTH = 340  # px; narrower, numbers and their units no longer fit
GATHER = 300  # ms; changes that follow each other so fast are answered once


class LearnWidget(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Choose an image; watch a network learn from it; keep it, and apply it.

    Parameters
    ----------
    napari_viewer : napari.Viewer
    """

    def __init__(self, napari_viewer: Any) -> None:
        super().__init__()
        self.controller = LearnController(napari_viewer, self)
        self.setup = SetupPage(napari_viewer)
        self.page = ProgressPage(napari_viewer)
        self.look = LookLayer(napari_viewer)
        self.dock = Dock(self, self.controller.work, "Cancelled.")
        self.bar, self.runner = self.dock.bar, self.dock.runner
        self.run, self.stop = self.dock.controller.run, self.dock.controller.cancel
        self.keeper = Keeper(napari_viewer, self.controller.task_for, self)
        self._anew = button(
            "Start &anew",
            "Forget what was learnt from this image, and begin again.",
            self.controller.start_anew,
        )
        self._tabs = QTabWidget()
        self._tabs.addTab(scrolled(self.setup), "What to learn from")
        self._tabs.addTab(scrolled(self.page), "Learning")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(GATHER)
        self.dock.fill(self._tabs, self._anew, width=MINIMUM_WIDTH)
        self._connect()
        self.dock.life.follow_theme(napari_viewer, self.page.curve.canvas.set_colour)
        self._on_change()

    @property
    def message(self) -> str:
        """What the status line says."""
        return self.bar.message

    def show_page(self, page: QWidget) -> None:
        """Bring `setup` or `page` to the front."""
        self._tabs.setCurrentIndex(0 if page is self.setup else 1)

    def offer(self, text: str, tip: str, *, anew: bool) -> None:
        """Say what Run does, and whether what was learnt before can be forgotten instead."""
        self.bar.name_run(text, tip)
        self._anew.setVisible(anew)

    def _connect(self) -> None:
        self._timer.timeout.connect(self.controller.show_offer)
        self.setup.valueChanged.connect(self._on_change)
        self.setup.source.layerChanged.connect(self.dock.controller.stop_waiting)
        self.setup.camera.estimated.connect(self.dock.controller.go_on)
        result = self.page.result
        result.saveAsked.connect(self.keeper.ask_and_save)
        result.layersAsked.connect(lambda: self.keeper.apply_to_layers(result.ticks.layers()))
        result.filesAsked.connect(self.keeper.ask_and_apply_to_files)
        self.keeper.said.connect(self.bar.say)
        self.keeper.refused.connect(self.bar.refuse)
        self.keeper.workAsked.connect(self.controller.apply)
        self.bar.busyChanged.connect(self._anew.setDisabled)
        self.bar.busyChanged.connect(self.controller.on_busy)
        self.dock.life.closed.connect(self.look.close)  # the job writes its checkpoint

    def _on_change(self) -> None:
        """Say what is missing at once, and what Run does once it is asked for no more."""
        self._timer.start()
        self.controller.check()
