"""What plots are drawn on: quiet axes in the theme's colour, a legend, and pictures of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pyqtgraph as pg
from qtpy.QtCore import QRectF, QSize, Signal
from qtpy.QtGui import QColor, QImage, QPainter
from qtpy.QtSvg import QSvgGenerator
from qtpy.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

# Okabe and Ito's, which colour-blind people tell apart; blue comes late: it is dark on black.
PALETTE = ("#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#f0e442", "#0072b2")
DARK_INK, LIGHT_INK, PAPER = "#000000", "#f0f1f2", "#ffffff"
TEXT = "8pt"
DOCK_WIDTH = 340  # px, of a dock with a plot, at least
AXIS_WIDTH = 52  # px, so that plots above each other begin at the same place
LEFT, RIGHT = (8, 4), (-6, 4)  # px, where the legend is
PICTURE_WIDTH = 1600  # px


class Panel(NamedTuple):
    """One plot of a canvas.

    Parameters
    ----------
    left, bottom : str
        What is drawn along its axes, with unit.
    share : int
        Of the height, beside those of the other plots.
    axes : mapping of "left" or "bottom" to pyqtgraph.AxisItem
        Other than plain ones.
    legend : (int, int)
        Where it is.
    """

    left: str
    bottom: str = ""
    share: int = 1
    axes: Mapping[str, Any] = {}
    legend: tuple[int, int] = RIGHT


class Canvas(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Plots that share the axis at the bottom: below each other, or beside each other.

    Below each other, the last one shows its numbers for all.

    Parameters
    ----------
    panels : Panel
    height : int
        At least, px.
    low : int or None
        At least, px, where plots are beside each other; None if they never are.
    axis_width : int or None
        Of the axes at the left, px; None as wide as their numbers.
    """

    inked = Signal()
    """The colour has changed: draw anew what is drawn in `ink`."""

    def __init__(
        self,
        *panels: Panel,
        height: int,
        low: int | None = None,
        axis_width: int | None = AXIS_WIDTH,
    ) -> None:
        super().__init__()
        self._heights = height, low or height
        self._shares = [panel.share for panel in panels]
        self._beside = False
        self._view = pg.GraphicsLayoutWidget()
        self._view.setBackground(None)
        # pyqtgraph keeps a picture of it, which would stay as it is when the theme changes.
        self._view.setCacheMode(self._view.CacheModeFlag.CacheNone)
        # As wide as the dock, and not as wide as pyqtgraph likes it.
        self._view.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self._labels = [(panel.left, panel.bottom) for panel in panels]
        self.plots = [self._add(row, panel, axis_width) for row, panel in enumerate(panels)]
        for plot in self.plots[1:]:
            plot.setXLink(self.plots[0])
        self._arrange()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._view)
        self.set_colour(LIGHT_INK)

    @property
    def ink(self) -> str:
        """Colour of axes and texts, such as "#f0f1f2"."""
        return self._ink

    @property
    def labels(self) -> tuple[str, str]:
        """What stands at the left axis of the last plot and below it."""
        return self._labels[-1]

    @property
    def legend(self) -> list[str]:
        """What the legends say."""
        return [label.text for plot in self.plots for _, label in plot.legend.items]

    def set_beside(self, on: bool) -> None:
        """Put the plots beside each other, or below each other as at first."""
        if on != self._beside:
            self._beside = on
            self._arrange()
            self.set_colour(self._ink)

    def set_colour(self, ink: str) -> None:
        """Draw axes and texts in a colour, such as "#f0f1f2"."""
        self._ink = ink
        style = {"color": ink, "font-size": TEXT}
        shared = self.labels[1]
        for plot, (left, bottom) in zip(self.plots, self._labels, strict=True):
            texts = {"left": left, "bottom": shared if self._beside else bottom}
            for side, text in texts.items():
                plot.getAxis(side).setPen(ink)
                plot.getAxis(side).setTextPen(ink)
                plot.setLabel(side, text, **style)
        self.inked.emit()
        self.ink_legends()

    def ink_legends(self) -> None:
        """Colour what has come into the legends."""
        for plot in self.plots:
            plot.legend.setLabelTextColor(self._ink)
            for _, label in plot.legend.items:
                label.setText(label.text, color=self._ink)

    def set_labels(self, left: str, bottom: str) -> None:
        """Say what is drawn along the axes of the last plot, with unit."""
        if (left, bottom) != self.labels:
            self._labels[-1] = left, bottom
            self.set_colour(self._ink)

    def clear(self) -> None:
        """Show empty axes."""
        for plot in self.plots:
            plot.clear()

    def release(self) -> None:
        """Take the plots apart, for good.

        Left to Python's garbage collector, pyqtgraph's items would lose their attributes
        before Qt asks them for their sizes a last time.
        """
        self._view.close()

    def paint(self, path: Path) -> None:
        """Draw a picture, black on white: an SVG, or else a PNG.

        Raises
        ------
        OSError
            If the file can't be written.
        """
        with self._on_paper():
            written = (self._paint_svg if path.suffix.lower() == ".svg" else self._paint_png)(path)
        if not written:  # Qt does not say why
            raise OSError(0, "it could not be opened")

    @contextmanager
    def _on_paper(self) -> Iterator[None]:
        """Draw in black meanwhile."""
        ink = self._ink
        self.set_colour(DARK_INK)
        try:
            yield
        finally:
            self.set_colour(ink)

    def _paint_png(self, path: Path) -> bool:
        """Paint the plots larger than on the screen, for print."""
        seen = self._view.ci.sceneBoundingRect()
        scale = PICTURE_WIDTH / seen.width()
        image = QImage(PICTURE_WIDTH, round(seen.height() * scale), QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(scale)  # texts grow with the lines
        image.fill(QColor(PAPER))
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._view.scene().render(painter, QRectF(0, 0, seen.width(), seen.height()), seen)
        painter.end()
        return bool(image.save(str(path), "PNG"))

    def _paint_svg(self, path: Path) -> bool:
        """Paint the plots as lines and text, which can be edited."""
        seen = self._view.ci.sceneBoundingRect()
        target = QRectF(0, 0, seen.width(), seen.height())
        generator = QSvgGenerator()
        generator.setFileName(str(path))
        generator.setSize(QSize(round(seen.width()), round(seen.height())))
        generator.setViewBox(target)
        painter = QPainter()
        if not painter.begin(generator):
            return False
        painter.fillRect(target, QColor(PAPER))
        self._view.scene().render(painter, target, seen)
        return bool(painter.end())

    def _add(self, row: int, panel: Panel, axis_width: int | None) -> Any:
        """Add a plot that the mouse leaves alone, as the wheel scrolls the page."""
        plot = self._view.addPlot(row=row, col=0, axisItems=dict(panel.axes))
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setMouseEnabled(False, False)
        plot.showGrid(x=True, y=True, alpha=0.15)
        for side in ("left", "bottom"):
            plot.getAxis(side).enableAutoSIPrefix(False)
        if axis_width is not None:
            plot.getAxis("left").setWidth(axis_width)
        plot.addLegend(offset=panel.legend, labelTextSize=TEXT, verSpacing=-5)
        return plot

    def _arrange(self) -> None:
        """Give each plot its cell, and the numbers at the bottom to the last one of a column."""
        grid = self._view.ci.layout
        for number, (plot, share) in enumerate(zip(self.plots, self._shares, strict=True)):
            self._view.removeItem(plot)
            row, column = (0, number) if self._beside else (number, 0)
            self._view.addItem(plot, row=row, col=column)
            grid.setRowStretchFactor(number, int(number == 0) if self._beside else share)
            grid.setColumnStretchFactor(number, int(self._beside or number == 0))
            is_last = self._beside or plot is self.plots[-1]
            plot.getAxis("bottom").setStyle(showValues=is_last)
        self.setMinimumHeight(self._heights[self._beside])
