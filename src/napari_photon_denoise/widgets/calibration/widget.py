"""The dock widget: two ways to a camera's numbers, one at a time."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QTabWidget, QWidget

from napari_photon_denoise.widgets.calibration.estimate_page import EstimatePage
from napari_photon_denoise.widgets.calibration.frames_page import FramesPage
from napari_photon_denoise.widgets.parts.dock import Dock
from napari_photon_denoise.widgets.parts.layout import scrolled
from napari_photon_denoise.widgets.parts.work import Work

MINIMUM_WIDTH = 400  # px; narrower, the table of stacks is cut off


class CalibrateWidget(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Measure a camera with dark and flat frames, or estimate it from an image.

    Parameters
    ----------
    napari_viewer : napari.Viewer
    """

    def __init__(self, napari_viewer: Any) -> None:
        super().__init__()
        self._in_sight: QWidget | None = None
        self.frames = FramesPage(napari_viewer)
        self.estimate = EstimatePage(napari_viewer)
        self.dock = Dock(self, self._work)
        self.bar, self.runner = self.dock.bar, self.dock.runner
        self.run, self.cancel = self.dock.controller.run, self.dock.controller.cancel
        self._tabs = QTabWidget()
        self._tabs.addTab(scrolled(self.frames), "From dark and flat frames")
        self._tabs.addTab(scrolled(self.estimate), "Estimate from this image")
        self.dock.fill(self._tabs, width=MINIMUM_WIDTH)
        for page in (self.frames, self.estimate):
            page.said.connect(self.bar.say)
            page.refused.connect(self.bar.refuse)
            self.bar.busyChanged.connect(page.set_busy)
            self.dock.life.follow_theme(napari_viewer, page.plot.canvas.set_colour)
        self.frames.workAsked.connect(self.dock.controller.start)
        self.frames.shown.connect(self._on_shown)
        self._tabs.currentChanged.connect(self._on_tab)
        self._on_tab()

    @property
    def page(self) -> FramesPage | EstimatePage:
        """The page in front."""
        return self.frames if self._tabs.currentIndex() == 0 else self.estimate

    @property
    def message(self) -> str:
        """What the status line says."""
        return self.bar.message

    def show_page(self, page: FramesPage | EstimatePage) -> None:
        """Bring a page to the front."""
        self._tabs.setCurrentIndex(0 if page is self.frames else 1)

    def _work(self) -> Work:
        return self.page.work()

    def _on_tab(self) -> None:
        self.bar.name_run(*self.page.RUN)

    def _on_shown(self, part: QWidget) -> None:
        """Scroll to a part once it has found its place."""
        self._in_sight = part
        QTimer.singleShot(0, self._scroll)

    def _scroll(self) -> None:
        if self._in_sight is not None:
            self._tabs.widget(0).ensureWidgetVisible(self._in_sight, 0, 20)
