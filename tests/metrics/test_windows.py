import numpy as np
import pytest
from scipy.stats import norm, poisson

from napari_photon_denoise.metrics.windows import LINES, SQUARES, Window, deviation, far_deviations


@pytest.mark.parametrize("window", [*SQUARES, *LINES])
def test_sums_count_every_pixel_once_and_covers_are_their_mirror(window):
    point = np.zeros((80, 80))
    point[40, 40] = 1
    shape = window.sum(point)
    size = window.edge**2 * (1 if window.step is None else 5)
    assert shape.max() == pytest.approx(1)
    assert np.sum(shape > 0.5) == size
    np.testing.assert_array_equal(window.cover(point > 0), shape > 0.5)


def test_a_corner_counts_what_lies_inside():
    ones = np.ones((20, 20))
    assert Window(5).sum(ones)[0, 0] == pytest.approx(9)
    assert Window(3, (0, 3)).sum(ones)[0, 0] == pytest.approx(2 * (2 + 3 + 3))


@pytest.mark.parametrize("mean", [0.3, 2.0, 20.0, 300.0])
def test_chances_of_photons_are_those_of_a_gaussian(mean):
    counted = np.arange(0, mean + 9 * np.sqrt(mean) + 12)
    z = deviation(counted, np.full(counted.shape, mean), np.zeros(counted.shape))
    above = (counted > mean + 1) & (poisson.sf(counted - 1, mean) > 1e-10)
    exact = norm.isf(poisson.sf(counted[above] - 1, mean))
    assert z[above] == pytest.approx(exact, abs=0.35)
    below = (counted < mean - 1) & (poisson.cdf(counted, mean) > 1e-10)
    exact = norm.ppf(poisson.cdf(counted[below], mean))
    assert z[below] == pytest.approx(exact, abs=0.35)


def test_chances_with_read_noise_are_right_far_out(rng):
    mean, extra = 3.0, 20.0
    drawn = rng.poisson(mean, 2_000_000) + np.sqrt(extra) * rng.standard_normal(2_000_000)
    z = deviation(drawn, np.full(drawn.shape, mean), np.full(drawn.shape, extra))
    for limit in (2.0, 3.0, 4.0):
        for sign in (1, -1):
            share = np.mean(sign * z > limit)
            # Half a photon of caution makes it smaller.
            assert 0.3 * norm.sf(limit) < share + 2e-6 < 1.3 * norm.sf(limit) + 4e-6


def test_only_far_ones_are_solved_for(rng):
    mean = rng.uniform(0.01, 50, (60, 70))
    counted = rng.poisson(mean) + rng.choice([0, 0, 30], mean.shape)
    extra = rng.uniform(0, 9, mean.shape)
    near = deviation(*(image.ravel() for image in (counted, mean, extra))).reshape(mean.shape)
    far = far_deviations(counted, mean, extra, 3.0)
    np.testing.assert_allclose(far, np.where(np.abs(near) > 3, near, 0))


def test_nothing_where_nothing_is_expected_is_no_departure():
    assert deviation(np.zeros(1), np.zeros(1), np.zeros(1)) == pytest.approx(0, abs=0.1)
    dark = deviation(np.array([-60.0]), np.array([-60.0]), np.array([400.0]))
    assert dark == pytest.approx(0, abs=0.1)
