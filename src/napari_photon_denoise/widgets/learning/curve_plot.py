"""The learning curve: the score on pixels that are never trained on, and what is minimised."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import pyqtgraph as pg

from napari_photon_denoise.widgets.parts.canvas import PALETTE, Canvas, Panel

HEIGHT = 280  # px
TICKS = 8  # on the axis of epochs, at most
EPOCHS, HELD_OUT, TRAINING = "epochs", "held-out pixels", "training loss"
BEST = "best so far"
AXIS = 62  # px, as wide as numbers get
BLUE, ORANGE = PALETTE[:2]
GREEN = "#3ecf8e"  # lighter than the palette's, for a small star


class LearningCurve:
    """Two plots over epochs, the best one marked: their values are not of one kind."""

    def __init__(self) -> None:
        self.canvas = Canvas(
            Panel(HELD_OUT, share=3), Panel(TRAINING, EPOCHS, share=2), height=HEIGHT,
            axis_width=AXIS,
        )  # fmt: skip
        self._score, self._loss = self.canvas.plots
        self.canvas.setFixedHeight(HEIGHT)
        self.canvas.setToolTip(
            "Held-out pixels are never trained on. While their score falls, the network gets "
            "better; where it rises again, it begins to learn the noise by heart."
        )
        self.held_out: tuple[float, ...] = ()

    def clear(self) -> None:
        """Show empty axes."""
        self.held_out = ()
        self.canvas.clear()

    def start(self, epochs: int) -> None:
        """Show empty axes for so many epochs."""
        self.clear()
        self._score.setXRange(0, epochs, padding=0.03)
        step = max(1, ceil(epochs / TICKS))
        ticks = [(at, str(at)) for at in range(0, epochs + 1, step)]
        for plot in (self._score, self._loss):
            plot.getAxis("bottom").setTicks([ticks])

    def show_curve(
        self, epochs: Sequence[float], training: Sequence[float], held_out: Sequence[float]
    ) -> None:
        """Show a curve so far; lower is better for both.

        Parameters
        ----------
        epochs, training, held_out : sequence of float, of one length
        """
        if tuple(held_out) == self.held_out:
            return
        self.clear()
        self.held_out = tuple(held_out)
        for plot, values, shade in (
            (self._score, held_out, BLUE),
            (self._loss, training, ORANGE),
        ):
            plot.plot(
                epochs, values, pen=pg.mkPen(shade, width=2), symbol="o", symbolSize=4,
                symbolPen=shade, symbolBrush=shade, antialias=True,
            )  # fmt: skip
        best = self.best
        self._score.plot(
            [epochs[best]], [held_out[best]], pen=None, symbol="star", symbolSize=15,
            symbolPen=GREEN, symbolBrush=GREEN, name=BEST, antialias=True,
        )  # fmt: skip
        self.canvas.ink_legends()

    @property
    def best(self) -> int:
        """Place of the best point."""
        return self.held_out.index(min(self.held_out))
