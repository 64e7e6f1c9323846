"""Clusters of pixels: toy clusters by their closed forms, and what can't be clustered."""

from itertools import pairwise

import numpy as np
import pytest

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.clusters import (
    OUTLIER,
    ClusterSettings,
    features_of,
    find_clusters,
    find_indices,
)
from napari_photon_denoise.metrics.clusters.masks import masks_of, numbered

ALGORITHMS = ("k-means", "dbscan", "hdbscan")


def blobs(rng, outliers=0):
    """Three clusters, bright ones first, and single pixels far from all."""
    parts = [rng.normal(mean, 0.2, 400) for mean in (40.0, 10.0, 20.0)]
    lone = np.linspace(100, 500, outliers)
    return np.concatenate([*parts, lone])[:, None].astype(np.float32)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_two_delta_clusters(algorithm):
    sample = np.repeat([[1.0], [5.0]], 50, axis=0).astype(np.float32)
    settings = ClusterSettings(algorithm=algorithm, clusters=2, least=10)
    indices = find_indices(find_clusters(sample, settings))
    assert indices.clusters == 2
    assert indices.silhouette == 1
    assert indices.davies_bouldin == 0
    assert indices.within == 0


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_clusters_are_found_and_numbered_from_dark_to_bright(algorithm, rng):
    found = find_clusters(blobs(rng), ClusterSettings(algorithm=algorithm, clusters=3))
    assert found.count == 3
    np.testing.assert_allclose(found.centres[:, 0], [10, 20, 40], atol=0.1)
    # HDBSCAN may leave out a few at the rims.
    np.testing.assert_allclose(found.shares(), 1 / 3, atol=0.02)
    np.testing.assert_array_equal(found.assign(np.float32([[40], [10], [20]])), [2, 0, 1])


@pytest.mark.parametrize("algorithm", ["dbscan", "hdbscan"])
def test_outliers_belong_to_none_and_have_no_part_in_the_figures(algorithm, rng):
    found = find_clusters(blobs(rng, outliers=8), ClusterSettings(algorithm=algorithm))
    assert (found.labels[-8:] == OUTLIER).all()
    assert found.assign(np.float32([[500]])) == OUTLIER
    indices = find_indices(found)
    assert indices.clusters == 3
    assert indices.outliers == pytest.approx(8 / 1208, abs=0.02)
    assert indices.silhouette > 0.9
    # As if the lone pixels were not there: with them it would be a hundred times as much.
    assert indices.within < 1.2 * 1200 * 0.2**2


def test_one_cluster_has_no_silhouette(rng):
    indices = find_indices(find_clusters(blobs(rng), ClusterSettings(clusters=1)))
    assert indices.silhouette is None
    assert indices.davies_bouldin is None
    assert indices.share == pytest.approx(1)


def test_squares_fall_with_the_number_of_clusters(rng):
    sample = rng.normal(0, 1, (2000, 1)).astype(np.float32)
    shares = [
        find_indices(find_clusters(sample, ClusterSettings(clusters=count))).share
        for count in range(1, 6)
    ]
    assert all(after < before for before, after in pairwise(shares))
    # Of a normal law cut in half, 1 - 2/π of the variance stays.
    assert shares[1] == pytest.approx(1 - 2 / np.pi, abs=0.03)


def test_the_silhouette_of_many_is_that_of_some(rng):
    sample = rng.normal(rng.choice([0, 6], (20_000, 1)), 1).astype(np.float32)
    many = find_indices(find_clusters(sample, ClusterSettings(clusters=2))).silhouette
    few = find_indices(find_clusters(sample[:4000], ClusterSettings(clusters=2))).silhouette
    assert many == pytest.approx(few, abs=0.01)


def test_masks_add_up_and_put_the_image_together_again(rng):
    labels = rng.integers(-1, 3, (20, 30)).astype(np.int32)
    image = rng.normal(0, 1, labels.shape)
    masks = masks_of(labels, 3)
    assert masks.shape == (4, 20, 30)  # who belongs to none has a mask of its own
    assert (masks.sum(0) == 1).all()
    np.testing.assert_array_equal(sum(mask * image for mask in masks), image)
    assert masks_of(np.zeros((4, 4), np.int32), 1).shape == (1, 4, 4)


def test_labels_of_an_image_leave_out_0():
    np.testing.assert_array_equal(numbered(np.int32([[-1, 0], [1, 2]])), [[-1, 1], [2, 3]])


def test_smoothing_keeps_noise_out_of_the_clusters(rng):
    truth = np.where(np.arange(64) < 32, 4.0, 16.0) * np.ones((64, 1))
    noisy = rng.poisson(truth).astype(np.float32)
    wrong = {}
    for smoothing in (0.0, 1.5):
        settings = ClusterSettings(clusters=2, smoothing=smoothing)
        features = features_of(noisy, 0.0, settings)
        found = find_clusters(features.reshape(-1, 1), settings).assign(features)
        wrong[smoothing] = (found != (truth > 10)).mean()
    assert wrong[0.0] > 0.02
    assert wrong[1.5] < 0.02


def test_features_are_in_units_of_the_noise(rng):
    for mean in (5, 50, 500):
        flat = rng.poisson(mean, (200, 200)).astype(np.float32)
        plain = features_of(flat, 0.0, ClusterSettings(smoothing=0))
        assert plain.std() == pytest.approx(1, abs=0.05)


def test_pixels_that_read_out_noisier_are_no_brighter(rng):
    noise = np.ones((60, 60), np.float32)
    noise[30, 30] = 20
    dark = (rng.poisson(3, noise.shape) + rng.normal(0, noise)).astype(np.float32)
    bright = features_of(dark, noise, ClusterSettings())[..., 0]
    assert abs(bright[30, 30] - bright.mean()) < 4 * bright.std()
    assert bright.max() - bright.min() < 3


def test_mean_and_spread(rng):
    plane = rng.poisson(30, (60, 70)).astype(np.float32)
    settings = ClusterSettings(features="mean-std", smoothing=0, window=5)
    features = features_of(plane, 1.0, settings)
    assert features.shape == (60, 70, 2)
    bright = 2 * np.sqrt(plane[10:15, 20:25] + 3 / 8 + 1)
    np.testing.assert_allclose(features[12, 22], [bright.mean(), bright.std()], rtol=1e-5)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_constant_image_is_refused(algorithm):
    with pytest.raises(PhotonDenoiseError, match="equally bright"):
        find_clusters(np.ones((100, 1), np.float32), ClusterSettings(algorithm=algorithm))


def test_more_clusters_than_pixels_are_refused():
    sample = np.float32([[1], [2], [3]])
    with pytest.raises(PhotonDenoiseError, match="choose 3 clusters or fewer"):
        find_clusters(sample, ClusterSettings(clusters=4))


def test_no_cluster_at_all_is_a_sentence():
    sample = np.linspace(0, 1000, 50, dtype=np.float32)[:, None]
    with pytest.raises(PhotonDenoiseError, match="DBSCAN finds no cluster"):
        find_clusters(sample, ClusterSettings(algorithm="dbscan", least=20))


def test_dbscan_of_a_dark_background_needs_little_memory():
    """All pixels are neighbours of all others: as a list, 20 GB."""
    sample = np.random.default_rng(0).normal(3, 0.01, (50_000, 1)).astype(np.float32)
    assert find_clusters(sample, ClusterSettings(algorithm="dbscan")).count == 1
