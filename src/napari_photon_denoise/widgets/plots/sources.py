"""What is drawn: which layers, and through which camera."""

from __future__ import annotations

from typing import Any

from napari.layers import Image
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.widgets.camera import CameraPicker
from napari_photon_denoise.widgets.plots.layer_list import LayerList
from napari_photon_denoise.widgets.plots.values import COUNTS, PHOTONS, Source, source_of

NO_LAYER = "Open an image and tick it in the list."


class SourceBox(QWidget):  # type: ignore[misc]  # Qt comes without types
    """The list of layers, and a camera for those that bring none.

    Parameters
    ----------
    viewer : napari.Viewer
    """

    changed = Signal()

    def __init__(self, viewer: Any) -> None:
        super().__init__()
        self._viewer = viewer
        self.layers = LayerList(viewer)
        self.camera = CameraPicker()
        self.camera.setVisible(False)
        self._typed = QCheckBox("Camera of layers that bring none")
        self._typed.setToolTip(
            "Samples, results and images with a calibration bring their camera along, and so does "
            "an image from which a result was made. Tick to say the camera of the others: grey "
            "values (ADU) become photons (e-)."
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (self.layers, self._typed, self.camera):
            layout.addWidget(part)
        self._typed.toggled.connect(self._on_typed)
        self.camera.valueChanged.connect(self.changed)
        self.layers.changed.connect(self.changed)

    def set_camera(self, calibration: Calibration) -> None:
        """Say the camera of layers that bring none."""
        self.camera.setValue(calibration)
        self._typed.setChecked(True)

    def source(self, layer: Image) -> Source:
        """Say what a layer's values are.

        Raises
        ------
        PhotonDenoiseError
            If it can't be drawn; one sentence says what to do.
        """
        camera = self.camera.value() if self._typed.isChecked() else None
        return source_of(layer, self._viewer.layers, camera)

    def sources(self) -> tuple[list[Source], list[str]]:
        """Return what can be drawn on one axis, and sentences about what can't.

        Photons and grey values never share an axis.

        Raises
        ------
        PhotonDenoiseError
            If nothing can be drawn.
        """
        ticked = self.layers.ticked()
        if not ticked:
            raise PhotonDenoiseError(NO_LAYER)
        found, notes = [], []
        for layer in ticked:
            try:
                found.append(self.source(layer))
            except PhotonDenoiseError as error:
                notes.append(str(error))
        if not found:
            raise PhotonDenoiseError(notes[0])
        units = [source.unit for source in found]
        unit = PHOTONS if PHOTONS in units else units[0]
        notes += [_left_out(source, unit) for source in found if source.unit != unit]
        return [source for source in found if source.unit == unit], notes

    def disconnect_viewer(self) -> None:
        """Hear no more of the viewer."""
        self.layers.disconnect_viewer()

    def _on_typed(self, on: bool) -> None:
        self.camera.setVisible(on)
        self.changed.emit()


def _left_out(source: Source, unit: str) -> str:
    name = source.layer.name
    if source.unit == COUNTS:
        return (
            f"'{name}' holds grey values of an unknown camera and is not drawn among {unit}: tick "
            "“Camera of layers that bring none” and say its camera."
        )
    return f"'{name}' holds {source.unit} and is not drawn among {unit}: tick it alone."
