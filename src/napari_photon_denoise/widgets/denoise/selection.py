"""The layer list beside the form: the form follows the active layer, and knows what is selected."""

from __future__ import annotations

from typing import Any

from napari.layers import Image
from qtpy.QtCore import QObject, Signal

from napari_photon_denoise.widgets.parts.doubts import denoised_by
from napari_photon_denoise.widgets.parts.hooks import Hooks
from napari_photon_denoise.widgets.parts.layers import is_image
from napari_photon_denoise.widgets.parts.source import SourcePicker


class Selection(QObject):  # type: ignore[misc]  # Qt comes without types
    """Follows the selection of the layer list.

    Parameters
    ----------
    viewer : napari.Viewer
    source : SourcePicker
        Follows the active layer. A result that becomes active, as each does when it is added, is
        for the eye: it is denoised again only if it is chosen in the form.
    hooks : Hooks
        Of the dock, cut in its end.
    parent : QObject
    """

    changed = Signal()

    def __init__(self, viewer: Any, source: SourcePicker, hooks: Hooks, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer, self._source = viewer, source
        events = viewer.layers.selection.events
        hooks.connect(self._on_active, events.active)
        hooks.connect(self._on_changed, events.changed, viewer.layers.events.removed)

    def layers(self) -> list[Image]:
        """Return the noisy images that are selected, in the order of the list."""
        chosen = self._viewer.layers.selection
        return [layer for layer in self._viewer.layers if layer in chosen and _is_noisy(layer)]

    def _on_active(self, _event: object = None) -> None:
        layer = self._viewer.layers.selection.active
        if _is_noisy(layer) and layer.visible:
            self._source.set_layer(layer)

    def _on_changed(self, _event: object = None) -> None:
        self.changed.emit()


def _is_noisy(layer: Any) -> bool:
    return is_image(layer) and not denoised_by(layer)
