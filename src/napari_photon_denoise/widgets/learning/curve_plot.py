"""The learning curve: the score on pixels that are never trained on, and what is minimised."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import pyqtgraph as pg
from qtpy.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from napari_photon_denoise.widgets.plots.axes import colour, dress

HEIGHT = 280  # px
TICKS = 8  # on the axis of epochs, at most
EPOCHS, HELD_OUT, TRAINING = "epochs", "held-out pixels", "training loss"
BEST = "best so far"
AXIS = 62  # px
BLUE, ORANGE, GREEN = "#56b4e9", "#e69f00", "#3ecf8e"


class LearningCurve(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Two plots over epochs, the best one marked: their values are not of one kind."""

    def __init__(self) -> None:
        super().__init__()
        self._view = pg.GraphicsLayoutWidget()
        self._view.setBackground(None)
        self._score = self._view.addPlot(row=0, col=0)
        self._loss = self._view.addPlot(row=1, col=0)
        self._legends = [dress(plot) for plot in (self._score, self._loss)]
        self._loss.setXLink(self._score)
        self._score.getAxis("bottom").setStyle(showValues=False)
        for plot in (self._score, self._loss):
            plot.getAxis("left").setWidth(AXIS)  # as wide as numbers get, and alike
        for line, share in enumerate((3, 2)):
            self._view.ci.layout.setRowStretchFactor(line, share)
        self._view.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.setFixedHeight(HEIGHT)
        self.setToolTip(
            "Held-out pixels are never trained on. While their score falls, the network gets "
            "better; where it rises again, it begins to learn the noise by heart."
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._view)
        self.held_out: tuple[float, ...] = ()
        self.set_colour("#f0f1f2")
        self.clear()

    def set_colour(self, ink: str) -> None:
        """Draw axes and text in a colour, such as "#f0f1f2"."""
        colour(self._score, self._legends[0], ink, HELD_OUT, "")
        colour(self._loss, self._legends[1], ink, TRAINING, EPOCHS)

    def clear(self) -> None:
        """Show empty axes."""
        self.held_out = ()
        for plot in (self._score, self._loss):
            plot.clear()

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

    @property
    def best(self) -> int:
        """Place of the best point."""
        return self.held_out.index(min(self.held_out))
