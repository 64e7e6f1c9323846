"""What "Clusters" does with its controls, and with what comes out; without Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary

import numpy as np
from napari.layers import Image, Labels
from numpy.typing import NDArray

from napari_photon_denoise.evaluation.clusters import Clusters, cluster_job, labels_job
from napari_photon_denoise.evaluation.numbers import number
from napari_photon_denoise.job import Job
from napari_photon_denoise.metrics.clusters import ClusterSettings
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.widgets.clusters.labels import labels_layer, show_again
from napari_photon_denoise.widgets.parts.layers import add_quietly, photons_of
from napari_photon_denoise.widgets.parts.work import Work
from napari_photon_denoise.words import counted

if TYPE_CHECKING:
    from napari_photon_denoise.widgets.clusters.form import ClusterForm
    from napari_photon_denoise.widgets.clusters.sweep_plot import SweepPlot
    from napari_photon_denoise.widgets.parts.camera import CameraPicker
    from napari_photon_denoise.widgets.parts.dock import Dock
    from napari_photon_denoise.widgets.parts.source import SourcePicker

GONE = "The image was deleted meanwhile, so its clusters were let go."


class View(Protocol):
    """What the controller asks, and shows things in: the dock, or a test."""

    source: SourcePicker
    camera: CameraPicker
    form: ClusterForm
    plot: SweepPlot
    dock: Dock

    def show_figures(self, text: str) -> None:
        """Show figures in words; empty for none."""

    def show_result(self, on: bool) -> None:
        """Turn to the figures, or to what to look at."""


@dataclass(frozen=True, eq=False)
class Labelled:
    """What a run found.

    Parameters
    ----------
    clusters : Clusters
    labels : array of the image's shape, int32
    """

    clusters: Clusters
    labels: NDArray[np.int32]


class ClusterController:
    """Makes clusters of what the controls describe, and shows them.

    Parameters
    ----------
    viewer : napari.Viewer
    view : View
    """

    def __init__(self, viewer: Any, view: View) -> None:
        self._viewer, self._view = viewer, view
        self._made: WeakKeyDictionary[Image, Labels] = WeakKeyDictionary()

    def work(self) -> Work:
        """Return the work that the controls describe; what was shown before goes.

        Raises
        ------
        PhotonDenoiseError
            If something is missing or does not fit; one sentence says what to do.
        """
        view = self._view
        layer = view.source.layer()
        settings, sweep = view.form.value(), view.form.sweep()
        photons = photons_of(layer, view.camera.value(), view.source.axes())
        self.clear()
        return Work(
            label_job(photons, settings, sweep),
            f"Clusters of {layer.name}",
            done=lambda found: self._show(layer, found),
        )

    def clear(self) -> None:
        """Show no figures: those of another image or choice would be taken for these."""
        self._view.plot.clear()
        self._view.show_figures("")

    def follow_layer(self) -> None:
        """Take the camera that the chosen layer brings along, or have its noise looked at."""
        self._view.camera.set_layer(self._view.source.current(), self._view.source.axes())
        self.clear()

    def _show(self, layer: Image, found: Labelled) -> None:
        bar = self._view.dock.bar
        if layer not in self._viewer.layers:
            bar.hint(GONE)
            return
        clusters = found.clusters
        count = max(one.indices.clusters for one in clusters.channels)
        shown = self._made.get(layer)
        if shown is not None and shown in self._viewer.layers:
            show_again(shown, layer, found.labels, clusters.settings, count)
        else:
            shown = labels_layer(layer, found.labels, clusters.settings, count)
            self._made[layer] = shown
            add_quietly(self._viewer, shown)
        self._view.plot.show_clusters(clusters)
        self._view.show_figures("\n".join((figures(clusters), *clusters.notes)))
        self._view.show_result(True)
        bar.say(f"New labels: {shown.name}, numbered from dark to bright.")


def label_job(photons: Photons, settings: ClusterSettings, sweep: Sequence[int]) -> Job[Labelled]:
    """Find clusters, and label every pixel."""
    clusters = yield from cluster_job(photons, settings, sweep)
    labels = np.empty(photons.shape, np.int32)
    yield from labels_job(photons, clusters, labels)
    return Labelled(clusters, labels)


def figures(clusters: Clusters) -> str:
    """Say the figures of what was found, a line a channel."""
    lines = []
    for one in clusters.channels:
        of = f"Channel {one.channel}: " if len(clusters.channels) > 1 else ""
        shares = ", ".join(f"{100 * share:.2g} %" for share in one.clustering.shares())
        found = one.indices
        lines.append(
            f"{of}{counted(found.clusters, 'clusters')} of {shares} of the pixels. "
            f"Silhouette {number(found.silhouette)}, Davies-Bouldin "
            f"{number(found.davies_bouldin)}, within / all {number(found.share)}."
        )
    return "\n".join(lines)
