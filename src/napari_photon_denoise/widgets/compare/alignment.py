"""Where a region of one layer lies in the pixels of another."""

from __future__ import annotations

from typing import Any

import numpy as np
from napari.layers import Image

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.widgets.parts.layers import full_data
from napari_photon_denoise.widgets.parts.region import Region

OFF = 0.05  # px; finer than any eye sees, coarser than what affine matrices round


def same_pixels(layer: Image, source: Image, region: Region) -> Region:
    """Return the pixels of a layer that lie on a region of another one.

    Layers are aligned through world coordinates and their units, pixel on pixel. A layer with
    fewer dimensions lies on the last ones, as napari shows it.

    Parameters
    ----------
    layer : Image
    source : Image
        That the region is of.
    region : tuple of slice

    Returns
    -------
    tuple of slice, one a dimension of `layer`

    Raises
    ------
    PhotonDenoiseError
        If pixels do not lie on pixels, or the layer does not cover the region.
    """
    shape = full_data(layer).shape
    if len(shape) > source.ndim:
        raise PhotonDenoiseError(
            f"'{layer.name}' has {len(shape)} dimensions and '{source.name}' {source.ndim}: "
            "compare layers with the same axes."
        )
    place = region[len(region) - len(shape) :]
    first = _in_layer(layer, source, [part.start for part in region])
    last = _in_layer(layer, source, [part.stop - 1 for part in region])
    corner = np.rint(first)
    lengths = np.array([part.stop - part.start for part in place])
    if np.abs(first - corner).max() > OFF or np.abs(last - first - (lengths - 1)).max() > OFF:
        raise PhotonDenoiseError(
            f"The pixels of '{layer.name}' do not lie on those of '{source.name}': give both "
            "layers the same scale, units and place, or resample one."
        )
    inside = tuple(slice(int(at), int(at + size)) for at, size in zip(corner, lengths, strict=True))
    if any(part.start < 0 or part.stop > size for part, size in zip(inside, shape, strict=True)):
        raise PhotonDenoiseError(
            f"'{layer.name}' does not cover what is on the screen of '{source.name}': move the "
            "view to where both are."
        )
    return inside


def _in_layer(layer: Image, source: Image, pixel: list[int]) -> Any:
    """Pixel of a source as a position in a layer's pixels."""
    world = np.asarray(source.data_to_world(pixel), dtype=float)[source.ndim - layer.ndim :]
    units = source.units[source.ndim - layer.ndim :]
    factors = [_factor(a, b, layer, source) for a, b in zip(units, layer.units, strict=True)]
    return np.asarray(layer.world_to_data(world * factors), dtype=float)


def _factor(unit: Any, other: Any, layer: Image, source: Image) -> float:
    """How many of the layer's units one of the source's is."""
    if not unit.is_compatible_with(other):
        raise PhotonDenoiseError(
            f"'{layer.name}' is measured in {other}, '{source.name}' in {unit}: give both layers "
            "the same scale and units."
        )
    return float((1 * unit).to(other).magnitude)
