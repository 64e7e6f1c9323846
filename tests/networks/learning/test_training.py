import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")
if not hasattr(torch.optim, "Muon"):
    pytest.skip("training needs a newer torch", allow_module_level=True)

from safetensors import safe_open
from safetensors.torch import load_file, save_file
from scipy.ndimage import gaussian_filter

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import run
from napari_photon_denoise.networks.architecture import Architecture
from napari_photon_denoise.networks.learning import training as module
from napari_photon_denoise.networks.learning.degrade import Noise
from napari_photon_denoise.networks.learning.losses import Loss
from napari_photon_denoise.networks.learning.objective import Objective
from napari_photon_denoise.networks.learning.recipes.patches import LibraryPatches
from napari_photon_denoise.networks.learning.supervised import Supervised
from napari_photon_denoise.networks.learning.training import Trainer, Training

OBJECTIVE = Objective(((Loss("mse"), 1.0),))
QUICK = Training(steps=6, learning_rate=1e-2, warm_up=1, validate_every=2)


@pytest.fixture(autouse=True)
def one_precision(monkeypatch):
    # Which one is faster is a matter of chance on so small a network.
    monkeypatch.setattr(module, "choose_precision", lambda device: "float32")


@pytest.fixture
def source(rng):
    scenes = gaussian_filter(rng.random((6, 40, 40)), (0, 2, 2)) - 0.3
    scenes = scenes.clip(min=0) / scenes.mean((1, 2), keepdims=True)
    return LibraryPatches(scenes.astype(np.float16), Noise(), batch=4, patch=16)


def make_network(widths=(4, 8), seed=0):
    torch.manual_seed(seed)
    return Architecture(widths=widths, bottom=1).build()


def batches(source):
    return [source(np.random.default_rng(100 + i)) for i in range(4)]


def trainer(network, source, training=QUICK, **more):
    return Trainer(network, Supervised(source, batches(source), OBJECTIVE), training, **more)


def train(network, source, training=QUICK, **more):
    more = {"device": "cpu", **more}
    return run(trainer(network, source, training, **more).job())


def test_the_held_out_error_falls(source):
    training = Training(steps=40, learning_rate=1e-2, warm_up=4, validate_every=1)
    curve = train(make_network(), source, training)
    assert curve.steps == list(range(1, 41))
    assert curve.held_out[-1] < curve.held_out[0] - 0.5  # dB
    assert np.isfinite(curve.training).all()


@pytest.mark.parametrize("body", ["u-net", "autoencoder", "rcan", "dncnn"])
def test_every_body_learns(source, body):
    torch.manual_seed(0)
    network = Architecture(body=body, widths=(4, 8), bottom=1).build()
    before = {name: part.clone() for name, part in network.named_parameters()}
    train(network, source, Training(steps=3, learning_rate=1e-2, warm_up=1))
    still = [name for name, part in network.named_parameters() if torch.equal(part, before[name])]
    assert still == []


def test_resumed_is_bit_identical_to_uninterrupted(source, tmp_path):
    whole = make_network()
    curve = train(whole, source)

    path = tmp_path / "c.safetensors"
    first = make_network()
    job = trainer(first, source, checkpoint=path, device="cpu").job()
    for _ in range(4):
        next(job)
    job.close()
    resumed = make_network(seed=1)
    again = train(resumed, source, checkpoint=path)
    assert again.held_out == curve.held_out
    assert [path.name for path in tmp_path.iterdir()] == ["c.safetensors"]
    for name, part in whole.state_dict().items():
        assert torch.equal(part, resumed.state_dict()[name]), name


def test_a_checkpoint_of_before_the_precision_was_noted_is_taken_up(source, tmp_path):
    path = tmp_path / "c.safetensors"
    train(make_network(), source, checkpoint=path)
    with safe_open(path, "pt") as file:
        facts = {name: file.metadata()[name] for name in ("step", "curve")}
    save_file(load_file(path), path, {**facts, "step": json.dumps(5)})
    curve = train(make_network(), source, checkpoint=path)
    assert curve.steps[-1] == 6


def test_the_first_checkpoint_comes_early(source, tmp_path, monkeypatch):
    """A crash of the first minute is the most frequent one."""
    clock = iter(range(0, 10_000, 8))  # each look at it is 8 s later
    monkeypatch.setattr(module.time, "monotonic", lambda: next(clock))
    path = tmp_path / "c.safetensors"
    job = trainer(make_network(), source, QUICK, checkpoint=path, device="cpu").job()
    there = []
    for _ in job:
        there.append(path.exists())
        path.unlink(missing_ok=True)
    assert there == [False, True, False, False, False, True]  # and in the end


def test_the_averaged_weights_are_returned(source, tmp_path):
    path = tmp_path / "c.safetensors"
    network = make_network()
    train(network, source, checkpoint=path)
    saved = load_file(path)
    name = "body.stem.weight"
    assert torch.equal(network.state_dict()[name], saved[f"average.module.{name}"])
    assert not torch.equal(network.state_dict()[name], saved[f"network.{name}"])
    assert not network.training


def test_the_checkpoint_of_another_network_is_refused(source, tmp_path):
    path = tmp_path / "c.safetensors"
    train(make_network(), source, checkpoint=path)
    with pytest.raises(PhotonDenoiseError, match="checkpoint of another network"):
        train(make_network((4, 12)), source, checkpoint=path)


