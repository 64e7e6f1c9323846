import json

import pytest

torch = pytest.importorskip("torch")
if not hasattr(torch.optim, "Muon"):
    pytest.skip("training needs a newer torch", allow_module_level=True)

from safetensors import safe_open
from safetensors.torch import load_file, save_file

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.networks.architecture import Architecture
from napari_photon_denoise.networks.learning.checkpoint import State
from napari_photon_denoise.networks.learning.ema import averaged
from napari_photon_denoise.networks.learning.optimiser import Optimiser


def make_state(path, seed=0):
    """A training of a network of which no weight is zero."""
    torch.manual_seed(seed)
    network = Architecture(body="n2v2", form="blind", widths=(4, 8), psf=(3, 3)).build()
    torch.nn.init.normal_(network.body.head.weight)
    ema = averaged(network, 0.9)
    return State(path, network, ema, Optimiser(network)), network, ema


def change(network, ema):
    with torch.no_grad():
        for weight in network.parameters():
            weight += 1
    ema.update_parameters(network)


def equal(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_the_best_weights_are_kept_while_the_training_goes_on():
    state, network, ema = make_state(None)
    state.note(1, 0.0, 2.0)
    best = {name: part.clone() for name, part in ema.module.state_dict().items()}
    change(network, ema)
    state.note(2, 0.0, 3.0)
    assert equal(state.finished(best=True), best)
    assert state.curve.held_out[state.point(best=True)] == min(state.curve.held_out)
    assert equal(state.finished(best=False), ema.module.state_dict())
    assert not equal(best, ema.module.state_dict())
    change(network, ema)
    state.note(3, 0.0, 1.0)
    assert equal(state.finished(best=True), ema.module.state_dict())


def test_without_any_score_the_last_weights_are_the_best():
    state, _, ema = make_state(None)
    assert equal(state.finished(best=True), ema.module.state_dict())


@pytest.mark.parametrize(
    ("scores", "patience", "flat"),
    [
        ([], 1, False),
        ([3.0], 1, False),
        ([3.0, 3.0], 1, True),
        ([3.0, 4.0, 2.0], 1, False),
        ([3.0, 4.0, 5.0], 2, True),
        ([3.0, 4.0, 5.0], 3, False),
        ([3.0, 4.0, 5.0], 0, False),
    ],
)
def test_scores_without_a_new_best_are_flat(scores, patience, flat):
    state, *_ = make_state(None)
    for step, score in enumerate(scores):
        state.note(step, 0.0, score)
    assert state.is_flat(patience) is flat


def test_what_was_saved_is_read_again(tmp_path):
    path = tmp_path / "c.safetensors"
    state, network, ema = make_state(path)
    network.psf.fill_(1 / 9)
    ema.update_parameters(network)
    state.precision = "bfloat16"
    state.note(1, 0.1, 1 / 3)
    best = state.finished(best=True)
    change(network, ema)
    state.note(2, 0.2, 0.7)
    state.step = 2
    state.save()
    other, other_network, other_ema = make_state(path, seed=1)
    assert other.load() == 2
    assert vars(other.curve) == vars(state.curve)
    assert other.precision == "bfloat16"
    assert equal(other.finished(best=True), best)
    assert equal(other_network.state_dict(), network.state_dict())
    assert equal(other_ema.state_dict(), ema.state_dict())


def test_a_checkpoint_without_best_weights_is_taken_up(tmp_path):
    """As those of before patience was there."""
    path = tmp_path / "c.safetensors"
    state, _, ema = make_state(path)
    state.note(1, 0.1, 0.5)
    state.step = 1
    state.save()
    with safe_open(path, "pt") as file:
        facts = file.metadata()
    rest = {name: part for name, part in load_file(path).items() if not name.startswith("best.")}
    save_file(rest, path, facts)
    other, *_ = make_state(path, seed=1)
    assert other.load() == 1
    assert equal(other.finished(best=True), ema.module.state_dict())


def test_without_a_file_the_training_begins_at_its_beginning(tmp_path):
    state, network, _ = make_state(tmp_path / "c.safetensors")
    before = {name: part.clone() for name, part in network.state_dict().items()}
    assert state.load() == 0
    assert equal(before, network.state_dict())


@pytest.mark.parametrize("key", ["step", "curve"])
def test_a_checkpoint_without_its_facts_is_refused(tmp_path, key):
    path = tmp_path / "c.safetensors"
    state, *_ = make_state(path)
    state.step = 1
    state.save()
    facts = {"step": json.dumps(1), "curve": json.dumps({})}
    save_file(load_file(path), path, {name: one for name, one in facts.items() if name != key})
    with pytest.raises(PhotonDenoiseError, match="damaged or no checkpoint"):
        make_state(path)[0].load()
