"""What is computed anew whenever something changes: the latest wish counts, older ones stop."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import QObject, QTimer, Signal

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Progress
from napari_photon_denoise.widgets.parts.refusals import in_words
from napari_photon_denoise.widgets.parts.work import NotYet, Work
from napari_photon_denoise.widgets.parts.worker import Runner


class Latest(QObject):  # type: ignore[misc]  # Qt comes without types
    """Gathers changes, and runs one job at a time: that of the last of them.

    Parameters
    ----------
    order : callable
        Returns the `Work` to do now, or raises the PhotonDenoiseError that says what is missing.
    gather : int
        Changes that follow each other so fast are answered once, ms.
    parent : QObject
    """

    refused = Signal(str)
    """What is missing, or what the job refuses."""
    waits = Signal(str)
    """What is still being found out; `refresh` is called when it is there."""

    def __init__(self, order: Callable[[], Work], gather: int, parent: QObject) -> None:
        super().__init__(parent)
        self._order, self._gather = order, gather
        self._work: Work | None = None
        self._on = self._stopped = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.begin)
        self.runner = Runner(self)
        self.runner.progressed.connect(self._on_progress)
        self.runner.succeeded.connect(self._on_success)
        self.runner.refused.connect(self.refused)
        self.runner.finished.connect(self._on_finished)

    @property
    def on(self) -> bool:
        """Whether it is switched on, which it is not at first."""
        return self._on

    @property
    def busy(self) -> bool:
        """Whether something is asked for or computed."""
        return bool(self._timer.isActive()) or self.runner.busy

    def refresh(self, _event: object = None) -> None:
        """Something changed: compute anew, soon."""
        # A timer that runs is not set back, so that a slider is followed while it moves.
        if self._on and not self._timer.isActive():
            self._timer.start(self._gather)

    def stop(self) -> None:
        """Leave it at what is done; the next change begins anew."""
        self._timer.stop()
        self._stopped = True
        self.runner.cancel()

    def switch(self, on: bool) -> None:
        """Compute from now on, beginning at once; or stop, until it is switched on."""
        self._on = on
        if on:
            self._timer.start(0)
        else:
            self._timer.stop()
            self.runner.cancel()

    def begin(self) -> None:
        """Start on what is wished now; what still runs is stopped and waited for."""
        if not self._on:
            return
        self._stopped = False
        if self.runner.busy:
            self.runner.cancel()  # `_on_finished` begins again
            return
        try:
            self._work = self._order()
        except NotYet as wait:
            self.waits.emit(str(wait))
            return
        except PhotonDenoiseError as error:
            self.refused.emit(in_words(error))
            return
        self.runner.start(self._work.job, self._work.title)

    def _on_progress(self, step: Progress) -> None:
        if self._work is not None and self._work.progressed is not None:
            self._work.progressed(step)

    def _on_success(self, result: object) -> None:
        if self._work is not None and self._on:
            self._work.done(result)

    def _on_finished(self) -> None:
        work, self._work = self._work, None
        if work is not None and work.ended is not None:
            work.ended()
        goes_on = self._on and not self._stopped
        if goes_on and self.runner.cancelled and not self._timer.isActive():
            self.begin()
