"""Run, cancel, how far it is, and what there is to say."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from napari_photon_denoise.job import Progress
from napari_photon_denoise.widgets.parts.pace import Pace, in_words
from napari_photon_denoise.widgets.parts.status import Status


class RunBar(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Stays in sight below the pages."""

    runAsked = Signal()
    cancelAsked = Signal()
    busyChanged = Signal(bool)
    """Whether something runs."""

    def __init__(self) -> None:
        super().__init__()
        self._pace = Pace()
        self._run = QPushButton()
        self._cancel = QPushButton("Canc&el")
        self._cancel.setToolTip("Stop; nothing is left behind.")
        self._bar = QProgressBar()
        self._bar.setToolTip("What is done.")
        self._status = Status("What happens now, what is missing, and what came out.")
        self.say, self.hint = self._status.say, self._status.hint
        self.refuse = self._status.refuse
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
        return str(self._status.text())

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
        self._bar.setRange(0, 0)
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
        self._run.setEnabled(True)
        self._cancel.setEnabled(False)
        self._bar.setVisible(False)
        self.busyChanged.emit(False)

    def show_progress(self, step: Progress) -> None:
        """How far it is, and about how long it takes."""
        seconds = self._pace.left(step)
        left = "…" if step.done < step.total else ""
        if seconds is not None:
            left = f", about {in_words(seconds)} left"
        self._bar.setRange(0, step.total)
        self._bar.setValue(step.done)
        self.say(f"{step.text}{left}")
