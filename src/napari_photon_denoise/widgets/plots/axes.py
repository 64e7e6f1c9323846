"""A plot dressed as all plots here are: quiet axes in the theme's colour, and a legend."""

from __future__ import annotations

from math import inf
from typing import Any

import pyqtgraph as pg

from napari_photon_denoise.widgets.calibration.log_axis import LogAxis

AXIS_WIDTH = 52  # px, so that plots above each other begin at the same place
TEXT = "8pt"


class SwitchAxis(LogAxis):
    """An axis for plain values, or for log10 of them."""

    logarithmic = False
    highest = inf
    """No number stands at a tick above this."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Return ticks between two values, by kind."""
        if self.logarithmic:
            return super().tickValues(low, high, size)
        ticks: list[tuple[float, list[float]]] = pg.AxisItem.tickValues(self, low, high, size)
        return ticks

    def tickStrings(self, values: Any, scale: float, spacing: float) -> list[str]:
        """Return the numbers of ticks of one kind."""
        if self.logarithmic:
            numbers = super().tickStrings(values, scale, spacing)
            seen = [10**value <= self.highest * 1.001 for value in values]
            return [text if shown else "" for text, shown in zip(numbers, seen, strict=True)]
        numbers = pg.AxisItem.tickStrings(self, values, scale, spacing)
        return list(numbers)


def dress(plot: Any) -> Any:
    """Make a plot quiet; return its legend."""
    plot.setMenuEnabled(False)
    plot.hideButtons()
    plot.setMouseEnabled(False, False)
    plot.showGrid(x=True, y=True, alpha=0.15)
    for side in ("left", "bottom"):
        plot.getAxis(side).enableAutoSIPrefix(False)
    plot.getAxis("left").setWidth(AXIS_WIDTH)
    return plot.addLegend(offset=(-6, 4), labelTextSize=TEXT, verSpacing=-5)


def colour(plot: Any, legend: Any, ink: str, left: str, bottom: str) -> None:
    """Draw a plot's axes and texts in a colour, such as "#f0f1f2"."""
    legend.setLabelTextColor(ink)
    for _, label in legend.items:
        label.setText(label.text, color=ink)
    style = {"color": ink, "font-size": TEXT}
    for side, text in (("left", left), ("bottom", bottom)):
        plot.getAxis(side).setPen(ink)
        plot.getAxis(side).setTextPen(ink)
        plot.setLabel(side, text, **style)
