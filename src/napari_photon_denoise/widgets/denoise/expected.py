"""How long a run will take, said before it begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qtpy.QtWidgets import QLabel

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.pace import in_words
from napari_photon_denoise.widgets.denoise.speed import Speeds, expected_job
from napari_photon_denoise.widgets.parts.latest import Latest
from napari_photon_denoise.widgets.parts.task import Task
from napari_photon_denoise.widgets.parts.work import Work

GATHER = 400  # ms; changes that follow each other so fast are answered once


class Expected(QLabel):  # type: ignore[misc]  # Qt comes without types
    """Room for a line is always kept; nothing is said before it is known.

    Parameters
    ----------
    tasks : callable
        Returns what Run would do, or raises the PhotonDenoiseError that says what is missing.
    speeds : Speeds
    """

    def __init__(self, tasks: Callable[[], Sequence[Task]], speeds: Speeds) -> None:
        super().__init__()
        self._tasks, self._speeds, self._paused = tasks, speeds, False
        self.setMinimumHeight(self.fontMetrics().lineSpacing())
        self.setToolTip(
            "How long Run takes: from what the same method took before on this computer; of a "
            "quick one, from a small piece that is denoised on trial."
        )
        self.latest = Latest(self._work, GATHER, self)
        self.latest.refused.connect(lambda _: self._show(None))
        self.refresh = self.latest.refresh

    def start(self) -> None:
        """Follow the form from now on."""
        if not self.latest.on:
            self.latest.switch(True)

    def stop(self) -> None:
        """Follow it no more."""
        self.latest.switch(False)

    def pause(self, paused: bool) -> None:
        """Say nothing while something runs, which tells what time is left."""
        self._paused = paused
        self._show(None)
        self.refresh()

    def _work(self) -> Work:
        if self._paused:
            raise PhotonDenoiseError("Something runs.")
        return Work(expected_job(self._tasks(), self._speeds), "Timing", self._show)

    def _show(self, seconds: float | None) -> None:
        if seconds is None:
            self.setText("")
        elif seconds < 1:
            self.setText("Takes under 1 s on this computer.")
        else:
            self.setText(f"Takes about {in_words(seconds)} on this computer.")
