"""What a layer's values are: photons, if its camera is known, or else grey values."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from napari.layers import Image
from numpy.typing import NDArray

from napari_photon_denoise.axes import check_array
from napari_photon_denoise.calibration import Calibration, Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.recipe import parse_recipe
from napari_photon_denoise.widgets.parts.layers import full_data
from napari_photon_denoise.widgets.parts.origins import camera_of_source, source_of_result

VALUES = "photon-denoise values"  # in metadata: the unit of a layer of ours that is no image
PHOTONS, RELATIVE, COUNTS = "photons", "relative photons", "grey values"
AXIS_LABELS = {
    PHOTONS: "photons per pixel (e-)",
    RELATIVE: "relative photons per pixel",
    COUNTS: "grey values (ADU), no camera known",
}

Ints = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Source:
    """A layer, and what its values are.

    Parameters
    ----------
    layer : Image
    calibration : Calibration or None
        What turns its values into photons; None if they are taken as they are.
    unit : str
        `PHOTONS`, `RELATIVE` where only their proportions are known, `COUNTS`, or that of another
        quantity.
    raw : bool
        Whether it is a camera's image with all its noise, and not a result or a truth.
    """

    layer: Image
    calibration: Calibration | None
    unit: str
    raw: bool

    def values(self, counts: NDArray[Any], y: Ints, x: Ints) -> Float32:
        """Turn pixels into values of `unit`.

        Parameters
        ----------
        counts : (N, M)
        y, x : int, which fit `counts`
            Where on the camera each pixel is.
        """
        if self.calibration is None:
            return counts.astype(np.float32)
        return _picked(self.calibration, counts.shape, y, x).to_photons(counts)

    def read_noise(self, shape: tuple[int, ...], y: Ints, x: Ints) -> float | Float32:
        """Read noise of pixels, e- rms."""
        if self.calibration is None:
            return 0.0
        return _picked(self.calibration, shape, y, x).read_noise

    @property
    def step(self) -> float | None:
        """Difference of neighbouring values of a digital image, `unit`; None for others."""
        if np.dtype(self.layer.dtype).kind not in "iu":
            return None
        if self.calibration is None:
            return 1.0
        gain = self.calibration.gain
        return float(gain) if np.ndim(gain) == 0 else None

    @property
    def zero(self) -> float:
        """Value of the grey value 0, `unit`."""
        if self.calibration is None:
            return 0.0
        return -float(np.median(self.calibration.offset)) * float(np.median(self.calibration.gain))


def source_of(layer: Image, layers: Iterable[Any], camera: Calibration | None) -> Source:
    """Find out what a layer's values are.

    Its own calibration counts first, then that of a result which was made from it, then
    the one that the user chose.

    Parameters
    ----------
    layer : Image
    layers : iterable of layers
        Among which results of it may be.
    camera : Calibration or None
        For layers that bring none.

    Raises
    ------
    PhotonDenoiseError
        For a colour image, a mask, or a calibration of another shape.
    """
    data = full_data(layer)
    try:
        check_array(data.shape, data.dtype)
        if VALUES in layer.metadata:
            return Source(layer, None, str(layer.metadata[VALUES]), raw=False)
        known = camera_brought(layer, layers)
        calibration = known or camera
        if calibration is None:
            return Source(layer, None, COUNTS, raw=False)
        calibration.check_image((data.shape[-2], data.shape[-1]))
    except PhotonDenoiseError as error:
        raise PhotonDenoiseError(f"'{layer.name}': {error}") from None
    raw = "recipe" not in layer.metadata and (known is None or not calibration.is_photons)
    return Source(layer, calibration, unit_by(calibration), raw)


def unit_by(calibration: Calibration) -> str:
    """Return what values become by a camera: `PHOTONS`, or `RELATIVE`."""
    return RELATIVE if calibration.relative else PHOTONS


def camera_brought(layer: Image, layers: Iterable[Any]) -> Calibration | None:
    """Return the camera that a layer brings along, itself or by a result that was made from it."""
    return calibration_in(layer.metadata) or _of_result(layer, layers)


def calibration_in(metadata: dict[str, Any]) -> Calibration | None:
    """Return the calibration of a layer's values, from its metadata."""
    own = metadata.get("calibration")
    if isinstance(own, Calibration):
        return own
    recipe = metadata.get("recipe")
    if not isinstance(recipe, dict):
        return None
    if recipe.get("units") == "photons":
        facts = recipe.get("calibration", {}).get("facts", {})
        return Calibration(
            gain=1, offset=0, read_noise=0, relative=bool(facts.get("relative", False))
        )
    return _camera_of(recipe)


def _of_result(layer: Image, layers: Iterable[Any]) -> Calibration | None:
    """Return the camera with which a result was made from this layer.

    Results of this session are known by themselves; others, such as those opened from files, are
    found by name.
    """
    layers = list(layers)
    known = camera_of_source(layer, layers)
    if known is not None:
        return known
    for other in layers:
        recipe = other.metadata.get("recipe")
        if other is layer or not isinstance(recipe, dict) or not _made_from(layer, other, recipe):
            continue
        camera = _camera_of(recipe)
        if camera is not None:
            return camera
    return None


def _made_from(layer: Image, other: Any, recipe: dict[str, Any]) -> bool:
    """Whether a result is of this layer: by its file, or by the name that it was given."""
    path = layer.source.path
    named = str(other.name).startswith(f"{layer.name} [")
    of_file = path is not None and recipe.get("input") == path
    known = source_of_result(other) if isinstance(other, Image) else None
    # One that is known to be of another layer is not of this one, whatever its name.
    return isinstance(other, Image) and known is None and (named or of_file)


def _camera_of(recipe: dict[str, Any]) -> Calibration | None:
    return _restored(json.dumps(recipe, sort_keys=True, default=str))


@lru_cache(maxsize=32)
def _restored(recipe: str) -> Calibration | None:
    """Read a recipe's calibration; None if its maps can't be found."""
    try:
        return parse_recipe(json.loads(recipe), "The layer's recipe").calibration.restore()
    except PhotonDenoiseError:
        return None


def _picked(calibration: Calibration, shape: tuple[int, ...], y: Ints, x: Ints) -> Calibration:
    """Return the calibration of some pixels, in their order."""
    if calibration.map_shape is None:
        return calibration

    def pick(value: float | Float32) -> float | Float32:
        return np.broadcast_to(value[y, x], shape) if isinstance(value, np.ndarray) else value

    return replace(
        calibration,
        gain=pick(calibration.gain),
        offset=pick(calibration.offset),
        read_noise=pick(calibration.read_noise),
        roi=None,
    )
