"""What the result shall be, where it is kept, and where it is computed."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QFormLayout, QWidget

from napari_photon_denoise.denoisers.backend import DEVICES
from napari_photon_denoise.pipeline import Units
from napari_photon_denoise.widgets.parts.layout import narrow_combo
from napari_photon_denoise.widgets.parts.task import Keep

UNITS: dict[Units, str] = {"photons": "Photons", "counts": "Grey values"}
KEPT: dict[str, str] = {"auto": "Automatic", "memory": "In memory", "disk": "On disk"}
DEVICE_NAMES = {
    "auto": "Automatic",
    "cpu": "CPU",
    "cuda": "GPU (CUDA)",
    "mps": "GPU (Apple)",
}


class ResultPicker(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Values, place and device.

    Parameters
    ----------
    device : str
        The default.
    """

    valueChanged = Signal()

    def __init__(self, device: str) -> None:
        super().__init__()
        self._units = _combo(
            UNITS,
            "Photons: detected photons (e-) of each pixel, with decimals and without offset.\n"
            "Grey values: the image's own, with its offset and in its data type.",
        )
        self._keep = _combo(
            KEPT,
            "Automatic: in memory if it fits there comfortably, else on disk.\n"
            "On disk: an OME-Zarr, for which Run asks you where. It is written part by part, what "
            "you look at first; a run that was stopped goes on with what is there.",
        )
        self._device = device_box(device)
        layout = QFormLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addRow("Values", self._units)
        layout.addRow("Keep it", self._keep)
        layout.addRow("Compute on", self._device)
        self._units.currentIndexChanged.connect(self._emit)
        self._keep.currentIndexChanged.connect(self._emit)
        self._device.currentIndexChanged.connect(self._emit)

    def units(self) -> Units:
        """Return "photons" or "counts"."""
        units: Units = self._units.currentData()
        return units

    def keep(self) -> Keep:
        """Return "auto", "memory" or "disk"."""
        keep: Keep = self._keep.currentData()
        return keep

    def device(self) -> str:
        """Return the device's key."""
        return str(self._device.currentData())

    def set_units(self, units: Units) -> None:
        """Choose the values."""
        self._units.setCurrentIndex(self._units.findData(units))

    def set_keep(self, keep: Keep) -> None:
        """Choose where the result is kept."""
        self._keep.setCurrentIndex(self._keep.findData(keep))

    def set_device(self, device: str) -> None:
        """Choose the device."""
        self._device.setCurrentIndex(self._device.findData(device))

    def _emit(self) -> None:
        self.valueChanged.emit()


def device_box(device: str) -> QComboBox:
    """Return a choice of devices, whose data are their keys; one is chosen."""
    combo = _combo(
        {name: DEVICE_NAMES.get(name, name) for name in DEVICES},
        "Where to compute. The default is set in Preferences.",
    )
    combo.setCurrentIndex(combo.findData(device))
    return combo


def _combo(names: dict[Units, str] | dict[str, str], tip: str) -> QComboBox:
    combo = narrow_combo(tip)
    for key, name in names.items():
        combo.addItem(name, key)
    return combo
