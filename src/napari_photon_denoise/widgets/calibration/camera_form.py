"""What only the user knows of the camera."""

from __future__ import annotations

from qtpy.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QFormLayout,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from napari_photon_denoise.widgets.calibration.live import CameraFacts


class CameraForm(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Name, serial number, mode, binning and EM gain; all may stay empty."""

    def __init__(self) -> None:
        super().__init__()
        self._camera = _line("ORCA-Flash4.0", "Model of the camera.")
        self._serial = _line("720123", "Serial number: an earlier calibration is compared by it.")
        self._mode = _line("16-bit, slow scan", "Read-out mode, as the camera's software names it.")
        self._binning = QSpinBox()
        self._binning.setRange(1, 16)
        self._binning.setToolTip("Binning on the camera; images of another one are refused.")
        self._em_gain = QDoubleSpinBox()
        self._em_gain.setRange(0, 5000)
        self._em_gain.setDecimals(0)
        self._em_gain.setSpecialValueText("no EM gain")
        self._em_gain.setToolTip(
            "Only for an EMCCD: EM gain as set in the acquisition software (real gain)."
        )
        self._per_pixel = QCheckBox("Gain of each pixel, if the frames bear it")
        self._per_pixel.setToolTip(
            "Needs some 1000 frames a level; with fewer, one gain for all pixels is more exact, "
            "and is used."
        )
        layout = QFormLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addRow("Camera", self._camera)
        layout.addRow("Serial number", self._serial)
        layout.addRow("Mode", self._mode)
        layout.addRow("Binning", self._binning)
        layout.addRow("EM gain", self._em_gain)
        layout.addRow(self._per_pixel)

    def value(self) -> CameraFacts:
        """Return what was entered."""
        return CameraFacts(
            camera=self._camera.text().strip(),
            serial=self._serial.text().strip(),
            mode=self._mode.text().strip(),
            binning=self._binning.value(),
            em_gain=self._em_gain.value() or None,
            per_pixel_gain=self._per_pixel.isChecked(),
        )

    def setValue(self, facts: CameraFacts) -> None:
        """Show facts."""
        self._camera.setText(facts.camera)
        self._serial.setText(facts.serial)
        self._mode.setText(facts.mode)
        self._binning.setValue(facts.binning)
        self._em_gain.setValue(facts.em_gain or 0)
        self._per_pixel.setChecked(facts.per_pixel_gain)


def _line(example: str, tip: str) -> QLineEdit:
    line = QLineEdit()
    line.setPlaceholderText(f"such as {example}")
    line.setToolTip(tip)
    return line
