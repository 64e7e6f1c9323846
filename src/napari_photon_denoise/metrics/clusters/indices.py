"""How well clusters are apart, without a truth.

Pixels that belong to no cluster have no part in any index. Methods that leave out other shares of
the pixels, or find other numbers of clusters, can't be compared by them: to leave out all that is
doubtful makes every index better.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.metrics.clusters.fit import OUTLIER, Clustering

SILHOUETTE_PIXELS = 5_000  # all distances between them are looked at
MEMORY = 64  # MB, of those distances at a time


@dataclass(frozen=True)
class Indices:
    """Figures of a clustering.

    Parameters
    ----------
    clusters : int
    outliers : float
        Share of pixels that belong to none, 0 to 1.
    silhouette : float or None
        Rousseeuw 1987: how much nearer pixels are to their own cluster than to the next, -1 to 1;
        None for fewer than two clusters.
    davies_bouldin : float or None
        Davies & Bouldin 1979: how wide clusters are beside their distance, 0 at best; likewise.
    within : float, SD²
        Within-cluster sum of squares of the pixels that were looked at.
    share : float
        The same over the sum of squares about the mean of all of them, 0 at best, 1 for one
        cluster.
    """

    clusters: int
    outliers: float
    silhouette: float | None
    davies_bouldin: float | None
    within: float
    share: float


def find_indices(clustering: Clustering) -> Indices:
    """Say how well clusters are apart.

    Parameters
    ----------
    clustering : Clustering
    """
    inside = clustering.labels != OUTLIER
    sample = clustering.sample[inside].astype(np.float64)
    labels = clustering.labels[inside]
    within = sum(
        float(np.square(sample[labels == number] - centre).sum())
        for number, centre in enumerate(clustering.centres.astype(np.float64))
    )
    total = float(np.square(sample - sample.mean(0)).sum())
    # One pixel a cluster is no cluster: nothing is near it.
    parted = 2 <= clustering.count < len(sample)
    return Indices(
        clustering.count,
        clustering.outliers,
        _silhouette(sample, labels, clustering.settings.seed) if parted else None,
        _davies_bouldin(sample, labels) if parted else None,
        within,
        within / total if total else 0.0,
    )


def _silhouette(sample: Float32, labels: np.ndarray, seed: int) -> float:
    from sklearn import config_context
    from sklearn.metrics import silhouette_score

    chosen = _stratified(labels, seed)
    with config_context(working_memory=MEMORY):
        return float(silhouette_score(sample[chosen], labels[chosen]))


def _davies_bouldin(sample: Float32, labels: np.ndarray) -> float:
    from sklearn.metrics import davies_bouldin_score

    return float(davies_bouldin_score(sample, labels))


def _stratified(labels: np.ndarray, seed: int) -> np.ndarray:
    """Choose pixels to look at, of every cluster its share and two at least."""
    if len(labels) <= SILHOUETTE_PIXELS:
        return np.arange(len(labels))
    rng = np.random.default_rng(seed)
    places = [np.flatnonzero(labels == number) for number in np.unique(labels)]
    wanted = SILHOUETTE_PIXELS / len(labels)
    return np.concatenate(
        [
            rng.choice(one, min(len(one), max(2, round(wanted * len(one)))), replace=False)
            for one in places
        ]
    )
