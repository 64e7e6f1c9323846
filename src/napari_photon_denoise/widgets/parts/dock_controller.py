"""What a dock does when it is told to run or to cancel, and what it says; without Qt."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Progress
from napari_photon_denoise.widgets.parts.refusals import in_words
from napari_photon_denoise.widgets.parts.work import Declined, NotYet, Work

if TYPE_CHECKING:
    from napari_photon_denoise.widgets.parts.run_bar import RunBar
    from napari_photon_denoise.widgets.parts.worker import Runner

UNCHANGED = "Cancelled; nothing was changed."
OTHER_IMAGE = "Not started, as another image was chosen: press Run again."


class DockController:
    """Runs one piece of work at a time, and says how it goes.

    Parameters
    ----------
    bar : RunBar
    runner : Runner
        Whose signals come to `on_progress`, `on_success`, `on_failure` and `on_finished`.
    order : callable
        Returns the `Work` that the controls describe now, or raises the PhotonDenoiseError
        that says what is missing.
    cancelled : str
        What is said of work that was cancelled.
    """

    def __init__(
        self, bar: RunBar, runner: Runner, order: Callable[[], Work], cancelled: str = UNCHANGED
    ) -> None:
        self._bar, self._runner = bar, runner
        self._order, self._cancelled = order, cancelled
        self._work: Work | None = None
        self._ending = False
        self._wanted: Callable[[], Work] | None = None  # what waits for something to be found out

    def run(self) -> None:
        """Start what the controls describe, or say what is missing."""
        self.run_order(self._order)

    def run_order(self, order: Callable[[], Work]) -> None:
        """Start what is ordered, or say what is missing.

        Where that is still being found out (`NotYet`), it starts when `go_on` is called.

        Parameters
        ----------
        order : callable
            Returns the `Work`, or raises the PhotonDenoiseError that says what is missing.
        """
        if self._runner.busy:
            return
        waits, self._wanted = self._wanted is not None, None
        try:
            work = order()
        except NotYet as wait:
            self._wanted = order
            if not waits:
                self._bar.show_busy()
            self._bar.say(str(wait))
        except Declined:
            if waits:
                self._bar.show_idle()
                self._bar.say(self._cancelled)
        except PhotonDenoiseError as error:
            if waits:
                self._bar.show_idle()
            self._bar.refuse(in_words(error))
        else:
            self.start(work)

    def go_on(self) -> None:
        """Start what waits, as something was found out."""
        if self._wanted is not None:
            self.run_order(self._wanted)

    def stop_waiting(self, said: str = OTHER_IMAGE) -> None:
        """Forget what waits, and say why; nothing if nothing does."""
        if self._wanted is not None:
            self._wanted = None
            self._bar.show_idle()
            self._bar.say(said)

    def start(self, work: Work) -> None:
        """Start a piece of work; it is let go if another one runs."""
        if self._runner.busy:
            work.job.close()
            return
        self._work, self._ending = work, False
        self._bar.show_busy()
        self._runner.start(work.job, work.title)

    def cancel(self) -> None:
        """Stop after the step that runs now."""
        self.stop_waiting(self._cancelled)
        if not self._runner.busy or self._work is None:
            return
        self._ending = True
        if self._work.stop is not None:
            self._bar.show_cancelling(self._work.stop())
        else:
            self._runner.cancel()
            self._bar.show_cancelling()

    def hint(self, sentence: str) -> None:
        """Say what is missing, or that nothing is; work that runs has the line for itself."""
        if not self._occupied:
            self._bar.hint(sentence)

    def remark(self, text: str) -> None:
        """Say something of the controls, unless something runs."""
        if not self._occupied:
            self._bar.say(text)

    @property
    def _occupied(self) -> bool:
        return self._runner.busy or self._wanted is not None

    def on_progress(self, step: Progress) -> None:
        """Show how far it is."""
        if self._work is not None and self._work.progressed is not None:
            self._work.progressed(step)
        if not self._ending:
            self._bar.show_progress(step)

    def on_success(self, result: Any) -> None:
        """Hand the result to who wants it."""
        if self._work is not None:
            self._work.done(result)

    def on_failure(self, error: Exception) -> None:
        """Say that it is a fault of the program's."""
        self._bar.hint(f"Stopped on an unexpected error ({error}); your images are as they were.")

    def on_finished(self) -> None:
        """Be ready for the next run."""
        work, self._work = self._work, None
        if self._runner.cancelled:
            self._bar.say(self._cancelled)
        self._bar.show_idle()
        if work is not None and work.ended is not None:
            work.ended()
