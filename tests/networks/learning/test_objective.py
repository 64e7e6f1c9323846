import pytest

torch = pytest.importorskip("torch")

from napari_photon_denoise.networks.batch import Batch
from napari_photon_denoise.networks.learning.losses import LOSSES, Loss
from napari_photon_denoise.networks.learning.objective import FINEST, POISSON, Objective


def batch_of(level, read_noise=0.0, count=2, edge=16, seed=0):
    source = torch.Generator().manual_seed(seed)
    target = level * (0.5 + torch.rand(count, 1, edge, edge, generator=source))
    photons = torch.poisson(target, source)
    photons = photons + read_noise * torch.randn(photons.shape, generator=source)
    return Batch(
        photons,
        torch.full((count, 1, edge, edge), float(read_noise)),
        torch.zeros(count, 2),
        target,
        torch.ones(count, 1, dtype=torch.bool),
    )


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("decibels", [False, True])
@pytest.mark.parametrize("level", [0.05, 10, 2000])
def test_it_is_a_finite_number_with_a_slope(name, decibels, level):
    if decibels and name == "poisson-nll":
        pytest.skip("a likelihood may be negative, and has no logarithm")
    batch = batch_of(level, 1.0)
    output = batch.photons.clamp(min=0.01).requires_grad_()
    value = Objective(((Loss(name), 1.0),), decibels=decibels)(output, batch)
    assert value.ndim == 0
    assert value.isfinite()
    value.backward()
    assert output.grad.isfinite().all()
    assert output.grad.any()


def test_a_dim_and_a_bright_patch_are_worth_the_same():
    """Half the error of either lowers the objective in decibels alike."""
    objective = Objective(((Loss("mse"), 1.0),))
    gains = []
    for level in (1, 1000):
        batch = batch_of(level)
        wrong = batch.photons - batch.target
        values = [float(objective(batch.target + share * wrong, batch)) for share in (1, 0.5)]
        gains.append(values[0] - values[1])
    assert gains[0] == pytest.approx(gains[1], rel=0.02)
    assert gains[0] == pytest.approx(2 * torch.tensor(2.0).log().item(), rel=0.02)


def test_what_is_perfect_is_bounded():
    batch = batch_of(10)
    value = Objective(((Loss("mse"), 1.0),))(batch.target, batch)
    assert float(value) == pytest.approx(torch.tensor(FINEST).log().item(), rel=1e-5)


def test_losses_are_weighed():
    batch = batch_of(10)
    one, two = Loss("mse"), Loss("symmetric-kl")
    output = batch.photons + 0.5
    parts = [float(Objective(((loss, 1.0),))(output, batch)) for loss in (one, two)]
    both = Objective(((one, 0.25), (two, 2.0)))(output, batch)
    assert float(both) == pytest.approx(0.25 * parts[0] + 2 * parts[1], rel=1e-5)


@pytest.mark.parametrize("name", POISSON)
def test_read_noise_is_counted_as_photons_of_its_variance(name):
    batch = batch_of(10, 5.0)
    output = 1.5 * batch.target
    loss = Loss(name)
    shifted = Batch(
        batch.photons + 25, torch.zeros_like(batch.read_noise), batch.lengths, batch.target + 25,
        batch.present,
    )  # fmt: skip
    seen = Objective(((loss, 1.0),), decibels=False)(output, batch)
    meant = Objective(((loss, 1.0),), decibels=False)(output + 25, shifted)
    assert float(seen) == pytest.approx(float(meant), rel=1e-4)
    plain = Objective(((loss, 1.0),), decibels=False, shifted=False)(output, batch)
    assert float(plain) != pytest.approx(float(seen), rel=0.02)


def test_a_patch_of_a_batch_is_by_itself():
    objective = Objective(((Loss("symmetric-kl"), 1.0),))
    batch = batch_of(10, 1.0, count=3)
    patches = objective.of_patches(Loss("symmetric-kl"), batch.target + 1, batch)
    assert patches.shape == (3,)
    parts = (getattr(batch, name) for name in batch.__dataclass_fields__)
    alone = Batch(*(None if part is None else part[1:2] for part in parts))
    one = objective.of_patches(Loss("symmetric-kl"), alone.target + 1, alone)
    torch.testing.assert_close(one, patches[1:2])
