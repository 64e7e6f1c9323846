"""Controls and a plot: side by side in a low and wide dock, else above each other."""

from __future__ import annotations

from qtpy.QtCore import QSize
from qtpy.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from napari_photon_denoise.widgets.parts.canvas import Canvas
from napari_photon_denoise.widgets.parts.layout import scrolled

SIDE = 290  # px, width of the controls beside the plot
LEAST = 110  # px, height of the controls above it, which scroll
WIDEST = 16_777_215  # px: Qt's own, for no limit

Direction = QBoxLayout.Direction


class PlotPage(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Keeps the plot in sight whatever room there is; the controls scroll.

    Parameters
    ----------
    controls : QWidget
    below : QWidget
        What stays in sight below the controls.
    canvas : Canvas
    """

    def __init__(self, controls: QWidget, below: QWidget, canvas: Canvas) -> None:
        super().__init__()
        self._canvas = canvas
        self._side = QWidget()
        inner = QVBoxLayout(self._side)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(scrolled(controls), 1)
        inner.addWidget(below)
        self._layout = QBoxLayout(Direction.LeftToRight, self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(self._side, 2)
        self._layout.addWidget(canvas, 3)
        self.lay(True)  # it needs the least height; docks don't shrink by themselves

    def sizeHint(self) -> QSize:
        """Return as low a size as will do, which leaves the room to the image."""
        hint = super().sizeHint()
        hint.setHeight(self.minimumSizeHint().height())
        return hint

    def hasHeightForWidth(self) -> bool:
        """Return that it does not; sentences that wrap are in what scrolls."""
        return False

    def lay(self, beside: bool) -> None:
        """Put the plot beside the controls, or below them."""
        self._layout.setDirection(Direction.LeftToRight if beside else Direction.TopToBottom)
        self._side.setMinimumSize(SIDE if beside else 0, 0 if beside else LEAST)
        self._side.setMaximumWidth(SIDE if beside else WIDEST)
        self._canvas.set_beside(beside)
