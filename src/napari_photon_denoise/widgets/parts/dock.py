"""What every dock has: its place in the window, the run bar, the worker, and its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from napari.utils.theme import get_theme
from qtpy.QtCore import QEvent, QObject, Signal
from qtpy.QtWidgets import QWidget

from napari_photon_denoise.widgets.parts.dock_controller import UNCHANGED, DockController
from napari_photon_denoise.widgets.parts.docking import Docking
from napari_photon_denoise.widgets.parts.hooks import Hooks
from napari_photon_denoise.widgets.parts.layout import fill_dock
from napari_photon_denoise.widgets.parts.run_bar import RunBar
from napari_photon_denoise.widgets.parts.work import Work
from napari_photon_denoise.widgets.parts.worker import Runner


class DockLife(QObject):  # type: ignore[misc]  # Qt comes without types
    """Says when napari shows a widget and when it takes it out of its dock.

    Parameters
    ----------
    widget : QWidget
        That napari docks.
    """

    shown = Signal()
    closed = Signal()
    """The widget was taken out: whatever it does in the viewer has to end."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        self._docking = Docking(widget)
        self.lies = self._docking.lies
        self.hooks = Hooks()
        """Cut in the end."""
        widget.installEventFilter(self)
        widget.destroyed.connect(self.hooks.cut)

    def follow_theme(self, viewer: Any, paint: Callable[[str], None]) -> None:
        """Paint in the colour of napari's text, now and when the theme changes."""

        def follow(_event: object = None) -> None:
            paint(get_theme(viewer.theme).text.as_hex())

        self.hooks.connect(follow, viewer.events.theme)
        follow()

    def eventFilter(self, _widget: QObject, event: QEvent) -> bool:
        """See what happens to the widget."""
        if event.type() == QEvent.Type.Show:
            self.shown.emit()
        if event.type() == QEvent.Type.ParentChange:
            self._docking.enter()
        if event.type() == QEvent.Type.ParentChange and self._widget.parent() is None:
            self._docking.leave()
            self.hooks.cut()
            self.closed.emit()
        return False


class Dock:
    """Run bar and worker of a dock widget.

    Parameters
    ----------
    widget : QWidget
        That napari docks.
    order : callable
        Returns the `Work` that its controls describe now, or raises the PhotonDenoiseError that
        says what is missing.
    cancelled : str
        What is said of work that was cancelled.
    """

    def __init__(
        self, widget: QWidget, order: Callable[[], Work], cancelled: str = UNCHANGED
    ) -> None:
        self._widget = widget
        self.life = DockLife(widget)
        self.bar = RunBar()
        self.runner = Runner(widget)
        self.controller = DockController(self.bar, self.runner, order, cancelled)
        self.bar.runAsked.connect(self.controller.run)
        self.bar.cancelAsked.connect(self.controller.cancel)
        self.runner.progressed.connect(self.controller.on_progress)
        self.runner.succeeded.connect(self.controller.on_success)
        self.runner.refused.connect(self.bar.refuse)
        self.runner.failed.connect(self.controller.on_failure)
        self.runner.finished.connect(self.controller.on_finished)
        self.life.closed.connect(self.runner.cancel)

    def fill(self, content: QWidget, *below: QWidget, width: int) -> None:
        """Put controls above the run bar, which stays in sight.

        Parameters
        ----------
        content : QWidget
            That gets all the room there is.
        below : QWidget
            What stays in sight as well.
        width : int
            The least that they need, px.
        """
        fill_dock(self._widget, content, *below, self.bar, width=width)
