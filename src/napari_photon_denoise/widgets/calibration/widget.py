"""The dock widget: two ways to a camera's numbers, one at a time."""

from __future__ import annotations

from typing import Any

from napari.utils.theme import get_theme
from qtpy.QtCore import QEvent, Qt, QTimer
from qtpy.QtWidgets import QScrollArea, QTabWidget, QVBoxLayout, QWidget

from napari_photon_denoise.job import Progress
from napari_photon_denoise.widgets.calibration.estimate_page import EstimatePage
from napari_photon_denoise.widgets.calibration.frames_page import FramesPage
from napari_photon_denoise.widgets.calibration.work import Work
from napari_photon_denoise.widgets.parts.run_bar import RunBar
from napari_photon_denoise.widgets.parts.worker import Runner

MINIMUM_WIDTH = 400  # px; narrower, the table of stacks is cut off


class CalibrateWidget(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Measure a camera with dark and flat frames, or estimate it from an image.

    Parameters
    ----------
    napari_viewer : napari.Viewer
    """

    def __init__(self, napari_viewer: Any) -> None:
        super().__init__()
        self._viewer = napari_viewer
        self._work: Work | None = None
        self._in_sight: QWidget | None = None
        self.frames = FramesPage(napari_viewer)
        self.estimate = EstimatePage(napari_viewer)
        self.bar = RunBar()
        self.runner = Runner(self)
        self._tabs = QTabWidget()
        self._tabs.addTab(_scrolled(self.frames), "From dark and flat frames")
        self._tabs.addTab(_scrolled(self.estimate), "Estimate from this image")
        self.setMinimumWidth(MINIMUM_WIDTH)
        layout = QVBoxLayout(self)
        layout.addWidget(self._tabs, 1)
        layout.addWidget(self.bar)
        self._connect()
        self._on_tab()
        self._on_theme()

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

    def run(self) -> None:
        """Start what the page in front describes, or say what is missing."""
        if not self.runner.busy:
            self.page.run()

    def cancel(self) -> None:
        """Stop after the step that runs now."""
        if self.runner.busy:
            self.runner.cancel()
            self.bar.show_cancelling()

    def event(self, event: QEvent) -> bool:
        """Stop everything when napari takes the widget out of its dock."""
        if event.type() == QEvent.Type.ParentChange and self.parent() is None:
            self.runner.cancel()
        return bool(super().event(event))

    def _connect(self) -> None:
        for page in (self.frames, self.estimate):
            page.workAsked.connect(self._start)
            page.said.connect(self.bar.say)
            page.refused.connect(self.bar.refuse)
        self.frames.shown.connect(self._on_shown)
        self.bar.runAsked.connect(self.run)
        self.bar.cancelAsked.connect(self.cancel)
        self._tabs.currentChanged.connect(self._on_tab)
        self._viewer.events.theme.connect(self._on_theme)
        self.runner.progressed.connect(self._on_progress)
        self.runner.succeeded.connect(self._on_success)
        self.runner.refused.connect(self.bar.refuse)
        self.runner.failed.connect(self._on_failure)
        self.runner.finished.connect(self._on_finished)

    def _start(self, work: Work) -> None:
        if self.runner.busy:
            work.job.close()
            return
        self._work = work
        self._set_busy(True)
        self.runner.start(work.job, work.title, show_progress=True)

    def _on_progress(self, step: Progress) -> None:
        self.bar.show_progress(step)
        if self._work is not None and self._work.progressed is not None:
            self._work.progressed(step)

    def _on_success(self, result: Any) -> None:
        if self._work is not None:
            self._work.done(result)

    def _on_failure(self, error: Exception) -> None:
        self.bar.hint(f"Stopped on an unexpected error ({error}); your images are as they were.")

    def _on_finished(self) -> None:
        work, self._work = self._work, None
        if self.runner.cancelled:
            self.bar.say("Cancelled; nothing was changed.")
        self._set_busy(False)
        if work is not None and work.ended is not None:
            work.ended()

    def _set_busy(self, busy: bool) -> None:
        if busy:
            self.bar.show_busy()
        else:
            self.bar.show_idle()
        self.frames.set_busy(busy)
        self.estimate.set_busy(busy)

    def _on_tab(self) -> None:
        self.bar.name_run(*self.page.RUN)

    def _on_shown(self, part: QWidget) -> None:
        """Scroll to a part once it has found its place."""
        self._in_sight = part
        QTimer.singleShot(0, self._scroll)

    def _scroll(self) -> None:
        if self._in_sight is not None:
            self._tabs.widget(0).ensureWidgetVisible(self._in_sight, 0, 20)

    def _on_theme(self) -> None:
        colour = get_theme(self._viewer.theme).text.as_hex()
        self.frames.set_colour(colour)
        self.estimate.set_colour(colour)


def _scrolled(page: QWidget) -> QScrollArea:
    """Put a page in a scroll area, for low docks."""
    scroll = QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setFrameShape(QScrollArea.Shape.NoFrame)
    scroll.setWidget(page)
    return scroll
