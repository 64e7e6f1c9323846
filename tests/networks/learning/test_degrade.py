import numpy as np
import pytest

torch = pytest.importorskip("torch")

from napari_photon_denoise.networks.learning import grain
from napari_photon_denoise.networks.learning.degrade import Noise, degrade

QUIET = {
    "dark": 0, "additive": 0, "quiet": 1, "maps": 0, "excess": 0, "correlated": 0, "sharp": 0,
    "lines": 0, "rounded": 0, "miscalibrated": 0,
}  # fmt: skip
LEVEL = 20.0


def noise(**changes):
    return Noise(**QUIET | {"photons": (LEVEL, LEVEL)} | changes)


def flat(count=16, planes=1, edge=128):
    return torch.ones(count, planes, edge, edge)


def shot(seed=0, density=None, **changes):
    return degrade(
        flat() if density is None else density, noise(**changes), np.random.default_rng(seed)
    )


def correlation(rows, axis):
    rows = rows - rows.mean()
    here = rows.narrow(axis, 0, rows.shape[axis] - 1)
    there = rows.narrow(axis, 1, rows.shape[axis] - 1)
    return float((here * there).mean() / rows.square().mean())


def test_photons_alone_are_poisson():
    batch = shot()
    assert batch.photons.mean() == pytest.approx(LEVEL, rel=0.005)
    assert batch.photons.var() == pytest.approx(LEVEL, rel=0.02)
    assert (batch.photons == batch.photons.round()).all()
    assert (batch.read_noise == 0).all()
    torch.testing.assert_close(batch.target, torch.full_like(batch.target, LEVEL))


def test_read_noise_adds_its_variance():
    batch = shot(quiet=0, read_noise=(4, 4))
    torch.testing.assert_close(batch.read_noise, torch.full_like(batch.read_noise, 4))
    assert batch.photons.mean() == pytest.approx(LEVEL, rel=0.01)
    assert batch.photons.var() == pytest.approx(LEVEL + 16, rel=0.02)


def test_read_noise_differs_where_there_are_maps():
    batch = shot(quiet=0, read_noise=(4, 4), maps=1)
    told = batch.read_noise
    assert told.shape == (16, 1, 128, 128)
    assert (told[0] != told[1]).any()
    error = batch.photons - batch.target
    for there in (told < 4, told > 8):
        expected = LEVEL + told[there].square().mean()
        assert error[there].square().mean() == pytest.approx(float(expected), rel=0.1)
    assert 0.005 < (told > 8).float().mean() < 0.05


def test_multiplied_electrons_are_effective_photons():
    """A multiplying register doubles the variance: half the photons, as noisy as they say."""
    batch = shot(excess=1)
    assert batch.photons.mean() == pytest.approx(LEVEL, rel=0.01)
    assert batch.photons.var() == pytest.approx(LEVEL, rel=0.03)
    assert (batch.photons != batch.photons.round()).any()


@pytest.mark.parametrize("length", [0.9, 1.2])
def test_shared_noise_keeps_its_variance_and_its_length(length):
    batch = shot(correlated=1, lengths=(length, length), density=flat(32))
    error = batch.photons - batch.target
    assert error.mean() == pytest.approx(0, abs=0.05)
    assert error.var() == pytest.approx(LEVEL, rel=0.04)
    rho = np.exp(-1 / (4 * length**2))
    told = batch.lengths.numpy()
    both = told[:, 0] > 0
    assert 0 < both.sum() < len(both)
    np.testing.assert_allclose(told[:, 1], length, rtol=0.2001)
    assert correlation(error, 3) == pytest.approx(rho, abs=0.02)
    assert correlation(error[both], 2) == pytest.approx(rho, abs=0.03)
    assert correlation(error[~both], 2) == pytest.approx(0, abs=0.02)


