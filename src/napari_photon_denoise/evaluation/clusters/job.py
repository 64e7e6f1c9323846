"""Find clusters in an image, compare numbers of them, and label every pixel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.evaluation.clusters.sample import plane_features, planes_of, sample_job
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.metrics.clusters import (
    Clustering,
    ClusterSettings,
    Indices,
    count_different,
    find_clusters,
    find_indices,
)
from napari_photon_denoise.metrics.clusters.masks import numbered
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.words import counted


@dataclass(frozen=True, eq=False)
class ChannelClusters:
    """Clusters of a channel.

    Parameters
    ----------
    channel : int
    clustering : Clustering
    indices : Indices
    sweep : tuple of Indices
        Of K-means with other numbers of clusters, for comparison.
    """

    channel: int
    clustering: Clustering
    indices: Indices
    sweep: tuple[Indices, ...] = ()


@dataclass(frozen=True, eq=False)
class Clusters:
    """Clusters of an image.

    Parameters
    ----------
    settings : ClusterSettings
    channels : tuple of ChannelClusters
    notes : tuple of str
        What the user should know, a sentence each.
    """

    settings: ClusterSettings
    channels: tuple[ChannelClusters, ...]
    notes: tuple[str, ...] = field(default=())


class Target(Protocol):
    """An array, or a file in the making."""

    def __setitem__(self, index: Any, values: Any, /) -> None:
        """Take a block."""


def cluster_job(
    photons: Photons, settings: ClusterSettings, sweep: Sequence[int] = ()
) -> Job[Clusters]:
    """Find the clusters of an image, each channel by itself.

    Parameters
    ----------
    photons : Photons
    settings : ClusterSettings
    sweep : sequence of int
        Numbers of clusters that K-means is tried with as well.

    Returns
    -------
    Clusters
        Through the generator's return value.

    Raises
    ------
    PhotonDenoiseError
        If an image is constant, has fewer different pixels than clusters, or holds NaN.
    """
    samples = yield from sample_job(photons, settings)
    total = len(samples) * (1 + len(sweep))
    found: list[ChannelClusters] = []
    for channel, sample in samples.items():
        done = len(found) * (1 + len(sweep))
        yield Progress("Finding clusters", done, total)
        clustering = find_clusters(sample, settings)
        tried = []
        for number, count in enumerate(_possible(sweep, sample)):
            yield Progress(f"Trying {counted(count, 'clusters')}", done + 1 + number, total)
            changed = {"algorithm": "k-means", "clusters": count}
            tried.append(find_indices(find_clusters(sample, settings.model_copy(update=changed))))
        found.append(ChannelClusters(channel, clustering, find_indices(clustering), tuple(tried)))
    return Clusters(settings, tuple(found), _notes(photons, samples, found))


def labels_job(photons: Photons, clusters: Clusters, target: Target) -> Job[None]:
    """Label every pixel, plane by plane.

    Parameters
    ----------
    photons : Photons
    clusters : Clusters
        Of that image.
    target : array of the image's shape, int32, or a file in the making
        Gets clusters from 1, dark to bright, and -1 for pixels that belong to none.
    """
    known = {one.channel: one.clustering for one in clusters.channels}
    planes = list(planes_of(photons))
    for number, (channel, index) in enumerate(planes):
        yield Progress("Labelling pixels", number, len(planes))
        features = plane_features(photons, index, clusters.settings)
        labels = numbered(known[channel].assign(features))
        target[index] = labels.reshape((1,) * (len(index) - 2) + labels.shape)


def _possible(sweep: Sequence[int], sample: Float32) -> list[int]:
    """Numbers of clusters that the pixels allow."""
    different = count_different(sample)
    return [count for count in sweep if count <= different]


def _notes(
    photons: Photons, samples: dict[int, Float32], found: Sequence[ChannelClusters]
) -> tuple[str, ...]:
    notes = []
    pixels = int(np.prod(photons.shape))
    looked = sum(map(len, samples.values()))
    if looked < pixels:
        notes.append(
            f"Clusters and figures are of {looked} of the image's {pixels} pixels; all others "
            "joined the nearest."
        )
    outliers = max(one.indices.outliers for one in found)
    if outliers:
        notes.append(
            f"{100 * outliers:.2g} % of the pixels belong to no cluster and have no part in the "
            "figures: don't compare them with those of a method that leaves out fewer."
        )
    if any(one.indices.clusters == 1 for one in found):
        notes.append(
            "There is a single cluster, for which silhouette and Davies-Bouldin mean nothing: take "
            "K-means, or look for smaller clusters."
        )
    return tuple(notes)
