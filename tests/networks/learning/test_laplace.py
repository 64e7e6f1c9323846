import pytest

torch = pytest.importorskip("torch")

from napari_photon_denoise.networks.batch import Batch
from napari_photon_denoise.networks.learning.laplace import LaplaceObjective, laplace


def test_it_is_smallest_where_the_scale_is_the_mean_absolute_error():
    torch.manual_seed(0)
    target = torch.distributions.Laplace(7.0, 3.0).sample((20_000,)).double()
    mean = torch.zeros((), dtype=torch.float64, requires_grad=True)
    log_scale = torch.zeros((), dtype=torch.float64, requires_grad=True)
    search = torch.optim.LBFGS((mean, log_scale), max_iter=200, line_search_fn="strong_wolfe")

    def loss():
        search.zero_grad()
        found = laplace(mean, log_scale.exp(), target).mean()
        found.backward()
        return found

    search.step(loss)
    error = (target - mean).abs().mean()
    assert float(mean.detach()) == pytest.approx(float(target.median()), abs=0.05)
    assert float(log_scale.exp().detach()) == pytest.approx(float(error.detach()), rel=1e-3)
    at_best = laplace(mean, error, target).mean()
    assert float(at_best.detach()) == pytest.approx(float(1 + torch.log(2 * error.detach())))


def test_it_is_minus_the_logarithm_of_the_density():
    mean, scale, target = torch.randn(50), torch.rand(50) + 0.1, torch.randn(50)
    expected = -torch.distributions.Laplace(mean, scale).log_prob(target)
    torch.testing.assert_close(laplace(mean, scale, target), expected)


def test_dim_and_bright_patches_count_alike():
    torch.manual_seed(0)
    noise = torch.zeros(2, 1, 1, 1)
    dim = torch.rand(2, 1, 8, 8) + 0.5
    output = torch.cat([dim + 0.1, torch.full_like(dim, 0.2)], 1)

    def objective(light):
        # The same error in units of the noise, whose variance is the light.
        parts = (light**2 * dim, light * noise, torch.zeros(2, 2), light * dim)
        batch = Batch(*parts, torch.ones(2, 1, dtype=torch.bool))
        return float(LaplaceObjective()(light * output, batch))

    assert objective(100.0) == pytest.approx(objective(1.0), rel=1e-5)
