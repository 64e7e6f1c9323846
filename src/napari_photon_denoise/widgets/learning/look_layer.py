"""The layer that shows what a network has learnt so far, of what is on the screen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from napari.layers import Image

from napari_photon_denoise.widgets.learning.live import Look
from napari_photon_denoise.widgets.parts.kept_layers import KeptLayers
from napari_photon_denoise.widgets.parts.layers import place
from napari_photon_denoise.widgets.parts.task import Task
from napari_photon_denoise.widgets.plots.values import VALUES, unit_by


class LookLayer:
    """Shows looks in one layer; gone once the user deletes it.

    Parameters
    ----------
    viewer : napari.Viewer
    """

    def __init__(self, viewer: Any) -> None:
        self._viewer = viewer
        self._kept = KeptLayers(viewer, "learning (off)")
        self._layer: Image | None = None
        self._unwanted = False

    @property
    def layer(self) -> Image | None:
        """The layer that is shown, if any."""
        return self._layer if self._layer in self._viewer.layers else None

    def start(self) -> None:
        """Begin anew."""
        self.hide()
        self._unwanted = False

    def show(self, task: Task, look: Look) -> None:
        """Put the pixels exactly where they belong.

        Parameters
        ----------
        task : Task
        look : Look
            Of the task's layer.
        """
        deleted = self._layer is not None and self.layer is None
        self._unwanted = self._unwanted or deleted
        if self._unwanted or task.layer not in self._viewer.layers:
            return
        start = [part.start for part in look.region]
        if self._layer is None:
            layer = replace(task, units="photons").preview(look.data, start)
            layer.name = f"{task.layer.name} [preview]"
            layer.metadata[VALUES] = unit_by(task.photons.calibration)  # plots may draw it
            self._layer = self._kept.show(layer, task.layer)
        else:
            self._layer.data = look.data
            place(self._layer, task.layer, start)

    def hide(self) -> None:
        """Put the layer away."""
        if self._layer is not None:
            self._kept.put_away(self._layer)
        self._layer = None

    def close(self) -> None:
        """Remove the layer."""
        self.hide()
        self._kept.close()
