"""What is drawn: which layers, and through which camera."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from napari.layers import Image
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.widgets.parts.camera import CameraPicker
from napari_photon_denoise.widgets.parts.hooks import Hooks
from napari_photon_denoise.widgets.plots.choice import choice_of
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
        self._choice, self._hooks = choice_of(viewer), Hooks()
        self._on_calibrated(None)
        self._hooks.connect(self._on_calibrated, self._choice.calibrated)
        self._typed.toggled.connect(self._on_camera)
        self.camera.valueChanged.connect(self._on_camera)
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
        self._hooks.cut()
        self.layers.disconnect_viewer()

    def _on_camera(self) -> None:
        """Tell the viewer's other plots which camera is chosen here."""
        is_on = self._typed.isChecked()
        self.camera.setVisible(is_on)
        # One that is not complete yet is not handed on; whoever draws says what is missing.
        with suppress(PhotonDenoiseError):
            self._choice.set_camera(self.camera.value() if is_on else None, by=self)
        self.changed.emit()

    def _on_calibrated(self, by: object) -> None:
        """Take the camera that was chosen in another plot."""
        if by is self:
            return
        camera = self._choice.camera
        for part in (self._typed, self.camera):
            part.blockSignals(True)
        if camera is not None:
            self.camera.setValue(camera)
        self._typed.setChecked(camera is not None)
        for part in (self._typed, self.camera):
            part.blockSignals(False)
        self.camera.setVisible(camera is not None)
        self.changed.emit()


def _left_out(source: Source, unit: str) -> str:
    name = source.layer.name
    if source.unit == COUNTS:
        return (
            f"'{name}' holds grey values of an unknown camera and is not drawn among {unit}: tick "
            "“Camera of layers that bring none” and say its camera."
        )
    return f"'{name}' holds {source.unit} and is not drawn among {unit}: tick it alone."
