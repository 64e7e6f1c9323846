import csv
from io import StringIO

import numpy as np
import pytest
from scipy.stats import ks_2samp

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.curves import (
    common_edges,
    curves_as_csv,
    largest_gap,
    measure_curves,
)
from napari_photon_denoise.metrics.distributions import ks_distance


@pytest.mark.parametrize("ties", [False, True])
def test_gap_equals_scipy(rng, ties):
    a, b = rng.poisson(3, (40, 50)), rng.poisson(3.4, (30, 20))
    if not ties:
        a, b = a + rng.random(a.shape), b + rng.random(b.shape)
    gap, scipy = largest_gap(a, b), ks_2samp(a.ravel(), b.ravel())
    assert gap.distance == pytest.approx(scipy.statistic, abs=1e-12)
    assert gap.at == pytest.approx(scipy.statistic_location)
    assert gap.distance == ks_distance(a, b)
    assert gap.first == (a <= gap.at).mean()
    assert gap.second == (b <= gap.at).mean()
    assert largest_gap(b, a).distance == gap.distance


def test_gap_is_where_the_curves_part():
    a, b = np.zeros(10), np.r_[np.zeros(5), np.full(5, 7)]
    gap = largest_gap(a, b)
    assert (gap.distance, gap.at, gap.first, gap.second) == (0.5, 0, 1, 0.5)
    assert largest_gap(a, a).distance == 0


def test_cumulative_curves_and_shares(rng):
    images = [rng.gamma(4, 5, (50, 60)).astype(np.float32), rng.normal(20, 2, (30, 30))]
    edges = np.linspace(0, 60, 31)
    curves = measure_curves(images, edges, ["a", "b"])
    for image, shares, cumulative in zip(images, curves.shares, curves.cumulative, strict=True):
        np.testing.assert_allclose(shares, np.histogram(image, edges)[0] / image.size)
        expected = [(image <= value).mean() for value in curves.values]
        np.testing.assert_allclose(cumulative, expected)
        assert (np.diff(cumulative) >= 0).all()


def test_edges_leave_out_hot_pixels_and_nothing_else(rng):
    image = rng.normal(20, 2, (100, 100)).astype(np.float32)
    image[3, 3] = 60_000
    edges = common_edges([image, image[:50] + 10], 100)
    assert len(edges) == 101
    assert 35 < edges[-1] < 40
    shares = measure_curves([image], edges, ["a"]).shares
    assert 0.998 < shares.sum() < 1


def test_bins_of_a_camera_hold_equally_many_grey_values(rng):
    """Uniform grey values make a flat histogram, at any gain."""
    gain, offset = 0.46, 100
    counts = rng.integers(100, 100 + 660, (400, 400))
    photons = ((counts - offset) * gain).astype(np.float32)
    edges = common_edges([photons], 150, step=gain, phase=-offset * gain)
    held = np.histogram((np.unique(counts) - offset) * gain, edges)[0]
    assert len(set(held[1:-1])) == 1
    shares = measure_curves([photons], edges, ["a"]).shares[0][1:-1]
    assert shares.std() / shares.mean() < 0.1
    assert 100 <= len(edges) <= 152


def test_a_constant_image_has_a_bin():
    edges = common_edges([np.full((4, 4), 3.0)])
    assert edges[0] < 3 < edges[-1]
    assert measure_curves([np.full((4, 4), 3.0)], edges, ["a"]).shares.max() == 1


@pytest.mark.parametrize("bad", [np.array([np.nan, 1]), np.ones(0)])
def test_bad_input_is_a_sentence(bad):
    good = np.ones(3)
    for call in (
        lambda: largest_gap(good, bad),
        lambda: common_edges([good, bad]),
        lambda: measure_curves([bad], [0, 1], ["cells"]),
    ):
        with pytest.raises(PhotonDenoiseError, match=r"NaN|empty"):
            call()
    with pytest.raises(PhotonDenoiseError, match="no image"):
        measure_curves([], [0, 1], [])


def test_table_has_units(rng):
    images = [rng.normal(5, 1, (20, 20)) for _ in range(2)]
    curves = measure_curves(images, common_edges(images, 10), ["raw", "clean"])
    rows = list(csv.reader(StringIO(curves_as_csv(curves))))
    assert rows[0] == [
        "bin from (photons)",
        "bin to (photons)",
        "raw (% of pixels)",
        "clean (% of pixels)",
        "value (photons)",
        "raw cumulative (share of pixels)",
        "clean cumulative (share of pixels)",
    ]
    np.testing.assert_allclose(
        [float(row[2]) for row in rows[1:11]], 100 * curves.shares[0], rtol=1e-6
    )
    assert rows[11][:4] == [""] * 4
    assert len(rows) == 1001
