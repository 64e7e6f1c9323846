"""Noise of an image: variance of its parts against their mean, and the estimated line."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_photon_denoise.reports.drawing import BLUE, ORANGE
from napari_photon_denoise.widgets.calibration.estimate_work import Estimated

HEIGHT = 260  # px
MOST = 3000  # points that are drawn


class EstimatePlot(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Points, line, and the band that holds the truth in about 95 of 100 images."""

    def __init__(self) -> None:
        super().__init__()
        self._plot = pg.PlotWidget()
        self._plot.setBackground(None)
        self._plot.setMouseEnabled(False, False)
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        self._plot.showGrid(x=True, y=True, alpha=0.15)
        self._legend = self._plot.addLegend(offset=(8, 4), labelTextSize="8pt", verSpacing=-4)
        self.setMinimumHeight(HEIGHT)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._plot)
        self.set_colour("#f0f1f2")

    def set_colour(self, colour: str) -> None:
        """Draw axes and text in a colour."""
        self._legend.setLabelTextColor(colour)
        style = {"color": colour, "font-size": "8pt"}
        for side, text in (
            ("left", "variance of the noise (ADU²)"),
            ("bottom", "mean of a part of the image (ADU)"),
        ):
            axis = self._plot.getAxis(side)
            axis.enableAutoSIPrefix(False)
            axis.setPen(colour)
            axis.setTextPen(colour)
            self._plot.setLabel(side, text, **style)

    def clear(self) -> None:
        """Show empty axes."""
        self._plot.clear()

    def show_estimate(self, found: Estimated) -> None:
        """Show an estimate."""
        self.clear()
        estimate = found.estimate
        step = max(1, len(found.mean) // MOST)
        self._plot.plot(
            found.mean[::step], found.variance[::step], pen=None, symbol="o", symbolSize=4,
            symbolPen=None, symbolBrush=f"{BLUE}90", name="parts of the image",
        )  # fmt: skip
        x = np.linspace(min(estimate.offset_eff, float(found.mean.min())), found.mean.max(), 50)
        low, high = (
            pg.PlotCurveItem(x, (x - estimate.offset_eff) / gain)
            for gain in reversed(estimate.gain_interval)
        )
        self._plot.addItem(pg.FillBetweenItem(low, high, brush=f"{ORANGE}50"))
        self._plot.plot(
            x, (x - estimate.offset_eff) / estimate.gain, pen=pg.mkPen(ORANGE, width=1.5),
            name=f"estimate: {estimate.gain:.3g} e-/ADU, with its 95 % band", antialias=True,
        )  # fmt: skip
        self._plot.setXRange(x[0], x[-1])
        self._plot.setYRange(0, 1.3 * float(np.percentile(found.variance, 98)))
