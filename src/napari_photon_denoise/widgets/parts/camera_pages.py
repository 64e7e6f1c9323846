"""The pages of the camera picker: one for each way to know a camera's numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.formats import import_calibration
from napari_photon_denoise.camera.presets import PRESETS
from napari_photon_denoise.camera.stated import STATED, StatedCamera
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.widgets.parts.boxes import Boxes
from napari_photon_denoise.widgets.parts.layout import NarrowCombo

CHOOSE = "Choose your camera…"
CALIBRATIONS = "Calibration (*.tif *.tiff *.npy *.mat *.yaml *.yml)"
TYPICAL = "Typical numbers: your own camera differs by some percent."
# What the boxes hold before anybody has typed.
TYPICAL_EM_GAIN = 300
TYPICAL_CAMERA = StatedCamera(gain=1, offset=100, read_noise=1.5)


class PresetPage(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Typical numbers of a common camera."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._preset = NarrowCombo()
        self._preset.setAccessibleName("Camera model")
        self._preset.setToolTip("Camera and read-out mode, as the maker names them.")
        self._preset.addItem(CHOOSE, None)
        for preset in PRESETS.values():
            self._preset.addItem(preset.title, preset.key)
        self._hint = _hint(TYPICAL)
        self._layout = _form(self)
        self._layout.addRow(self._preset)
        part = replace(STATED["em_gain"], default=TYPICAL_EM_GAIN)
        self._boxes = Boxes(self._layout, [part], self._on_preset)
        self._em_gain = self._boxes["em_gain"].native
        self._layout.addRow(self._hint)
        self._preset.currentIndexChanged.connect(self._on_preset)
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
            "storm-analysis (.npy), GDSC SMLM (.tif), smite, SMAP and NCS (.mat), Picasso and "
            "DECODE (.yaml) are converted."
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
        self._hint.setText("")
        try:
            if text:
                imported = import_calibration(Path(text).expanduser().absolute())
                self._loaded = imported.calibration
                said = imported.notes or (f"{self._loaded.describe()}.",)
                self._hint.setText("\n".join(said))
        except PhotonDenoiseError as error:
            self._refusal = str(error)
            self._hint.setText(self._refusal)
        self.changed.emit()


class TypedPage(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Gain, offset, read noise and its correlation, typed in."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        layout = _form(self)
        parts = [part for name, part in STATED.items() if name not in ("em_gain", "binning")]
        self._boxes = Boxes(layout, parts, self.changed.emit, unit_in_label=True)
        self._boxes.setValue(TYPICAL_CAMERA)
        layout.addRow(_hint("If the sheet gives ADU/e- (EMVA 1288), type in its inverse."))

    def set_numbers(self, calibration: Calibration) -> None:
        """Show the numbers of a calibration.

        Raises
        ------
        PhotonDenoiseError
            If one is out of range.
        """
        self._boxes.setValue(StatedCamera.of(calibration))

    def value(self) -> Calibration:
        """Return the numbers as a calibration."""
        return StatedCamera(**self._boxes.value()).calibration()


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

    @property
    def text(self) -> str:
        """What is said of the calibration."""
        return str(self._hint.text())

    def set_calibration(self, calibration: Calibration | None, said: str = "") -> None:
        """Take another calibration, and say something of it besides."""
        self._calibration = calibration
        described = f"{_described(calibration)}." if calibration else ""
        if described.startswith("photons"):  # and not the name of a camera
            described = described.capitalize()
        self._hint.setText(f"{said} {described}".strip())

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
    label.setTextFormat(Qt.TextFormat.PlainText)  # what a file names is no page to be shown
    return label
