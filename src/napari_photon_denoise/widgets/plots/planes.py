"""Read what is needed of a plane, and no more."""

from __future__ import annotations

from math import prod
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from napari.layers import Image
from numpy.typing import NDArray

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.widgets.parts.layers import full_data
from napari_photon_denoise.widgets.plots.view import Place

LARGEST = 2**26  # px of a plane that is kept in memory; of a larger one only a box is read

Ints = NDArray[np.intp]


class Planes:
    """Pixels of the planes that are shown.

    An array in memory is looked at in its place. Of a file or a dask graph the plane is read
    once, and kept until another one is asked for.
    """

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[Image, tuple[Any, Any, Any]] = WeakKeyDictionary()

    def forget(self, layer: Image) -> None:
        """Read a layer anew next time: its pixels may have changed."""
        self._kept.pop(layer, None)

    def pick(self, layer: Image, place: Place, rows: Ints, columns: Ints) -> NDArray[Any]:
        """Read single pixels of a plane.

        Parameters
        ----------
        layer : Image
        place : Place
        rows, columns : (N, K) int

        Raises
        ------
        PhotonDenoiseError
            If the pixels can't be read.
        """
        if self._in_memory(layer) or prod(place.shape) <= LARGEST:
            plane = self.plane(layer, place)
            picked: NDArray[Any] = plane[rows, columns]
            return picked
        corner = int(rows.min()), int(columns.min())
        index = list(place.index)
        for dim, first, last in zip(place.dims, corner, (rows.max(), columns.max()), strict=True):
            index[dim] = slice(first, int(last) + 1)
        box: NDArray[Any] = read_plane(layer, place, tuple(index))
        return box[rows - corner[0], columns - corner[1]]

    def plane(self, layer: Image, place: Place) -> NDArray[Any]:
        """Read a whole plane, as it is shown.

        Raises
        ------
        PhotonDenoiseError
            If it can't be read.
        """
        data = full_data(layer)
        if self._in_memory(layer):
            return read_plane(layer, place, place.index)
        kept, key = self._kept.get(layer), (place.index, place.dims)
        if kept is None or kept[0] is not data or kept[1] != key:
            plane = read_plane(layer, place, place.index)
            self._kept[layer] = kept = (data, key, plane)
        pixels: NDArray[Any] = kept[2]
        return pixels

    def _in_memory(self, layer: Image) -> bool:
        return isinstance(full_data(layer), np.ndarray)


def read_plane(layer: Image, place: Place, index: tuple[slice, ...]) -> NDArray[Any]:
    """Read a part of a layer that has one plane, as it is shown.

    Raises
    ------
    PhotonDenoiseError
        If it can't be read.
    """
    try:
        block = np.asarray(full_data(layer)[index])
    except Exception as error:  # of whatever library the file is read by
        raise PhotonDenoiseError(
            f"'{layer.name}' can't be read ({error}): is its file still there?"
        ) from error
    down, right = place.dims
    plane = block.squeeze(tuple(dim for dim in range(block.ndim) if dim not in place.dims))
    return plane if down < right else plane.T


def camera_pixels(place: Place, ndim: int, rows: Ints, columns: Ints) -> tuple[Ints, Ints]:
    """Say where on the camera's chip pixels of a plane are: along the last two dimensions.

    Parameters
    ----------
    place : Place
    ndim : int
        Dimensions of the layer.
    rows, columns : int, which fit each other

    Returns
    -------
    y, x : int
    """
    at = dict(zip(place.dims, (rows, columns), strict=True))
    y, x = (at.get(dim, np.array(place.index[dim].start)) for dim in (ndim - 2, ndim - 1))
    return y, x
