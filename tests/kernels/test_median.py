import itertools

import numpy as np
import pytest
from scipy import ndimage

from napari_photon_denoise.kernels.comparators import BOTH, MAXIMUM, median_network
from napari_photon_denoise.kernels.median import median

SIZES = [(1, 1, 1), (1, 3, 3), (1, 5, 5), (3, 3, 3), (5, 1, 1), (1, 1, 7), (3, 7, 5), (1, 13, 13)]


@pytest.mark.parametrize(
    "shape", [(1, 1, 1), (1, 1, 9), (1, 9, 1), (1, 2, 3), (1, 70, 37), (1, 5, 1100), (5, 20, 33)]
)
@pytest.mark.parametrize("sizes", SIZES)
def test_median_is_scipys_to_the_bit(rng, shape, sizes):
    volume = rng.normal(0, 100, shape).astype(np.float32)
    before = volume.copy()
    expected = ndimage.median_filter(volume, sizes, mode="reflect")
    np.testing.assert_array_equal(median(volume, *sizes), expected)
    np.testing.assert_array_equal(volume, before)


@pytest.mark.parametrize(("inputs", "columns"), [(1, 1), (1, 9), (9, 1), (3, 3), (3, 5), (5, 3)])
def test_network_finds_the_median_of_all_zeros_and_ones(inputs, columns):
    # The 0-1 principle: a network right for these is right for all values.
    count = inputs * columns
    windows = np.array(list(itertools.product((0, 1), repeat=count)), np.int8)
    network = median_network(inputs, columns)
    rows = list(np.moveaxis(windows.reshape(-1, inputs, columns), 1, 0))
    rows += [None] * (network.rows - inputs)
    for kind, a, offset_a, b, offset_b, low, high in network.steps:
        p, q = rows[a][:, offset_a:], rows[b][:, offset_b:]
        width = min(p.shape[1], q.shape[1])
        p, q = p[:, :width], q[:, :width]
        if kind != MAXIMUM:
            rows[low] = np.minimum(p, q)
        if kind in (MAXIMUM, BOTH):
            rows[high] = np.maximum(p, q)
    expected = windows.sum(axis=1) > count // 2
    np.testing.assert_array_equal(rows[network.median][:, 0], expected)


def test_no_step_overwrites_what_it_reads():
    network = median_network(9, 5)
    for _, a, _, b, _, low, high in network.steps:
        assert {low, high} - {-1} & {a, b} == set()
        assert all(row == -1 or row >= network.inputs for row in (low, high))


def test_even_windows_are_refused():
    with pytest.raises(ValueError, match="odd"):
        median(np.zeros((1, 4, 4), np.float32), 1, 4, 3)


@pytest.mark.parametrize("size", [5, 7])
def test_variance_of_white_noise(rng, size):
    noise = rng.normal(0, 3, (1, 700, 700)).astype(np.float32)
    # Asymptotic: a window of 25 pixels is a few per cent below.
    assert median(noise, 1, size, size).var() / 9 == pytest.approx(np.pi / (2 * size**2), rel=0.08)
