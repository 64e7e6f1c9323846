"""From a napari layer to photons, and from a result to a layer in the same place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from napari.layers import Image, Layer

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.counts import LazyArray
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import Units
from napari_photon_denoise.widgets.parts.origins import remember
from napari_photon_denoise.widgets.parts.plane_axis import (
    axes_of_planes,
    inherit,
    is_known,
    is_open,
    labels_of,
)
from napari_photon_denoise.widgets.parts.units import axes_of, pixel_size_of

PREVIEW = "photon-denoise preview"  # a layer with this in its metadata is no source
UNFINISHED = "photon-denoise unfinished"  # besides, of a result that is being made


def is_image(layer: Any) -> bool:
    """Whether a layer is an image, and nothing that we show for a while."""
    return isinstance(layer, Image) and PREVIEW not in layer.metadata


def full_data(layer: Image) -> LazyArray:
    """Pixels at full resolution; nothing is read.

    Raises
    ------
    PhotonDenoiseError
        For a colour image.
    """
    if layer.rgb:
        raise PhotonDenoiseError(
            f"'{layer.name}' is an RGB colour image; photons need one grey channel: right-click "
            "the layer and choose Split RGB, then take one channel."
        )
    data: LazyArray = layer.data[0] if layer.multiscale else layer.data
    return data


def layer_axes(layer: Image) -> str:
    """Axes of a layer: its labels where they are names of axes, an answer, or else a guess.

    Raises
    ------
    PhotonDenoiseError
        For a colour image, or more than five dimensions without names.
    """
    if is_open(layer):
        return axes_of_planes(layer)
    return axes_of(layer.axis_labels, len(full_data(layer).shape))


def photons_of(layer: Image, calibration: Calibration, axes: str) -> Photons:
    """See a layer's counts as photons.

    Raises
    ------
    PhotonDenoiseError
        If the layer, its axes and the calibration do not fit; one sentence says why.
    """
    photons = Photons(full_data(layer), calibration, axes)  # refuses axes that do not fit
    sizes = pixel_size_of(layer.scale, layer.units, axes)
    return replace(
        photons,
        pixel_size={axis: sizes[axis] for axis in "ZYX" if axis in sizes},
        unanswered=is_open(layer) and not is_known(layer) and axes == axes_of_planes(layer),
    )


def placement(layer: Layer, start: Sequence[int] | None = None) -> dict[str, Any]:
    """Everything that says where a layer lies, for a layer of the same place and size.

    Parameters
    ----------
    layer : Layer
    start : sequence of int, optional
        First pixel of a region of the layer, one number a dimension.
    """
    return {
        "scale": layer.scale,
        "translate": layer.translate if start is None else _corner(layer, start),
        "rotate": layer.rotate,
        "shear": layer.shear,
        "affine": np.array(layer.affine.affine_matrix),
        "units": layer.units,
        "axis_labels": labels_of(layer),
    }


def place(target: Layer, layer: Layer, start: Sequence[int]) -> None:
    """Move a layer to where a region of another one lies."""
    _place_as(target, placement(layer, start))


def take_place(target: Layer, layer: Layer) -> None:
    """Move a layer to where another one of its size lies."""
    _place_as(target, placement(layer))


def limits(layer: Image, calibration: Calibration, units: Units) -> list[float]:
    """Contrast limits that show a result as bright as its source.

    Both on one scale is what makes before and after comparable.
    """
    low, high = layer.contrast_limits
    if units == "counts":
        return [low, high]
    gain, offset = float(np.median(calibration.gain)), float(np.median(calibration.offset))
    return [(low - offset) * gain, (high - offset) * gain]


def calibration_of_result(calibration: Calibration, units: Units) -> Calibration:
    """Calibration of a result's own values: photons are photons already.

    Gain 1 and offset 0 are nobody's measurement, whatever the camera's numbers were; that these
    were only estimated, or relative, holds of the photons as well.
    """
    if units == "counts":
        return calibration
    return Calibration(
        gain=1,
        offset=0,
        read_noise=0,
        source="estimated" if calibration.source == "estimated" else "typed in",
        camera=calibration.camera,
        relative=calibration.relative,
    )


def result_layer(
    layer: Image,
    data: Any,
    calibration: Calibration,
    units: Units,
    method: str,
    recipe: dict[str, Any],
) -> Image:
    """Make the layer of a result: in its source's place, in its colours.

    Parameters
    ----------
    layer : Image
        The source; it is not changed.
    data : array of the source's full shape
    calibration : Calibration
        The camera of the source.
    units : {"photons", "counts"}
    method : str
        For people, such as "RESUNET".
    recipe : dict
        How the result was made; kept in the layer's metadata.
    """
    result = Image(
        data,
        name=f"{layer.name} [{method}]",
        contrast_limits=limits(layer, calibration, units),
        colormap=layer.colormap,
        blending=layer.blending,
        gamma=layer.gamma,
        rendering=layer.rendering,
        metadata={
            "recipe": recipe,
            "calibration": calibration_of_result(calibration, units),
            **_ome_of(layer),
        },
        **placement(layer),
    )
    remember(result, layer, calibration)
    inherit(result, layer)
    return result


def extra_layer(layer: Image, data: Any, what: str, recipe: dict[str, Any]) -> Image:
    """Make the layer of what a method gives beside the denoised image, hidden.

    Parameters
    ----------
    layer : Image
        The source.
    data : array of the source's full shape, e-
    what : str
        For people, such as "Noise2Void standard deviation".
    recipe : dict
        How the result was made.
    """
    return Image(
        data,
        name=f"{layer.name} [{what}]",
        metadata={
            "recipe": recipe,
            "calibration": Calibration(gain=1, offset=0, read_noise=0),
            **_ome_of(layer),
        },
        visible=False,
        **placement(layer),
    )


def _ome_of(layer: Image) -> dict[str, Any]:
    """Return what the file of a layer said of how it was taken, to be saved with its result."""
    return {"ome": layer.metadata["ome"]} if "ome" in layer.metadata else {}


def add_quietly(viewer: Any, layer: Layer) -> None:
    """Add a layer on top, and leave the selection as it was."""
    selected, active = set(viewer.layers.selection), viewer.layers.selection.active
    viewer.layers.append(layer)
    viewer.layers.selection = selected
    viewer.layers.selection.active = active


def _place_as(target: Layer, wanted: dict[str, Any]) -> None:
    for name, value in wanted.items():
        if not np.array_equal(_plain(getattr(target, name)), _plain(value)):
            setattr(target, name, value)


def _corner(layer: Layer, start: Sequence[int]) -> Any:
    """Move a region's first pixel as the layer is moved, up to its affine."""
    return layer.affine.inverse(np.asarray(layer.data_to_world(tuple(start))))


def _plain(value: Any) -> Any:
    return np.asarray(getattr(value, "affine_matrix", value))
