"""Where napari's window puts our docks: as tabs with each other, plots below the canvas."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QEvent, QObject, Qt, QTimer, Signal
from qtpy.QtWidgets import QDockWidget, QLabel, QMainWindow, QWidget

from napari_photon_denoise.widgets.parts.settings import PLUGIN

Area, Corner = Qt.DockWidgetArea, Qt.Corner
WIDE = 1400  # px, of a window
LYING = (Area.TopDockWidgetArea, Area.BottomDockWidgetArea)


def prefer_bottom(name: str) -> None:
    """Let a widget come below the canvas, unless the user has moved it elsewhere before.

    napari remembers where its docks were last, and asks no plugin. To be called before it docks
    the widget.

    Parameters
    ----------
    name : str
        Of the widget in the manifest.
    """
    from napari.settings import get_settings

    places = getattr(get_settings().application, "plugin_widget_positions", None)
    if places is not None:  # older ones put everything at the right
        places.setdefault(f"{name}{_ending()}", "bottom")


class Docking(QObject):  # type: ignore[misc]  # Qt comes without types
    """Puts a widget's dock among ours when it is new, and in front when it is asked for.

    Parameters
    ----------
    widget : QWidget
        That napari docks.
    """

    lies = Signal(bool)
    """Whether it is low and wide, as above and below the canvas, or else high and narrow."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        self._dock: QDockWidget | None = None
        self._is_new = self._is_placed = self._is_in_front = self._is_hidden = False

    @property
    def dock(self) -> QDockWidget | None:
        """What the widget is in."""
        return self._dock

    def enter(self) -> None:
        """Follow the widget's dock, if it is put into one; it has no place in the window yet."""
        dock = self._widget.parent()
        if dock is self._dock or not isinstance(dock, QDockWidget):
            return
        self._dock = dock
        self._is_new = self._is_in_front = True
        self._is_placed = self._is_hidden = False
        _shorten_title(dock)
        dock.installEventFilter(self)
        dock.visibilityChanged.connect(self._on_visible)
        dock.dockLocationChanged.connect(self._on_moved)
        dock.topLevelChanged.connect(self._on_moved)

    def leave(self) -> None:
        """Forget the dock, which goes."""
        if self._dock is not None:
            self._dock.removeEventFilter(self)
            self._dock = None

    def eventFilter(self, dock: QObject, event: QEvent) -> bool:
        """Bring a dock to the front when it is asked for in napari's menu.

        The menu shows what is hidden, and hides what is not: behind another tab, as well.
        """
        if event.type() == QEvent.Type.Hide and self._dock is not None and self._dock.isHidden():
            self._is_hidden = True
            if not self._is_in_front and _neighbours(self._dock):
                QTimer.singleShot(0, self._dock.show)
        if event.type() == QEvent.Type.Show and self._dock is not None:
            if self._is_hidden or self._is_new:
                QTimer.singleShot(0, self._raise)
            self._is_hidden = self._is_new = False
        return False

    def _raise(self) -> None:
        """Bring the dock to the front of its tabs, once they are laid out."""
        window = self._dock.parent() if self._dock is not None else None
        if self._dock is not None and isinstance(window, QMainWindow):
            window.layout().activate()
            self._dock.raise_()

    def _on_moved(self, _where: object = None) -> None:
        if self._dock is not None:
            _shorten_title(self._dock)  # napari makes its bar anew
        window = self._dock.parent() if self._dock is not None else None
        if self._dock is None or self._dock.isFloating() or not isinstance(window, QMainWindow):
            self.lies.emit(self._widget.width() > self._widget.height())
            return
        self.lies.emit(window.dockWidgetArea(self._dock) in LYING)
        if self._is_new and not self._is_placed:
            self._is_placed = True  # to be placed is to be moved again
            _join_ours(window, self._dock)

    def _on_visible(self, visible: bool) -> None:
        self._is_in_front = visible


def _shorten_title(dock: QDockWidget) -> None:
    """Leave the plugin's name away, for which tabs and bars have no room.

    The dock's own name stays, by which napari finds it again.
    """
    title = dock.windowTitle().removesuffix(_ending())
    dock.setWindowTitle(title)
    bar = dock.titleBarWidget()
    for label in bar.findChildren(QLabel) if bar is not None else ():
        if label.text() == f"{title}{_ending()}":
            label.setText(title)


def _join_ours(window: QMainWindow, dock: QDockWidget) -> None:
    """Make a dock a tab with ours in the same area, the last of which it lies on.

    Before it is seen: docks that share the room for a moment would widen the window for good.
    """
    area = window.dockWidgetArea(dock)
    if area == Area.BottomDockWidgetArea:
        # Below the canvas, as lists and forms at its sides need their height; in a narrow window
        # below the forms as well, as plots need their width.
        is_wide = window.width() >= WIDE
        window.setCorner(Corner.BottomLeftCorner, Area.LeftDockWidgetArea)
        right = Area.RightDockWidgetArea if is_wide else Area.BottomDockWidgetArea
        window.setCorner(Corner.BottomRightCorner, right)
    ours = [
        other.dock
        for other in window.findChildren(Docking)
        if other.dock is not None
        and other.dock is not dock
        and not other.dock.isFloating()
        and not other.dock.isHidden()
        and window.dockWidgetArea(other.dock) == area
    ]
    if ours and dock not in window.tabifiedDockWidgets(ours[-1]):
        window.tabifyDockWidget(ours[-1], dock)
        dock.show()
        dock.raise_()


def _neighbours(dock: QDockWidget) -> list[Any]:
    """Return what shares a dock's place, as tabs."""
    window = dock.parent()
    return window.tabifiedDockWidgets(dock) if isinstance(window, QMainWindow) else []


def _ending() -> str:
    """Return what napari adds to the names of our widgets."""
    return f" ({PLUGIN})"
