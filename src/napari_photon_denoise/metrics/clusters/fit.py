"""Clusters of a sample of pixels, and which of them any other pixel belongs to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.clusters.density import dense_labels
from napari_photon_denoise.metrics.clusters.settings import ClusterSettings

OUTLIER = -1  # label of pixels that belong to no cluster; scikit-learn's
STARTS = 10  # of K-means, of which the best counts
AT_ONCE = 2**20  # pixels
FINEST = 1e-3  # SD; values nearer to each other are equal, but for rounding

Int32 = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Clustering:
    """Clusters, from dark to bright.

    Parameters
    ----------
    settings : ClusterSettings
    sample : (N, F) float32, SD
        Features of the pixels that were looked at.
    labels : (N,) int32
        Their clusters, from 0; -1 for those that belong to none.
    centres : (K, F) float32, SD
        Means of the clusters.
    """

    settings: ClusterSettings
    sample: Float32
    labels: Int32
    centres: Float32

    @property
    def count(self) -> int:
        """How many clusters there are; pixels that belong to none are not one."""
        return len(self.centres)

    @property
    def outliers(self) -> float:
        """Share of the pixels that belong to none."""
        return float((self.labels == OUTLIER).mean())

    def shares(self) -> NDArray[np.float64]:
        """Share of each cluster of the pixels, (K,)."""
        inside = self.labels[self.labels != OUTLIER]
        return np.bincount(inside, minlength=self.count) / len(self.labels)

    def assign(self, features: Float32) -> Int32:
        """Say which cluster pixels belong to: that of the nearest centre, of K-means, or pixel.

        Parameters
        ----------
        features : (..., F) float32, SD

        Returns
        -------
        (...) int32
            From 0; -1 for none.
        """
        from scipy.spatial import cKDTree

        if self.settings.algorithm == "k-means":
            points, labels = self.centres, np.arange(self.count, dtype=np.int32)
        else:
            points, first = np.unique(self.sample, axis=0, return_index=True)
            labels = self.labels[first]
        tree = cKDTree(points)
        flat = features.reshape(-1, features.shape[-1])
        found = np.empty(len(flat), np.int32)
        for start in range(0, len(flat), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            found[part] = labels[tree.query(flat[part])[1]]
        return found.reshape(features.shape[:-1])


def find_clusters(sample: Float32, settings: ClusterSettings) -> Clustering:
    """Find clusters.

    Parameters
    ----------
    sample : (N, F) float32, SD
        Features of the pixels to look at; `settings.pixels` is no limit here.
    settings : ClusterSettings

    Raises
    ------
    PhotonDenoiseError
        If all pixels are alike, there are fewer different ones than clusters asked for, or no
        cluster is found.
    """
    sample = np.asarray(sample, np.float32)
    _check(sample, settings)
    if settings.algorithm == "k-means":
        labels = _k_means(sample, settings)
    else:
        labels = dense_labels(sample, settings)
    if not (labels != OUTLIER).any():
        raise PhotonDenoiseError(
            f"{settings.algorithm.upper()} finds no cluster: make the share of pixels that make "
            "one (least) smaller, or take K-means."
        )
    return _sorted(sample, labels, settings)


def _check(sample: Float32, settings: ClusterSettings) -> None:
    different = count_different(sample)
    if different == 1:
        raise PhotonDenoiseError(
            "All pixels are equally bright, so there are no clusters: choose an image with "
            "something in it."
        )
    wanted = settings.clusters if settings.algorithm == "k-means" else 1
    if different < wanted:
        raise PhotonDenoiseError(
            f"{len(sample)} pixels of {different} different values can't make {wanted} clusters: "
            f"choose {different} clusters or fewer, or a larger image."
        )


def count_different(sample: Float32) -> int:
    """Return how many different values there are, of which K-means can make as many clusters.

    Parameters
    ----------
    sample : (N, F) float32, SD
    """
    return len(np.unique(np.round(sample / FINEST), axis=0))


def _k_means(sample: Float32, settings: ClusterSettings) -> Int32:
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits  # scikit-learn's own

    means = KMeans(settings.clusters, n_init=STARTS, random_state=settings.seed)
    # Threads that wait for each other after every step take four times as long on a busy computer.
    with threadpool_limits(1):
        return np.asarray(means.fit_predict(sample), np.int32)


def _sorted(sample: Float32, labels: Int32, settings: ClusterSettings) -> Clustering:
    """Give clusters numbers from dark to bright, so that they are the same in every image."""
    names = np.unique(labels[labels != OUTLIER])
    # float64: of a million equal values float32 gives another mean.
    centres = np.stack([sample[labels == name].mean(0, dtype=np.float64) for name in names])
    order = np.lexsort(centres.T[::-1])
    renamed = np.full(len(labels), OUTLIER, np.int32)
    for number, place in enumerate(order):
        renamed[labels == names[place]] = number
    return Clustering(settings, sample, renamed, centres[order].astype(np.float32))
