import numpy as np
import pytest

torch = pytest.importorskip("torch")
if not hasattr(torch.optim, "Muon"):
    pytest.skip("training needs a newer torch", allow_module_level=True)

from scipy.special import gammaln
from scipy.stats import gamma, nbinom, norm, poisson

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.job import run
from napari_photon_denoise.networks.architecture import Architecture
from napari_photon_denoise.networks.blind_network import Expected
from napari_photon_denoise.networks.learning import training
from napari_photon_denoise.networks.learning.blind_spot import plan_blind as module
from napari_photon_denoise.networks.learning.blind_spot.lesson import Masked, masked_loss
from napari_photon_denoise.networks.learning.blind_spot.plan_blind import plan_blind_job
from napari_photon_denoise.networks.learning.blind_spot.settings import BlindSettings
from napari_photon_denoise.networks.learning.learner import Learner
from napari_photon_denoise.networks.posterior import log_likelihood, posterior, surprise
from napari_photon_denoise.networks.predict import Predictor
from napari_photon_denoise.photons import Photons


def column(values):
    """(N,) as (N, 1, 1, 1): one pixel each."""
    return torch.as_tensor(np.asarray(values), dtype=torch.float32).reshape(-1, 1, 1, 1)


def look(mean, spread, photons, read_noise=0.0):
    """Mean and deviation of the posterior, of one prior and some counted photons."""
    photons = column(photons)
    law = (torch.full_like(photons, value) for value in (mean, spread))
    found = posterior(*law, photons, torch.full_like(photons, read_noise**2))
    return [part.flatten().numpy() for part in found]


@pytest.mark.parametrize(("shape", "scale"), [(2.0, 3.0), (20.0, 0.5), (1.0, 40.0)])
def test_a_gamma_law_has_the_gamma_posterior(shape, scale):
    """Of k + x and 1 + 1/θ, as Poisson's conjugate law; also summed over free samples of it."""
    photons = np.array([0.0, 1, 3, 8, 20])
    mean, deviation = look(shape * scale, shape**0.5 * scale, photons)
    np.testing.assert_allclose(mean, (shape + photons) / (1 + 1 / scale), rtol=0.01)
    np.testing.assert_allclose(deviation, np.sqrt(shape + photons) / (1 + 1 / scale), rtol=0.01)
    samples = gamma.ppf((np.arange(4000) + 0.5) / 4000, shape, scale=scale)
    likelihood = poisson.pmf(photons[:, None], samples)
    np.testing.assert_allclose(mean, likelihood @ samples / likelihood.sum(1), rtol=0.02)


@pytest.mark.parametrize(("read_noise", "scale"), [(0.2, 0.25), (0.5, 1.0), (1.6, 4.0)])
def test_read_noise_costs_little_beside_the_sum_over_photon_numbers(rng, read_noise, scale):
    truth = rng.gamma(2, scale, 2000)
    photons = rng.poisson(truth) + read_noise * rng.normal(size=truth.size)
    samples = gamma.ppf((np.arange(300) + 0.5) / 300, 2, scale=scale)
    numbers = np.arange(100)
    exact = norm.pdf(photons[:, None], numbers, read_noise) @ poisson.pmf(numbers[:, None], samples)
    best = (exact * samples).sum(1) / exact.sum(1)
    found, deviation = look(2 * scale, 2**0.5 * scale, photons, read_noise)

    def error(guess):
        return np.mean((guess - truth) ** 2)

    assert error(found) < 1.05 * error(best)
    assert error(found) < 0.97 * error(2 * scale)  # of the prior alone
    assert 0.6 < np.mean(np.abs(found - truth) < deviation) < 0.8


def test_a_sure_prior_wins_and_an_unsure_one_yields():
    assert look(100.0, 0.1, [60.0])[0] == pytest.approx([100], abs=0.1)
    mean, deviation = look(100.0, 1e4, [60.0])
    assert mean == pytest.approx([60], abs=0.1)
    assert deviation == pytest.approx([60**0.5], rel=0.01)


def test_the_posterior_is_never_below_zero():
    mean, deviation = look(0.1, 3.0, [-9.0], 2.0)
    assert mean == 0
    assert deviation > 0


