"""Which layer a result was made from, and with which camera, whatever the two are called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from weakref import WeakKeyDictionary, ref

from napari.layers import Image

from napari_photon_denoise.calibration import Calibration

# By the layers themselves: names change, and metadata is copied and saved.
_ORIGINS: WeakKeyDictionary[Image, tuple[ref[Image], Calibration]] = WeakKeyDictionary()


def remember(result: Image, source: Image, calibration: Calibration) -> None:
    """Keep where a result came from, for as long as both layers live.

    Parameters
    ----------
    result, source : Image
    calibration : Calibration
        The camera of the source.
    """
    _ORIGINS[result] = ref(source), calibration


def forget(result: object) -> None:
    """Let a layer be of nothing that is known."""
    if isinstance(result, Image):
        _ORIGINS.pop(result, None)


def source_of_result(result: Image) -> Image | None:
    """Return the layer that a result was made from; None if nobody knows."""
    origin = _ORIGINS.get(result)
    return origin[0]() if origin is not None else None


def camera_of_source(source: Image, layers: Iterable[Any]) -> Calibration | None:
    """Return the camera with which the last of a layer's results was made.

    Parameters
    ----------
    source : Image
    layers : iterable of layers
        Among which the results are looked for.
    """
    cameras = [
        _ORIGINS[layer][1]
        for layer in layers
        if isinstance(layer, Image) and source_of_result(layer) is source
    ]
    return cameras[-1] if cameras else None
