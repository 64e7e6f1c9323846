"""Clusters as a layer of labels in the image's place, from dark to bright."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib import colormaps
from napari.layers import Image, Labels
from napari.utils.colormaps import DirectLabelColormap
from numpy.typing import NDArray

from napari_photon_denoise.metrics.clusters import OUTLIER, ClusterSettings
from napari_photon_denoise.metrics.clusters.masks import FIRST
from napari_photon_denoise.widgets.parts.layers import placement, take_place

OPACITY = 0.5
SCALE = "viridis"  # dark clusters dark, bright ones bright, for colour-blind people as well
NONE = (0.6, 0.6, 0.6, 1.0)  # grey: pixels that belong to no cluster
TITLES = {"k-means": "K-means", "dbscan": "DBSCAN", "hdbscan": "HDBSCAN"}


def name_of(layer: Image, settings: ClusterSettings) -> str:
    """Name the labels of a layer, such as "cells [clusters, K-means 3]"."""
    number = f" {settings.clusters}" if settings.algorithm == "k-means" else ""
    return f"{layer.name} [clusters, {TITLES[settings.algorithm]}{number}]"


def colours(count: int) -> DirectLabelColormap:
    """Make the colours of so many clusters."""
    places = np.linspace(0, 1, max(count, 2))[:count]
    found: dict[int | None, Any] = {None: (0, 0, 0, 0), OUTLIER: NONE}
    found |= {FIRST + number: colormaps[SCALE](place) for number, place in enumerate(places)}
    return DirectLabelColormap(color_dict=found)


def labels_layer(
    layer: Image, labels: NDArray[np.int32], settings: ClusterSettings, count: int
) -> Labels:
    """Make the layer.

    Parameters
    ----------
    layer : Image
        The source; it is not changed.
    labels : array of the source's full shape, int32
        Clusters from 1; -1 for pixels that belong to none.
    settings : ClusterSettings
        Kept in the layer's metadata.
    count : int
        Clusters.
    """
    return Labels(
        labels,
        name=name_of(layer, settings),
        colormap=colours(count),
        opacity=OPACITY,
        metadata={"clusters": settings.model_dump()},
        **placement(layer),
    )


def show_again(
    shown: Labels, layer: Image, labels: NDArray[np.int32], settings: ClusterSettings, count: int
) -> None:
    """Show other clusters of an image in the layer that is there; parameters as above."""
    shown.data = labels
    shown.colormap = colours(count)
    shown.name = name_of(layer, settings)
    shown.metadata = {"clusters": settings.model_dump()}
    take_place(shown, layer)
