import numpy as np
import pytest
from scipy import ndimage

from napari_photon_denoise.kernels.separable import correlate

ONE = np.ones(1, np.float32)
SHAPES = [(1, 1, 1), (1, 1, 9), (1, 9, 1), (1, 37, 70), (1, 150, 65), (2, 3, 40), (7, 20, 33)]


def box(size):
    return np.full(size, 1 / size, np.float32)


def gaussian(sigma):
    radius = int(4 * sigma + 0.5)
    x = np.arange(-radius, radius + 1)
    taps = np.exp(-(x**2) / (2 * sigma**2))
    return (taps / taps.sum()).astype(np.float32)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("sizes", [(1, 5, 5), (3, 5, 7), (1, 31, 3), (5, 1, 1), (1, 1, 1)])
def test_box_is_scipys(rng, shape, sizes):
    volume = rng.poisson(20, shape).astype(np.float32) - 5
    before = volume.copy()
    expected = ndimage.uniform_filter(volume.astype(float), sizes, mode="reflect")
    np.testing.assert_allclose(correlate(volume, *map(box, sizes)), expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(volume, before)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("sigma", [0.5, 2.0, 5.0])
def test_gaussian_is_scipys(rng, shape, sigma):
    volume = rng.poisson(20, shape).astype(np.float32) - 5
    expected = ndimage.gaussian_filter(volume.astype(float), sigma, mode="reflect", truncate=4)
    taps = gaussian(sigma)
    np.testing.assert_allclose(correlate(volume, taps, taps, taps), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
def test_no_photon_is_lost(rng, shape):
    volume = rng.poisson(50, shape).astype(np.float32)
    blurred = correlate(volume, box(3), gaussian(1.5), box(7))
    assert blurred.sum(dtype=float) == pytest.approx(volume.sum(dtype=float), rel=1e-6)


def test_a_bright_pixel_leaves_no_trace_behind():
    image = np.full((1, 40, 40), 0.125, np.float32)
    image[0, 20, 20] = 1e7
    blurred = correlate(image, ONE, box(5), box(5))
    blurred[0, 18:23, 18:23] = 0.125
    np.testing.assert_allclose(blurred, 0.125, rtol=1e-6)


@pytest.mark.parametrize(
    ("taps", "axes", "left"),
    [
        (box(5), 2, 1 / 25),
        (box(3), 3, 1 / 27),
        (gaussian(1.0), 2, 1 / (4 * np.pi)),
        (gaussian(2.0), 2, 1 / (16 * np.pi)),
    ],
)
def test_variance_of_white_noise(rng, taps, axes, left):
    shape = (1, 700, 700) if axes == 2 else (40, 100, 120)
    noise = rng.normal(0, 3, shape).astype(np.float32)
    smooth = correlate(noise, taps if axes == 3 else ONE, taps, taps)
    assert smooth.var() / 9 == pytest.approx(left, rel=0.05)
