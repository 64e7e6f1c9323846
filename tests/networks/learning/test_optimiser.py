import pytest

torch = pytest.importorskip("torch")

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.networks.architecture import Architecture
from napari_photon_denoise.networks.learning.optimiser import Optimiser

newer = pytest.mark.skipif(not hasattr(torch.optim, "Muon"), reason="needs a newer torch")


def make_network():
    torch.manual_seed(0)
    return Architecture(widths=(4, 8), bottom=1).build()


def step(network, optimiser, seed, rate=1e-2):
    torch.manual_seed(seed)
    photons = torch.rand(1, 1, 16, 16)
    network.zero_grad()
    output = network(photons, torch.zeros(1, 1, 1, 1), torch.zeros(1, 2))
    (output - 1).square().mean().backward()
    optimiser.step(rate)


def test_an_old_torch_is_refused_in_one_sentence(monkeypatch):
    monkeypatch.delattr(torch.optim, "Muon", raising=False)
    with pytest.raises(PhotonDenoiseError, match=r"needs PyTorch 2\.9 or newer, and this is"):
        Optimiser(make_network())


@newer
def test_every_weight_moves():
    network = make_network()
    optimiser = Optimiser(network)
    before = {name: weight.clone() for name, weight in network.named_parameters()}
    # The last convolution starts at zero, so nothing before it moves in the first step.
    for seed in range(2):
        step(network, optimiser, seed)
    for name, weight in network.named_parameters():
        assert not torch.equal(weight, before[name]), name


@newer
def test_no_rate_no_step():
    network = make_network()
    before = {name: weight.clone() for name, weight in network.named_parameters()}
    step(network, Optimiser(network), 0, rate=0.0)
    for name, weight in network.named_parameters():
        assert torch.equal(weight, before[name]), name


@newer
def test_the_state_goes_on_where_it_stopped():
    one, other = make_network(), make_network()
    first = Optimiser(one)
    for seed in range(3):
        step(one, first, seed)
    other.load_state_dict(one.state_dict())
    second = Optimiser(other)
    second.restore({name: value.clone() for name, value in first.state().items()})
    step(one, first, 3)
    step(other, second, 3)
    for name, weight in one.named_parameters():
        assert torch.equal(weight, dict(other.named_parameters())[name]), name
