import numpy as np
import pytest

torch = pytest.importorskip("torch")

from napari_photon_denoise.networks.architecture import Architecture
from napari_photon_denoise.networks.committee import LAPLACE, mixed_scale
from napari_photon_denoise.networks.predict import Predictor


def build(**shape):
    torch.manual_seed(0)
    network = Architecture(**{"body": "care", "widths": (4, 6, 8)} | shape).build().eval()
    for member in network.each:
        torch.nn.init.normal_(member.body.tail.weight, std=0.3)
    return network


def test_the_scale_of_a_mixture_is_its_mean_absolute_deviation(rng):
    centres, scales = np.array([3.0, 5.0, 10.0]), np.array([0.5, 2.0, 1.0])
    draws = rng.laplace(centres[:, None], scales[:, None], (3, 200_000))
    found = mixed_scale(torch.tensor(centres - 6), torch.tensor(scales))
    assert float(found) == pytest.approx(np.abs(draws - 6).mean(), rel=5e-3)


def test_one_member_says_what_it_says_alone():
    network, image = build(uncertainty=True), 9 * torch.rand(1, 1, 16, 16)
    given = (image, torch.tensor(1.0), torch.zeros(1, 2))
    together, alone = network(*given), network.each[0](*given)
    torch.testing.assert_close(together[:, :2], alone)
    assert network.results == ("scale", "50 percent interval", "90 percent interval")
    np.testing.assert_allclose(LAPLACE, [np.log(2), np.log(10)])


def test_several_say_where_they_disagree():
    network, image = build(members=3), 9 * torch.rand(1, 1, 16, 16)
    given = (image, torch.tensor(1.0), torch.zeros(1, 2))
    alone = torch.cat([member(*given) for member in network.each], 1)
    clean, apart = network(*given).split(1, 1)
    assert network.results == ("disagreement",)
    torch.testing.assert_close(clean, alone.mean(1, keepdim=True))
    torch.testing.assert_close(apart, alone.std(1, keepdim=True))
    assert (apart > 0).any()
    assert build(members=2, uncertainty=True).results[-1] == "disagreement"
    assert build().results == ()


@pytest.mark.parametrize("form", ["stabilised", "percentiles"])
@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("size", [(1, 1, 1), (3, 7, 9), (5, 16, 20)])
def test_any_block_keeps_its_shape(rng, form, dimensions, size):
    network = build(form=form, dimensions=dimensions, uncertainty=True, members=2)
    predictor = Predictor(network, "cpu", limits=(0, 9) if form == "percentiles" else None)
    results = predictor.all_results(rng.poisson(9, size).astype(np.float32), 1.0)
    assert results.shape == (5, *size)
    assert np.isfinite(results).all()
    assert (results[1:] >= 0).all()
