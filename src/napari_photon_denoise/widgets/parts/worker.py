"""Jobs in a thread: napari's worker drains the generator, the window stays alive."""

from __future__ import annotations

from functools import partial
from typing import Any

from napari.qt.threading import create_worker
from qtpy.QtCore import QCoreApplication, QObject, QThreadPool, Signal

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.widgets.parts.refusals import in_words

NO_MEMORY = (
    "The computer has no memory left: close other programs, or choose a smaller tile in "
    "Preferences."
)

LAST_STEP = 60_000  # ms that a step may take which runs when the program ends


class ComputationFailed(Exception):
    """A RuntimeError of a job, under a name that arrives.

    superqt's worker takes every RuntimeError for a window that was closed, and stays
    silent: neither `errored` nor `finished` would fire, and the widget would wait for ever.
    """


class _Steps(partial):  # type: ignore[type-arg]  # partial of whatever create_worker calls
    """What a worker calls; napari names it when it asks whether to close the window."""

    def __repr__(self) -> str:
        return str(self.keywords["title"])


def _drain(job: Job[Any], *, title: str) -> Job[tuple[Any, str | None]]:
    """Run a job in the worker's thread; bad input comes back as its sentence."""
    try:
        result = yield from job
    except PhotonDenoiseError as error:
        return None, in_words(error)
    except MemoryError:
        return None, NO_MEMORY
    except RuntimeError as error:
        raise ComputationFailed(f"{title}: {error}") from error
    return result, None


class Runner(QObject):  # type: ignore[misc]  # Qt comes without types
    """Runs one job at a time; its signals arrive in the window's thread.

    Parameters
    ----------
    parent : QObject
        With it the runner dies; a worker that still runs then finds no one to tell.
    """

    progressed = Signal(object)
    """Progress, before every step."""
    succeeded = Signal(object)
    """The job's result."""
    refused = Signal(str)
    """The sentence of a PhotonDenoiseError."""
    failed = Signal(object)
    """An unexpected exception; napari has shown it already."""
    finished = Signal()
    """Always, and last: after success, refusal, an unexpected error, or cancelling."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._worker: Any = None
        self._job: Job[Any] | None = None
        self._cancelled = False
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self._on_quit)

    @property
    def busy(self) -> bool:
        """Whether a job runs, or is on its way to stop."""
        return self._worker is not None

    @property
    def cancelled(self) -> bool:
        """Whether the job was told to stop."""
        return self._cancelled

    def start(self, job: Job[Any], title: str) -> None:
        """Start a job in a thread.

        Parameters
        ----------
        job : Job
        title : str
            For people, such as "Denoising cells"; napari asks by it whether to close the window.
        """
        if self.busy:
            raise ValueError("A runner runs one job at a time.")
        self._cancelled, self._job = False, job
        # Without napari's own bar, beside which a picture turns: a window that holds a canvas of
        # OpenGL is put together anew for each of its frames, and where OpenGL is computed (remote
        # desktops, virtual machines) that takes the processor from the job: three times as long.
        self._worker = create_worker(_Steps(_drain, job, title=title))
        self._worker.yielded.connect(self._on_yielded)
        self._worker.returned.connect(self._on_returned)
        # Besides what create_worker connects: that raises the error here, where napari shows it.
        self._worker.errored.connect(self.failed)
        # A worker that was stopped leaves its generator waiting: close it, so that files and
        # GPU memory are let go of, even when the window and this runner are gone by then.
        self._worker.finished.connect(job.close)
        self._worker.finished.connect(self._on_finished)
        self._worker.start()

    def cancel(self) -> None:
        """Tell the job to stop before its next step; `finished` says when it has."""
        if self._worker is not None:
            self._cancelled = True
            self._worker.quit()

    def _on_yielded(self, step: Progress) -> None:
        if not self._cancelled:
            self.progressed.emit(step)

    def _on_returned(self, outcome: tuple[Any, str | None]) -> None:
        if self._cancelled:  # after the last step: what was cancelled must leave nothing
            return
        result, sentence = outcome
        if sentence is None:
            self.succeeded.emit(result)
        else:
            self.refused.emit(sentence)

    def _on_quit(self) -> None:
        """Let the job clean up: no signal of the worker arrives any more."""
        if self._worker is not None and self._job is not None:
            self._worker.quit()
            if QThreadPool.globalInstance().waitForDone(LAST_STEP):
                self._job.close()

    def _on_finished(self) -> None:
        self._worker = self._job = None
        self.finished.emit()
