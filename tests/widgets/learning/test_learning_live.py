"""A training that is watched, stopped and taken up, without any window."""

import subprocess
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")
if not hasattr(torch.optim, "Muon"):
    pytest.skip("training needs a newer torch", allow_module_level=True)

from napari.layers import Image

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.denoisers import Noise2Void
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.widgets.learning import kept, live
from napari_photon_denoise.widgets.learning.order import Order, Wishes
from napari_photon_denoise.widgets.parts.task import Task
from quick_learning import make_small

CAMERA = Calibration(gain=0.5, offset=100, read_noise=1.5)
REGION = (slice(0, 32), slice(8, 40))
EPOCHS = 4  # of two steps


@pytest.fixture(autouse=True)
def small(monkeypatch, tmp_path):
    make_small(monkeypatch)
    monkeypatch.setattr(kept, "folder", lambda: tmp_path / "learning")
    monkeypatch.setattr(live, "EVERY", 0.0)
    monkeypatch.setattr(live, "SHARE", 0.0)


@pytest.fixture
def order(rng):
    counts = rng.poisson(140, (48, 56)).astype(np.uint16)
    photons = Photons(counts, CAMERA, "YX")
    method = Noise2Void(epochs=EPOCHS, patience=0, patch=16, batch=2).resolved(photons)
    return Order(Task(Image(counts, name="cells"), photons, method, device="cpu"), method)


def learn(order, wishes, watch=lambda step: None):
    """Drain the job as a window does; return its steps and the outcome."""
    steps, job = [], live.learning_job(order, wishes)
    while True:
        try:
            step = next(job)
        except StopIteration as end:
            return steps, end.value
        if isinstance(step, live.LearningProgress):
            steps.append(step)
            watch(step)


def test_each_step_shows_the_curve_so_far_and_what_is_on_the_screen(order):
    steps, outcome = learn(order, Wishes(region=REGION))
    assert [step.done for step in steps] == list(range(1, 9))
    assert [len(step.held_out) for step in steps] == [0, 1, 1, 2, 2, 3, 3, 4]
    assert all(step.look.data.shape == (32, 32) for step in steps)
    assert "million weights" in steps[0].machine
    assert outcome.learned.curve.steps == [2, 4, 6, 8]
    assert outcome.learned.kept == 3
    assert outcome.look.region == REGION


def test_nothing_is_shown_of_what_is_not_on_the_screen(order):
    steps, outcome = learn(order, Wishes())
    assert all(step.look is None for step in steps)
    assert outcome.look is None
    assert outcome.hints is not None


def test_stopped_it_keeps_its_best_and_goes_on_from_there(order):
    wishes = Wishes()

    def stop(step):
        wishes.stop = step.done == 5

    steps, outcome = learn(order, wishes, stop)
    assert steps[-1].done == 5
    scores = outcome.learned.curve.held_out
    assert outcome.learned.kept == scores.index(min(scores))
    name = kept.name_of(order.images, order.denoiser)
    assert kept.find(name) == kept.Unfinished(5, 2)
    steps, resumed = learn(order, Wishes())
    assert [step.done for step in steps] == [6, 7, 8]

    kept.forget(name)
    steps, through = learn(order, Wishes())
    assert [step.done for step in steps] == list(range(1, 9))
    for name, part in through.learned.network.state_dict().items():
        assert torch.equal(part, resumed.learned.network.state_dict()[name]), name


def test_stopped_before_it_began_nothing_comes_of_it(order):
    steps, outcome = learn(order, Wishes(stop=True))
    assert steps == []
    assert outcome is None


def test_what_cant_be_kept_is_told_and_what_was_learnt_is_there(order, monkeypatch):
    from napari_photon_denoise.networks.learning.checkpoint import State

    def full(state):
        raise PhotonDenoiseError("The disk is full.")

    monkeypatch.setattr(State, "save", full)
    wishes = Wishes()

    def stop(step):
        wishes.stop = step.done == 3

    _, outcome = learn(order, wishes, stop)
    assert outcome.notes[0] == "It can't be resumed later: The disk is full."
    assert len(outcome.learned.curve.held_out) == 1


def test_no_window_is_needed():
    code = "import sys, napari_photon_denoise.widgets.learning.live; print('qtpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
