import pytest

torch = pytest.importorskip("torch")

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.networks.architecture import Architecture
from napari_photon_denoise.networks.learning.warm_start import grow


def make_network(seed=0, **shape):
    """With weights everywhere, also in the last convolution."""
    torch.manual_seed(seed)
    network = Architecture(**{"widths": (4, 8), "bottom": 1, **shape}).build().eval()
    for weight in network.parameters():
        torch.nn.init.normal_(weight, std=0.2)
    return network


def run(network, photons):
    with torch.no_grad():
        return network(
            photons,
            torch.full((1, 1, 1, 1), 1.5),
            torch.tensor([[0.5, 0.0]]).expand(len(photons), 2),
        )


@pytest.mark.parametrize("form", ["stabilised", "plain"])
@pytest.mark.parametrize(("before", "after"), [(1, 1), (1, 5), (3, 7)])
def test_a_grown_network_gives_what_the_small_one_gives(form, before, after):
    small = make_network(0, form=form, planes=before)
    large = make_network(1, form=form, planes=after)
    photons = torch.poisson(torch.rand(2, after, 16, 16) * 20)
    more = (after - before) // 2
    expected = run(small, photons[:, more : more + before])
    assert not torch.allclose(run(large, photons), expected, rtol=1e-2)
    grow(large, small)
    # The same sums, with zeros between them: only the order of adding may differ.
    torch.testing.assert_close(run(large, photons), expected, rtol=1e-5, atol=1e-5)


def test_the_start_is_left_as_it_is():
    small, large = make_network(0), make_network(1, planes=5)
    before = {name: weight.clone() for name, weight in small.state_dict().items()}
    grow(large, small)
    large.body.stem.weight.data += 1
    for name, weight in small.state_dict().items():
        assert torch.equal(weight, before[name])


@pytest.mark.parametrize("body", ["rcan", "dncnn"])
def test_other_bodies_grow_too(body):
    small, large = make_network(0, body=body), make_network(1, body=body, planes=3)
    grow(large, small)
    photons = torch.poisson(torch.rand(1, 3, 16, 16) * 20)
    expected = run(small, photons[:, 1:2])
    torch.testing.assert_close(run(large, photons), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    "other",
    [
        {"widths": (4, 12)}, {"widths": (4, 8, 8)}, {"body": "rcan"}, {"form": "plain"},
        {"dimensions": 3}, {"planes": 3, "start": {"planes": 5}},
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(other):
    start = other.pop("start", {})
    with pytest.raises(PhotonDenoiseError, match="another kind of network"):
        grow(make_network(**other), make_network(**start))
