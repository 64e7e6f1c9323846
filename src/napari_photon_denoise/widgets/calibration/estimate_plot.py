"""Noise of an image: variance of its parts against their mean, and the estimated line."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg

from napari_photon_denoise.reports.drawing import BLUE, ORANGE
from napari_photon_denoise.widgets.calibration.estimate_work import Estimated
from napari_photon_denoise.widgets.parts.canvas import LEFT, Canvas, Panel

VARIANCE, MEAN = "variance of the noise (ADU²)", "mean of a part of the image (ADU)"
HEIGHT = 260  # px
MOST = 3000  # points that are drawn


class EstimatePlot:
    """Points, line, and the band that holds the truth in about 95 of 100 images."""

    def __init__(self) -> None:
        self.canvas = Canvas(
            Panel(VARIANCE, MEAN, legend=LEFT),
            height=HEIGHT,
            axis_width=None,
        )
        (self._plot,) = self.canvas.plots

    def show_estimate(self, found: Estimated) -> None:
        """Show an estimate."""
        self.canvas.clear()
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
        self.canvas.ink_legends()
