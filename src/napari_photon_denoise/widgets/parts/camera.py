"""Say which camera took the image: what turns its counts into photons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from weakref import ref

from napari.layers import Image
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.widgets.parts.camera_pages import (
    FilePage,
    FixedPage,
    PresetPage,
    TypedPage,
)
from napari_photon_denoise.widgets.parts.doubt_box import DoubtBox
from napari_photon_denoise.widgets.parts.doubts import denoised_by, doubt_camera, refuse_result
from napari_photon_denoise.widgets.parts.estimates import Looked, estimates_of, find_estimate
from napari_photon_denoise.widgets.parts.image_page import NO_IMAGE, ImagePage
from napari_photon_denoise.widgets.parts.layout import NarrowCombo
from napari_photon_denoise.widgets.parts.pages import Pages

WAYS = {
    "image": "From this image",
    "layer": "From the layer",
    "offered": "From Calibrate camera",
    "preset": "Common cameras",
    "file": "Calibration file",
    "typed": "Data sheet numbers",
    "photons": "Photons already",
}
SOMETIMES = ("layer", "offered")  # only where there is one
OWN = ("image", "layer")  # what belongs to the image itself, and can't contradict it


@dataclass(frozen=True, eq=False)
class Offer:
    """A camera that another widget handed over.

    Parameters
    ----------
    calibration : Calibration
    title : str
        Where it comes from.
    of : weak reference to an Image, optional
        The layer that it was estimated from.
    """

    calibration: Calibration
    title: str
    of: ref[Image] | None = None


class CameraPicker(QWidget):  # type: ignore[misc]  # Qt comes without types
    """The ways to a calibration; each has its page.

    Parameters
    ----------
    viewer : napari.Viewer
        Whose docks share what images tell of their noise.
    denoises : bool
        Whether the image is to be denoised, so that one is asked whether a result shall be.
    """

    valueChanged = Signal()
    estimated = Signal()
    """Something was found out of the noise of an image: what waits for it can go on."""

    def __init__(self, viewer: Any, *, denoises: bool = True) -> None:
        super().__init__()
        self._denoises = denoises
        self._estimates = estimates_of(viewer)
        self._layer: Image | None = None
        self._axes = ""
        self._before = "image"  # the way that was chosen before a layer brought its own
        self._own: object = None  # what the layer brings along
        self._offer: Offer | None = None
        self._image = ImagePage()
        self.doubts = DoubtBox()
        self._pages: dict[str, Any] = {
            "image": self._image,
            "layer": FixedPage("", None),
            "offered": FixedPage("", None),
            "preset": PresetPage(),
            "file": FilePage(),
            "typed": TypedPage(),
            "photons": FixedPage(
                "Gain 1, offset 0, no read noise.", Calibration(gain=1, offset=0, read_noise=0)
            ),
        }
        self._way = NarrowCombo()
        self._way.setAccessibleName("Camera")
        self._way.setToolTip(
            "How the camera's gain, offset and read noise are known.\n"
            "From this image: its own noise tells them, good to some 10 %.\n"
            "Or typical numbers of a common camera, its calibration file, its data sheet, or the "
            "layer's own calibration.\n"
            "Photons already: the image was turned into photons before."
        )
        self._stack = Pages()
        for way, page in self._pages.items():
            if way not in SOMETIMES:
                self._way.addItem(WAYS[way], way)
            self._stack.add(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (self._way, self._stack, self.doubts):
            layout.addWidget(part)
        self._connect()

    def value(self) -> Calibration:
        """Return the calibration.

        Raises
        ------
        NotYet
            While it is being found out; `valueChanged` says when it is.
        PhotonDenoiseError
            If it is not complete yet, or can't be, or the image is a result that nobody has
            confirmed; one sentence says what to do.
        """
        if self._layer is not None and self._made_by() and not self.doubts.again:
            raise PhotonDenoiseError(refuse_result(self._layer))
        calibration: Calibration = self._pages[self.way()].value()
        return calibration

    def value_for(self, layer: Image, axes: str) -> Calibration:
        """Return the calibration of another layer that brings none: estimates are its own.

        Raises
        ------
        NotYet
            While it is being found out; `estimated` says when it is.
        PhotonDenoiseError
            As `value` does.
        """
        return self.named() or self._estimates.calibration(layer, axes)

    def named(self) -> Calibration | None:
        """Return the camera for all images that bring none; None if each tells its own.

        Raises
        ------
        PhotonDenoiseError
            If it is not complete yet, or can't be.
        """
        if self.way() == "image":
            return None
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

    def offer(
        self,
        calibration: Calibration,
        title: str = WAYS["offered"],
        of: Image | None = None,
    ) -> None:
        """Take a calibration as it is, with maps that are in no file yet, and choose it.

        Parameters
        ----------
        calibration : Calibration
        title : str
            Where it comes from.
        of : Image, optional
            The layer that it was estimated from, and of which alone it is an estimate.
        """
        self._offer = Offer(calibration, title, ref(of) if of is not None else None)
        self._show_offer()
        self._insert("offered", title)
        self.set_way("offered")
        self.valueChanged.emit()

    @property
    def offered(self) -> Offer | None:
        """What was handed over, if that is chosen."""
        return self._offer if self.way() == "offered" else None

    def way(self) -> str:
        """Return the chosen way, a key of `WAYS`."""
        return str(self._way.currentData())

    def set_way(self, way: str) -> None:
        """Choose a way, a key of `WAYS`."""
        self._way.setCurrentIndex(self._way.findData(way))

    def page(self, way: str) -> Any:
        """Return the page of a way."""
        return self._pages[way]

    def set_layer(self, layer: Image | None, axes: str) -> None:
        """Say for which layer it is; the calibration that it brings along is taken.

        Parameters
        ----------
        layer : Image or None
            Its metadata may hold a "calibration".
        axes : str
            As they are said now, right or wrong.
        """
        is_new, self._layer, self._axes = layer is not self._layer, layer, axes
        own = layer.metadata.get("calibration") if layer is not None else None
        if is_new or own is not self._own:
            self._own = own
            self._take_own(own)
        if is_new:
            self.doubts.confirm(False)
            self._show_offer()
        self._look()
        self.valueChanged.emit()

    def _take_own(self, calibration: object) -> None:
        """Offer the calibration that a layer brings along, and take it; or give the last one up."""
        known = isinstance(calibration, Calibration)
        chosen = self.way() == "layer"
        self._pages["layer"].set_calibration(calibration if known else None)
        if known:
            self._before = self._before if chosen else self.way()
            self._insert("layer", WAYS["layer"])
            self.set_way("layer")
            return
        if chosen:
            self.set_way(self._before)
        at = self._way.findData("layer")
        if at >= 0:
            self._way.removeItem(at)

    def _insert(self, way: str, title: str) -> None:
        """Offer a way that is there only sometimes, in its place or else under another title."""
        at = self._way.findData(way)
        if at >= 0:
            self._way.setItemText(at, title)
        else:
            after_own = 1 + (way == "offered" and self._way.findData("layer") >= 0)
            self._way.insertItem(after_own, title, way)

    def _show_offer(self) -> None:
        """Show the camera that was handed over, and of which image it is an estimate."""
        if self._offer is None:
            return
        said = ""
        if self._offer.of is not None and self._layer is not None:
            of = self._offer.of()
            if of is not self._layer:
                named = f"'{of.name}'" if of is not None else "an image that is gone"
                said = f"An estimate from {named}, not from this image."
        self._pages["offered"].set_calibration(self._offer.calibration, said)

    def _look(self) -> None:
        """Have the image looked at, for its camera or for what speaks against the chosen one."""
        if self._layer is None:
            self._image.show_refusal(NO_IMAGE)
        elif self.way() != "layer":
            try:
                looked = self._estimates.ask(self._layer, self._axes)
            except PhotonDenoiseError as error:
                self._image.show_refusal(str(error))
            else:
                self._show_looked(looked)
        self._show_doubts()

    def _show_looked(self, looked: Looked | None) -> None:
        if looked is not None:
            self._image.show_found(looked)
        elif self._layer is not None:
            self._image.show_waiting(self._layer.name)

    def _show_doubts(self) -> None:
        """Say what speaks against the image, or against the camera, if anything does."""
        layer, camera = self._layer, ""
        if layer is not None and self.way() not in OWN:
            try:
                calibration = self._pages[self.way()].value()
            except PhotonDenoiseError:  # whoever asks for the value says so
                camera = ""
            else:
                looked = find_estimate(layer, self._axes)
                camera = doubt_camera(layer, calibration, looked)
        self.doubts.show_doubts(self._made_by(), camera)

    def _made_by(self) -> str:
        """Return what made the image, if it is a result that shall be denoised again."""
        return denoised_by(self._layer) if self._denoises and self._layer is not None else ""

    def _connect(self) -> None:
        for page in self._pages.values():
            page.changed.connect(self._on_page)
        self._way.currentIndexChanged.connect(self._on_way)
        self.doubts.estimateAsked.connect(lambda: self.set_way("image"))
        self.doubts.confirmed.connect(self.valueChanged)
        self._estimates.changed.connect(self._on_estimate)
        self._image.insisted.connect(self._on_insisted)
        self._look()

    def _on_estimate(self, layer: Image) -> None:
        """Take in what was found of a layer, or that it is forgotten, as its pixels are others."""
        if layer is self._layer:
            self._look()
            if self.way() == "image":
                self.valueChanged.emit()
        self.estimated.emit()

    def _on_insisted(self) -> None:
        if self._layer is not None:
            self._estimates.insist(self._layer)

    def _on_page(self) -> None:
        self._show_doubts()
        self.valueChanged.emit()

    def _on_way(self) -> None:
        self._stack.show_page(self._pages[self.way()])
        self._look()
        self.valueChanged.emit()
