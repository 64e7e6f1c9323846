"""What "Learn to denoise" does with its controls, and with what comes out; without Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

from napari.layers import Image

from napari_photon_denoise.denoisers import Resunet
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Progress, relabelled
from napari_photon_denoise.widgets.learning import kept
from napari_photon_denoise.widgets.learning.live import LearningProgress, Outcome, learning_job
from napari_photon_denoise.widgets.learning.order import Order, Wishes
from napari_photon_denoise.widgets.parts.region import Region, visible_region
from napari_photon_denoise.widgets.parts.task import Task
from napari_photon_denoise.widgets.parts.work import NotYet, Work

if TYPE_CHECKING:
    from napari_photon_denoise.widgets.learning.keeper import Keeper
    from napari_photon_denoise.widgets.learning.look_layer import LookLayer
    from napari_photon_denoise.widgets.learning.progress_page import ProgressPage
    from napari_photon_denoise.widgets.learning.setup_page import SetupPage
    from napari_photon_denoise.widgets.parts.dock import Dock

GLANCE = 0.5  # s between two looks at what is on the screen
LEARN_TIP = "Train a network on the noisy image; what it has learnt is shown while it learns."
STOP_TIP = "Stop after the step that runs now; the best so far is kept, and it can be resumed."


class View(Protocol):
    """What the controller asks, and shows things in: the dock, or a test."""

    setup: SetupPage
    page: ProgressPage
    look: LookLayer
    keeper: Keeper
    dock: Dock

    def show_page(self, page: Any) -> None:
        """Bring `setup` or `page` to the front."""

    def offer(self, text: str, tip: str, *, anew: bool) -> None:
        """Say what Run does, and whether what was learnt before can be forgotten instead."""


class LearnController:
    """Follows the controls; makes a training of them, shows how it goes, and holds what it learnt.

    Parameters
    ----------
    viewer : napari.Viewer
    view : View
    """

    def __init__(self, viewer: Any, view: View) -> None:
        self._viewer, self._view = viewer, view
        self._wishes: Wishes | None = None  # of the training that runs
        self._order: Order | None = None
        self._glanced = 0.0

    def work(self) -> Work:
        """Return the training, from the beginning or where it was stopped, and show that it begins.

        Raises
        ------
        PhotonDenoiseError
            If something is missing or does not fit; one sentence says what to do.
        """
        view = self._view
        order = self._order = view.setup.order()
        wishes = self._wishes = Wishes(region=self._region(order))
        view.keeper.hold(None)
        view.look.start()
        view.page.start(order.denoiser.epochs)
        view.page.result.ticks.tick([order.task.layer, *view.setup.more.ticks.layers()])
        view.show_page(view.page)
        view.dock.bar.name_cancel(STOP_TIP, "S&top")
        epochs = order.denoiser.epochs
        return Work(
            relabelled(learning_job(order, wishes), lambda step: _by_epoch(step, epochs)),
            order.title,
            done=self._on_learnt,
            progressed=self._on_progress,
            ended=self._on_ended,
            stop=self._stop,
        )

    def start_anew(self) -> None:
        """Forget what was learnt before, and learn."""
        self._view.dock.controller.run_order(self._work_anew)

    def apply(self, order: Callable[[], Work]) -> None:
        """Do something with what was learnt, unless something runs already."""
        if not self._view.dock.runner.busy:
            self._view.dock.bar.name_cancel("Stop after the tile that is worked on.")
        self._view.dock.controller.run_order(order)

    def task_for(self, layer: Image, denoiser: Resunet) -> Task:
        """See any layer as the controls describe it."""
        order = self._order
        assert order is not None  # there is no network without
        setup = self._view.setup
        photons = setup.photons_of(layer, order.task.photons)
        return Task(layer, photons, denoiser, device=setup.device())

    def check(self) -> None:
        """Say what is missing."""
        if self._view.dock.runner.busy:  # finding it out takes a while
            return
        try:
            self._view.setup.order()
        except NotYet:  # the camera says what it waits for
            self._view.dock.controller.hint("")
        except PhotonDenoiseError as error:
            self._view.dock.bar.hint(str(error))
        else:
            self._view.dock.controller.hint("")

    def show_offer(self) -> None:
        """Offer to go on where the same training was stopped or cut off."""
        if self._view.dock.runner.busy:
            return
        found, epochs = None, 0
        try:
            order = self._view.setup.order()
            if order.folder is None:  # its files are found when it starts
                found = kept.find(kept.name_of(order.images, order.denoiser))
                epochs = order.denoiser.epochs
        except PhotonDenoiseError:
            found = None
        if found is None:
            text, tip = "&Learn", LEARN_TIP
        elif found.scores < epochs:
            text, tip = f"&Resume ({found.scores} of {epochs} epochs done)", LEARN_TIP
        else:
            text, tip = "Take &up what was learnt", "Show it again; nothing is trained."
        self._view.offer(text, tip, anew=found is not None)

    def on_busy(self, busy: bool) -> None:
        """Say what can be done with what was learnt."""
        ready = not busy and self._view.keeper.outcome is not None
        self._view.page.result.set_ready(ready)
        self.show_offer()

    def _work_anew(self) -> Work:
        order = self._view.setup.order()
        kept.forget(kept.name_of(order.images, order.denoiser))
        return self.work()

    def _region(self, order: Order) -> Region | None:
        """Return what is on the screen of the image; None where it is not."""
        self._glanced = monotonic()
        try:
            return visible_region(self._viewer, order.task.layer)
        except PhotonDenoiseError:
            return None

    def _stop(self) -> str:
        """Let the job itself end."""
        assert self._wishes is not None  # it runs
        self._wishes.stop = True
        return "Stopping; the best so far is kept…"

    def _on_progress(self, step: Progress) -> None:
        order, wishes = self._order, self._wishes
        if not isinstance(step, LearningProgress) or order is None or wishes is None:
            return
        self._view.page.show_step(step, order.denoiser.epochs)
        if step.look is not None:
            self._view.look.show(order.task, step.look)
        if monotonic() - self._glanced > GLANCE:
            wishes.region = self._region(order)

    def _on_learnt(self, outcome: Outcome | None) -> None:
        """Show what was learnt, and hold it."""
        view, stopped = self._view, self._wishes is not None and self._wishes.stop
        if outcome is None:
            view.page.result.say()
            view.dock.bar.say("Stopped before anything was learnt.")
            return
        view.keeper.hold(outcome)
        view.page.show_outcome(outcome)
        if outcome.look is not None:
            view.look.show(outcome.order.task, outcome.look)
        word = "Stopped" if stopped else "Done"
        view.dock.bar.say(f"{word}: save the model, or apply it to layers and files.")

    def _on_ended(self) -> None:
        self._wishes = None
        if self._view.keeper.outcome is None:
            self._view.page.result.say()


def _by_epoch(step: Progress, epochs: int) -> Progress:
    """Say at which epoch a step is."""
    if not isinstance(step, LearningProgress):
        return step
    epoch = min(epochs, 1 + step.done * epochs // step.total)
    return replace(step, text=f"Epoch {epoch} of {epochs}. {step.text}")
