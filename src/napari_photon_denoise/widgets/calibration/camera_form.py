"""What only the user knows of the camera."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFormLayout, QLineEdit, QWidget

from napari_photon_denoise.camera.transfer import CalibrationSettings
from napari_photon_denoise.parameters import declared_parameters
from napari_photon_denoise.widgets.parts.boxes import Boxes

# What is typed in words, by name: its label and an example.
WORDS = {
    "camera": ("Camera", "ORCA-Flash4.0"),
    "serial": ("Serial number", "720123"),
    "mode": ("Mode", "16-bit, slow scan"),
}
SHOWN = ("binning", "em_gain", "per_pixel_gain")


class CameraForm(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Name, serial number, mode, binning and EM gain; all may stay empty."""

    valueChanged = Signal()

    def __init__(self) -> None:
        super().__init__()
        layout = QFormLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._lines: dict[str, QLineEdit] = {}
        for name, (label, example) in WORDS.items():
            self._lines[name] = line = QLineEdit()
            line.setPlaceholderText(f"such as {example}")
            line.setToolTip(CalibrationSettings.model_fields[name].description)
            line.textEdited.connect(self.valueChanged)
            layout.addRow(label, line)
        parts = [part for part in declared_parameters(CalibrationSettings) if part.name in SHOWN]
        self._boxes = Boxes(layout, parts, self.valueChanged.emit)
        self._boxes["em_gain"].native.setSpecialValueText("no EM gain")

    def value(self) -> CalibrationSettings:
        """Return what was entered."""
        words = {name: line.text().strip() for name, line in self._lines.items()}
        return CalibrationSettings(**words, **self._boxes.value())

    def setValue(self, settings: CalibrationSettings) -> None:
        """Show settings."""
        for name, line in self._lines.items():
            line.setText(getattr(settings, name))
        self._boxes.setValue(settings)
