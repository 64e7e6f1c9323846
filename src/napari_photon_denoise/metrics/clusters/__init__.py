"""Clusters of pixels that look alike: features of a smoothed image, and how well they part.

`settings` are the user's choices, `features` what a pixel is known by, `fit` finds clusters in a
sample of pixels (`density` those of DBSCAN and HDBSCAN), `indices` say how well they are apart.
scikit-learn is imported by the functions that need it.
"""

from napari_photon_denoise.metrics.clusters.features import features_of
from napari_photon_denoise.metrics.clusters.fit import (
    OUTLIER,
    Clustering,
    count_different,
    find_clusters,
)
from napari_photon_denoise.metrics.clusters.indices import Indices, find_indices
from napari_photon_denoise.metrics.clusters.settings import ClusterSettings

__all__ = [
    "OUTLIER",
    "ClusterSettings",
    "Clustering",
    "Indices",
    "count_different",
    "features_of",
    "find_clusters",
    "find_indices",
]
