"""The figures of clusters as rows: what was found, and every number that was tried."""

from __future__ import annotations

from napari_photon_denoise.evaluation.clusters.job import Clusters
from napari_photon_denoise.metrics.clusters import Indices

HEADER = (
    "channel",
    "algorithm",
    "clusters",
    "silhouette",
    "Davies-Bouldin",
    "within-cluster sum of squares (SD²)",
    "share of all squares",
    "in no cluster",
)

Row = tuple[int | str | float | None, ...]


def rows(clusters: Clusters) -> list[Row]:
    """Return a row for what was found in each channel, and then one for each number tried.

    Figures that mean nothing are None.
    """
    found: list[Row] = []
    for one in clusters.channels:
        found.append(_row(one.channel, clusters.settings.algorithm, one.indices))
        found += [_row(one.channel, "k-means", tried) for tried in one.sweep]
    return found


def _row(channel: int, algorithm: str, indices: Indices) -> Row:
    return (
        channel,
        algorithm,
        indices.clusters,
        indices.silhouette,
        indices.davies_bouldin,
        indices.within,
        indices.share,
        indices.outliers,
    )
