"""How well clusters part, over their number: three figures, the chosen number marked."""

from __future__ import annotations

import pyqtgraph as pg

from napari_photon_denoise.evaluation.clusters import Clusters
from napari_photon_denoise.reports.clusters import curve
from napari_photon_denoise.widgets.parts.canvas import PALETTE, Canvas, Panel

HEIGHT = 330  # px
PANELS = (
    ("silhouette", "silhouette"),
    ("davies_bouldin", "Davies-Bouldin"),
    ("share", "within / all"),
)
NUMBER, FOUND = "number of clusters, K", "found"


class SweepPlot:
    """Three plots with one axis of numbers; a colour for each channel."""

    def __init__(self) -> None:
        *above, last = (text for _, text in PANELS)
        self.canvas = Canvas(*map(Panel, above), Panel(last, NUMBER), height=HEIGHT)
        self.canvas.setToolTip(
            "Silhouette: how much nearer pixels are to their own cluster than to the next; 1 is "
            "best.\nDavies-Bouldin: how wide clusters are beside their distance; 0 is best.\n"
            "Within / all: the share of the sum of squares that is left within clusters; it "
            "always falls: look for the bend."
        )
        self._shown: Clusters | None = None
        self.canvas.inked.connect(self._draw)

    @property
    def shown(self) -> Clusters | None:
        """What is drawn."""
        return self._shown

    def clear(self) -> None:
        """Show empty axes."""
        self._shown = None
        self._draw()

    def show_clusters(self, clusters: Clusters) -> None:
        """Show the numbers that were tried, and what was found."""
        self._shown = clusters
        self._draw()

    def _draw(self) -> None:
        self.canvas.clear()
        if self._shown is None:
            return
        many = len(self._shown.channels) > 1
        for number, one in enumerate(self._shown.channels):
            shade = PALETTE[number % len(PALETTE)]
            name = f"channel {one.channel}" if many else "K-means"
            for plot, (figure, _) in zip(self.canvas.plots, PANELS, strict=True):
                last = plot is self.canvas.plots[-1]  # whose corner is empty: it always falls
                plot.plot(
                    *curve(one.sweep, figure), pen=pg.mkPen(shade, width=2), symbol="o",
                    symbolSize=5, symbolPen=shade, symbolBrush=shade, antialias=True,
                    name=name if last and one.sweep else None,
                )  # fmt: skip
                plot.plot(
                    *curve((one.indices,), figure), pen=None, symbol="star", symbolSize=15,
                    symbolPen=shade, symbolBrush=shade, antialias=True,
                    name=FOUND if last and not number else None,
                )  # fmt: skip
        self.canvas.ink_legends()
