"""The photon transfer curve: variance against mean, with the fit and what it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from qtpy.QtCore import Qt

from napari_photon_denoise.camera.transfer import CameraReport
from napari_photon_denoise.reports.drawing import BLUE, GREEN, ORANGE, RED
from napari_photon_denoise.widgets.parts.axes import LogAxis
from napari_photon_denoise.widgets.parts.canvas import LEFT, Canvas, Panel

Float64 = NDArray[np.float64]

SIGNAL, VARIANCE, RESIDUAL = (
    "signal above the dark (ADU)",
    "variance above the dark (ADU²)",
    "off the fit (%)",
)
HEIGHT = 360  # px
LEAST_SPAN, MOST_SPAN = 2.0, 40.0  # %, of the residuals' axis


class CurvePlot:
    """Two plots with one signal axis, both of whose axes are logarithmic above."""

    def __init__(self) -> None:
        # Values are log10 already: error bars don't follow pyqtgraph's own switch.
        logarithmic = {"left": LogAxis("left"), "bottom": LogAxis("bottom")}
        self.canvas = Canvas(
            Panel(VARIANCE, share=5, axes=logarithmic, legend=LEFT),
            Panel(RESIDUAL, SIGNAL, share=3, axes={"bottom": LogAxis("bottom")}),
            height=HEIGHT,
        )
        self._curve, self._rest = self.canvas.plots
        self._zero = pg.InfiniteLine(0, angle=0)
        self.canvas.inked.connect(self._ink)
        self._ink()
        self.clear()

    def clear(self) -> None:
        """Show empty axes."""
        self.canvas.clear()
        for plot, low, high in ((self._curve, 1, 4), (self._rest, -LEAST_SPAN, LEAST_SPAN)):
            plot.setXRange(1, 4)
            plot.setYRange(low, high, padding=0)

    def show_live(self, points: Sequence[tuple[float, float]]) -> None:
        """Show provisional points ``(signal, variance)``, ADU and ADU²."""
        self.clear()
        if points:
            self._curve.enableAutoRange()
            signal, variance = np.array(points).T
            self._scatter(signal, variance, ORANGE, "read so far", filled=False)
            self.canvas.ink_legends()

    def show_report(self, report: CameraReport) -> None:
        """Show the curve, its fit, and how far each point lies off."""
        self.clear()
        self._curve.enableAutoRange()
        points, line = report.points, report.transfer.line
        used = np.zeros(len(points), bool)
        used[list(report.transfer.used)] = True
        seen = (points.signal > 0) & (points.variance > 0)
        for which, filled, name in (
            (used, True, "in the fit"),
            (~used, False, "not in the fit"),
        ):
            part = seen & which
            if part.any():
                self._scatter(points.signal[part], points.variance[part], BLUE, name, filled)
        reach = points.signal[seen]
        sd = 100 * report.gain_precision
        self._line(
            np.array([0.7 * reach.min(), 1.3 * reach.max()]),
            line.slope,
            BLUE,
            f"fit: {report.gain:.4g} e-/ADU ± {sd:.2g} %",
        )
        if report.legs:
            x = np.geomspace(report.legs.break_at, max(reach.max(), report.legs.break_at * 1.1), 20)
            high = report.legs.high_intercept + report.legs.high_slope * x
            self._curve.plot(
                np.log10(x), np.log10(high), pen=pg.mkPen(GREEN, width=1.5),
                name=f"second leg: {1 / report.legs.high_slope:.4g} e-/ADU",
            )  # fmt: skip
        if report.saturation.signal is not None:
            self._curve.addItem(_mark(report.saturation.signal, RED, "full"))
        self._show_residuals(report, used, seen)
        self.canvas.ink_legends()

    def _show_residuals(self, report: CameraReport, used: Any, seen: Any) -> None:
        points, slope = report.points, report.transfer.line.slope
        model = slope * np.where(seen, points.signal, 1)
        off = 100 * (points.variance / model - 1)
        error = 100 * np.hypot(points.error(slope), points.dark_error()) / model
        for which, filled in ((used & seen, True), (~used & seen, False)):
            x = np.log10(points.signal[which])
            self._rest.addItem(
                pg.ErrorBarItem(x=x, y=off[which], height=2 * error[which], beam=0.02, pen=BLUE)
            )
            self._rest.plot(
                x, off[which], pen=None, symbol="o", symbolSize=6, symbolPen=BLUE,
                symbolBrush=BLUE if filled else None,
            )  # fmt: skip
        self._rest.addItem(self._zero)
        widest = float(np.max(np.abs(off[used]) + error[used], initial=0.0))
        span = float(np.clip(1.3 * widest, LEAST_SPAN, MOST_SPAN))
        self._rest.setYRange(-span, span, padding=0)

    def _scatter(
        self, signal: Float64, variance: Float64, colour: str, name: str, filled: bool = True
    ) -> None:
        self._curve.plot(
            np.log10(signal), np.log10(variance), pen=None, symbol="o", symbolSize=7,
            symbolPen=colour, symbolBrush=colour if filled else None, name=name, antialias=True,
        )  # fmt: skip

    def _line(self, x: Float64, slope: float, colour: str, name: str) -> None:
        self._curve.plot(
            np.log10(x),
            np.log10(slope * x),
            pen=pg.mkPen(colour, width=1.5),
            name=name,
            antialias=True,
        )

    def _ink(self) -> None:
        self._zero.setPen(pg.mkPen(self.canvas.ink, width=0.8))


def _mark(signal: float, colour: str, text: str) -> Any:
    """Make an upright line with a word beside it."""
    return pg.InfiniteLine(
        np.log10(signal), angle=90, pen=pg.mkPen(colour, style=Qt.PenStyle.DotLine), label=text,
        labelOpts={"color": colour, "position": 0.08, "anchors": [(1, 1), (1, 1)]},
    )  # fmt: skip
