import pytest

torch = pytest.importorskip("torch")

from napari_photon_denoise.networks.dncnn import Dncnn
from napari_photon_denoise.networks.learning.ema import averaged


def train(network, average, values):
    for value in values:
        torch.nn.init.constant_(network.weight, value)
        average.update_parameters(network)
    return average.module.weight.item()


@pytest.fixture
def network():
    return torch.nn.Linear(1, 1, bias=False)


def test_constant_weights_stay(network):
    assert train(network, averaged(network), [2.5] * 50) == pytest.approx(2.5)


def test_follows_the_formula(network):
    values = [1.0, 4, 2, 8, 5]
    expected = values[0]
    for step, value in enumerate(values[1:], start=1):
        decay = min(0.3, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * value
    assert train(network, averaged(network, 0.3), values) == pytest.approx(expected)


def test_forgets_the_start_within_a_short_training(network):
    found = train(network, averaged(network, 0.999), [1000.0] * 10 + [1.0] * 200)
    assert found == pytest.approx(1, abs=1e-3)


def test_smooths_what_wavers(network):
    wavering = [1 + (-1) ** step for step in range(2000)]
    assert train(network, averaged(network, 0.99), wavering) == pytest.approx(1, abs=0.02)


def test_batch_normalisation_is_averaged_and_the_source_untouched():
    network = Dncnn(channels=4, layers=3)
    average = averaged(network)
    for _ in range(3):
        network(torch.rand(2, 1, 8, 8))
        average.update_parameters(network)
    source, copy = network.body[0][1], average.module.body[0][1]
    assert not torch.equal(copy.running_mean, source.running_mean)
    assert copy.num_batches_tracked == source.num_batches_tracked == 3
    assert network.training
    assert not average.training
    assert not average.module.training
    assert all(weights.requires_grad for weights in network.parameters())


def test_state_can_be_saved_and_resumed(network):
    average = averaged(network)
    train(network, average, [1.0, 4.0])
    resumed = averaged(network)
    resumed.load_state_dict(average.state_dict())
    assert train(network, resumed, [9.0]) == train(network, average, [9.0])
