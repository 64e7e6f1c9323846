"""Say which camera took the image: what turns its counts into photons."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QVBoxLayout, QWidget

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.widgets.parts.camera_pages import (
    FilePage,
    FixedPage,
    PresetPage,
    TypedPage,
)
from napari_photon_denoise.widgets.parts.layout import narrow
from napari_photon_denoise.widgets.parts.pages import Pages

WAYS = {
    "preset": "Common cameras",
    "file": "Calibration file",
    "typed": "Data sheet numbers",
    "photons": "Photons already",
    "layer": "From the layer",
    "offered": "From Calibrate camera",
}


class CameraPicker(QWidget):  # type: ignore[misc]  # Qt comes without types
    """The ways to a calibration; each has its page."""

    valueChanged = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._pages: dict[str, Any] = {
            "preset": PresetPage(),
            "file": FilePage(),
            "typed": TypedPage(),
            "photons": FixedPage(
                "Gain 1, offset 0, no read noise.", Calibration(gain=1, offset=0, read_noise=0)
            ),
            "layer": FixedPage("", None),
            "offered": FixedPage("", None),
        }
        self._way = QComboBox()
        self._way.setAccessibleName("Camera")
        self._way.setToolTip(
            "How the camera's gain, offset and read noise are known: typical numbers of a common "
            "camera, its calibration file, its data sheet, or the layer's own calibration.\n"
            "Photons already: the image was turned into photons before."
        )
        narrow(self._way)
        self._stack = Pages()
        for way in ("preset", "file", "typed", "photons"):
            self._way.addItem(WAYS[way], way)
        for page in self._pages.values():
            self._stack.add(page)
            page.changed.connect(self.valueChanged)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._way)
        layout.addWidget(self._stack)
        self._way.currentIndexChanged.connect(self._on_way)

    def value(self) -> Calibration:
        """Return the calibration.

        Raises
        ------
        PhotonDenoiseError
            If it is not complete yet, or can't be; one sentence says what to do.
        """
        calibration: Calibration = self._pages[self.way()].value()
        return calibration

    def setValue(self, calibration: Calibration) -> None:
        """Show a calibration: single numbers as such, maps as their file.

        Raises
        ------
        PhotonDenoiseError
            For maps that are in no file.
        """
        if calibration.map_shape is None:
            self._pages["typed"].set_numbers(calibration)
            self.set_way("typed")
        elif calibration.path is not None:
            self._pages["file"].set_path(calibration.path)
            self.set_way("file")
        else:
            raise PhotonDenoiseError("The calibration's maps are in no file: save them first.")

    def offer(self, calibration: Calibration, title: str = WAYS["offered"]) -> None:
        """Take a calibration as it is, with maps that are in no file yet, and choose it.

        Parameters
        ----------
        calibration : Calibration
        title : str
            Where it comes from.
        """
        self._pages["offered"].set_calibration(calibration)
        if self._way.findData("offered") < 0:
            self._way.insertItem(0, title, "offered")
        self._way.setItemText(self._way.findData("offered"), title)
        self.set_way("offered")
        self.valueChanged.emit()

    def way(self) -> str:
        """Return the chosen way, a key of `WAYS`."""
        return str(self._way.currentData())

    def set_way(self, way: str) -> None:
        """Choose a way, a key of `WAYS`."""
        self._way.setCurrentIndex(self._way.findData(way))

    def page(self, way: str) -> Any:
        """Return the page of a way."""
        return self._pages[way]

    def set_layer(self, metadata: dict[str, Any]) -> None:
        """Offer the calibration that a layer's metadata holds, and take it.

        Parameters
        ----------
        metadata : dict
            Of the layer; "calibration" may be a Calibration.
        """
        calibration = metadata.get("calibration")
        known = isinstance(calibration, Calibration)
        page, at = self._pages["layer"], self._way.findData("layer")
        page.set_calibration(calibration if known else None)
        if known and at < 0:
            self._way.insertItem(0, WAYS["layer"], "layer")
        if known:
            self.set_way("layer")
        elif at >= 0:
            self._way.removeItem(at)
        self.valueChanged.emit()

    def _on_way(self) -> None:
        self._stack.show_page(self._pages[self.way()])
        self.valueChanged.emit()
