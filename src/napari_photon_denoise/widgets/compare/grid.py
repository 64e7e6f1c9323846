"""All layers of a comparison beside each other, in napari's grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from napari.layers import Image

from napari_photon_denoise.widgets.parts.region import camera_of

Camera = tuple[tuple[float, ...], float]


class Grid:
    """A tile a layer; the user's layers are hidden for as long.

    Parameters
    ----------
    viewer : napari.Viewer
    """

    def __init__(self, viewer: Any) -> None:
        self._viewer = viewer
        self._hidden: list[Any] = []
        self._camera: Camera | None = None
        self._before: tuple[bool, int, tuple[int, int]] | None = None

    @property
    def on(self) -> bool:
        """Whether the layers are beside each other."""
        return self._before is not None

    def show(self, layers: Sequence[Image]) -> None:
        """Lay these layers out, and fit them into their tiles."""
        grid = _grid_of(self._viewer)
        if self._before is None:
            camera = camera_of(self._viewer)
            self._camera = tuple(camera.center), float(camera.zoom)
            self._before = grid.enabled, grid.stride, grid.shape
        for layer in self._viewer.layers:
            is_ours = any(layer is one for one in layers)
            if not is_ours and layer.visible:
                layer.visible = False
                self._hidden.append(layer)
        grid.stride, grid.shape = 1, (-1, -1)
        grid.enabled = True
        fit(self._viewer, layers)

    def hide(self) -> None:
        """Give back what there was: the user's layers, the view, the grid."""
        if self._before is None:
            return
        grid = _grid_of(self._viewer)
        grid.enabled, grid.stride, grid.shape = self._before
        for layer in self._hidden:
            if layer in self._viewer.layers:
                layer.visible = True
        camera = camera_of(self._viewer)
        if self._camera is not None:
            camera.center, camera.zoom = self._camera
        self._hidden, self._camera, self._before = [], None, None


def fit(viewer: Any, layers: Sequence[Image]) -> None:
    """Bring layers fully into view."""
    if hasattr(viewer, "fit_to_view"):
        viewer.fit_to_view(layers=list(layers))
    else:  # before napari 0.7
        viewer.reset_view()


def _grid_of(viewer: Any) -> Any:
    """Return the viewer's grid, which moved to its canvas in napari 0.9."""
    return viewer.canvas.grid if hasattr(viewer, "canvas") else viewer.grid
