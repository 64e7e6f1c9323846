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
from napari_photon_denoise.widgets.parts.layers import layer_axes
from napari_photon_denoise.widgets.plots.choice import FROM_IMAGE, Camera, choice_of
from napari_photon_denoise.widgets.plots.layer_list import LayerList
from napari_photon_denoise.widgets.plots.values import (
    COUNTS,
    PHOTONS,
    RELATIVE,
    VALUES,
    Source,
    camera_brought,
    source_of,
)

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
        self.camera = CameraPicker(viewer, denoises=False)
        self._typed = QCheckBox("Camera of layers that bring none")
        self._typed.setChecked(True)
        self._typed.setToolTip(
            "Samples, results and images with a calibration bring their camera along, and so does "
            "an image from which a result was made. Of the others, each tells its own noise, or "
            "you say their camera: grey values (ADU) become photons (e-).\n"
            "Tick off to see grey values."
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
        self.camera.estimated.connect(self.changed)
        self.layers.changed.connect(self._on_layers)

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
        return source_of(layer, self._viewer.layers, self._camera_of(layer))

    def sources(self) -> tuple[list[Source], list[str]]:
        """Return what can be drawn on one axis, and sentences about what can't.

        Photons, relative photons and grey values never share an axis.

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
        found = self._as_grey_values(found)
        units = [source.unit for source in found]
        unit = next((one for one in (PHOTONS, RELATIVE) if one in units), units[0])
        notes += [_left_out(source, unit) for source in found if source.unit != unit]
        return [source for source in found if source.unit == unit], notes

    def _as_grey_values(self, found: list[Source]) -> list[Source]:
        """Take estimates back where one image can't tell: grey values compare with grey values."""
        units = {source.unit for source in found}
        told = [source for source in found if source.unit in (PHOTONS, RELATIVE)]
        if COUNTS not in units or not all(self._tells(source.layer) for source in told):
            return found
        layers = self._viewer.layers
        return [
            source_of(source.layer, layers, None) if source in told else source for source in found
        ]

    def _tells(self, layer: Image) -> bool:
        """Whether a layer's camera can only be told by its own noise."""
        return self.camera.way() == FROM_IMAGE and self._is_unknown(layer)

    def _is_unknown(self, layer: Image) -> bool:
        ours = VALUES in layer.metadata
        return not ours and camera_brought(layer, self._viewer.layers) is None

    def _camera_of(self, layer: Image) -> Calibration | None:
        """Return the camera that is said of a layer which brings none; None for grey values."""
        if not self._typed.isChecked() or not self._is_unknown(layer):
            return None
        if self.camera.way() != FROM_IMAGE:
            return self.camera.named()
        try:
            return self.camera.value_for(layer, layer_axes(layer))
        except PhotonDenoiseError:  # not yet, or not at all, which the camera says
            return None

    def disconnect_viewer(self) -> None:
        """Hear no more of the viewer."""
        self._hooks.cut()
        self.layers.disconnect_viewer()
        self.camera.valueChanged.disconnect(self._on_camera)
        self.camera.estimated.disconnect(self.changed)

    def _on_layers(self) -> None:
        """Ask for the camera of ticked layers that bring none; without such, there is no need."""
        self._show_camera()
        self.changed.emit()

    def _show_camera(self) -> None:
        unknown = [layer for layer in self.layers.ticked() if self._is_unknown(layer)]
        axes = ""
        if unknown:
            with suppress(PhotonDenoiseError):  # of what is no grey image; who draws it says so
                axes = layer_axes(unknown[-1])
        blocked = self.camera.blockSignals(True)
        self.camera.set_layer(unknown[-1] if unknown else None, axes)
        self.camera.blockSignals(blocked)
        self._typed.setVisible(bool(unknown))
        self.camera.setVisible(bool(unknown) and self._typed.isChecked())

    def _chosen(self) -> Camera:
        if not self._typed.isChecked():
            return None
        return self.camera.named() or FROM_IMAGE

    def _on_camera(self) -> None:
        """Tell the viewer's other plots which camera is chosen here."""
        self._show_camera()
        # One that is not complete yet is not handed on; whoever draws says what is missing.
        with suppress(PhotonDenoiseError):
            self._choice.set_camera(self._chosen(), by=self)
        self.changed.emit()

    def _on_calibrated(self, by: object) -> None:
        """Take the camera that was chosen in another plot."""
        if by is self:
            return
        camera = self._choice.camera
        for part in (self._typed, self.camera):
            part.blockSignals(True)
        if isinstance(camera, Calibration):
            self.camera.setValue(camera)
        elif camera is not None:
            self.camera.set_way(FROM_IMAGE)
        self._typed.setChecked(camera is not None)
        for part in (self._typed, self.camera):
            part.blockSignals(False)
        self._on_layers()


def _left_out(source: Source, unit: str) -> str:
    name = source.layer.name
    if source.unit == COUNTS:
        return (
            f"'{name}' holds grey values of an unknown camera and is not drawn among {unit}: say "
            "its camera (“Camera of layers that bring none”)."
        )
    return f"'{name}' holds {source.unit} and is not drawn among {unit}: tick it alone."
