"""Where a layer's plane lies in what the viewer shows, and the other way round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from napari.layers import Image, Layer
from numpy.typing import NDArray

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.widgets.parts.layers import full_data

Float64 = NDArray[np.float64]

TILT = 1e-6  # px of depth for a pixel in the plane; less is rounding


@dataclass(frozen=True, eq=False)
class Place:
    """A layer's plane that is shown.

    Parameters
    ----------
    index : tuple of slice
        The plane within the layer at full resolution; of length 1 along hidden dimensions.
    dims : tuple of int
        The layer's dimensions that run down and to the right on the screen.
    shape : tuple of int
        Height and width of the plane as it is shown.
    matrix, offset : (2, 2) and (2,) float64
        From the viewer's coordinates to pixels of the plane: ``matrix @ point + offset``.
    pixel_size : (2, 2) float64, µm or the viewer's unit
        In its columns, where one pixel down and one to the right lead.
    """

    index: tuple[slice, ...]
    dims: tuple[int, int]
    shape: tuple[int, int]
    matrix: Float64
    offset: Float64
    pixel_size: Float64

    def pixels(self, points: Float64) -> Float64:
        """Turn ``(N, 2)`` points of the viewer into rows and columns of the plane."""
        moved: Float64 = points @ self.matrix.T + self.offset
        return moved

    @property
    def edge(self) -> float:
        """Edge of a square as large as a pixel."""
        return float(np.sqrt(abs(np.linalg.det(self.pixel_size))))


@dataclass(frozen=True, eq=False)
class View:
    """What a viewer shows.

    Parameters
    ----------
    displayed : tuple of int
        The viewer's dimensions that run down and to the right.
    point : (D,) float64
        Where its sliders are, in its coordinates.
    units : tuple of pint.Unit, one a dimension
        Of its coordinates.
    margins : (2, D) float64
        How far below and above `point` napari puts planes together, in its coordinates.
    """

    displayed: tuple[int, int]
    point: Float64
    units: tuple[Any, ...]
    margins: Float64

    @property
    def length_unit(self) -> str:
        """Unit in which lengths are told: "µm", or "px" where there is no unit of length."""
        return "µm" if None not in self._um else "px"

    def place(self, layer: Image) -> Place:
        """Find the plane of a layer that is shown.

        Raises
        ------
        PhotonDenoiseError
            If there is none, or it is tilted against the screen.
        """
        shape = full_data(layer).shape
        down, right = self._dims(layer)
        factors = self.factors(layer)

        def pixel(y: float, x: float) -> Float64:
            point = self.point[len(self.point) - layer.ndim :].copy()
            point[[down, right]] = y, x
            return np.asarray(layer.world_to_data(point * factors), dtype=np.float64)

        corner = pixel(0, 0)
        steps = np.stack([pixel(1, 0) - corner, pixel(0, 1) - corner], axis=1)
        hidden = [dim for dim in range(layer.ndim) if dim not in (down, right)]
        matrix = steps[[down, right]]
        if hidden and np.abs(steps[hidden]).max() > TILT * np.abs(matrix).max():
            raise PhotonDenoiseError(
                f"'{layer.name}' is tilted against this view, so its plane can't be told: look "
                "along one of its own axes."
            )
        index = [slice(0, size) for size in shape]
        for dim in hidden:
            at = round(float(corner[dim]))
            if not 0 <= at < shape[dim]:
                raise PhotonDenoiseError(
                    f"'{layer.name}' has no plane here: move the slider to one of its planes."
                )
            index[dim] = slice(at, at + 1)
        inverse = np.linalg.inv(matrix)
        size = np.array([1.0 if um is None else um for um in self._um])[:, np.newaxis] * inverse
        place = (shape[down], shape[right])
        return Place(tuple(index), (down, right), place, matrix, corner[[down, right]], size)

    def note(self, layer: Image) -> str:
        """Return a sentence if more planes of a layer are on the screen than `place` finds."""
        mode = str(layer.projection_mode)
        if mode == "none" or not self.margins.any() or self._planes(layer) < 2:
            return ""
        return (
            f"'{layer.name}' is shown as the {mode} of several planes; the curve is of the one at "
            "the slider."
        )

    def _planes(self, layer: Image) -> int:
        """Return how many planes napari puts together, rounded as it rounds."""
        here, factors = slice(len(self.point) - layer.ndim, None), self.factors(layer)
        low, high = (
            np.asarray(layer.world_to_data((self.point + margin)[here] * factors))
            for margin in (-self.margins[0], self.margins[1])
        )
        planes = 1
        for dim, size in enumerate(full_data(layer).shape):
            if dim not in self._dims(layer):
                stop = np.round(high[dim])
                stop += np.isclose(stop, high[dim])
                planes *= max(1, int(min(stop, size) - max(np.round(low[dim]), 0)))
        return planes

    def points(self, layer: Layer, vertices: Any) -> Float64:
        """Turn ``(N, D)`` points of a layer, such as a line's, into ``(N, 2)`` of the viewer.

        Raises
        ------
        PhotonDenoiseError
            If the layer is flat along one of the dimensions on the screen.
        """
        dims, factors = list(self._dims(layer)), self.factors(layer)
        origin = np.asarray(layer.data_to_world(np.zeros(layer.ndim)))
        axes = [np.asarray(layer.data_to_world(unit)) - origin for unit in np.eye(layer.ndim)]
        world = (np.asarray(vertices) @ np.array(axes) + origin) / factors
        return np.asarray(world[:, dims], dtype=np.float64)

    def fits(self, layer: Layer) -> bool:
        """Whether a layer's unit of length can be told in the viewer's."""
        units = zip(self.units[len(self.units) - layer.ndim :], layer.units, strict=True)
        return all(factor(here, own) is not None for here, own in units)

    @property
    def _um(self) -> list[float | None]:
        return [factor(self.units[dim], "micrometer") for dim in self.displayed]

    def _dims(self, layer: Layer) -> tuple[int, int]:
        ahead = len(self.point) - layer.ndim
        down, right = (dim - ahead for dim in self.displayed)
        if min(down, right) < 0:
            raise PhotonDenoiseError(
                f"'{layer.name}' has no depth along an axis of this view: turn the view back."
            )
        return down, right

    def factors(self, layer: Layer) -> Float64:
        """Return what turns the viewer's units into a layer's; 1 where they don't fit."""
        here = self.units[len(self.units) - layer.ndim :]
        return np.array([factor(a, b) or 1.0 for a, b in zip(here, layer.units, strict=True)])


