"""Run, cancel, how far it is, and what there is to say."""

from __future__ import annotations

from time import monotonic

from qtpy.QtCore import QTimer, Signal
from qtpy.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from napari_photon_denoise.job import Progress
from napari_photon_denoise.pace import Pace, in_words
from napari_photon_denoise.widgets.parts.status import Status

# Each repaint has the whole window put together anew, canvas and all, which takes long where OpenGL
# is computed. So steps rest, ms, and painting gets this share of the time; nothing moves by itself.
PAINT, SHARE = 400, 0.1


class RunBar(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Stays in sight below the pages."""

    runAsked = Signal()
    cancelAsked = Signal()
    busyChanged = Signal(bool)
    """Whether something runs."""

    def __init__(self) -> None:
        super().__init__()
        self._pace = Pace()
        self._newest: tuple[Progress, float | None] | None = None  # not shown yet, and time left
        self._begun = 0.0
        self._resting, self._painted = QTimer(self), QTimer(self)
        for timer, slot in (
            (self._resting, self._show_newest),
            (self._painted, self._on_painted),
        ):
            timer.setSingleShot(True)
            timer.timeout.connect(slot)
        self._run = QPushButton()
        self._cancel = QPushButton("Canc&el")
        self._cancel.setToolTip("Stop; nothing is left behind.")
        self._bar = QProgressBar()
        self._bar.setToolTip("What is done.")
        self._status = Status("What happens now, what is missing, and what came out.")
        buttons = QHBoxLayout()
        buttons.addWidget(self._run)
        buttons.addWidget(self._cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(buttons)
        layout.addWidget(self._bar)
        layout.addWidget(self._status)
        self._run.clicked.connect(self.runAsked)
        self._cancel.clicked.connect(self.cancelAsked)
        self.show_idle()

    @property
    def message(self) -> str:
        """What the status line says."""
        return self._status.message

    def say(self, text: str) -> None:
        """Say something, which no step from before comes after."""
        self._newest = None
        self._status.say(text)

    def hint(self, *sentences: str) -> None:
        """Say what is missing or went wrong; nothing if nothing did."""
        self._newest = None
        self._status.hint(*sentences)

    def refuse(self, sentence: str) -> None:
        """Say why what was asked for was not done, here and in a notification."""
        self._newest = None
        self._status.refuse(sentence)

    def name_run(self, text: str, tip: str) -> None:
        """Say what Run does."""
        self._run.setText(text)
        self._run.setToolTip(tip)

    def name_cancel(self, tip: str, text: str = "Canc&el") -> None:
        """Say what is left where Cancel leaves something."""
        self._cancel.setText(text)
        self._cancel.setToolTip(tip)

    def show_busy(self) -> None:
        """Something runs now."""
        self._pace.clear()
        self._run.setEnabled(False)
        self._cancel.setEnabled(True)
        self._bar.setRange(0, 1)  # of a range without an end, a stripe would move
        self._bar.setValue(0)
        self._bar.setVisible(True)
        self.say("Getting ready…")
        self.busyChanged.emit(True)

    def show_cancelling(self, text: str = "Cancelling…") -> None:
        """Say that it stops as soon as it can."""
        self._cancel.setEnabled(False)
        self.say(text)

    @property
    def idle(self) -> bool:
        """Whether something can be run."""
        return bool(self._run.isEnabled())

    def show_idle(self) -> None:
        """Nothing runs."""
        self._newest = None
        self._run.setEnabled(True)
        self._cancel.setEnabled(False)
        self._bar.setVisible(False)
        self.busyChanged.emit(False)

    def show_progress(self, step: Progress) -> None:
        """How far it is, and about how long it takes."""
        self._newest = step, self._pace.left(step)
        if not self._resting.isActive():
            self._show_newest()

    def _on_painted(self) -> None:
        """Rest the longer, the longer it took until the window was idle again."""
        if self._resting.isActive():
            taken = 1000 * (monotonic() - self._begun)
            self._resting.start(max(PAINT, round(taken / SHARE)))

    def _show_newest(self) -> None:
        """Show the newest step, once for all that came since the last one was shown."""
        if self._newest is None:
            return
        (step, seconds), self._newest = self._newest, None
        self._resting.start(PAINT)
        self._begun = monotonic()
        self._painted.start(0)
        left = "…" if step.done < step.total else ""
        if seconds is not None:
            left = f", about {in_words(seconds)} left"
        self._bar.setUpdatesEnabled(False)  # or it paints at once, and again with the words
        self._bar.setRange(0, step.total)
        self._bar.setValue(step.done)
        self._bar.setUpdatesEnabled(True)
        self.say(f"{step.text}{left}")
