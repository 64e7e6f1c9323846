"""The pages of the camera picker: one for each way to know a camera's numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_photon_denoise.calibration import LONGEST, Calibration
from napari_photon_denoise.camera.formats import import_calibration
from napari_photon_denoise.camera.presets import PRESETS
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.widgets.parts.layout import narrow

CHOOSE = "Choose your camera…"
CALIBRATIONS = "Calibration (*.tif *.tiff *.npy *.mat *.yaml *.yml)"
TYPICAL = "Typical numbers: your own camera differs by some percent."


class PresetPage(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Typical numbers of a common camera."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._preset = QComboBox()
        self._preset.setAccessibleName("Camera model")
        narrow(self._preset)
        self._preset.setToolTip("Camera and read-out mode, as the maker names them.")
        self._preset.addItem(CHOOSE, None)
        for preset in PRESETS.values():
            self._preset.addItem(preset.title, preset.key)
        self._em_gain = _number(1, 5000, 1, 300)
        self._em_gain.setToolTip(
            "EM gain as set in the acquisition software (real gain, not the DAC value); 1 if "
            "it was off."
        )
        self._hint = _hint(TYPICAL)
        self._layout = _form(self)
        self._layout.addRow(self._preset)
        self._layout.addRow("EM gain", self._em_gain)
        self._layout.addRow(self._hint)
        self._preset.currentIndexChanged.connect(self._on_preset)
        self._em_gain.valueChanged.connect(self._on_preset)
        self._on_preset()

    def choose(self, key: str) -> None:
        """Choose a preset."""
        self._preset.setCurrentIndex(self._preset.findData(key))

    def set_em_gain(self, gain: float) -> None:
        """Say the EM gain."""
        self._em_gain.setValue(gain)

    def value(self) -> Calibration:
        """Return the preset's calibration."""
        key = self._preset.currentData()
        if key is None:
            raise PhotonDenoiseError(
                "Choose the camera that took the image, or another way to say its numbers "
                "(Camera, above); “Calibrate camera” can estimate them from the image."
            )
        preset = PRESETS[key]
        return preset.calibration(self._em_gain.value() if preset.em else None)

    def _on_preset(self) -> None:
        key = self._preset.currentData()
        em = key is not None and PRESETS[key].em
        for part in (self._em_gain, self._layout.labelForField(self._em_gain)):
            part.setVisible(em)
        self._hint.setText(f"{self.value().describe()}. {TYPICAL}" if key is not None else TYPICAL)
        self.changed.emit()


class FilePage(QWidget):  # type: ignore[misc]  # Qt comes without types
    """A calibration file."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._path = QLineEdit()
        self._path.setAccessibleName("Calibration file")
        self._path.setPlaceholderText("camera.tif")
        self._path.setToolTip(
            "Calibration of your own camera (.tif), measured or saved before; those of "
            "storm-analysis (.npy), GDSC SMLM (.tif), smite and NCS (.mat), Picasso and DECODE "
            "(.yaml) are converted."
        )
        browse = QPushButton("Browse…")
        browse.setToolTip("Look for the calibration file.")
        self._hint = _hint("")
        row = QHBoxLayout()
        row.addWidget(self._path, 1)
        row.addWidget(browse)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        layout.addWidget(self._hint)
        layout.addStretch()
        browse.clicked.connect(self._browse)
        self._path.editingFinished.connect(self._load)
        self._loaded: Calibration | None = None
        self._refusal = "Choose the calibration file of the camera (Browse…)."

    def set_path(self, path: str | Path) -> None:
        """Name the file."""
        self._path.setText(str(path))
        self._load()

    def value(self) -> Calibration:
        """Return the file's calibration."""
        if self._loaded is None:
            raise PhotonDenoiseError(self._refusal)
        return self._loaded

    def _browse(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, "Calibration file", self._path.text(), CALIBRATIONS
        )
        if path:
            self.set_path(path)

    def _load(self) -> None:
        """Read the file once, when its name is there; a refusal is kept for who asks."""
        text = self._path.text().strip()
        self._loaded = None
        try:
            if text:
                imported = import_calibration(Path(text).expanduser().absolute())
                self._loaded = imported.calibration
                self._hint.setText(" ".join((self._loaded.describe(), *imported.notes)))
        except PhotonDenoiseError as error:
            self._refusal = str(error)
            self._hint.setText(self._refusal)
        self.changed.emit()