@pytest.mark.parametrize(("mean", "spread"), [(0.5, 0.5), (10, 7), (10, 0.03), (1000, 10)])
def test_the_surprise_is_that_of_the_negative_binomial(mean, spread):
    photons = np.array([0, 1, 3, round(3 * mean)])
    shape = mean**2 / spread**2
    law = nbinom.logpmf(photons, shape, shape / (shape + mean)) + gammaln(photons + 1)
    parts = (torch.full((4,), float(value)) for value in (mean, spread))
    found = surprise(*parts, torch.from_numpy(photons), torch.zeros(4)).numpy()
    # The floor of 0.01 e-² changes dim pixels a little.
    np.testing.assert_allclose(found, -law, rtol=2e-3, atol=0.03)


@pytest.mark.parametrize("read_noise", [0.0, 0.5, 2.0])
def test_what_is_learnt_is_the_true_mean_and_spread(rng, read_noise):
    truth = rng.gamma(2, 1.5, 100_000)
    photons = torch.from_numpy(rng.poisson(truth) + read_noise * rng.normal(size=truth.size))
    variance = torch.full_like(photons, read_noise**2)
    law = torch.tensor([1.0, 1.0], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([law], max_iter=60, line_search_fn="strong_wolfe")

    def step():
        optimiser.zero_grad()
        mean, spread = (one.expand_as(photons) for one in law)
        loss = surprise(mean, spread, photons, variance).mean()
        loss.backward()
        return loss

    optimiser.step(step)
    mean, spread = law.detach().numpy()
    assert mean == pytest.approx(truth.mean(), rel=0.02)
    assert abs(spread) == pytest.approx(truth.std(), rel=0.08)


@pytest.mark.parametrize("read_noise", [0.2, 1.0])
def test_negative_photons_do_not_bias_the_score(rng, read_noise):
    photons = torch.from_numpy(rng.poisson(0.1, 40_000) + read_noise * rng.normal(size=40_000))
    variance = torch.full_like(photons, read_noise**2)
    mean = photons.mean().requires_grad_()
    log_likelihood(mean.expand_as(photons), photons, variance).mean().backward()
    # Clamped at zero, photons would be 0.05 to 0.07 e- too bright.
    assert abs(float(mean.grad)) * (0.1 + read_noise**2) < 0.02


def test_the_loss_is_finite_wherever_photons_are():
    target = column([-40.0, -0.3, 0, 1, 1e6]).requires_grad_(False)
    mean = column([1e-9, 1e-9, 1e-9, 5, 1e3]).requires_grad_()
    spread = column([1e-9, 10, 1e3, 1e-9, 1e-3]).requires_grad_()
    batch = Masked(
        target,
        torch.zeros_like(target),
        torch.ones(len(target), 1, dtype=torch.bool),
        target,
        torch.ones_like(target, dtype=torch.bool),
    )
    loss = masked_loss("poisson", Expected(mean, spread), batch)
    loss.backward()
    assert all(torch.isfinite(one).all() for one in (loss, mean.grad, spread.grad))


@pytest.mark.parametrize("dimensions", [2, 3])
def test_the_network_returns_its_standard_deviation(dimensions):
    network = Architecture(
        body="n2v2", form="blind", dimensions=dimensions, widths=(4, 8), samples=2
    ).build()
    photons = torch.poisson(torch.full((2, 1, *(3,) * (dimensions - 2), 16, 16), 5.0))
    found = network(photons, torch.ones(1), torch.zeros(2, 2))
    assert network.results == ("standard deviation",)
    assert found.shape == (2, 2, *photons.shape[2:])
    assert (found > 0).all()


def test_unpredictable_pixels_are_left_to_their_own_photons(rng, monkeypatch):
    """No pixel says anything of another: only the law that all are drawn from can be learnt."""
    monkeypatch.setattr(training, "choose_precision", lambda device: "float32")
    monkeypatch.setattr(module, "WIDTHS", {2: (4, 8)})
    truth = rng.gamma(2, 5, (96, 96))
    noisy = rng.poisson(truth).astype(np.float32)
    image = Photons(noisy, Calibration(gain=1, offset=0, read_noise=0), "YX")
    settings = BlindSettings(samples=2, epochs=1, learning_rate=1e-2, batch=4, patch=48)
    plan = run(plan_blind_job([image], settings))
    run(Learner(plan, device="cpu").job())
    clean, deviation = Predictor(plan.network, "cpu").all_results(noisy[None], 0.0)[:, 0]

    def error(guess):
        return np.sqrt(np.mean((guess - truth) ** 2))

    best = error((2 + noisy) / (1 + 1 / 5))
    assert error(10.0) > 2 * best
    assert error(clean) < 1.1 * best
    assert np.mean(deviation) == pytest.approx(error(clean), rel=0.25)
    assert 0.6 < np.mean(np.abs(clean - truth) < deviation) < 0.8
