"""What came out of a training: what to know of it, and what to do with it."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QLabel, QVBoxLayout, QWidget

from napari_photon_denoise.widgets.learning.sources import is_noisy
from napari_photon_denoise.widgets.parts.layer_ticks import LayerTicks
from napari_photon_denoise.widgets.parts.layout import button, small_print

NOTHING = "Nothing has been learnt yet."


class LearnedBox(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Sentences and buttons.

    Parameters
    ----------
    viewer : napari.Viewer
    """

    saveAsked = Signal()
    layersAsked = Signal()
    filesAsked = Signal()

    def __init__(self, viewer: Any) -> None:
        super().__init__()
        self._said = small_print(NOTHING)
        self._save = button(
            "&Save model…",
            "Keep the network as a file; it is then listed at Model in Photon denoise.",
            self.saveAsked,
        )
        self.ticks = LayerTicks(viewer, "Layers to denoise with the network.", is_noisy)
        self._layers = button(
            "&Apply to ticked layers",
            "Denoise the ticked layers as a whole; each result is a new layer.",
            self.layersAsked,
        )
        self._files = button(
            "Apply to &files…",
            "Denoise files into a folder, as OME-TIFF; they are not opened in napari.",
            self.filesAsked,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (
            self._said,
            self._save,
            QLabel("Layers"),
            self.ticks,
            self._layers,
            self._files,
        ):
            layout.addWidget(widget)
        self.set_ready(False)

    @property
    def text(self) -> str:
        """What is said."""
        return str(self._said.text())

    def say(self, *sentences: str) -> None:
        """Say what came out."""
        self._said.setText("\n".join(sentences) or NOTHING)

    def set_ready(self, ready: bool) -> None:
        """Whether there is a network, and nothing runs."""
        for one in (self._save, self._layers, self._files):
            one.setEnabled(ready)
