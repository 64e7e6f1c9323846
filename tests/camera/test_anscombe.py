import numpy as np
import pytest

from napari_photon_denoise.camera.anscombe import anscombe, inverse_anscombe


@pytest.mark.parametrize("lam", [4, 20, 300])
@pytest.mark.parametrize("read_noise", [0.0, 1.5, 6.0])
def test_noise_becomes_one(lam, read_noise, rng):
    photons = (rng.poisson(lam, 10**6) + rng.normal(0, read_noise, 10**6)).astype(np.float32)
    assert anscombe(photons, read_noise).std() == pytest.approx(1, abs=0.04)


@pytest.mark.parametrize("lam", [0.5, 3, 50])
def test_the_inverse_is_unbiased(lam, rng):
    stabilised = anscombe(rng.poisson(lam, 4 * 10**6).astype(np.float32), 0.0)
    mean = np.array([stabilised.mean(dtype=float)], np.float32)
    assert inverse_anscombe(mean, 0.0)[0] == pytest.approx(lam, abs=0.02)
    algebraic = mean[0] ** 2 / 4 - 3 / 8
    assert algebraic < lam - 0.1


def test_the_inverse_is_unbiased_with_read_noise(rng):
    photons = (rng.poisson(8, 4 * 10**6) + rng.normal(0, 2, 4 * 10**6)).astype(np.float32)
    mean = np.array([anscombe(photons, 2.0).mean(dtype=float)], np.float32)
    assert inverse_anscombe(mean, 2.0)[0] == pytest.approx(8, abs=0.05)


def test_far_negative_values_stay_finite():
    values = np.array([-1e6, -1, 0, 1e6], np.float32)
    stabilised = anscombe(values, 1.0)
    assert np.isfinite(stabilised).all()
    assert np.isfinite(inverse_anscombe(stabilised, 1.0)).all()
    assert inverse_anscombe(stabilised, 1.0)[-1] == pytest.approx(1e6, rel=1e-4)


def test_maps_are_used_pixel_by_pixel():
    photons = np.full((2, 2), 5, np.float32)
    read_noise = np.array([[0, 1], [2, 3]], np.float32)
    expected = 2 * np.sqrt(5 + 3 / 8 + read_noise**2)
    np.testing.assert_allclose(anscombe(photons, read_noise), expected, rtol=1e-6)