def test_short_lengths_are_those_of_a_sampled_gaussian():
    """As image filters blur: 0.5 px is a correlation of 0.27, not the 0.37 of the formula."""
    batch = shot(correlated=1, lengths=(0.5, 0.5), density=flat(32))
    taps = np.exp(-0.5 * (np.arange(-6, 7) / 0.5) ** 2)
    rho = (taps[1:] * taps[:-1]).sum() / (taps**2).sum()
    assert correlation(batch.photons - batch.target, 3) == pytest.approx(rho, abs=0.02)


def test_dark_patches_have_no_light():
    batch = shot(dark=1, quiet=0, read_noise=(2, 2))
    assert (batch.target == 0).all()
    assert batch.photons.mean() == pytest.approx(0, abs=0.02)
    assert batch.photons.std() == pytest.approx(2, rel=0.02)


def test_noise_is_shared_in_each_plane_by_itself():
    error = shot(correlated=1, lengths=(1, 1), density=flat(8, 3)).photons - LEVEL
    assert error.var() == pytest.approx(LEVEL, rel=0.05)
    assert correlation(error, 1) == pytest.approx(0, abs=0.02)


def test_the_variance_of_rounding_is_told():
    batch = shot(rounded=1, density=flat(64, edge=64))
    told = batch.read_noise[:, 0, 0, 0]
    step = told * 12**0.5
    assert step.min() > 0.05 * LEVEL**0.5
    assert step.max() > LEVEL**0.5
    for photons, width, variance in zip(batch.photons, step, told.square(), strict=True):
        steps = photons / width
        torch.testing.assert_close(steps, steps.round(), rtol=0, atol=1e-2)
        assert photons.var() == pytest.approx(float(LEVEL + variance), rel=0.15)


def test_a_wrong_camera_states_image_and_truth_alike():
    batch = shot(miscalibrated=1, mistake=0.1, density=flat(64, edge=32))
    level = batch.target[:, 0, 0, 0]
    assert 0.02 < level.std() / LEVEL < 0.1
    assert ((level / LEVEL - 1).abs() < 0.102).all()
    torch.testing.assert_close(batch.photons.mean((1, 2, 3)), level, rtol=0.03, atol=0)


def test_light_and_cameras_lie_in_their_ranges():
    batch = degrade(flat(400, edge=8), Noise(dark=0, miscalibrated=0), np.random.default_rng(3))
    level = batch.target.mean((1, 2, 3))
    assert level.min() > 0.03
    assert level.max() < 1.2 * max(2000, 30 * 100)
    shared = (batch.lengths > 0).any(1).float().mean()
    assert shared == pytest.approx(0.4, abs=0.1)
    assert (batch.read_noise.amax((1, 2, 3)) == 0).float().mean() > 0.15


@pytest.mark.parametrize("shape", [(3, 1, 16, 16), (3, 5, 16, 16), (3, 1, 4, 16, 16)])
def test_shapes_and_seeds(shape):
    density = torch.rand(shape, generator=torch.Generator().manual_seed(0))
    one, same, other = (degrade(density, Noise(), np.random.default_rng(k)) for k in (1, 1, 2))
    assert one.photons.shape == shape
    assert one.target.shape == (3, 1, *shape[2:])
    assert one.read_noise.expand_as(one.target).shape == one.target.shape
    assert one.lengths.shape == (3, 2)
    assert one.present.shape == shape[:2]
    for name in ("photons", "read_noise", "lengths", "target", "present"):
        assert getattr(one, name).isfinite().all()
        assert torch.equal(getattr(one, name), getattr(same, name))
    assert not torch.equal(one.photons, other.photons)
    assert (one.target >= 0).all()
    for part in (one.photons, one.target, one.read_noise, one.lengths):
        assert part.dtype == torch.float32


def test_the_clean_patches_are_not_changed():
    density = flat(4, edge=16)
    degrade(density, Noise(), np.random.default_rng(0))
    assert (density == 1).all()


def test_blur_reaches_far_enough():
    """The longest correlation still has its shape within the radius of the blur."""
    assert 3 * Noise().lengths[1] < grain.RADIUS
