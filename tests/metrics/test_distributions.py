import numpy as np
import pytest
from scipy.stats import ks_2samp

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.distributions import ks_distance


def test_a_permutation_has_distance_zero(rng):
    image = rng.random((40, 50)).astype(np.float32)
    shuffled = rng.permutation(image.ravel()).reshape(50, 40)
    assert ks_distance(image, shuffled) == 0


def test_a_monotone_map_of_both_changes_nothing(rng):
    a, b = rng.gamma(2, 3, (40, 50)), rng.gamma(3, 2, (40, 50))
    assert ks_distance(np.log(a), np.log(b)) == ks_distance(a, b)


def test_a_uniform_shift():
    values = np.linspace(0, 1, 10001).reshape(1, -1)
    assert ks_distance(values, values + 0.2) == pytest.approx(0.2, abs=2e-4)
    assert ks_distance(values, values + 2) == 1


@pytest.mark.parametrize("ties", [False, True])
def test_it_equals_scipy(rng, ties):
    a, b = rng.poisson(3, (40, 50)), rng.poisson(3.4, (30, 20))
    if not ties:
        a, b = a + rng.random(a.shape), b + rng.random(b.shape)
    assert ks_distance(a, b) == pytest.approx(ks_2samp(a.ravel(), b.ravel()).statistic, abs=1e-12)
    assert ks_distance(b, a) == ks_distance(a, b)


def test_bad_input_is_refused():
    with pytest.raises(PhotonDenoiseError, match="NaN"):
        ks_distance(np.array([np.nan]), np.ones(3))
    with pytest.raises(PhotonDenoiseError, match="truth is empty"):
        ks_distance(np.ones(3), np.ones(0))