class TypedPage(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Gain, offset, read noise and its correlation, typed in."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._gain = _number(0.0001, 1000, 0.01, 1, digits=4)
        self._gain.setToolTip(
            "Photoelectrons for one grey value: the data sheet's conversion factor, or the "
            "inverse of its overall system gain K.\nEMVA 1288 sheets give K in ADU/e- (DN/e-): "
            "type in 1/K. Most sCMOS cameras: 0.2 to 1 e-/ADU."
        )
        self._offset = _number(-1e6, 1e6, 1, 100, digits=2)
        self._offset.setToolTip(
            "Mean grey value in the dark: take an image with the shutter closed and read its "
            "mean. Most sCMOS cameras: 100 ADU."
        )
        self._read_noise = _number(0, 1000, 0.1, 1.5, digits=3)
        self._read_noise.setToolTip(
            "Noise in the dark, in electrons rms: the data sheet's read noise (temporal dark "
            "noise). Most sCMOS cameras: 1 to 2 e-."
        )
        self._length_y, self._length_x = (_number(0, LONGEST, 0.1, 0, digits=2) for _ in "yx")
        for box in (self._length_y, self._length_x):
            box.setToolTip(
                "How far neighbouring pixels share noise along this axis: as if their own noise "
                "had been blurred by a Gaussian of this standard deviation.\n0 for raw frames; "
                "above 0 where the image was resampled, smoothed, averaged or scanned in lines. "
                "“Calibrate camera” estimates it from an image."
            )
        layout = _form(self)
        layout.addRow("Gain, e-/ADU", self._gain)
        layout.addRow("Offset, ADU", self._offset)
        layout.addRow("Read noise, e-", self._read_noise)
        layout.addRow("Shared noise y, px", self._length_y)
        layout.addRow("Shared noise x, px", self._length_x)
        layout.addRow(_hint("If the sheet gives ADU/e- (EMVA 1288), type in its inverse."))
        for box in (self._gain, self._offset, self._read_noise, self._length_y, self._length_x):
            box.valueChanged.connect(self.changed)

    def set_numbers(self, calibration: Calibration) -> None:
        """Show the numbers of a calibration."""
        self._gain.setValue(float(calibration.gain))
        self._offset.setValue(float(calibration.offset))
        self._read_noise.setValue(float(calibration.read_noise))
        self._length_y.setValue(calibration.length_y)
        self._length_x.setValue(calibration.length_x)

    def value(self) -> Calibration:
        """Return the numbers as a calibration."""
        return Calibration(
            gain=self._gain.value(),
            offset=self._offset.value(),
            read_noise=self._read_noise.value(),
            length_y=self._length_y.value(),
            length_x=self._length_x.value(),
        )


class FixedPage(QWidget):  # type: ignore[misc]  # Qt comes without types
    """A calibration that is there already."""

    changed = Signal()

    def __init__(self, text: str, calibration: Calibration | None) -> None:
        super().__init__()
        self._calibration = calibration
        self._hint = _hint(text)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._hint)
        layout.addStretch()

    def set_calibration(self, calibration: Calibration | None) -> None:
        """Take another calibration."""
        self._calibration = calibration
        self._hint.setText(_described(calibration) if calibration else "")

    def value(self) -> Calibration:
        """Return the calibration."""
        if self._calibration is None:
            raise PhotonDenoiseError("The layer brings no calibration along: choose another way.")
        return self._calibration


def _described(calibration: Calibration) -> str:
    """Numbers of a calibration, and how sure an estimate of them is."""
    text = calibration.describe()
    if calibration.source != "estimated" or calibration.gain_sd is None:
        return text
    gain, reach = float(np.median(calibration.gain)), 1.96 * calibration.gain_sd
    return f"{text}. Gain, 95 %: {max(0.0, gain - reach):.3g} to {gain + reach:.3g} e-/ADU"


def _form(page: QWidget) -> QFormLayout:
    layout = QFormLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    return layout


def _hint(text: str) -> QLabel:
    """Small print under the controls."""
    label = QLabel(text)
    label.setWordWrap(True)
    return label


def _number(low: float, high: float, step: float, value: float, digits: int = 0) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setDecimals(digits)
    box.setRange(low, high)
    box.setSingleStep(step)
    box.setValue(value)
    return box
