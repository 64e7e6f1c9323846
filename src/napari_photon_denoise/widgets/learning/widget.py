"""The dock widget: a network learns from the noisy image, and shows what it has learnt."""

from __future__ import annotations

from time import monotonic
from typing import Any

from napari.layers import Image
from napari.utils.theme import get_theme
from qtpy.QtCore import QEvent, QTimer
from qtpy.QtWidgets import QPushButton, QTabWidget, QVBoxLayout, QWidget

from napari_photon_denoise.denoisers import Resunet
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Progress
from napari_photon_denoise.widgets.calibration.work import Work
from napari_photon_denoise.widgets.learning import kept
from napari_photon_denoise.widgets.learning.keeper import Keeper
from napari_photon_denoise.widgets.learning.live import LiveProgress, Outcome, learning_job
from napari_photon_denoise.widgets.learning.look_layer import LookLayer
from napari_photon_denoise.widgets.learning.order import Order, Wishes
from napari_photon_denoise.widgets.learning.progress_page import ProgressPage
from napari_photon_denoise.widgets.learning.setup_page import SetupPage
from napari_photon_denoise.widgets.parts.region import Region, visible_region
from napari_photon_denoise.widgets.parts.run_bar import RunBar
from napari_photon_denoise.widgets.parts.task import Task
from napari_photon_denoise.widgets.parts.worker import Runner

MINIMUM_WIDTH = 340  # px; narrower, numbers and their units no longer fit
GATHER = 300  # ms; changes that follow each other so fast are answered once
GLANCE = 0.5  # s between two looks at what is on the screen
LEARN_TIP = "Train a network on the noisy image; what it has learnt is shown while it learns."
STOP_TIP = "Stop after the step that runs now; the best so far is kept, and it can be resumed."


