import numpy as np
import pytest
from scipy.stats import poisson

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.poisson import METRIC_EPSILON, poisson_kl, symmetric_kl


def pixel(value):
    return np.full((1, 1), value, np.float64)


def test_the_divergence_is_the_sum_over_the_distributions():
    counts = np.arange(200)
    p, q = poisson(7.3), poisson(4.1)
    summed = np.sum(p.pmf(counts) * (p.logpmf(counts) - q.logpmf(counts)))
    assert summed == pytest.approx(1.01128, abs=1e-5)
    assert poisson_kl(pixel(7.3), pixel(4.1), 0) == pytest.approx(summed)
    assert symmetric_kl(pixel(7.3), pixel(4.1), 0) == pytest.approx(1.84604, abs=1e-5)


@pytest.mark.parametrize("epsilon", [0, METRIC_EPSILON])
def test_laws(rng, epsilon):
    mu, w = rng.gamma(2, 5, (2, 30, 30)).astype(np.float32)
    both = poisson_kl(mu, w, epsilon) + poisson_kl(w, mu, epsilon)
    assert symmetric_kl(mu, w, epsilon) == pytest.approx(both)
    assert symmetric_kl(w, mu, epsilon) == symmetric_kl(mu, w, epsilon)
    assert poisson_kl(mu, w, epsilon) > 0
    assert poisson_kl(mu, mu, epsilon) == 0
    scaled = symmetric_kl(7 * mu, 7 * w, 7 * epsilon)
    assert scaled == pytest.approx(7 * symmetric_kl(mu, w, epsilon), rel=1e-5)


def test_small_errors_are_squares_in_units_of_shot_noise():
    assert symmetric_kl(pixel(1000), pixel(1010), 0) == pytest.approx(10**2 / 1000, rel=0.01)


@pytest.mark.parametrize("mean", [5, 10, 50])
def test_counts_lie_one_from_their_mean(mean):
    counts = np.arange(mean + 20 * int(np.sqrt(mean)) + 20)
    values = [symmetric_kl(pixel(count), pixel(mean)) for count in counts]
    assert poisson(mean).pmf(counts) @ values == pytest.approx(1, abs=0.01)


def test_zeros_and_negative_photons():
    assert poisson_kl(pixel(0), pixel(3), 0) == 3
    assert poisson_kl(pixel(3), pixel(0), 0) == np.inf
    assert symmetric_kl(pixel(3), pixel(0), 0) == np.inf
    assert symmetric_kl(pixel(0), pixel(0), 0) == 0
    assert np.isfinite(symmetric_kl(pixel(3), pixel(0)))
    assert symmetric_kl(pixel(-4), pixel(3)) == symmetric_kl(pixel(0), pixel(3))


@pytest.mark.parametrize("figure", [poisson_kl, symmetric_kl])
def test_bad_input_is_refused(figure):
    with pytest.raises(PhotonDenoiseError, match="epsilon"):
        figure(pixel(1), pixel(1), -0.1)
    with pytest.raises(PhotonDenoiseError, match="must be equal"):
        figure(pixel(1), np.ones((2, 2)))
    with pytest.raises(PhotonDenoiseError, match="NaN"):
        figure(pixel(1), pixel(np.nan))