def view_of(viewer: Any, layers: Sequence[Image]) -> View:
    """Look at what a viewer shows.

    Parameters
    ----------
    viewer : napari.Viewer
    layers : sequence of Image
        The units of the first count, should the viewer's layers have none in common.

    Raises
    ------
    PhotonDenoiseError
        If the view is 3-D.
    """
    dims = viewer.dims
    if dims.ndisplay != 2:
        raise PhotonDenoiseError("A plane is needed: leave the 3-D view (the cube below the list).")
    units = getattr(viewer.layers.extent, "units", None)
    if units is None:
        units = layers[0].units if layers else ()
    missing = dims.ndim - len(units)
    units = ("pixel",) * missing + tuple(units)[max(0, -missing) :]
    down, right = dims.displayed
    margins = np.array([dims.margin_left, dims.margin_right], dtype=np.float64)
    return View((down, right), np.array(dims.point, dtype=np.float64), units, margins)


@lru_cache(maxsize=256)
def factor(unit: Any, target: Any) -> float | None:
    """Return how many of the target's unit one unit is; None if it is no unit of its kind."""
    import pint

    registry = pint.get_application_registry()  # type: ignore[no-untyped-call]
    one = registry.Quantity(1, str(unit))
    if not one.is_compatible_with(str(target)):
        return None
    return float(one.to(str(target)).magnitude)
