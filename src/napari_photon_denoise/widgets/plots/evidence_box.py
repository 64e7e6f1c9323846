"""Buttons that make layers of what a denoiser removed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from napari.layers import Image
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QWidget

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.widgets.parts.layout import button, narrow
from napari_photon_denoise.widgets.parts.origins import source_of_result
from napari_photon_denoise.widgets.plots.evidence import Pair, check_readable
from napari_photon_denoise.widgets.plots.layer_list import LayerList
from napari_photon_denoise.widgets.plots.sources import SourceBox
from napari_photon_denoise.widgets.plots.values import VALUES, Source
from napari_photon_denoise.widgets.plots.view import Place, view_of


class LayerChoice(QComboBox):  # type: ignore[misc]  # Qt comes without types
    """One of the layers of a list.

    Parameters
    ----------
    layers : LayerList
    likely : callable
        Says of a layer whether it is what the user means.
    tip : str
    """

    def __init__(self, layers: LayerList, likely: Callable[[Image], bool], tip: str) -> None:
        super().__init__()
        self._list, self._likely = layers, likely
        self._layers: list[Image] = []
        self.setToolTip(tip)
        narrow(self)
        layers.changed.connect(self._fill)
        self._fill()

    def layer(self) -> Image | None:
        """Return the chosen layer."""
        return self._layers[self.currentIndex()] if self._layers else None

    def set_layer(self, layer: Image) -> None:
        """Choose a layer."""
        self.setCurrentIndex(self._layers.index(layer))

    def _fill(self) -> None:
        names = [self.itemText(number) for number in range(self.count())]
        layers = [layer for layer in self._list.layers() if VALUES not in layer.metadata]
        if layers == self._layers and names == [layer.name for layer in layers]:
            return
        before, chosen_before = self.layer(), self._layers
        self._layers = layers
        self.blockSignals(True)
        self.clear()
        self.addItems([layer.name for layer in layers])
        new = [layer for layer in layers if layer not in chosen_before]
        # A result that has just come is what one wants to look at.
        likely = [one for one in new if self._likely(one)]
        if likely or before in layers:
            self.setCurrentIndex(layers.index(likely[-1] if likely else before))
        self.blockSignals(False)
        self.currentIndexChanged.emit(self.currentIndex())


class EvidenceBox(QWidget):  # type: ignore[misc]  # Qt comes without types
    """A raw and a denoised layer, and what to make of them.

    Parameters
    ----------
    viewer : napari.Viewer
    sources : SourceBox
    """

    said = Signal(str)
    """What was done."""
    refused = Signal(str)
    """Why it was not."""

    def __init__(self, viewer: Any, sources: SourceBox) -> None:
        super().__init__()
        self._viewer, self._sources = viewer, sources
        self._result: Image | None = None
        self.raw = LayerChoice(
            sources.layers, self._is_raw, "The noisy image, as the camera recorded it."
        )
        self.denoised = LayerChoice(
            sources.layers, _is_result, "The result that was made from it, of the same shape."
        )
        residual = button(
            "&Residual",
            "New layer: raw − denoised, in photons (e-). It should look like pure noise; what you "
            "recognise in it was removed from the image.\nOrange: the raw image has more photons.",
            self.add_residual,
        )
        consistency = button(
            "&Consistency (z)",
            "New layer: the residual in units of the noise to expect, √(denoised + read noise²), "
            "from −5 to 5 SD.\nEven noise of SD 1 everywhere: nothing was lost and nothing "
            "invented. Do not believe structures where it shows shapes.",
            self.add_consistency,
        )
        buttons = QHBoxLayout()
        buttons.addWidget(residual)
        buttons.addWidget(consistency)
        layout = QFormLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addRow("Raw", self.raw)
        layout.addRow("Denoised", self.denoised)
        layout.addRow(buttons)
        self.denoised.currentIndexChanged.connect(self._on_denoised)
        self._on_denoised()

    def add_residual(self) -> None:
        """Add raw - denoised as a layer."""
        self._add(lambda pair, place: pair.residual(place))

    def add_consistency(self) -> None:
        """Add the z-map as a layer."""
        self._add(lambda pair, _: pair.consistency())

    def _add(self, make: Callable[[Pair, Place], Image]) -> None:
        try:
            pair = Pair(self._source(self.raw), self._source(self.denoised))
            place = view_of(self._viewer, [pair.raw.layer]).place(pair.raw.layer)
            check_readable(pair, place)
            layer = make(pair, place)
        except PhotonDenoiseError as error:
            self.refused.emit(str(error))
            return
        if hasattr(layer, "colorbar"):  # newer napari; says what the colours mean
            layer.colorbar.visible = True
        self._viewer.layers.append(layer)
        self.said.emit(f"New layer: {layer.name}.")

    def _on_denoised(self) -> None:
        """Choose the raw layer that a newly chosen result was made from."""
        before, self._result = self._result, self.denoised.layer()
        if self._result is None or self._result is before:
            return
        source = source_of_result(self._result)
        if source is not None and source in self._sources.layers.layers():
            self.raw.set_layer(source)

    def _source(self, choice: LayerChoice) -> Source:
        layer = choice.layer()
        if layer is None:
            raise PhotonDenoiseError("Open an image and denoise it first.")
        return self._sources.source(layer)

    def _is_raw(self, layer: Image) -> bool:
        try:
            return self._sources.source(layer).raw
        except PhotonDenoiseError:
            return False


def _is_result(layer: Image) -> bool:
    return "recipe" in layer.metadata
