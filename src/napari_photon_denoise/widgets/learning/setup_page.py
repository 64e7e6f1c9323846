"""What to learn from, and how: the controls of a training."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFormLayout, QWidget

from napari_photon_denoise.denoisers import LEARNING
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.widgets.learning.machine import describe_memory
from napari_photon_denoise.widgets.learning.order import Order, check_alike
from napari_photon_denoise.widgets.learning.sources import MoreSources
from napari_photon_denoise.widgets.parts.camera import CameraPicker
from napari_photon_denoise.widgets.parts.form import MethodPicker
from napari_photon_denoise.widgets.parts.layers import layer_axes, photons_of
from napari_photon_denoise.widgets.parts.layout import group, small_print, stack
from napari_photon_denoise.widgets.parts.result import device_box
from napari_photon_denoise.widgets.parts.settings import read_defaults
from napari_photon_denoise.widgets.parts.source import SourcePicker
from napari_photon_denoise.widgets.parts.task import Task
from napari_photon_denoise.widgets.parts.work import NotYet
from napari_photon_denoise.widgets.plots.values import calibration_in


class SetupPage(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Image, camera, method, device.

    Parameters
    ----------
    viewer : napari.Viewer
    """

    valueChanged = Signal()

    def __init__(self, viewer: Any) -> None:
        super().__init__()
        self.source = SourcePicker(viewer)
        self.more = MoreSources(viewer)
        self.camera = CameraPicker(viewer)
        self.method = MethodPicker(LEARNING)
        self._device = device_box(read_defaults().device)
        self._memory = small_print()
        stack(
            self,
            group("Noisy image", self.source),
            group("Learn from these as well", self.more),
            group("Camera", self.camera),
            group("Method", self.method),
            group("Computer", self._computer()),
        )
        for changed in (self.source.layerChanged, self.source.axesChanged):
            changed.connect(self._on_layer)
        for signal in (
            self.more.valueChanged,
            self.camera.valueChanged,
            self.camera.estimated,
            self.method.valueChanged,
            self._device.currentIndexChanged,
        ):
            signal.connect(self._on_change)
        self._on_layer()

    def order(self) -> Order:
        """Return what the controls describe now.

        Raises
        ------
        PhotonDenoiseError
            If something is missing or does not fit; one sentence says what to do.
        """
        layer = self.source.layer()
        photons = photons_of(layer, self.camera.value(), self.source.axes())
        denoiser = self.method.value().resolved(photons)
        task = Task(layer, photons, denoiser, device=self.device())
        ticked = self.more.ticks.layers()
        others = tuple(self.photons_of(other, photons) for other in ticked)
        check_alike((photons, *others), [one.name for one in (layer, *ticked)])
        return Order(task, denoiser, others, self.more.folder())

    def device(self) -> str:
        """Return the device's key."""
        return str(self._device.currentData())

    def photons_of(self, layer: Any, shown: Photons) -> Photons:
        """See another layer as photons; its own camera counts first, then that of the one shown.

        An estimate is of its image alone: of every other layer another one is made.

        Raises
        ------
        NotYet
            While that is being done.
        PhotonDenoiseError
            If it does not fit; the sentence names it.
        """
        try:
            axes = shown.axes if layer.ndim == len(shown.axes) else layer_axes(layer)
            camera = calibration_in(layer.metadata)
            if camera is None and self.camera.way() == "image":
                camera = self.camera.value_for(layer, axes)
            return photons_of(layer, camera or shown.calibration, axes)
        except NotYet:
            raise
        except PhotonDenoiseError as error:
            raise PhotonDenoiseError(f"'{layer.name}': {error}") from None

    def _computer(self) -> QWidget:
        box = QWidget()
        form = QFormLayout(box)
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow("Compute on", self._device)
        form.addRow(self._memory)
        return box

    def _on_layer(self) -> None:
        layer = self.source.current()
        self.more.ticks.hide_layer(layer)
        self.camera.set_layer(layer, self.source.axes())

    def _on_change(self) -> None:
        self.method.set_sizes(self.source.sizes())
        memory = describe_memory()
        self._memory.setText(f"{memory[0].upper()}{memory[1:]}.")
        self.valueChanged.emit()
