"""More layers, and a folder: what is learnt from beside the layer that is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from napari.layers import Image
from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from napari_photon_denoise.widgets.parts.layer_ticks import LayerTicks
from napari_photon_denoise.widgets.parts.layout import button, small_print

NO_FOLDER = "No folder of files is learnt from."


class MoreSources(QWidget):  # type: ignore[misc]  # Qt comes without types
    """More layers, and all images of a folder.

    Parameters
    ----------
    viewer : napari.Viewer
    """

    valueChanged = Signal()

    def __init__(self, viewer: Any) -> None:
        super().__init__()
        self._folder: Path | None = None
        self.ticks = LayerTicks(
            viewer, "Tick layers of the same kind and camera: more light to learn from.", is_noisy
        )
        choose = button(
            "Folder…",
            "Learn from all images of a folder, too; they are not opened.",
            self._on_choose,
        )
        self._clear = button("No folder", "Learn from layers alone.", lambda: self.set_folder(None))
        self._said = small_print()
        row = QHBoxLayout()
        row.addWidget(choose)
        row.addWidget(self._clear)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.ticks)
        layout.addLayout(row)
        layout.addWidget(self._said)
        self.ticks.valueChanged.connect(self._emit)
        self._show()

    def folder(self) -> Path | None:
        """Return the folder, if there is one."""
        return self._folder

    def set_folder(self, folder: Path | None) -> None:
        """Choose a folder, or none."""
        self._folder = folder
        self._show()
        self._emit()

    def _on_choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Folder of noisy images")
        if chosen:
            self.set_folder(Path(chosen))

    def _show(self) -> None:
        self._clear.setEnabled(self._folder is not None)
        self._said.setText(NO_FOLDER if self._folder is None else f"And from {self._folder}.")

    def _emit(self) -> None:
        self.valueChanged.emit()


def is_noisy(layer: Image) -> bool:
    """Whether there is noise in a layer to learn from, which a result has not."""
    return not layer.rgb and "recipe" not in layer.metadata
