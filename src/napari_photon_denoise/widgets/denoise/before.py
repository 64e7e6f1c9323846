"""Before and after at the same place: results and preview are hidden for a while."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from napari.layers import Image

from napari_photon_denoise.widgets.denoise.preview import Preview
from napari_photon_denoise.widgets.parts.layers import PREVIEW, UNFINISHED
from napari_photon_denoise.widgets.parts.origins import source_of_result

NOTHING = "There is nothing to show before and after: tick the preview, or press Run."


class Before:
    """Shows sources in place of what was made of them.

    Parameters
    ----------
    viewer : napari.Viewer
    preview : Preview
    changed : callable
        Told whether the sources are shown.
    say : callable
        Told a sentence where there is nothing to show.
    """

    def __init__(
        self,
        viewer: Any,
        preview: Preview,
        changed: Callable[[bool], None],
        say: Callable[[str], None],
    ) -> None:
        self._viewer, self._preview = viewer, preview
        self._changed, self._say = changed, say
        self._hidden: list[Image] = []
        self._shown: list[Image] = []

    @property
    def on(self) -> bool:
        """Whether the sources are shown."""
        return bool(self._hidden)

    def show(self, on: bool) -> None:
        """Show what was before; or the results again."""
        if on and not self._hidden:
            self._show_sources()
        elif not on:
            self._show_results()
        self._changed(self.on)

    def _show_sources(self) -> None:
        made = [
            (layer, source)
            for layer in self._viewer.layers
            if layer.visible and (source := self._source_of(layer)) is not None
        ]
        if not made:
            self._say(NOTHING)
        for layer, source in made:
            self._hidden.append(layer)
            layer.visible = False
            if not source.visible:
                self._shown.append(source)
                source.visible = True

    def _show_results(self) -> None:
        hidden, shown = self._hidden, self._shown
        self._hidden, self._shown = [], []
        for layer in hidden:
            if layer in self._viewer.layers and self._source_of(layer) is not None:
                layer.visible = True
        for source in shown:
            if source in self._viewer.layers:
                source.visible = False

    def _source_of(self, layer: Any) -> Image | None:
        """Return what a layer was made from, and is seen in place of; None for any other."""
        if not isinstance(layer, Image):
            return None
        if layer is self._preview.layer:
            return self._preview.source
        shows = PREVIEW not in layer.metadata or UNFINISHED in layer.metadata
        source = source_of_result(layer) if shows else None
        return source if source in self._viewer.layers else None
