"""How a training goes, and what came out of it."""

from __future__ import annotations

from typing import Any

from qtpy.QtWidgets import QWidget

from napari_photon_denoise.widgets.learning.curve_plot import LearningCurve
from napari_photon_denoise.widgets.learning.live import LearningProgress, Outcome
from napari_photon_denoise.widgets.learning.result_box import LearnedBox
from napari_photon_denoise.widgets.parts.layout import group, small_print, stack


class ProgressPage(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Curve, computer, result.

    Parameters
    ----------
    viewer : napari.Viewer
    """

    def __init__(self, viewer: Any) -> None:
        super().__init__()
        self.curve = LearningCurve()
        self.result = LearnedBox(viewer)
        self._machine = small_print()
        stack(
            self,
            group("Learning curve", self.curve.canvas, self._machine),
            group("What it has learnt", self.result),
        )

    @property
    def machine(self) -> str:
        """What is said of the computer."""
        return str(self._machine.text())

    def start(self, epochs: int) -> None:
        """Show that a training of so many epochs begins."""
        self.curve.start(epochs)
        self._machine.setText("")
        self.result.set_ready(False)
        self.result.say("It is learning: Stop keeps the best so far.")

    def show_step(self, step: LearningProgress, epochs: int) -> None:
        """Show what a step brings.

        Parameters
        ----------
        step : LearningProgress
        epochs : int
            That are asked for.
        """
        share = epochs / step.total
        at = [share * number for number in step.steps]
        self.curve.show_curve(at, step.training, step.held_out)
        if step.machine:
            self._machine.setText(step.machine)

    def show_outcome(self, outcome: Outcome) -> None:
        """Show what came out."""
        curve, epochs = outcome.learned.curve, outcome.order.denoiser.epochs
        steps = outcome.learned.facts["training"]["steps"]
        at = [epochs / steps * number for number in curve.steps]
        self.curve.show_curve(at, curve.training, curve.held_out)
        good = () if outcome.hints else ("No blur, chequers or stripes were found in the result.",)
        self.result.say(*self._kept(outcome), *outcome.notes, *outcome.hints, *good)

    def _kept(self, outcome: Outcome) -> tuple[str, ...]:
        """Say which network is kept, unless a note does."""
        learned = outcome.learned
        if learned.kept < 0:
            return ("Stopped within the first epoch: too early to be good.",)
        if learned.notes:
            return ()
        epochs = len(learned.curve.held_out)
        if learned.kept + 1 == epochs and not outcome.order.denoiser.patience:
            return (f"The last network is kept, of epoch {epochs}, as the patience is 0.",)
        return (f"The network of epoch {learned.kept + 1} of {epochs} is kept.",)
