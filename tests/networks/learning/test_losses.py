import pytest
from scipy import stats

torch = pytest.importorskip("torch")

from napari_photon_denoise.networks.learning.losses import LOSSES, Loss

POISSON = ["symmetric-kl", "poisson-deviance", "poisson-nll"]
UNBIASED = ["poisson-deviance", "poisson-nll", "mse"]
ZERO_AT_TRUTH = ["symmetric-kl", "poisson-deviance", "mse", "l1"]


def double(*values):
    return torch.tensor(values, dtype=torch.float64)


def minimiser(loss, targets, weight):
    """The one output for all targets at which the loss is smallest, by bisection of its slope."""
    low, high = 1e-9, float(targets.max())
    for _ in range(60):
        middle = (low + high) / 2
        output = torch.full_like(targets, middle).requires_grad_()
        loss(output, targets, weight).backward()
        low, high = (middle, high) if output.grad.sum() < 0 else (low, middle)
    return middle


def poisson_targets(mean):
    counts = torch.arange(0, int(mean + 20 * mean**0.5 + 20), dtype=torch.float64)
    return counts, torch.from_numpy(stats.poisson.pmf(counts.numpy(), mean))


def exponential_targets(mean, count=200_000):
    quantiles = (torch.arange(count, dtype=torch.float64) + 0.5) / count
    return -mean * torch.log1p(-quantiles), torch.ones(1, dtype=torch.float64)


def divergence_of_pmfs(mean, other):
    counts = range(200)
    here, there = stats.poisson.logpmf(counts, mean), stats.poisson.logpmf(counts, other)
    return float((stats.poisson.pmf(counts, mean) * (here - there)).sum())


def test_deviance_is_twice_the_divergence_of_the_laws():
    found = Loss("poisson-deviance", 0)(double(4.1), double(7.3)).item() / 2
    assert found == pytest.approx(1.01128, abs=1e-5)
    assert found == pytest.approx(divergence_of_pmfs(7.3, 4.1))


def test_symmetric_kl_is_the_sum_of_both_divergences():
    found = Loss("symmetric-kl", 0)(double(4.1), double(7.3)).item()
    assert found == pytest.approx(1.84604, abs=1e-5)
    assert found == pytest.approx(divergence_of_pmfs(7.3, 4.1) + divergence_of_pmfs(4.1, 7.3))


def test_nll_differs_from_half_the_deviance_by_the_target_alone():
    output, target = torch.rand(2, 50, dtype=torch.float64) * 9
    difference = Loss("poisson-nll").per_pixel(output, target) - (
        Loss("poisson-deviance").per_pixel(output, target) / 2
    )
    again = Loss("poisson-nll").per_pixel(2 * output, target) - (
        Loss("poisson-deviance").per_pixel(2 * output, target) / 2
    )
    torch.testing.assert_close(difference, again)


def test_nll_is_that_of_counts():
    output, counts = double(0.3, 2, 40), double(0, 3, 38)
    found = Loss("poisson-nll", 0).per_pixel(output, counts) + torch.lgamma(counts + 1)
    expected = -stats.poisson.logpmf(counts.numpy(), output.numpy())
    torch.testing.assert_close(found, torch.from_numpy(expected))


def test_symmetric_kl_is_symmetric():
    here, there = torch.rand(2, 100, dtype=torch.float64) * 20
    loss = Loss("symmetric-kl")
    torch.testing.assert_close(loss.per_pixel(here, there), loss.per_pixel(there, here))


@pytest.mark.parametrize("name", ["symmetric-kl", "poisson-deviance", "l1"])
def test_scales_with_exposure(name):
    output, target = torch.rand(2, 100, dtype=torch.float64) * 20
    loss = Loss(name, 0)
    torch.testing.assert_close(loss(6 * output, 6 * target), 6 * loss(output, target))


@pytest.mark.parametrize("name", ["symmetric-kl", "poisson-deviance"])
@pytest.mark.parametrize("mean", [1, 1e3, 1e6])
def test_is_the_squared_error_in_units_of_noise_near_its_minimum(name, mean):
    # In float32, and of one standard deviation in the brightest: nothing may cancel.
    target = torch.tensor([float(mean)])
    output = target + 0.001 * mean
    expected = (output - target).square() / target
    torch.testing.assert_close(Loss(name, 0)(output, target), expected[0], rtol=2e-3, atol=0)


@pytest.mark.parametrize("name", ZERO_AT_TRUTH)
@pytest.mark.parametrize("epsilon", [0.0, 1e-2])
def test_zero_at_the_truth_and_positive_elsewhere(name, epsilon):
    target = torch.tensor([1e-3, 0.5, 3, 1e4])
    loss = Loss(name, epsilon)
    assert loss(target, target) == 0
    assert (loss.per_pixel(target * 1.1, target) > 0).all()
    assert (loss.per_pixel(target * 0.9, target) > 0).all()


@pytest.mark.parametrize("epsilon", [0.0, 1e-2])
def test_deviance_of_no_photons_is_twice_the_output(epsilon):
    output = double(1e-6, 0.3, 5, 1e6).requires_grad_()
    values = Loss("poisson-deviance", epsilon).per_pixel(output, torch.zeros_like(output))
    (slope,) = torch.autograd.grad(values.sum(), output)
    if epsilon == 0:
        torch.testing.assert_close(values.detach(), 2 * output.detach())
        torch.testing.assert_close(slope, torch.full_like(slope, 2))
    else:
        expected = 2 * (output - epsilon * torch.log1p(output / epsilon))
        torch.testing.assert_close(values, expected, rtol=1e-5, atol=1e-12)