def test_a_damaged_checkpoint_is_refused(source, tmp_path):
    path = tmp_path / "c.safetensors"
    path.write_bytes(b"nonsense")
    with pytest.raises(PhotonDenoiseError, match="damaged or no checkpoint"):
        train(make_network(), source, checkpoint=path)


def test_a_checkpoint_that_cant_be_written_is_said(source, tmp_path):
    path = tmp_path / "gone" / "c.safetensors"
    with pytest.raises(PhotonDenoiseError, match="can't be written"):
        train(make_network(), source, checkpoint=path)


def test_divergence_is_refused(source):
    wild = Training(steps=6, learning_rate=1e30, warm_up=1)
    with pytest.raises(PhotonDenoiseError, match="diverged at step"):
        train(make_network(), source, wild)


def test_the_learning_rate_rises_stays_and_falls():
    training = Training(steps=100, learning_rate=1.0, warm_up=10, decay=0.5)
    assert [training.rate(step) for step in (0, 4, 9, 50)] == [0.1, 0.5, 1, 1]
    assert training.rate(75) == pytest.approx(0.5)
    assert training.rate(99) == pytest.approx(0.02)


class Scored:
    """A lesson whose scores are laid down."""

    def __init__(self, lesson, scores):
        self._lesson, self._scores = lesson, list(scores)
        self.weights = []
        self.draw, self.loss = lesson.draw, lesson.loss
        self.describe = lesson.describe

    def score(self, network, device, precision):
        self.weights.append({name: one.clone() for name, one in network.state_dict().items()})
        return self._scores[len(self.weights) - 1]


def patient(patience, steps=8):
    return Training(steps=steps, learning_rate=1e-2, warm_up=1, validate_every=1, patience=patience)


def same(one, other):
    return all(torch.equal(part, other[name]) for name, part in one.items())


@pytest.mark.parametrize(
    ("patience", "scores", "points"),
    [
        (2, [5, 4, 3, 3.5, 3, 9, 9, 9], 5),  # as good as the best is not better
        (1, [5, 4, 3, 4, 9, 9, 9, 9], 4),
        (3, [5, 4, 6, 6, 3, 6, 6, 6], 8),
        (2, [8, 7, 6, 5, 4, 3, 2, 1], 8),
        (0, [1, 2, 3, 4, 5, 6, 7, 8], 8),
    ],
)
def test_patience_ends_the_training(source, patience, scores, points):
    network = make_network()
    lesson = Scored(Supervised(source, batches(source), OBJECTIVE), scores)
    curve = run(Trainer(network, lesson, patient(patience), device="cpu").job())
    assert curve.held_out == scores[:points]
    assert curve.steps == list(range(1, points + 1))
    kept = scores.index(min(scores[:points])) if patience else points - 1
    assert same(lesson.weights[kept], network.state_dict())
    assert not network.training


def test_the_best_weights_are_not_the_last(source):
    network = make_network()
    lesson = Scored(Supervised(source, batches(source), OBJECTIVE), [2, 1, 3, 4])
    run(Trainer(network, lesson, patient(2), device="cpu").job())
    assert same(lesson.weights[1], network.state_dict())
    assert not same(lesson.weights[3], network.state_dict())


@pytest.mark.parametrize("stopped_after", [1, 2, 3, 4, 5])
def test_resumed_with_patience_is_bit_identical_to_uninterrupted(source, tmp_path, stopped_after):
    scores = [5.0, 3.0, 4.0, 6.0, 6.0, 6.0, 6.0, 6.0]
    training = patient(4)
    supervised = Supervised(source, batches(source), OBJECTIVE)
    whole = make_network()
    curve = run(Trainer(whole, Scored(supervised, scores), training, device="cpu").job())
    assert len(curve.steps) == 6

    path = tmp_path / "c.safetensors"
    job = Trainer(
        make_network(), Scored(supervised, scores), training, checkpoint=path, device="cpu"
    ).job()
    for _ in range(stopped_after):
        next(job)
    job.close()
    resumed = make_network(seed=1)
    rest = Scored(supervised, scores[stopped_after:])
    again = run(Trainer(resumed, rest, training, checkpoint=path, device="cpu").job())
    assert vars(again) == vars(curve)
    assert same(whole.state_dict(), resumed.state_dict())


def test_a_finished_training_is_not_taken_up_again(source, tmp_path):
    path = tmp_path / "c.safetensors"
    scores = [5.0, 3.0, 4.0, 6.0]
    first, second = make_network(), make_network(seed=1)
    supervised = Supervised(source, batches(source), OBJECTIVE)
    run(Trainer(first, Scored(supervised, scores), patient(2), checkpoint=path, device="cpu").job())
    assert path.exists()
    lesson = Scored(supervised, [])
    curve = run(Trainer(second, lesson, patient(2), checkpoint=path, device="cpu").job())
    assert curve.held_out == scores
    assert lesson.weights == []
    assert same(first.state_dict(), second.state_dict())


def test_seeds_decide(source):
    found = []
    for seed in (3, 3, 4):
        network = make_network()
        train(network, source, Training(steps=3, learning_rate=1e-2, warm_up=1, seed=seed))
        found.append(network.state_dict())
    assert same(found[0], found[1])
    assert not same(found[0], found[2])
