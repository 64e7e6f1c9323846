"""Layers that take part as they are: finished images, and the truth."""

from __future__ import annotations

from typing import Any

from napari.layers import Image
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QDoubleSpinBox, QFormLayout, QWidget

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.widgets.compare.request import recipe_method
from napari_photon_denoise.widgets.parts.layer_ticks import LayerTicks
from napari_photon_denoise.widgets.parts.layout import narrow_combo

GREY, PHOTONS = "grey values of the camera above", "photons"
IN_PHOTONS = Calibration(gain=1, offset=0, read_noise=0)


class ImagePicker(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Finished images to tick, and a truth to choose.

    Parameters
    ----------
    viewer : napari.Viewer
    """

    valueChanged = Signal()

    def __init__(self, viewer: Any) -> None:
        super().__init__()
        self._list = LayerTicks(
            viewer,
            "Layers that were denoised already, here or by another program. One that this plugin "
            "made is judged by photons held back as well, as its recipe tells the method.",
            describe=_describe,
        )
        self._list.setAccessibleName("Finished images to compare")
        self._truth = narrow_combo(
            "An image without noise, or with much less: a long exposure, an average, or what was "
            "simulated. Methods are then also judged by it."
        )
        self._exposure = QDoubleSpinBox()
        self._exposure.setRange(0.001, 1_000_000)
        self._exposure.setDecimals(3)
        self._exposure.setValue(1)
        self._exposure.setPrefix("× ")
        self._exposure.setToolTip("How many times longer the truth was exposed than the raw image.")
        self._unsaid = narrow_combo(
            "What the values of layers are that do not say so themselves. Results of this plugin "
            "and its samples do."
        )
        self._unsaid.addItems([GREY, PHOTONS])
        layout = QFormLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addRow("Finished", self._list)
        layout.addRow("Truth", self._truth)
        layout.addRow("Its exposure", self._exposure)
        layout.addRow("They hold", self._unsaid)
        events = viewer.layers.events
        for event in (events.inserted, events.removed, events.reordered, events.renamed):
            event.connect(self._fill)
        self._list.valueChanged.connect(self._emit)
        for combo in (self._truth, self._unsaid):
            combo.currentIndexChanged.connect(self._emit)
        self._exposure.valueChanged.connect(self._emit)
        self._fill()

    def set_raw(self, layer: Image | None) -> None:
        """Say which layer is the raw one, which is no candidate."""
        self._list.hide_layer(layer)
        self._fill()

    def layers(self) -> list[Image]:
        """Return the ticked layers."""
        return self._list.layers()

    def truth(self) -> Image | None:
        """Return the truth, if one is chosen."""
        layer: Image | None = self._truth.currentData()
        return layer

    def exposure(self) -> float:
        """Exposure of the truth, that of the raw image being 1."""
        return float(self._exposure.value())

    def unsaid(self, camera: Calibration) -> Calibration:
        """Return what turns a layer's values into photons where it does not say so itself."""
        return IN_PHOTONS if self._unsaid.currentText() == PHOTONS else camera

    def set_layers(self, layers: list[Image]) -> None:
        """Tick these layers and no others."""
        self._list.tick(layers)
        self._emit()

    def set_truth(self, layer: Image | None, exposure: float = 1.0) -> None:
        """Choose the truth."""
        row = 0 if layer is None else 1 + self._list.offered().index(layer)
        self._truth.setCurrentIndex(row)
        self._exposure.setValue(exposure)

    def set_unsaid(self, text: str) -> None:
        """Say what layers hold that do not say so themselves, `GREY` or `PHOTONS`."""
        self._unsaid.setCurrentText(text)

    def _fill(self, _event: object = None) -> None:
        """Offer the layers that there are now as the truth; what is chosen stays chosen."""
        truth, layers = self.truth(), self._list.offered()
        self.blockSignals(True)
        self._truth.clear()
        self._truth.addItem("None", None)
        for layer in layers:
            self._truth.addItem(layer.name, layer)
        if truth in layers:
            self._truth.setCurrentIndex(1 + layers.index(truth))
        self.blockSignals(False)
        self._emit()

    def _emit(self) -> None:
        self._exposure.setEnabled(self.truth() is not None)
        chosen = [layer for layer in (*self.layers(), self.truth()) if layer is not None]
        self._unsaid.setEnabled(any(not _says(layer) for layer in chosen))
        self.valueChanged.emit()


def _says(layer: Image) -> bool:
    return isinstance(layer.metadata.get("calibration"), Calibration)


def _describe(layer: Image) -> str:
    known = recipe_method(layer) is not None
    return f"{layer.name}\n" + (
        "Made by this plugin; its recipe is known." if known else "Carries no recipe."
    )
