"""Histograms above, cumulative curves below, and the widest gap between two of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyqtgraph as pg
from qtpy.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from napari_photon_denoise.widgets.plots.axes import SwitchAxis, colour, dress
from napari_photon_denoise.widgets.plots.histograms import Measured
from napari_photon_denoise.widgets.plots.saving import INK
from napari_photon_denoise.widgets.plots.values import AXIS_LABELS, COUNTS, PHOTONS

HEIGHT = 360  # px
ROOM = 0.10  # of the upper plot's height, for each line of the legend
SHARE, CUMULATIVE = "% of pixels per bin", "share at or below"
SHORT = {PHOTONS: "e-", COUNTS: "ADU"}


class HistogramPlot(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Two plots with one axis of values."""

    def __init__(self) -> None:
        super().__init__()
        self._view = pg.GraphicsLayoutWidget()
        self._view.setBackground(None)
        self._left = SwitchAxis("left")
        self._left.highest = 100  # %
        self._shares = self._view.addPlot(row=0, col=0, axisItems={"left": self._left})
        self._sums = self._view.addPlot(row=1, col=0)
        self._legends = [dress(plot) for plot in (self._shares, self._sums)]
        self._legends[1].setOffset((-6, -30))
        self._sums.setXLink(self._shares)
        self._shares.getAxis("bottom").setStyle(showValues=False)
        self._label = AXIS_LABELS[PHOTONS]
        self._shown: tuple[Measured, Sequence[str]] | None = None
        for line, share in enumerate((4, 5)):
            self._view.ci.layout.setRowStretchFactor(line, share)
        # As wide as the dock, and not as wide as pyqtgraph likes it.
        self._view.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(HEIGHT)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._view)
        self.set_colour("#f0f1f2")

    @property
    def canvas(self) -> Any:
        """What is exported."""
        return self._view

    @property
    def legend(self) -> list[str]:
        """What the legends say."""
        return [label.text for legend in self._legends for _, label in legend.items]

    @property
    def label(self) -> str:
        """What stands below."""
        return self._label

    def set_colour(self, ink: str) -> None:
        """Draw axes and text in a colour, such as "#f0f1f2"."""
        self._ink = ink
        colour(self._shares, self._legends[0], ink, SHARE, "")
        colour(self._sums, self._legends[1], ink, CUMULATIVE, self._label)
        self._draw()

    @contextmanager
    def on_paper(self) -> Iterator[None]:
        """Draw in black meanwhile."""
        ink = self._ink
        self.set_colour(INK)
        try:
            yield
        finally:
            self.set_colour(ink)

    def set_logarithmic(self, on: bool) -> None:
        """Choose the axis of the histogram."""
        self._left.logarithmic = on
        self._draw()

    def release(self) -> None:
        """Take the plot apart, for good.

        Left to Python's garbage collector, pyqtgraph's items would lose their attributes
        before Qt asks them for their sizes a last time.
        """
        self._view.close()

    def clear(self) -> None:
        """Show empty axes."""
        self._shown = None
        self._draw()

    def show_curves(self, measured: Measured, colours: Sequence[str]) -> None:
        """Show what was measured."""
        self._shown = measured, colours
        unit = measured.curves.unit
        self._label = AXIS_LABELS.get(unit, unit)
        self.set_colour(self._ink)

    def _draw(self) -> None:
        self._shares.clear()
        self._sums.clear()
        if self._shown is None:
            return
        measured, colours = self._shown
        curves = measured.curves
        least = 100 * curves.shares[curves.shares > 0].min(initial=1.0)
        for name, share, sums, tint in zip(
            curves.names, curves.shares, curves.cumulative, colours, strict=True
        ):
            pen = pg.mkPen(tint, width=1.5)
            heights = 100 * share
            if self._left.logarithmic:
                # Empty bins go down to where they can't be seen.
                heights = np.log10(np.maximum(heights, least / 10))
            self._shares.plot(curves.edges, heights, stepMode="center", pen=pen, name=name)
            self._sums.plot(curves.values, sums, pen=pen, antialias=True)
        self._zoom(100 * curves.shares, least)
        if measured.gap is not None and measured.pair is not None:
            self._mark(measured, [colours[number] for number in measured.pair])
        for legend in self._legends:
            legend.setLabelTextColor(self._ink)
            for _, label in legend.items:
                label.setText(label.text, color=self._ink)

    def _zoom(self, heights: Any, least: float) -> None:
        curves = self._shown[0].curves if self._shown else None
        if curves is None:
            return
        self._shares.setXRange(curves.edges[0], curves.edges[-1], padding=0.01)
        self._sums.setYRange(0, 1, padding=0.03)
        low, high = 0.0, float(heights.max())
        if self._left.logarithmic:
            low, high = float(np.log10(least)), float(np.log10(high))
            high = max(high, low + 0.3)
        span = (high - low) / (1 - min(0.5, ROOM * len(curves.names)))
        self._shares.setYRange(low, low + span, padding=0.02)

    def _mark(self, measured: Measured, tints: Sequence[str]) -> None:
        """Draw the gap as a line between its two curves, and say how wide it is."""
        gap, unit = measured.gap, measured.curves.unit
        if gap is None:
            return
        pen = pg.mkPen(self._ink, width=2)
        self._sums.plot(
            [gap.at, gap.at],
            [gap.first, gap.second],
            pen=pen,
            symbol="o",
            symbolSize=5,
            symbolPen=None,
            symbolBrush=[pg.mkBrush(tint) for tint in tints],
            name=f"KS distance {gap.distance:.3f}<br>at {gap.at:.3g} {SHORT.get(unit, unit)}",
        )
