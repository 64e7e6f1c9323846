"""Two layers with a line between them that is dragged: left of it one, right of it the other.

napari clips no images in 2-D. So what is seen is a layer of its own, put together from columns
of the two; a drag changes only the columns that the line passes. The two stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from napari.layers import Image, Vectors

from napari_photon_denoise.widgets.compare.shown import LINKED, show_name
from napari_photon_denoise.widgets.parts.kept_layers import KeptLayers
from napari_photon_denoise.widgets.parts.layers import PREVIEW, placement
from napari_photon_denoise.widgets.parts.region import camera_of

WIDTH = 2.5  # of the line, pixels of the screen
REACH = 10  # pixels of the screen; nearer, the mouse takes hold of the line
COLOUR = "yellow"
NAME = "swipe line"
UNUSED = "swipe (off)"


class Swipe:
    """The divider between two layers.

    Parameters
    ----------
    viewer : napari.Viewer
    moved : callable
        Told the line's place, from 0 to 1, when it is dragged on the canvas.
    """

    def __init__(self, viewer: Any, moved: Callable[[float], None]) -> None:
        self._viewer = viewer
        self._moved = moved
        self._images = KeptLayers(viewer, UNUSED)
        self._lines = KeptLayers(viewer, UNUSED, looks=("edge_width",), empty=(1, 2, 2))
        self._pair: tuple[Image, Image] | None = None
        self._mixed: Image | None = None
        self._line: Vectors | None = None
        self._linked: Image | None = None
        self._axis, self._rightwards = -1, True
        self._column = 0  # of the pixels: the first one behind the line

    @property
    def mixed(self) -> Image | None:
        """What is seen: the left of one layer, the right of the other."""
        return self._mixed

    @property
    def share(self) -> float:
        """Place of the line, from 0, the left edge, to 1."""
        return self._mirrored(self._column / self._size)

    def show(self, first: Image, second: Image, share: float) -> None:
        """Put a line between two layers of one shape and place.

        Parameters
        ----------
        first, second : Image
            Seen on the left, and on the right of the line.
        share : float
            Place of the line, from 0, the left edge, to 1.
        """
        self.hide()
        self._axis, self._rightwards = _across(self._viewer, first)
        self._pair = (first, second) if self._rightwards else (second, first)
        left, right = self._pair
        mixed = Image(
            right.data.copy(),
            name=f"{first.name} | {second.name}",
            contrast_limits=first.contrast_limits,
            gamma=first.gamma,
            colormap=first.colormap,
            metadata={PREVIEW: True},
            **placement(left),
        )
        self._column = 0
        line = Vectors(
            self._segment(),
            ndim=left.ndim,
            name=NAME,
            edge_color=COLOUR,
            edge_width=self._width(),
            vector_style="line",
            opacity=1.0,
            **placement(left),
        )
        self._mixed = self._images.show(mixed, left)
        self._line = self._lines.show(line, left)
        show_name(self._mixed)
        self._viewer.layers.link_layers([first, self._mixed], LINKED)
        self._linked = first
        self._viewer.mouse_drag_callbacks.append(self._on_drag)
        camera_of(self._viewer).events.zoom.connect(self._on_zoom)
        self._viewer.layers.events.removed.connect(self._on_removed)
        self.move(share)

    def move(self, share: float) -> None:
        """Move the line.

        Parameters
        ----------
        share : float
            From 0, the left edge, to 1.
        """
        if self._mixed is None or self._pair is None or self._line is None:
            return
        column = round(min(1.0, max(0.0, self._mirrored(share))) * self._size)
        before, self._column = self._column, column
        if column != before:
            source = self._pair[0] if column > before else self._pair[1]
            passed = self._columns(min(before, column), max(before, column))
            self._mixed.data[passed] = source.data[passed]
            self._mixed.refresh(extent=False, thumbnail=False)
        self._line.data = self._segment()

    def hide(self) -> None:
        """Put the line away, and what was put together for it."""
        if self._mixed is None:
            return
        self._viewer.layers.events.removed.disconnect(self._on_removed)
        camera_of(self._viewer).events.zoom.disconnect(self._on_zoom)
        self._viewer.mouse_drag_callbacks.remove(self._on_drag)
        mixed, line, linked = self._mixed, self._line, self._linked
        self._mixed, self._line, self._pair, self._linked = None, None, None, None
        self._viewer.layers.unlink_layers([linked, mixed], LINKED)
        show_name(mixed, on=False)
        for kept, layer in ((self._images, mixed), (self._lines, line)):
            if layer is not None:
                kept.put_away(layer)

    def close(self) -> None:
        """Remove them."""
        self.hide()
        for kept in (self._images, self._lines):
            kept.close()

    def _mirrored(self, share: float) -> float:
        """Turn a share of the screen into one of the pixels, and back."""
        return share if self._rightwards else 1 - share

    @property
    def _size(self) -> int:
        return int(self._pair[0].data.shape[self._axis]) if self._pair else 1

    def _columns(self, start: int, stop: int) -> tuple[slice, ...]:
        whole = [slice(None)] * len(self._pair[0].data.shape) if self._pair else []
        whole[self._axis] = slice(start, stop)
        return tuple(whole)

    def _segment(self) -> Any:
        """Return the line in the pixels of the layers, ``(1, 2, D)``: where it begins, its way."""
        shape = self._pair[0].data.shape if self._pair else (1, 1)
        along = len(shape) - 1 if self._axis == len(shape) - 2 else len(shape) - 2
        segment = np.zeros((1, 2, len(shape)))
        segment[0, 0, self._axis] = self._column - 0.5  # pixels reach half a pixel to each side
        segment[0, 0, along] = -0.5
        segment[0, 1, along] = shape[along]
        return segment

    def _width(self) -> float:
        """Width of the line in pixels of the layer, which is the same on the screen always."""
        return WIDTH / (self._screen_pixels() or 1.0)

    def _screen_pixels(self) -> float:
        """How many pixels of the screen one of the layers' covers, across the line."""
        if self._pair is None:
            return 1.0
        step = _step(self._pair[0], self._axis)
        return float(np.linalg.norm(step) * camera_of(self._viewer).zoom)

    def _on_zoom(self, _event: object = None) -> None:
        if self._line is not None:
            self._line.edge_width = self._width()

    def _on_removed(self, event: Any) -> None:
        """End where the user deletes one of the layers."""
        if any(event.value is layer for layer in (*(self._pair or ()), self._mixed, self._line)):
            self.hide()

    def _on_drag(self, _viewer: Any, event: Any) -> Iterator[None]:
        """Follow the mouse from the line on, with the view held still."""
        if abs(self._place(event) - self._column) * self._screen_pixels() > REACH:
            return
        camera = camera_of(self._viewer)
        before, camera.mouse_pan = camera.mouse_pan, False
        try:
            yield
            while event.type == "mouse_move":
                self.move(self._mirrored(self._place(event) / self._size))
                self._moved(self.share)
                yield
        finally:
            camera.mouse_pan = before

    def _place(self, event: Any) -> float:
        """Return the mouse's column, counted as the line's."""
        if self._pair is None:
            return float("inf")
        return float(self._pair[0].world_to_data(event.position)[self._axis]) + 0.5


def _across(viewer: Any, layer: Image) -> tuple[int, bool]:
    """Dimension of a layer that runs most across the screen, and whether it runs to the right."""
    shown = [dim - viewer.dims.ndim for dim in viewer.dims.displayed]
    steps = {dim: _step(layer, dim)[shown[-1]] for dim in shown}
    dim = max(shown, key=lambda dim: (abs(steps[dim]), dim))
    return dim % layer.ndim, bool(steps[dim] > 0)


def _step(layer: Image, dim: int) -> Any:
    """Way in world coordinates from a pixel to the next along a dimension."""
    origin, pixel = np.zeros(layer.ndim), np.zeros(layer.ndim)
    pixel[dim] = 1
    return np.asarray(layer.data_to_world(pixel)) - np.asarray(layer.data_to_world(origin))
