"""Profiles as curves: distance against photons, with the band of the raw data's noise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any, NamedTuple

import numpy as np
import pyqtgraph as pg
from qtpy.QtGui import QColor
from qtpy.QtWidgets import QGraphicsPathItem

from napari_photon_denoise.metrics.profile import Profile
from napari_photon_denoise.widgets.parts.canvas import Canvas, Panel
from napari_photon_denoise.widgets.plots.values import AXIS_LABELS, PHOTONS

HEIGHT = 260  # px: 200 of the curve
OPACITY = 70  # of the band, of 255
ROOM = 0.09  # of the height, above the curves for each line of the legend
SMOOTH = 700  # points
BAND = "± 1 SD shot and read noise"


class Curve(NamedTuple):
    """A profile and how it is drawn."""

    profile: Profile
    colour: str


class ProfilePlot:
    """A plot; what is drawn once is moved afterwards, which is fast."""

    def __init__(self) -> None:
        self.canvas = Canvas(Panel(AXIS_LABELS[PHOTONS], "distance (µm)"), height=HEIGHT)
        (self._plot,) = self.canvas.plots
        self._lines: list[Any] = []
        self._bands: list[Any] = []
        self._drawn: tuple[object, ...] = ()

    def clear(self) -> None:
        """Show empty axes."""
        self.canvas.clear()
        self._lines, self._bands, self._drawn = [], [], ()

    def show_curves(self, curves: Sequence[Curve]) -> None:
        """Show profiles, the first at the bottom."""
        drawn = tuple(
            (curve.profile.name, curve.colour, curve.profile.sd is None) for curve in curves
        )
        profile = curves[0].profile
        self.canvas.set_labels(
            AXIS_LABELS.get(profile.unit, profile.unit), f"distance ({profile.length_unit})"
        )
        if drawn != self._drawn:
            self._build(curves)
            self._drawn = drawn
        banded = [curve.profile for curve in curves if curve.profile.sd is not None]
        for item, one in zip(self._bands, banded, strict=True):
            item.setPath(_band(one))
        for item, curve in zip(self._lines, curves, strict=True):
            distance, values = curve.profile.distance, curve.profile.values
            # Smooth where it shows; a thousand points in a few hundred pixels are only slow.
            item.setData(distance, values, antialias=len(distance) <= SMOOTH)
        self._zoom([curve.profile for curve in curves])

    def _build(self, curves: Sequence[Curve]) -> None:
        self.clear()
        for curve in curves:
            if curve.profile.sd is None:
                continue
            fill = QColor(curve.colour)
            fill.setAlpha(OPACITY)
            band = QGraphicsPathItem()
            band.setPen(pg.mkPen(None))
            band.setBrush(pg.mkBrush(fill))
            self._plot.addItem(band)
            self._bands.append(band)
        for curve in curves:
            name = curve.profile.name
            if curve.profile.sd is not None:
                name = f"{name} {BAND}"
            pen = pg.mkPen(curve.colour, width=2 if curve.profile.sd is None else 1)
            self._lines.append(self._plot.plot(pen=pen, name=name, connect="finite"))
        self.canvas.ink_legends()

    def _zoom(self, profiles: Sequence[Profile]) -> None:
        """Show all of the curves, and leave room for the legend above them."""
        ends = [end for profile in profiles for end in _reach(profile)]
        low, high = min(ends, default=0.0), max(ends, default=1.0)
        if not high > low:
            low, high = low - 1, high + 1
        span = (high - low) / (1 - min(0.5, ROOM * len(profiles)))
        self._plot.setYRange(low, low + span, padding=0.03)
        length = max(float(profile.distance[-1]) for profile in profiles)
        self._plot.setXRange(0, length, padding=0.01)


def _reach(profile: Profile) -> Iterator[float]:
    """Least and greatest value that is drawn of a profile."""
    sd = 0.0 if profile.sd is None else profile.sd
    for values in (profile.values - sd, profile.values + sd):
        finite = values[np.isfinite(values)]
        if finite.size:
            yield float(finite.min())
            yield float(finite.max())


def _band(profile: Profile) -> Any:
    """Outline of values ± noise, one ring for each piece without a gap."""
    sd = np.full_like(profile.values, np.nan) if profile.sd is None else profile.sd
    good = np.isfinite(profile.values) & np.isfinite(sd)
    cuts = np.flatnonzero(np.diff(np.concatenate([[False], good, [False]]).astype(np.int8)))
    xs, ys, joined = [np.zeros(0)], [np.zeros(0)], [np.zeros(0, np.int32)]
    for start, stop in zip(cuts[::2], cuts[1::2], strict=True):
        x, y, s = (part[start:stop] for part in (profile.distance, profile.values, sd))
        # Points that share a column of the screen cover it from the lowest to the highest.
        first = np.arange(0, len(x), ceil(len(good) / SMOOTH))
        x, low, high = (
            x[first],
            np.minimum.reduceat(y - s, first),
            np.maximum.reduceat(y + s, first),
        )
        xs.append(np.concatenate([x, x[::-1]]))
        ys.append(np.concatenate([high, low[::-1]]))
        ring = np.ones(2 * len(x), np.int32)
        ring[-1] = 0
        joined.append(ring)
    return pg.arrayToQPath(np.concatenate(xs), np.concatenate(ys), np.concatenate(joined))
