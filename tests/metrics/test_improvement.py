import numpy as np
import pytest

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics import ks_distance, measure_improvement, mse, ssim


@pytest.fixture
def truth(rng):
    return rng.uniform(5, 25, (2, 30, 30)).astype(np.float32)


def test_ratios(truth, rng):
    noise = rng.normal(0, 2, truth.shape).astype(np.float32)
    noisy, denoised = truth + noise, truth + noise / 2
    found = measure_improvement(noisy, denoised, truth, 20)
    assert found.mse == pytest.approx(4, rel=1e-4)
    assert found.ssim == ssim(denoised, truth, 20) / ssim(noisy, truth, 20)
    assert found.ks == ks_distance(noisy, truth) / ks_distance(denoised, truth)
    assert min(found.ssim, found.ks) > 1
    assert found.mse_in == mse(noisy, truth)


def test_perfect_and_idle_methods(truth):
    noisy = truth + 1
    assert measure_improvement(noisy, truth, truth, 20).mse == float("inf")
    assert measure_improvement(noisy, truth, truth, 20).ks == float("inf")
    idle = measure_improvement(noisy, noisy, truth, 20)
    assert (idle.mse, idle.ssim, idle.ks) == (1, 1, 1)
    spotless = measure_improvement(truth, truth, truth, 20)
    assert (spotless.mse, spotless.ssim, spotless.ks) == (1, 1, 1)


def test_a_negative_similarity_has_no_ratio(truth):
    assert np.isnan(measure_improvement(30 - truth, truth, truth, 20).ssim)


def test_bad_input_is_refused(truth):
    with pytest.raises(PhotonDenoiseError, match="constant truth"):
        measure_improvement(truth, truth, truth, 0)
    with pytest.raises(PhotonDenoiseError, match="must be equal"):
        measure_improvement(truth, truth[:1], truth, 20)
    with pytest.raises(PhotonDenoiseError, match="NaN"):
        measure_improvement(truth, truth * np.nan, truth, 20)
