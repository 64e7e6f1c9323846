"""The layers of a comparison: what every candidate made of the region, in its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from napari.layers import Image

from napari_photon_denoise.calibration import Calibration, Float32
from napari_photon_denoise.widgets.compare.request import Request
from napari_photon_denoise.widgets.parts.kept_layers import KeptLayers
from napari_photon_denoise.widgets.parts.layers import PREVIEW, limits, placement
from napari_photon_denoise.widgets.parts.origins import remember
from napari_photon_denoise.widgets.plots.values import VALUES, unit_by

TRUTH = "Truth"
FONT = 8  # points; larger, names with parameters do not fit a tile
LINKED = ("contrast_limits", "gamma", "colormap")
UNUSED = "comparison (off)"
DARKEST, BRIGHTEST = 0.1, 99.98  # %, of the pixels of a result; its range
DIM = 0.5  # of the contrast's range; a result that takes less of it is hardly seen


class Shown:
    """Layers in photons, one a candidate, with linked contrast.

    Parameters
    ----------
    viewer : napari.Viewer
    changed : callable
        Told when there are other layers than before.
    """

    def __init__(self, viewer: Any, changed: Callable[[], None]) -> None:
        self._viewer = viewer
        self._changed = changed
        self._layers: dict[str, Image] = {}
        self._kept = KeptLayers(viewer, UNUSED)
        # Contrast limits of the raw image, and what was set here, not by the user.
        self._raw: list[float] = []
        self._contrast: list[float] = []
        viewer.layers.events.removed.connect(self._on_removed)

    @property
    def layers(self) -> dict[str, Image]:
        """Layers by the names of their rows, in the order in which they came."""
        return dict(self._layers)

    def add(self, name: str, pixels: Float32, request: Request) -> None:
        """Show an image of the region on top; contrast follows that of the others.

        Parameters
        ----------
        name : str
            Of its row.
        pixels : array of the region's shape, float32, e-
        request : Request
            That it is of.
        """
        others = list(self._layers.values())
        source = others[0] if others else request.layer
        camera = request.seen.calibration
        if not others:
            self._raw = self._contrast = limits(source, camera, "photons")
        contrast = source.contrast_limits if others else self._contrast
        wanted = Image(
            pixels,
            name=name,
            contrast_limits=contrast,
            gamma=source.gamma,
            colormap=source.colormap,
            metadata=_metadata(camera),
            **placement(request.layer, [part.start for part in request.region]),
        )
        layer = self._kept.show(wanted, request.layer)
        remember(layer, request.layer, camera)
        show_name(layer)
        self._layers[name] = layer
        self._viewer.layers.link_layers([*others, layer], LINKED)
        self._changed()

    def brighten(self, name: str) -> None:
        """Set the contrast by one of them where that of the raw image would show it dark.

        The noise of a dim image reaches far beyond what is in it. What the user has set stays.
        """
        layer = self._layers.get(name)
        if layer is None or not np.allclose(layer.contrast_limits, self._contrast):
            return
        low, high = map(float, np.percentile(layer.data, (DARKEST, BRIGHTEST)))
        is_dim = low < high < low + DIM * (self._raw[1] - self._raw[0])
        self._contrast = [low, high] if is_dim else self._raw
        layer.contrast_limits = self._contrast  # and so that of the others

    def clear(self) -> None:
        """Put all of them away."""
        layers, self._layers = list(self._layers.values()), {}
        if layers:
            self._viewer.layers.unlink_layers(layers, LINKED)
        for layer in layers:
            show_name(layer, on=False)
            self._kept.put_away(layer)
        self._changed()

    def close(self) -> None:
        """Remove all of them."""
        self.clear()
        self._kept.close()

    def release(self) -> list[Image]:
        """Leave the layers to the user, as images like any other."""
        layers, self._layers = list(self._layers.values()), {}
        self._viewer.layers.unlink_layers(layers, LINKED)
        for layer in layers:
            show_name(layer, on=False)  # they would lie on each other
            layer.metadata.pop(PREVIEW)
            layer.metadata.pop(VALUES)
        self._changed()
        return layers

    def _on_removed(self, event: Any) -> None:
        """Forget what the user deleted."""
        gone = [name for name, layer in self._layers.items() if layer is event.value]
        for name in gone:
            del self._layers[name]
        if gone:
            self._changed()


def show_name(layer: Image, *, on: bool = True) -> None:
    """Write a layer's name on the canvas, where napari can."""
    if hasattr(layer, "name_overlay"):  # napari 0.7 and later
        layer.name_overlay.font_size = FONT
        layer.name_overlay.visible = on


def visible_only(shown: Sequence[Image], layers: Sequence[Image]) -> None:
    """Show some of the layers and hide the others."""
    for layer in layers:
        is_shown = any(layer is one for one in shown)
        if layer.visible != is_shown:
            layer.visible = is_shown


def _metadata(camera: Calibration) -> dict[str, Any]:
    """Nothing to denoise, but photons, that can be plotted."""
    in_photons = Calibration(
        gain=1, offset=0, read_noise=0, source=camera.source, camera=camera.camera
    )
    return {PREVIEW: True, VALUES: unit_by(camera), "calibration": in_photons}