class LearnWidget(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Choose an image; watch a network learn from it; keep it, and apply it.

    Parameters
    ----------
    napari_viewer : napari.Viewer
    """

    def __init__(self, napari_viewer: Any) -> None:
        super().__init__()
        self._viewer = napari_viewer
        self._wishes: Wishes | None = None  # of the training that runs
        self._order: Order | None = None
        self._work: Work | None = None
        self._glanced = 0.0
        self.setup = SetupPage(napari_viewer)
        self.page = ProgressPage(napari_viewer)
        self.look = LookLayer(napari_viewer)
        self.bar = RunBar()
        self.runner = Runner(self)
        self.keeper = Keeper(napari_viewer, self._task_for, self)
        self._anew = QPushButton("Start &anew")
        self._tabs = QTabWidget()
        self._offer = QTimer(self)
        self._build()
        self._connect()
        self._on_theme()
        self._on_change()

    @property
    def message(self) -> str:
        """What the status line says."""
        return self.bar.message

    def show_page(self, page: QWidget) -> None:
        """Bring `setup` or `page` to the front."""
        self._tabs.setCurrentWidget(page)

    def run(self) -> None:
        """Learn, or go on where it was stopped; or say what is missing."""
        if self.runner.busy:
            return
        try:
            order = self.setup.order()
        except PhotonDenoiseError as error:
            self.bar.refuse(str(error))
            return
        self._order, self._wishes = order, Wishes(region=self._region(order))
        self.keeper.hold(None)
        self.look.start()
        self.page.start(order.denoiser.epochs)
        self.page.result.ticks.tick([order.task.layer, *self.setup.more.ticks.layers()])
        self.show_page(self.page)
        self.bar.name_cancel(STOP_TIP, "S&top")
        self._start(Work(learning_job(order, self._wishes), order.title, self._on_learnt))

    def start_anew(self) -> None:
        """Forget what was learnt before, and learn."""
        if self.runner.busy:
            return
        try:
            order = self.setup.order()
        except PhotonDenoiseError as error:
            self.bar.refuse(str(error))
            return
        kept.forget(kept.name_of(order.images, order.denoiser))
        self.run()

    def stop(self) -> None:
        """Stop after the step that runs now."""
        if self._wishes is not None:
            self._wishes.stop = True  # the job itself ends, with the best so far
            self.bar.show_cancelling("Stopping; the best so far is kept…")
        elif self.runner.busy:
            self.runner.cancel()
            self.bar.show_cancelling()

    def event(self, event: QEvent) -> bool:
        """Stop everything when napari takes the widget out of its dock."""
        if event.type() == QEvent.Type.ParentChange and self.parent() is None:
            self.runner.cancel()  # closes the job, which writes its checkpoint
            self.look.remove()
        return bool(super().event(event))

    def _build(self) -> None:
        self._tabs.addTab(self.setup, "What to learn from")
        self._tabs.addTab(self.page, "Learning")
        self._anew.setToolTip("Forget what was learnt from this image, and begin again.")
        self.setMinimumWidth(MINIMUM_WIDTH)
        layout = QVBoxLayout(self)
        layout.addWidget(self._tabs, 1)
        layout.addWidget(self._anew)
        layout.addWidget(self.bar)

    def _connect(self) -> None:
        self._offer.setSingleShot(True)
        self._offer.setInterval(GATHER)
        self._offer.timeout.connect(self._show_offer)
        self.setup.valueChanged.connect(self._on_change)
        self._anew.clicked.connect(self.start_anew)
        self.bar.runAsked.connect(self.run)
        self.bar.cancelAsked.connect(self.stop)
        result = self.page.result
        result.saveAsked.connect(self.keeper.ask_and_save)
        result.layersAsked.connect(lambda: self.keeper.apply_to_layers(result.ticks.layers()))
        result.filesAsked.connect(self.keeper.ask_and_apply_to_files)
        self.keeper.said.connect(self.bar.say)
        self.keeper.refused.connect(self.bar.refuse)
        self.keeper.workAsked.connect(self._on_work)
        self._viewer.events.theme.connect(self._on_theme)
        self.runner.progressed.connect(self._on_progress)
        self.runner.succeeded.connect(self._on_success)
        self.runner.refused.connect(self.bar.refuse)
        self.runner.failed.connect(self._on_failure)
        self.runner.finished.connect(self._on_finished)

    def _start(self, work: Work) -> None:
        self._work = work
        self._anew.setEnabled(False)
        self.page.result.set_ready(False)
        self.bar.show_busy()
        self.runner.start(work.job, work.title, show_progress=True)

    def _task_for(self, layer: Image, denoiser: Resunet) -> Task:
        """See any layer as the controls describe it."""
        order = self._order
        assert order is not None  # there is no network without
        photons = self.setup.photons_of(layer, order.task.photons)
        return Task(layer, photons, denoiser, device=self.setup.device())

    def _region(self, order: Order) -> Region | None:
        """Return what is on the screen of the image; None where it is not."""
        self._glanced = monotonic()
        try:
            return visible_region(self._viewer, order.task.layer)
        except PhotonDenoiseError:
            return None

    def _on_change(self) -> None:
        self._offer.start()
        if self.runner.busy:
            return
        try:
            self.setup.order()
        except PhotonDenoiseError as error:
            self.bar.hint(str(error))
        else:
            self.bar.hint("")

    def _show_offer(self) -> None:
        """Offer to go on where the same training was stopped or cut off."""
        if self.runner.busy:
            return
        found, epochs = None, 0
        try:
            order = self.setup.order()
            if order.folder is None:  # its files are found when it starts
                found = kept.find(kept.name_of(order.images, order.denoiser))
                epochs = order.denoiser.epochs
        except PhotonDenoiseError:
            found = None
        if found is None:
            self.bar.name_run("&Learn", LEARN_TIP)
        elif found.scores < epochs:
            self.bar.name_run(f"&Resume ({found.scores} of {epochs} epochs done)", LEARN_TIP)
        else:
            self.bar.name_run("Take &up what was learnt", "Show it again; nothing is trained.")
        self._anew.setVisible(found is not None)

    def _on_work(self, work: Work) -> None:
        if self.runner.busy:
            work.job.close()
            return
        self.bar.name_cancel("Stop after the tile that is worked on.")
        self._start(work)

    def _on_progress(self, step: Progress) -> None:
        order, wishes = self._order, self._wishes
        if not isinstance(step, LiveProgress) or order is None or wishes is None:
            self.bar.show_progress(step)
            return
        epochs = order.denoiser.epochs
        self.page.show_step(step, epochs)
        if step.look is not None:
            self.look.show(order.task, step.look)
        if monotonic() - self._glanced > GLANCE:
            wishes.region = self._region(order)
        if not wishes.stop:
            epoch = min(epochs, 1 + step.done * epochs // step.total)
            text = f"Epoch {epoch} of {epochs}. {step.text}"
            self.bar.show_progress(Progress(text, step.done, step.total))

    def _on_success(self, result: Any) -> None:
        if self._work is not None:
            self._work.done(result)

    def _on_learnt(self, outcome: Outcome | None) -> None:
        """Show what was learnt, and hold it."""
        stopped = self._wishes is not None and self._wishes.stop
        if outcome is None:
            self.page.result.say()
            self.bar.say("Stopped before anything was learnt.")
            return
        self.keeper.hold(outcome)
        self.page.show_outcome(outcome)
        if outcome.look is not None:
            self.look.show(outcome.order.task, outcome.look)
        word = "Stopped" if stopped else "Done"
        self.bar.say(f"{word}: save the model, or apply it to layers and files.")

    def _on_failure(self, error: Exception) -> None:
        self.bar.hint(f"Stopped on an unexpected error ({error}); your images are as they were.")

    def _on_finished(self) -> None:
        if self.runner.cancelled:
            self.bar.say("Cancelled.")
        if self.keeper.outcome is None and self._wishes is not None:
            self.page.result.say()
        self._work = self._wishes = None
        self.bar.show_idle()
        self._anew.setEnabled(True)
        self.page.result.set_ready(self.keeper.outcome is not None)
        self._show_offer()

    def _on_theme(self) -> None:
        self.page.curve.set_colour(get_theme(self._viewer.theme).text.as_hex())
