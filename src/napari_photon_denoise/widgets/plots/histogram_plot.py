"""Histograms above, cumulative curves below, and the widest gap between two of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg

from napari_photon_denoise.widgets.parts.axes import SwitchAxis
from napari_photon_denoise.widgets.parts.canvas import Canvas, Panel
from napari_photon_denoise.widgets.plots.histograms import Histograms
from napari_photon_denoise.widgets.plots.values import AXIS_LABELS, COUNTS, PHOTONS, RELATIVE

HEIGHT, LOW = 440, 264  # px, of both below each other and beside each other: 200 of a curve
ROOM = 0.10  # of the upper plot's height, for each line of the legend
SHARE, CUMULATIVE = "% of pixels per bin", "share at or below"
CORNER = (-6, -30)  # px, of the legend: the curves come to lie at the top
SHORT = {PHOTONS: "e-", RELATIVE: "relative e-", COUNTS: "ADU"}


class HistogramPlot:
    """Two plots with one axis of values."""

    def __init__(self) -> None:
        self._left = SwitchAxis("left")
        self._left.highest = 100  # %
        self.canvas = Canvas(
            Panel(SHARE, share=4, axes={"left": self._left}),
            Panel(CUMULATIVE, AXIS_LABELS[PHOTONS], share=5, legend=CORNER),
            height=HEIGHT,
            low=LOW,
        )
        self._shares, self._sums = self.canvas.plots
        self._shown: tuple[Histograms, Sequence[str]] | None = None
        self.canvas.inked.connect(self._draw)

    def set_logarithmic(self, on: bool) -> None:
        """Choose the axis of the histogram."""
        self._left.logarithmic = on
        self._draw()

    def clear(self) -> None:
        """Show empty axes."""
        self._shown = None
        self._draw()

    def show_curves(self, measured: Histograms, colours: Sequence[str]) -> None:
        """Show what was measured."""
        self._shown = measured, colours
        unit = measured.curves.unit
        self.canvas.set_labels(CUMULATIVE, AXIS_LABELS.get(unit, unit))
        self._draw()

    def _draw(self) -> None:
        self.canvas.clear()
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
        self.canvas.ink_legends()

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

    def _mark(self, measured: Histograms, tints: Sequence[str]) -> None:
        """Draw the gap as a line between its two curves, and say how wide it is."""
        gap, unit = measured.gap, measured.curves.unit
        if gap is None:
            return
        pen = pg.mkPen(self.canvas.ink, width=2)
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
