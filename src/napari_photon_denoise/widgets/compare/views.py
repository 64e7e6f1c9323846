"""How the layers of a comparison are looked at; whatever it changes it gives back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from napari.layers import Image
from qtpy.QtCore import QObject

from napari_photon_denoise.widgets.compare.flicker import Flicker
from napari_photon_denoise.widgets.compare.grid import Grid
from napari_photon_denoise.widgets.compare.shown import Shown, visible_only
from napari_photon_denoise.widgets.compare.swipe import Swipe

STACKED, GRID, FLICKER, SWIPE = "stacked", "grid", "flicker", "swipe"


class Views:
    """Arranges layers in one of four ways.

    Parameters
    ----------
    viewer : napari.Viewer
    shown : Shown
    moved : callable
        Told the place of the swipe's line, from 0 to 1, when it is dragged.
    parent : QObject
        Of the timer.
    """

    def __init__(
        self, viewer: Any, shown: Shown, moved: Callable[[float], None], parent: QObject
    ) -> None:
        self._shown = shown
        self._mode = GRID
        self._pair = ("", "")
        self._share = 0.5
        self._moved = moved
        self.grid = Grid(viewer)
        self.flicker = Flicker(parent)
        self.swipe = Swipe(viewer, self._on_moved)

    @property
    def mode(self) -> str:
        """One of STACKED, GRID, FLICKER and SWIPE."""
        return self._mode

    def set_mode(self, mode: str) -> None:
        """Choose how the layers are looked at."""
        self._mode = mode
        self.refresh()

    def set_pair(self, first: str, second: str) -> None:
        """Choose two layers, by the names of their rows; a stack shows the second one."""
        if (first, second) != self._pair:
            self._pair = (first, second)
            if self._mode != GRID:
                self.refresh()

    def set_share(self, share: float) -> None:
        """Move the line of the swipe."""
        self._share = share
        self.swipe.move(share)

    def refresh(self) -> None:
        """Arrange the layers that there are now."""
        layers = list(self._shown.layers.values())
        first, second = (self._layer(name) for name in self._pair)
        self.flicker.stop()
        self.swipe.hide()
        if self._mode == GRID and layers:
            visible_only(layers, layers)
            self.grid.show(layers)
            return
        self.grid.hide()
        if first is None or second is None or first is second or self._mode == STACKED:
            top = second or first or (layers[-1] if layers else None)
            visible_only([top] if top is not None else [], layers)
            return
        if self._mode == FLICKER:
            visible_only([second], layers)
            self.flicker.start(first, second)
        else:
            visible_only([], layers)
            self.swipe.show(first, second, self._share)

    def clear(self) -> None:
        """Give back what was changed; the layers of the comparison stay."""
        self.flicker.stop()
        self.swipe.hide()
        self.grid.hide()

    def close(self) -> None:
        """Give back what was changed, and leave nothing."""
        self.clear()
        self.swipe.close()

    def _layer(self, name: str) -> Image | None:
        return self._shown.layers.get(name)

    def _on_moved(self, share: float) -> None:
        self._share = share
        self._moved(share)
