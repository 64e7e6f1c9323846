"""A list of image layers to tick."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from napari.layers import Image
from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QListWidget, QListWidgetItem

from napari_photon_denoise.widgets.parts.layers import is_image

HEIGHT = 70  # px: three layers; more can be scrolled to
LAYER = Qt.ItemDataRole.UserRole


class LayerTicks(QListWidget):  # type: ignore[misc]  # Qt comes without types
    """Image layers, in the viewer's order; ticks stay when it changes.

    Parameters
    ----------
    viewer : napari.Viewer
    tip : str
        What ticking one does.
    fits : callable
        Says of an image layer whether it is offered.
    describe : callable
        Returns the help of a layer.
    """

    valueChanged = Signal()
    """Other layers are ticked."""

    def __init__(
        self,
        viewer: Any,
        tip: str,
        fits: Callable[[Image], bool] = lambda _: True,
        describe: Callable[[Image], str] = lambda _: "",
    ) -> None:
        super().__init__()
        self._viewer, self._fits, self._describe = viewer, fits, describe
        self._hidden: Image | None = None
        self._ticked: list[Image] = []
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName(tip)
        self.setToolTip(tip)
        self.itemChanged.connect(self._on_item)
        events = viewer.layers.events
        for event in (events.inserted, events.removed, events.reordered, events.renamed):
            event.connect(self._fill)
        self._fill()

    def layers(self) -> list[Image]:
        """Return the ticked layers."""
        return [layer for layer in self.offered() if layer in self._ticked]

    def offered(self) -> list[Image]:
        """Return all layers that can be ticked."""
        return [
            layer
            for layer in self._viewer.layers
            if is_image(layer) and layer is not self._hidden and self._fits(layer)
        ]

    def tick(self, layers: list[Image]) -> None:
        """Tick these layers and no others."""
        self._ticked = list(layers)
        self._fill()

    def hide_layer(self, layer: Image | None) -> None:
        """Leave out a layer that is chosen elsewhere."""
        self._hidden = layer
        self._fill()

    def _fill(self, _event: object = None) -> None:
        before, self._ticked = len(self._ticked), self.layers()
        self.blockSignals(True)
        self.clear()
        for layer in self.offered():
            item = QListWidgetItem(layer.name)
            item.setData(LAYER, layer)
            item.setToolTip(self._describe(layer))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            ticked = layer in self._ticked
            item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
            self.addItem(item)
        self.blockSignals(False)
        if len(self._ticked) != before:
            self.valueChanged.emit()

    def _on_item(self, item: QListWidgetItem) -> None:
        layer = item.data(LAYER)
        self._ticked = [one for one in self._ticked if one is not layer]
        if item.checkState() == Qt.CheckState.Checked:
            self._ticked.append(layer)
        self.valueChanged.emit()
