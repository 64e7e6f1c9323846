"""Layers that a dock shows for a while: hidden and shown again, and removed with the dock.

To remove a layer and add another one is slower than to change it, and napari 0.9.2 may crash
after a removal where Mesa draws. A hidden layer stays in the user's list, though: it is emptied,
so that it holds no memory and no slider, and goes with the layer that it was of, as that one's
place would stay in the view with it.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary, ref

import numpy as np
from napari.layers import Layer

from napari_photon_denoise.widgets.parts.hooks import Hooks
from napari_photon_denoise.widgets.parts.layers import PREVIEW, add_quietly, take_place
from napari_photon_denoise.widgets.parts.origins import forget

# What makes images look alike, besides pixels and place; and a shape of nothing to see.
LOOKS = ("colormap", "blending", "gamma", "contrast_limits_range", "contrast_limits")
PIXEL = (1, 1)


class KeptLayers:
    """Layers of one kind, of which some are put away.

    Parameters
    ----------
    viewer : napari.Viewer
    unused : str
        Name of one that is put away.
    looks : tuple of str
        Names of what makes two of them look alike.
    empty : tuple of int
        Shape of the data of one that is put away.
    """

    def __init__(
        self,
        viewer: Any,
        unused: str,
        looks: tuple[str, ...] = LOOKS,
        empty: tuple[int, ...] = PIXEL,
    ) -> None:
        self._viewer, self._unused = viewer, unused
        self._looks, self._empty = looks, empty
        self._spare: list[Layer] = []
        self._sources: WeakKeyDictionary[Layer, ref[Layer]] = WeakKeyDictionary()
        self._hooks = Hooks()
        self._hooks.connect(self._on_removed, viewer.layers.events.removed)

    def show(self, wanted: Layer, source: Layer) -> Any:
        """Show a layer that looks like another one, on top; return it.

        Parameters
        ----------
        wanted : Layer
            Of no viewer; it comes to be the layer itself if none is put away.
        source : Layer
            That it is of.
        """
        if self._spare:
            layer = self._spare.pop()
            self._make_like(layer, wanted)
            layers = self._viewer.layers
            layers.move(layers.index(layer), len(layers))
            layer.visible = True
        else:
            layer = wanted
            add_quietly(self._viewer, layer)
        self._sources[layer] = ref(source)
        return layer

    def put_away(self, layer: Layer) -> None:
        """Hide a layer and let go of its data; one that the user deleted is gone already."""
        if layer not in self._viewer.layers or layer in self._spare:
            return
        source = self._sources[layer]()
        if source is None or source not in self._viewer.layers:
            self._viewer.layers.remove(layer)
            return
        forget(layer)
        layer.metadata = {PREVIEW: True}
        layer.data = np.zeros(self._empty, np.float32)
        layer.name = self._unused
        layer.visible = False  # last, as only what is visible gets a new thumbnail
        self._spare.append(layer)

    def close(self) -> None:
        """Remove those that are put away, and hear no more of the viewer."""
        self._hooks.cut()
        spare, self._spare = self._spare, []
        for layer in spare:
            self._viewer.layers.remove(layer)

    def _on_removed(self, event: Any) -> None:
        """Forget what the user deleted, and let go of what was of it."""
        self._spare = [layer for layer in self._spare if layer is not event.value]
        for layer in list(self._spare):
            # What is selected with it napari deletes itself, and must still find.
            selected = layer in self._viewer.layers.selection
            if self._sources[layer]() is event.value and not selected:
                self._viewer.layers.remove(layer)

    def _make_like(self, layer: Layer, wanted: Layer) -> None:
        """Give a layer the data, place and looks of another."""
        layer.data = wanted.data
        take_place(layer, wanted)
        for name in self._looks:
            setattr(layer, name, getattr(wanted, name))
        layer.metadata = dict(wanted.metadata)
        layer.name = wanted.name
