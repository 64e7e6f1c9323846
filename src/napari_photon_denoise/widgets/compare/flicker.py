"""Two layers in turn, at the same place: what differs jumps to the eye."""

from __future__ import annotations

from napari.layers import Image
from qtpy.QtCore import QObject, QTimer

from napari_photon_denoise.widgets.compare.shown import visible_only

INTERVAL = 500  # ms


class Flicker(QObject):  # type: ignore[misc]  # Qt comes without types
    """Shows one of two layers at a time.

    Parameters
    ----------
    parent : QObject
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._pair: list[Image] = []
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL)
        self._timer.timeout.connect(self.turn)

    @property
    def running(self) -> bool:
        """Whether layers take turns."""
        return bool(self._timer.isActive())

    def start(self, first: Image, second: Image) -> None:
        """Show two layers in turn, the second one first."""
        self._pair = [first, second]
        visible_only([second], self._pair)
        self._timer.start()

    def turn(self) -> None:
        """Show the other one."""
        first, second = self._pair
        visible_only([first] if second.visible else [second], self._pair)

    def stop(self) -> None:
        """Leave it at what is shown now."""
        self._timer.stop()
        self._pair = []

    def set_interval(self, milliseconds: int) -> None:
        """Say for how long each is shown."""
        self._timer.setInterval(milliseconds)
