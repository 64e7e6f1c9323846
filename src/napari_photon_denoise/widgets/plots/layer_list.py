"""The layers that are drawn: a list with a tick and a colour for each."""

from __future__ import annotations

from typing import Any

from napari.layers import Image
from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QColor, QIcon, QPixmap
from qtpy.QtWidgets import QListWidget, QListWidgetItem

from napari_photon_denoise.widgets.parts.hooks import Hooks
from napari_photon_denoise.widgets.parts.layers import PREVIEW
from napari_photon_denoise.widgets.plots.choice import choice_of
from napari_photon_denoise.widgets.plots.colours import colours_of
from napari_photon_denoise.widgets.plots.values import PHOTONS, RELATIVE, VALUES

PLACE = ("scale", "translate", "rotate", "shear", "affine", "units")
FOLLOWED = ("data", "set_data", "projection_mode", *PLACE)
HEIGHT = 88  # px: four layers


class LayerList(QListWidget):  # type: ignore[misc]  # Qt comes without types
    """Image layers, those on top first, as in napari's own list.

    Parameters
    ----------
    viewer : napari.Viewer
    """

    changed = Signal()
    """Other layers are ticked, or one of them was moved or got other pixels."""
    replaced = Signal(object)
    """This layer got other pixels."""
    refreshed = Signal()
    """A ticked layer is shown anew: another plane, or pixels that were changed in place."""

    def __init__(self, viewer: Any) -> None:
        super().__init__()
        self._viewer = viewer
        self._layers: list[Image] = []
        self._choice = choice_of(viewer)
        self._hooks, self._followed = Hooks(), Hooks()
        self.setAccessibleName("Layers")
        self.setToolTip("Ticked layers are drawn, each in the colour beside its name.")
        self.setFixedHeight(HEIGHT)
        self.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemChanged.connect(self._on_item)
        events = viewer.layers.events
        self._hooks.connect(
            self._fill, events.inserted, events.removed, events.reordered, events.renamed
        )
        self._hooks.connect(self._on_ticked, self._choice.ticked)
        self.destroyed.connect(self._hooks.cut)
        self.destroyed.connect(self._followed.cut)
        self._fill()

    def ticked(self) -> list[Image]:
        """Return the ticked layers, the lowest first."""
        return [layer for layer in self._layers if layer in self._choice]

    def layers(self) -> list[Image]:
        """Return all layers of the list, the lowest first."""
        return list(self._layers)

    def tick(self, *layers: Image) -> None:
        """Tick these layers and no others."""
        self._choice.set_layers(layers, by=None)

    def colours(self) -> dict[Image, str]:
        """Return the colour of each layer, such as "#56b4e9"."""
        return dict(zip(self._layers, colours_of(self._layers), strict=True))

    def disconnect_viewer(self) -> None:
        """Hear no more of the viewer."""
        self._hooks.cut()
        self._followed.cut()

    def _fill(self, _event: object = None) -> None:
        """Show the layers that there are now; ticks stay."""
        self._layers = [layer for layer in self._viewer.layers if _is_listed(layer)]
        for layer in self._viewer.layers:
            if layer in self._layers:
                self._choice.meet(layer, tick=_is_meant(layer))
            else:
                self._choice.forget(layer)
        self.blockSignals(True)
        self.clear()
        colours = colours_of(self._layers)
        for layer, colour in zip(self._layers[::-1], colours[::-1], strict=True):
            item = QListWidgetItem(_swatch(colour), layer.name)
            item.setToolTip(layer.name)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
            on = layer in self._choice
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
            self.addItem(item)
        self.blockSignals(False)
        self._follow()
        self.changed.emit()

    def _follow(self) -> None:
        self._followed.cut()
        for layer in self._layers:
            events = [getattr(layer.events, name) for name in FOLLOWED]
            self._followed.connect(self._on_layer, *events)

    def _on_layer(self, event: Any) -> None:
        if event.source not in self._choice:
            return
        if event.type == "set_data":
            self.refreshed.emit()
            return
        if event.type == "data":
            self.replaced.emit(event.source)
        self.changed.emit()

    def _on_item(self, item: QListWidgetItem) -> None:
        layer = self._layers[::-1][self.row(item)]
        self._choice.set_tick(layer, self, on=item.checkState() == Qt.CheckState.Checked)

    def _on_ticked(self, by: object) -> None:
        if by is self:
            self.changed.emit()  # the list shows it already
        else:
            self._fill()


def _is_listed(layer: Any) -> bool:
    ours = VALUES in layer.metadata
    return isinstance(layer, Image) and (ours or PREVIEW not in layer.metadata)


def _is_meant(layer: Image) -> bool:
    """Whether a new layer is ticked without being asked for.

    What is compared is, though only some of it may be visible now, as the image that it is of is
    hidden for it.
    """
    if layer.metadata.get(VALUES) in (PHOTONS, RELATIVE):
        return True
    return bool(layer.visible) and not layer.rgb and VALUES not in layer.metadata


def _swatch(colour: str) -> QIcon:
    pixels = QPixmap(12, 12)
    pixels.fill(QColor(colour))
    return QIcon(pixels)
