import numpy as np
import pytest
from scipy.ndimage import maximum_filter, uniform_filter
from scipy.stats import norm, poisson

from napari_photon_denoise.metrics.windows import (
    LINES,
    SQUARES,
    Window,
    box_sum,
    deviation,
    far_deviations,
    widen,
)


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


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (5, 7), (130, 33), (300, 20)])
@pytest.mark.parametrize("edge", [1, 3, 5, 31])
def test_box_sums_and_widening_are_scipys(rng, shape, edge):
    image = rng.uniform(-1, 9, shape)
    expected = uniform_filter(image, edge, mode="constant") * edge**2
    np.testing.assert_allclose(box_sum(image, edge), expected, atol=1e-10)
    np.testing.assert_allclose(box_sum(image.T, edge), expected.T, atol=1e-10)
    places = image > 8.8
    np.testing.assert_array_equal(widen(places, edge), maximum_filter(places, edge))


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


def test_a_share_of_the_mean_is_forgiven():
    counted, mean, extra = np.array([1100.0, 1400, 600]), np.full(3, 1000.0), np.zeros(3)
    assert (np.sign(far_deviations(counted, mean, extra, 2.0)) == [1, 1, -1]).all()
    far = far_deviations(counted, mean, extra, 2.0, forgiven=0.1)
    assert far[0] == 0
    assert far[1] == pytest.approx(deviation(counted[1:2], 1.1 * mean[1:2], extra[1:2])[0])
    assert far[2] == pytest.approx(deviation(counted[2:], 0.9 * mean[2:], extra[2:])[0])


def test_nothing_where_nothing_is_expected_is_no_departure():
    assert deviation(np.zeros(1), np.zeros(1), np.zeros(1)) == pytest.approx(0, abs=0.1)
    dark = deviation(np.array([-60.0]), np.array([-60.0]), np.array([400.0]))
    assert dark == pytest.approx(0, abs=0.1)
