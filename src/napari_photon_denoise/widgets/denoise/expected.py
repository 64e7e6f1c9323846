"""How long a run will take, and where its result goes, said before it begins."""

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
    where : callable
        Says where the results of tasks go, if there is something to say of that.
    """

    def __init__(
        self,
        tasks: Callable[[], Sequence[Task]],
        speeds: Speeds,
        where: Callable[[Sequence[Task]], str],
    ) -> None:
        super().__init__()
        self._tasks, self._speeds, self._where = tasks, speeds, where
        self._paused, self._place = False, ""
        self.setWordWrap(True)
        self.setMinimumHeight(self.fontMetrics().lineSpacing())
        self.setToolTip(
            "How long Run takes: from what the same method took before on this computer; of a "
            "quick one, from a small piece that is denoised on trial."
        )
        self.latest = Latest(self._work, GATHER, self)
        self.latest.refused.connect(self._refuse)
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
        self._refuse("")
        self.refresh()

    def _work(self) -> Work:
        if self._paused:
            raise PhotonDenoiseError("Something runs.")
        tasks = self._tasks()
        self._place = self._where(tasks)
        return Work(expected_job(tasks, self._speeds), "Timing", self._show)

    def _refuse(self, _sentence: str) -> None:
        self._place = ""
        self._show(None)

    def _show(self, seconds: float | None) -> None:
        time = ""
        if seconds is not None:
            about = "under 1 s" if seconds < 1 else f"about {in_words(seconds)}"
            time = f"Takes {about} on this computer."
        self.setText("\n".join(said for said in (time, self._place) if said))
