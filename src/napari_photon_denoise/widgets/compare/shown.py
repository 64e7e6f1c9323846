"""The layers of a comparison: what every candidate made of the region, in its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from napari.layers import Image

from napari_photon_denoise.calibration import Calibration, Float32
from napari_photon_denoise.widgets.compare.request import Request
from napari_photon_denoise.widgets.parts.layers import PREVIEW, add_quietly, limits, placement
from napari_photon_denoise.widgets.parts.origins import remember
from napari_photon_denoise.widgets.plots.values import PHOTONS, VALUES

TRUTH = "Truth"
FONT = 8  # points; larger, names with parameters do not fit a tile
LINKED = ("contrast_limits", "gamma", "colormap")


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
        camera = request.photons.calibration
        contrast = source.contrast_limits if others else limits(source, camera, "photons")
        layer = Image(
            pixels,
            name=name,
            contrast_limits=contrast,
            gamma=source.gamma,
            colormap=source.colormap,
            metadata=_metadata(camera),
            **placement(request.layer, [part.start for part in request.region]),
        )
        remember(layer, request.layer, camera)
        show_name(layer)
        add_quietly(self._viewer, layer)
        self._layers[name] = layer
        self._viewer.layers.link_layers([*others, layer], LINKED)
        self._changed()

    def clear(self) -> None:
        """Remove all of them."""
        layers, self._layers = list(self._layers.values()), {}
        for layer in layers:
            if layer in self._viewer.layers:
                self._viewer.layers.remove(layer)
        self._changed()

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
    return {PREVIEW: True, VALUES: PHOTONS, "calibration": in_photons}
