"""Layers that a dock shows for a while: hidden and shown again, and removed with the dock.

To remove a layer and add another one is slower than to change it, and napari 0.9.2 may crash
after a removal where Mesa draws. A hidden layer stays in the user's list, though: it is emptied
to one pixel, so that it holds no memory and no slider, and goes with the layer that it was of,
as that one's place and size would stay in the view with it.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary, ref

import numpy as np
from napari.layers import Image
from qtpy.QtCore import QTimer

from napari_photon_denoise.widgets.parts.hooks import Hooks
from napari_photon_denoise.widgets.parts.layers import PREVIEW, add_quietly, take_place

LOOKS = ("colormap", "blending", "gamma", "contrast_limits_range", "contrast_limits")


class KeptLayers:
    """Image layers of a dock, of which some are put away.

    Parameters
    ----------
    viewer : napari.Viewer
    unused : str
        Name of one that is put away.
    """

    def __init__(self, viewer: Any, unused: str) -> None:
        self._viewer, self._unused = viewer, unused
        self._spare: list[Image] = []
        self._sources: WeakKeyDictionary[Image, ref[Image]] = WeakKeyDictionary()
        self._hooks = Hooks()
        self._hooks.connect(self._on_removed, viewer.layers.events.removed)

    def show(self, wanted: Image, source: Image) -> Image:
        """Show a layer that looks like another one, on top; return it.

        Parameters
        ----------
        wanted : Image
            Of no viewer; it comes to be the layer itself if none is put away.
        source : Image
            That it is of.
        """
        if self._spare:
            layer = self._spare.pop()
            _make_like(layer, wanted)
            layers = self._viewer.layers
            layers.move(layers.index(layer), len(layers))
            layer.visible = True
        else:
            layer = wanted
            add_quietly(self._viewer, layer)
        self._sources[layer] = ref(source)
        return layer

    def put_away(self, layer: Image) -> None:
        """Hide a layer and let go of its pixels; one that the user deleted is gone already."""
        if layer not in self._viewer.layers or layer in self._spare:
            return
        layer.visible = False
        layer.metadata = {PREVIEW: True}
        layer.data = np.zeros((1, 1), np.float32)
        layer.name = self._unused
        self._spare.append(layer)
        source = self._sources[layer]()
        if source is None or source not in self._viewer.layers:
            self._remove_soon(layer)

    def give(self, layer: Image) -> None:
        """Leave a layer that is shown to the user."""
        self._sources.pop(layer, None)

    def close(self) -> None:
        """Remove those that are put away, and hear no more of the viewer."""
        self._hooks.cut()
        spare, self._spare = self._spare, []
        for layer in spare:
            self._viewer.layers.remove(layer)

    def _on_removed(self, event: Any) -> None:
        """Forget what the user deleted, and let go of what was of it."""
        self._spare = [layer for layer in self._spare if layer is not event.value]
        for layer in self._spare:
            if self._sources[layer]() is event.value:
                self._remove_soon(layer)

    def _remove_soon(self, layer: Image) -> None:
        """Remove a layer once napari is through with those that the user deletes together."""

        def remove() -> None:
            if layer in self._spare:
                self._viewer.layers.remove(layer)

        QTimer.singleShot(0, remove)


def _make_like(layer: Image, wanted: Image) -> None:
    """Give a layer the pixels, place and looks of another."""
    layer.data = wanted.data
    take_place(layer, wanted)
    for name in LOOKS:
        setattr(layer, name, getattr(wanted, name))
    layer.metadata = dict(wanted.metadata)
    layer.name = wanted.name
