"""The line that is followed: one of a Shapes layer, while it is dragged too."""

from __future__ import annotations

from typing import Any

import numpy as np
from napari.layers import Image, Shapes
from numpy.typing import NDArray
from qtpy.QtCore import QObject, Signal

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.widgets.parts.hooks import Hooks
from napari_photon_denoise.widgets.parts.layers import full_data
from napari_photon_denoise.widgets.plots.view import View

NO_LINE = "There is no line yet: press “Draw a line”, or draw one in a Shapes layer."
KINDS = ("line", "path")
NAME = "profile line"
MARGIN = 0.15  # of the view's width, left free at each end of a new line
COLOUR = "#ffd400"
FOLLOWED = ("set_data", "data", "highlight", "scale", "translate", "rotate", "shear", "affine")


class Line(QObject):  # type: ignore[misc]  # Qt comes without types
    """Finds the line and says when it moves.

    It is the selected one of the active Shapes layer, or else its last; as long as no such
    layer is active, it stays the one it was.

    Parameters
    ----------
    viewer : napari.Viewer
    parent : QObject
    """

    moved = Signal()

    def __init__(self, viewer: Any, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._layer: Shapes | None = None
        self._hooks, self._followed = Hooks(), Hooks()
        events = viewer.layers.events
        self._hooks.connect(
            self._choose, events.inserted, events.removed, viewer.layers.selection.events.active
        )
        self.destroyed.connect(self._hooks.cut)
        self.destroyed.connect(self._followed.cut)
        self._choose()

    @property
    def layer(self) -> Shapes | None:
        """The Shapes layer whose line is followed."""
        return self._layer

    def points(self, view: View) -> NDArray[np.float64]:
        """Return the line's ends and corners, ``(N, 2)``, in the viewer's coordinates.

        Raises
        ------
        PhotonDenoiseError
            If there is no line.
        """
        if self._layer is None or not _lines(self._layer):
            self._choose()
        if self._layer is None or not (lines := _lines(self._layer)):
            raise PhotonDenoiseError(NO_LINE)
        selected = [number for number in lines if number in self._layer.selected_data]
        vertices = self._layer.data[(selected or lines)[-1]]
        return view.points(self._layer, vertices)

    def draw(self, image: Image | None, view: View) -> Shapes:
        """Make a layer with a line across the view, if there is none; its ends can be dragged.

        Parameters
        ----------
        image : Image or None
            What the line shall cross.
        view : View

        Raises
        ------
        PhotonDenoiseError
            If there is no image to draw on.
        """
        if self._layer is None or not _lines(self._layer):
            if image is None:
                raise PhotonDenoiseError("Open an image first, then draw a line on it.")
            self._viewer.layers.append(_new_line(image, view))
        layer = self._layer
        if layer is None:
            raise PhotonDenoiseError(NO_LINE)
        layer.visible = True
        self._viewer.layers.selection.active = layer
        layer.mode = "direct"
        layer.selected_data = {_lines(layer)[-1]}  # its ends show where to drag
        return layer

    def disconnect_viewer(self) -> None:
        """Hear no more of the viewer."""
        self._hooks.cut()
        self._followed.cut()

    def _choose(self, _event: object = None) -> None:
        """Follow what the user works on."""
        active = self._viewer.layers.selection.active
        shapes = [layer for layer in self._viewer.layers if isinstance(layer, Shapes)]
        if isinstance(active, Shapes):
            chosen: Shapes | None = active
        elif self._layer in shapes:
            chosen = self._layer
        else:
            drawn = [layer for layer in shapes if _lines(layer)] or shapes
            chosen = drawn[-1] if drawn else None
        if chosen is not self._layer:
            self._layer = chosen
            self._followed.cut()
            if chosen is not None:
                self._followed.connect(
                    self._on_moved, *(getattr(chosen.events, name) for name in FOLLOWED)
                )
            self.moved.emit()

    def _on_moved(self, _event: object = None) -> None:
        self.moved.emit()


def _lines(layer: Shapes) -> list[int]:
    """Return which of the shapes are lines."""
    return [number for number, kind in enumerate(layer.shape_type) if kind in KINDS]


def _new_line(image: Image, view: View) -> Shapes:
    """Draw a line from left to right through the middle of what is seen of an image."""
    place = view.place(image)
    low, high = _seen(image, place.dims, place.shape)
    middle, width = (low[0] + high[0]) / 2, high[1] - low[1]
    ends = [(middle, low[1] + MARGIN * width), (middle, high[1] - MARGIN * width)]
    matrix = np.linalg.inv(place.matrix)
    world = (np.array(ends) - place.offset) @ matrix.T
    scale = np.abs(np.asarray(image.scale)[list(place.dims)])
    # In the image's own units, so that the line is as thick as on pixels.
    factors = view.factors(image)[list(place.dims)]
    flat = view.displayed == (len(view.point) - 2, len(view.point) - 1)
    hidden = [] if flat else [dim for dim in range(len(view.point)) if dim not in view.displayed]
    vertices = np.zeros((2, 2 + len(hidden)))
    size, units = np.ones(2 + len(hidden)), ["pixel"] * (2 + len(hidden))
    dims = [0, 1] if flat else list(view.displayed)
    vertices[:, dims] = world * factors / scale
    size[dims] = scale
    for dim in hidden:
        vertices[:, dim] = view.point[dim]
        units[dim] = str(view.units[dim])
    for dim, own in zip(dims, place.dims, strict=True):
        units[dim] = str(image.units[own])
    return Shapes(
        [vertices],
        shape_type="line",
        name=NAME,
        scale=size,
        units=units,
        edge_color=COLOUR,
        opacity=1,
        edge_width=max(1.0, float(high[0] - low[0]) / 250),
    )


def _seen(image: Image, dims: tuple[int, int], shape: tuple[int, int]) -> tuple[Any, Any]:
    """Return first and last pixel of what is on the screen; of all before it was drawn."""
    steps = np.ones(image.ndim)
    if image.multiscale:
        steps = np.asarray(image.downsample_factors[image.data_level])
    low, high = (np.asarray(corner * steps)[list(dims)] for corner in image.corner_pixels)
    if np.any(high - low < 2) or len(full_data(image).shape) != len(steps):
        return np.zeros(2), np.array(shape) - 1
    return low, np.minimum(high, np.array(shape) - 1)
