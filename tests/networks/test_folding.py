import pytest

torch = pytest.importorskip("torch")

from napari_photon_denoise.networks.architecture import Architecture
from napari_photon_denoise.networks.folding import folded
from napari_photon_denoise.networks.weights import kept_model, load_model, save_model


def used(**shape):
    """A DnCNN whose batch normalisation has seen something."""
    torch.manual_seed(0)
    network = Architecture(body="dncnn", layers=5, channels=8, **shape).build()
    torch.nn.init.normal_(network.body.tail.weight, std=0.3)
    for part in network.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(part.running_mean, -1, 1)
            torch.nn.init.uniform_(part.running_var, 0.5, 2)
            torch.nn.init.uniform_(part.weight, 0.5, 2)
            torch.nn.init.normal_(part.bias)
    return network.eval()


def shown():
    return (
        30 * torch.linspace(0, 1, 1024).reshape(1, 1, 32, 32),
        torch.ones(1, 1, 32, 32),
        torch.zeros(1, 2),
    )


def has_norms(network):
    return any(isinstance(part, torch.nn.BatchNorm2d) for part in network.modules())


@pytest.mark.parametrize("clusters", [1, 3])
def test_a_folded_network_gives_the_same(clusters):
    network = used(clusters=clusters)
    before = {name: part.clone() for name, part in network.state_dict().items()}
    there = folded(network)
    assert has_norms(network)
    assert not has_norms(there)
    with torch.no_grad():
        torch.testing.assert_close(there(*shown()), network(*shown()), rtol=1e-4, atol=1e-4)
    for name, part in network.state_dict().items():
        assert torch.equal(part, before[name])


def test_a_network_without_norms_stays_itself():
    network = Architecture(widths=(4, 8)).build()
    assert folded(network) is network


def test_models_are_folded_for_use_and_whole_for_training(tmp_path):
    network = used()
    architecture = Architecture(body="dncnn", layers=5, channels=8)
    path = save_model(tmp_path / "mine.safetensors", network, architecture, {})
    assert has_norms(load_model(path).network)
    assert not has_norms(kept_model(path, "cpu").network)
