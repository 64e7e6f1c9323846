"""Clusters where pixels lie close together, with bounded memory.

DBSCAN (Ester et al. 1996) lists the neighbours of every pixel, which are nearly all others in a
dark background: a gigabyte for 10 000 pixels. Values are therefore rounded to an eighth of the
reach, and each different one counts as often as it occurs. HDBSCAN (Campello et al. 2013,
doi:10.1007/978-3-642-37456-2_14) knows no such weights, and takes half a second for 10 000 pixels,
but 20 s and a gigabyte for 50 000: it looks at 10 000 at most, and the others join the nearest.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.metrics.clusters.settings import ClusterSettings

CELLS = 8  # to the reach
HDBSCAN_PIXELS = 10_000

Int32 = NDArray[np.int32]


def dense_labels(sample: Float32, settings: ClusterSettings) -> Int32:
    """Return the cluster of each pixel of a sample, (N,) int32; -1 for none.

    Parameters
    ----------
    sample : (N, F) float32, SD
    settings : ClusterSettings
    """
    if settings.algorithm == "dbscan":
        return _dbscan(sample, settings)
    return _hdbscan(sample, settings)


def _dbscan(sample: Float32, settings: ClusterSettings) -> Int32:
    from sklearn.cluster import DBSCAN

    cells = np.round(sample.astype(np.float64) / (settings.reach / CELLS))
    values, back, often = np.unique(cells, axis=0, return_inverse=True, return_counts=True)
    dbscan = DBSCAN(eps=CELLS, min_samples=_least(len(sample), settings))
    labels = np.asarray(dbscan.fit_predict(values, sample_weight=often), np.int32)
    return labels[back.reshape(-1)]


def _hdbscan(sample: Float32, settings: ClusterSettings) -> Int32:
    from scipy.spatial import cKDTree
    from sklearn.cluster import HDBSCAN

    few = sample
    if len(sample) > HDBSCAN_PIXELS:
        rng = np.random.default_rng(settings.seed)
        few = sample[np.sort(rng.choice(len(sample), HDBSCAN_PIXELS, replace=False))]
    least = min(_least(len(few), settings), len(few))
    found = HDBSCAN(min_cluster_size=least, copy=True).fit_predict(few.astype(np.float64))
    labels = np.asarray(found, np.int32)
    return labels if few is sample else labels[cKDTree(few).query(sample)[1]]


def _least(pixels: int, settings: ClusterSettings) -> int:
    """Pixels that make a cluster; two, at least."""
    return max(2, round(pixels * settings.least / 100))
