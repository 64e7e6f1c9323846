"""Choose the layer to denoise, and say what its dimensions are."""

from __future__ import annotations

from typing import Any

from napari.layers import Image, Labels
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFormLayout, QLabel, QLineEdit, QWidget

from napari_photon_denoise.axes import check_axes
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.widgets.parts.doubts import denoised_by
from napari_photon_denoise.widgets.parts.hooks import Hooks
from napari_photon_denoise.widgets.parts.layers import full_data, is_image, layer_axes
from napari_photon_denoise.widgets.parts.layout import NarrowCombo
from napari_photon_denoise.widgets.parts.origins import source_of_result
from napari_photon_denoise.widgets.parts.plane_axis import answer, is_known, is_open, told
from napari_photon_denoise.widgets.parts.plane_question import PlaneQuestion

NO_LAYER = (
    "Open an image first: File > Open Files, or File > Open Sample > napari-photon-denoise to try."
)
ONLY_LABELS = (
    "Labels are no image: they name regions and have no noise. Open the image that they were drawn "
    "on, by File > Open Files."
)

HELP = "The noisy image, as the camera recorded it. It is never changed."


class SourcePicker(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Image layers to choose from, and the axes of the chosen one.

    Parameters
    ----------
    viewer : napari.Viewer
    """

    layerChanged = Signal()
    axesChanged = Signal()

    def __init__(self, viewer: Any) -> None:
        super().__init__()
        self._viewer = viewer
        self._layers: list[Image] = []
        self._combo = NarrowCombo()
        self._axes = QLineEdit()
        self._axes.setMaxLength(5)
        self._axes.setToolTip(
            "One letter for each dimension, in order: T time, C channel, Z plane, Y row, "
            "X column.\nPlanes of a stack are Z, frames of a film are T."
        )
        self._sizes = QLabel()
        self._sizes.setWordWrap(True)
        self._sizes.setToolTip("Size of each axis in pixels, or what is wrong with the axes.")
        self.question = PlaneQuestion()
        self._asked, self._named = QLabel(), QLabel("Axes")
        layout = QFormLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addRow("Layer", self._combo)
        layout.addRow(self._asked, self.question)
        layout.addRow(self._named, self._axes)
        layout.addRow("", self._sizes)
        self._combo.currentIndexChanged.connect(self._on_chosen)
        self._axes.textEdited.connect(self._on_axes)
        events = viewer.layers.events
        for event in (events.inserted, events.removed, events.reordered, events.renamed):
            event.connect(self._fill)
        self._combo.setToolTip(HELP)
        self.question.asked.connect(self._on_asked)
        hooks = Hooks()  # `told` outlives every dock
        hooks.connect(self._on_told, told)
        self.destroyed.connect(hooks.cut)
        self._fill()

    def layer(self) -> Image:
        """Return the chosen layer.

        Raises
        ------
        PhotonDenoiseError
            If there is none.
        """
        if not self._layers:
            labels = any(isinstance(layer, Labels) for layer in self._viewer.layers)
            raise PhotonDenoiseError(ONLY_LABELS if labels else NO_LAYER)
        return self._layers[self._combo.currentIndex()]

    def current(self) -> Image | None:
        """Return the chosen layer, or None."""
        return self.layer() if self._layers else None

    def set_layer(self, layer: Image) -> None:
        """Choose a layer."""
        self._combo.setCurrentIndex(self._layers.index(layer))

    def axes(self) -> str:
        """Return the axes as they were typed in, in capitals; not checked."""
        return str(self._axes.text()).strip().upper()

    def sizes(self) -> dict[str, int]:
        """Return the size of each axis; empty without a layer whose axes are known."""
        layer = self.current()
        try:
            shape = full_data(layer).shape if layer is not None else ()
            check_axes(self.axes(), shape)
        except PhotonDenoiseError:
            return {}
        return dict(zip(self.axes(), shape, strict=True))

    def set_axes(self, axes: str) -> None:
        """Say the axes."""
        self._axes.setText(axes)
        self._on_axes()

    def _fill(self) -> None:
        """Offer the layers that there are now; the chosen one stays chosen."""
        before = self.current()
        self._layers = [layer for layer in self._viewer.layers if is_image(layer)]
        self._combo.blockSignals(True)
        self._combo.clear()
        self._combo.addItems([layer.name for layer in self._layers])
        chosen = before if before in self._layers else self._likely()
        if chosen is not None:
            self._combo.setCurrentIndex(self._layers.index(chosen))
        self._combo.blockSignals(False)
        if chosen is not before:
            self._on_chosen()

    def _likely(self) -> Image | None:
        """Return what the user most likely means: what is selected, or else on top, and seen.

        Results are for the eye, and the last one is selected and on top: of one, its image is
        meant, and others are taken only where there is nothing else.
        """
        active = self._viewer.layers.selection.active
        order = [active] if active in self._layers else []
        order += reversed(self._layers)
        seen = [layer for layer in order if layer.visible]
        noisy = [layer for layer in seen if not denoised_by(layer)]
        made_of = [source_of_result(layer) for layer in seen]
        sources = [layer for layer in made_of if layer in self._layers]
        return (noisy or sources or seen or order or [None])[0]

    def _on_chosen(self) -> None:
        layer = self.current()
        name = f"{layer.name}\n" if layer is not None else ""  # in full, which the box may cut
        self._combo.setToolTip(f"{name}{HELP}")
        try:
            self._axes.setText(layer_axes(layer) if layer is not None else "")
        except PhotonDenoiseError:
            self._axes.setText("")  # said by `_show_sizes`, and again by whoever asks for photons
        self._show_sizes()
        self.question.set_layer(layer)
        self.layerChanged.emit()

    def _on_axes(self) -> None:
        layer, axis = self.current(), self.axes().removesuffix("YX")
        if layer is not None and is_open(layer) and axis in self.question.buttons:
            answer(layer, axis)  # which comes back as `_on_told`
        self._show_sizes()
        self.axesChanged.emit()

    def _on_asked(self, open_question: bool) -> None:
        layer = self.current()
        if open_question and layer is not None:
            sizes = " × ".join(str(size) for size in full_data(layer).shape[:-2])
            self._asked.setText(f"{sizes} planes are")
        for part in (self._asked, self.question):
            part.setVisible(open_question)
        for part in (self._named, self._axes):  # which the question stands for
            part.setVisible(not open_question)

    def _on_told(self, event: Any) -> None:
        """Take over what is known of the planes now, in this dock or another one."""
        layer = event.layer
        if layer is not self.current():
            return
        self.question.refresh()
        axes = layer_axes(layer)
        if axes != self.axes():
            self._axes.setText(axes)
            self._show_sizes()
            self.axesChanged.emit()

    def _show_sizes(self) -> None:
        """Show the axes with their sizes, or what is wrong with them."""
        layer = self.current()
        try:
            shape = full_data(layer).shape if layer is not None else ()
            if layer is not None:
                check_axes(self.axes(), shape)
            letters = self.axes()
            if layer is not None and is_open(layer) and not is_known(layer):
                letters = "?" * (len(letters) - 2) + letters[-2:]
            text = "  ".join(
                f"{axis}\N{NO-BREAK SPACE}{size}" for axis, size in zip(letters, shape, strict=True)
            )
        except PhotonDenoiseError as error:
            text = str(error)
        self._sizes.setText(text)
