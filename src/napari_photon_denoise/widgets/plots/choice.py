"""What is drawn in a viewer, which its plots share: the layers, and the camera of some."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Literal
from weakref import WeakSet, WeakValueDictionary

from napari.layers import Image
from qtpy.QtCore import QObject, Signal

from napari_photon_denoise.calibration import Calibration

FROM_IMAGE: Final = "image"
Camera = Calibration | Literal["image"] | None

_CHOICES: WeakValueDictionary[int, Choice] = WeakValueDictionary()


class Choice(QObject):  # type: ignore[misc]  # Qt comes without types
    """Ticked layers, and the camera of those that bring none; lives as long as a plot does."""

    ticked = Signal(object)
    """Other layers are ticked; brings the control by which they were."""
    calibrated = Signal(object)
    """Another camera is chosen; brings the control by which it was."""

    def __init__(self) -> None:
        super().__init__()
        self.camera: Camera = FROM_IMAGE
        self._known: WeakSet[Image] = WeakSet()
        self._layers: WeakSet[Image] = WeakSet()

    def __contains__(self, layer: object) -> bool:
        """Whether a layer is ticked."""
        return layer in self._layers

    def meet(self, layer: Image, *, tick: bool) -> None:
        """Tick a layer that was never seen before; what the user ticked off stays off."""
        if tick and layer not in self._known:
            self._layers.add(layer)
        self._known.add(layer)

    def forget(self, layer: Any) -> None:
        """Meet a layer anew when it is listed again, as one that shows another image by then."""
        self._known.discard(layer)
        self._layers.discard(layer)

    def set_layers(self, layers: Iterable[Image], by: object) -> None:
        """Tick these layers and no others."""
        self._layers = WeakSet(layers)
        self.ticked.emit(by)

    def set_tick(self, layer: Image, by: object, *, on: bool) -> None:
        """Tick a layer, or not."""
        (self._layers.add if on else self._layers.discard)(layer)
        self.ticked.emit(by)

    def set_camera(self, camera: Camera, by: object) -> None:
        """Say the camera of layers that bring none, `FROM_IMAGE`, or None for grey values."""
        if camera is not self.camera:
            self.camera = camera
            self.calibrated.emit(by)


def choice_of(viewer: Any) -> Choice:
    """Return the choice that all plots of a viewer share."""
    choice = _CHOICES.get(id(viewer))
    if choice is None:
        choice = _CHOICES[id(viewer)] = Choice()
    return choice
