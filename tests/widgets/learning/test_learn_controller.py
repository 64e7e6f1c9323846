from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from napari.components import ViewerModel
from napari.layers import Image

import napari_photon_denoise as npd
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Progress
from napari_photon_denoise.widgets.learning import controller as learn
from napari_photon_denoise.widgets.learning.kept import Unfinished
from napari_photon_denoise.widgets.learning.live import LearningProgress
from napari_photon_denoise.widgets.learning.order import Order
from napari_photon_denoise.widgets.parts.task import Task
from napari_photon_denoise.widgets.parts.work import Work
from widgets.conftest import CAMERA
from widgets.fakes import FakeDock

EPOCHS = 4
LOOK = object()


class FakeKeeper:
    outcome = None

    def hold(self, outcome):
        self.outcome = outcome


@pytest.fixture
def order(counts):
    layer = Image(counts, name="cells")
    photons = npd.Photons(counts, CAMERA, "YX")
    method = npd.Noise2Void(epochs=EPOCHS, seed=1)
    return Order(Task(layer, photons, method), method)


@pytest.fixture
def jobs(monkeypatch):
    """Trainings of two steps an epoch that learn nothing; what they were told."""
    begun = []

    def job(order, wishes):
        begun.append((order, wishes))
        yield Progress("Loading PyTorch", 0, 1)
        for step in range(2 * EPOCHS):
            if wishes.stop:
                break
            yield LearningProgress("Learning", step, 2 * EPOCHS, look=LOOK if step == 3 else None)
        return SimpleNamespace(order=order, look=None) if step else None

    monkeypatch.setattr(learn, "learning_job", job)
    return begun


@pytest.fixture
def view(order):
    return SimpleNamespace(
        setup=Mock(**{"order.return_value": order, "more.ticks.layers.return_value": []}),
        page=Mock(), look=Mock(), keeper=FakeKeeper(), show_page=Mock(), offer=Mock(),
    )  # fmt: skip


@pytest.fixture
def controller(view, order, jobs):
    viewer = ViewerModel()
    viewer.layers.append(order.task.layer)
    made = learn.LearnController(viewer, view)
    view.dock = FakeDock(made.work, "Cancelled.")
    return made


def test_a_training_says_its_epochs_and_is_held(controller, view, order):
    view.dock.controller.run()
    view.show_page.assert_called_once_with(view.page)
    view.page.start.assert_called_once_with(EPOCHS)
    assert view.dock.bar.cancel == "S&top"
    view.dock.step()
    assert view.dock.bar.message == "Loading PyTorch"
    view.dock.step()
    assert view.dock.bar.message == "Epoch 1 of 4. Learning"
    view.dock.finish()
    assert view.dock.bar.steps[-1].text == "Epoch 4 of 4. Learning"
    view.look.show.assert_called_once_with(order.task, LOOK)
    assert view.keeper.outcome.order is order
    view.page.show_outcome.assert_called_once_with(view.keeper.outcome)
    assert view.dock.bar.message == "Done: save the model, or apply it to layers and files."


def test_stopping_keeps_the_best_so_far(controller, view):
    view.dock.controller.run()
    for _ in range(3):
        view.dock.step()
    view.dock.controller.cancel()
    assert view.dock.bar.message == "Stopping; the best so far is kept…"
    assert not view.dock.runner.cancelled
    view.dock.finish()
    assert view.keeper.outcome is not None
    assert view.dock.bar.message.startswith("Stopped: save the model")


def test_stopped_before_anything_was_learnt(controller, view):
    view.dock.controller.run()
    view.dock.step()
    view.dock.controller.cancel()
    view.dock.finish()
    assert view.keeper.outcome is None
    assert view.dock.bar.message == "Stopped before anything was learnt."
    view.page.result.say.assert_called_with()


def test_a_new_training_lets_go_of_the_last_one(controller, view):
    view.dock.controller.run()
    view.dock.finish()
    view.dock.controller.run()
    assert view.keeper.outcome is None
    controller.on_busy(True)
    view.page.result.set_ready.assert_called_with(False)
    view.dock.finish()
    controller.on_busy(False)
    view.page.result.set_ready.assert_called_with(True)


def test_a_refusal_keeps_the_last_one(controller, view):
    view.dock.controller.run()
    view.dock.finish()
    held = view.keeper.outcome
    view.setup.order.side_effect = PhotonDenoiseError("Say the gain.")
    view.dock.controller.run()
    assert view.dock.bar.refused == ["Say the gain."]
    assert view.keeper.outcome is held
    controller.check()
    assert view.dock.bar.message == "⚠ Say the gain."


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (None, "&Learn"),
        (Unfinished(steps=5, scores=2), "&Resume (2 of 4 epochs done)"),
        (Unfinished(steps=8, scores=4), "Take &up what was learnt"),
    ],
)
def test_what_was_begun_is_offered(controller, view, monkeypatch, found, text):
    monkeypatch.setattr(learn.kept, "find", lambda _: found)
    controller.show_offer()
    assert view.offer.call_args.args[0] == text
    assert view.offer.call_args.kwargs == {"anew": found is not None}
    view.dock.controller.run()
    controller.show_offer()
    assert view.offer.call_count == 1  # not while it learns


def test_start_anew_forgets_first(controller, view, monkeypatch):
    forgotten = []
    monkeypatch.setattr(learn.kept, "forget", forgotten.append)
    controller.start_anew()
    assert len(forgotten) == 1
    assert view.dock.runner.busy
    controller.start_anew()
    assert len(forgotten) == 1  # it runs


def test_applying_waits_for_nothing_and_can_be_cancelled(controller, view):
    def job():
        yield Progress("tile", 0, 1)

    done = []
    controller.apply(lambda: Work(job(), "Denoising layers", done.append))
    assert view.dock.bar.cancel == "Cancel"
    view.dock.step()
    view.dock.controller.cancel()
    view.dock.finish()
    assert view.dock.bar.message == "Cancelled."
    assert done == []