@pytest.mark.parametrize("name", LOSSES)
def test_gradients(name):
    output = double(0.2, 3, 0.7, 50, 4).requires_grad_()
    target = double(0, 0, 0.1, 60, 4.5)
    assert torch.autograd.gradcheck(lambda out: Loss(name)(out, target), output)


@pytest.mark.parametrize("name", UNBIASED)
@pytest.mark.parametrize("epsilon", [1e-3, 1e-1])
@pytest.mark.parametrize("mean", [0.3, 3, 50])
def test_smallest_at_the_mean_of_noisy_targets(name, epsilon, mean):
    counts, chance = poisson_targets(mean)
    assert minimiser(Loss(name, epsilon), counts, chance) == pytest.approx(mean, rel=1e-6)


def test_negative_targets_bias_neither_likelihood_nor_squared_error():
    targets, chance = double(-2, 0, 1, 5), double(0.2, 0.3, 0.3, 0.2)
    for name in ("poisson-nll", "mse"):
        assert minimiser(Loss(name), targets, chance) == pytest.approx(0.9, rel=1e-6)


@pytest.mark.parametrize(("mean", "share"), [(1, 0.41), (3, 0.795), (10, 0.97), (50, 0.995)])
def test_symmetric_kl_of_noisy_targets_is_smallest_below_their_mean(mean, share):
    found = minimiser(Loss("symmetric-kl", 1e-3), *poisson_targets(mean))
    assert found / mean == pytest.approx(share, abs=0.005)


def test_minimisers_for_an_exponential_posterior():
    targets, one = exponential_targets(20.0)
    assert minimiser(Loss("symmetric-kl", 0), targets, one) / 20 == pytest.approx(0.76, abs=0.005)
    assert minimiser(Loss("poisson-deviance"), targets, one) / 20 == pytest.approx(1, abs=1e-4)
    assert minimiser(Loss("l1"), targets, one) / 20 == pytest.approx(0.6931, abs=1e-3)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("cast", [torch.float16, torch.bfloat16])
def test_stays_float32_under_autocast(name, cast):
    output, target = torch.rand(2, 2, 1, 8, 8) * 1e5
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = Loss(name)(output, target, torch.ones(2, 1, 1, 1))
        low = Loss(name)(output.to(cast), target)
    assert mixed.dtype == low.dtype == torch.float32
    torch.testing.assert_close(mixed, Loss(name)(output, target))


@pytest.mark.parametrize("name", LOSSES)
def test_finite_with_finite_gradients_from_darkness_to_a_million(name):
    levels = torch.tensor([0, 1e-6, 1e-2, 1, 1e3, 1e6])
    output, target = (part.flatten() for part in torch.meshgrid(levels, levels, indexing="ij"))
    output.requires_grad_()
    values = Loss(name).per_pixel(output, target)
    (slope,) = torch.autograd.grad(values.sum(), output)
    assert torch.isfinite(values).all()
    assert torch.isfinite(slope).all()
    if name in POISSON:
        expected = LOSSES[name](output.detach().double(), target.double(), 1e-2)
        torch.testing.assert_close(values.detach().double(), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("spatial", [(8, 9), (3, 8, 9)])
def test_a_weight_multiplies_its_patch(name, spatial):
    output, target = torch.rand(2, 2, 1, *spatial)
    weight = torch.tensor([0.0, 3.0]).reshape(2, *(1,) * (len(spatial) + 1))
    expected = 3 * Loss(name)(output[1:], target[1:]) / 2
    torch.testing.assert_close(Loss(name)(output, target, weight), expected)


@pytest.mark.parametrize("name", ZERO_AT_TRUTH)
@pytest.mark.parametrize("read_noise", [0.0, 4.0])
def test_weighted_loss_of_the_noisy_input_is_one_at_every_light_level(name, read_noise):
    # Bright enough for deviance and J to be the squared error in units of noise.
    mean = torch.tensor([50.0, 500, 20_000]).reshape(3, 1, 1, 1)
    random = torch.Generator().manual_seed(3)
    truth = mean.expand(3, 1, 256, 256)
    noisy = torch.poisson(truth, random)
    noisy += read_noise * torch.randn(noisy.shape, generator=random)
    loss = Loss(name)
    weight = loss.weight(mean, torch.full_like(mean, read_noise))
    found = (weight * loss.per_pixel(noisy.clamp(min=0), truth)).mean((1, 2, 3))
    expected = (2 / torch.pi) ** 0.5 if name == "l1" else 1
    torch.testing.assert_close(found, torch.full_like(found, expected), rtol=0.05, atol=0)


@pytest.mark.parametrize("name", LOSSES)
def test_weight_of_empty_patches_is_finite(name):
    weight = Loss(name).weight(torch.tensor([0.0, -0.1]), torch.zeros(2))
    assert torch.isfinite(weight).all()
    assert (weight >= 0).all()


def test_refuses_what_would_broadcast():
    with pytest.raises(ValueError, match="share their shape"):
        Loss("mse")(torch.zeros(2, 1, 4, 4), torch.zeros(2, 4, 4))


@pytest.mark.parametrize("wrong", [("kl",), ("mse", -1.0), ("mse", float("nan"))])
def test_refuses_unknown_losses(wrong):
    with pytest.raises(ValueError, match="loss"):
        Loss(*wrong)
