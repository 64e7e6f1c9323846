"""Clusters of an image's pixels, with the indices that say how well they are apart.

- `sample`: some pixels of some planes, so that memory does not grow with the image.
- `job`: finds clusters in them, and compares numbers of clusters; writes labels plane by plane.
- `table`: the figures as rows.
"""

from napari_photon_denoise.evaluation.clusters.job import (
    ChannelClusters,
    Clusters,
    cluster_job,
    labels_job,
)
from napari_photon_denoise.evaluation.clusters.table import HEADER, rows

__all__ = ["HEADER", "ChannelClusters", "Clusters", "cluster_job", "labels_job", "rows"]
