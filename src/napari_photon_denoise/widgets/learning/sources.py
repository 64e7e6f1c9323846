"""Layers to tick, and a folder: what is learnt from beside the layer that is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from napari.layers import Image
from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_photon_denoise.widgets.parts.layers import PREVIEW
from napari_photon_denoise.widgets.parts.layout import small_print

HEIGHT = 70  # px: three layers; more can be scrolled to
LAYER = Qt.ItemDataRole.UserRole
NO_FOLDER = "No folder of files is learnt from."


class LayerTicks(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Image layers to tick.

    Parameters
    ----------
    viewer : napari.Viewer
    tip : str
        What ticking one does.
    """

    valueChanged = Signal()

    def __init__(self, viewer: Any, tip: str) -> None:
        super().__init__()
        self._viewer = viewer
        self._hidden: Image | None = None
        self._ticked: list[Image] = []
        self._list = QListWidget()
        self._list.setFixedHeight(HEIGHT)
        self._list.setAccessibleName(tip)
        self._list.setToolTip(tip)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._list)
        self._list.itemChanged.connect(self._on_item)
        events = viewer.layers.events
        for event in (events.inserted, events.removed, events.reordered, events.renamed):
            event.connect(self._fill)
        self._fill()

    def layers(self) -> list[Image]:
        """Return the ticked layers, in the viewer's order."""
        offered = self._offered()
        return [layer for layer in offered if layer in self._ticked]

    def tick(self, layers: list[Image]) -> None:
        """Tick these layers and no others."""
        self._ticked = list(layers)
        self._fill()

    def hide_layer(self, layer: Image | None) -> None:
        """Leave out a layer that is chosen elsewhere."""
        self._hidden = layer
        self._fill()

    def _offered(self) -> list[Image]:
        return [
            layer
            for layer in self._viewer.layers
            if isinstance(layer, Image)
            and layer is not self._hidden
            and not layer.rgb
            and PREVIEW not in layer.metadata
            and "recipe" not in layer.metadata  # a result has no noise left to learn from
        ]

    def _fill(self, _event: object = None) -> None:
        offered = self._offered()
        before = len(self._ticked)
        self._ticked = [layer for layer in self._ticked if layer in offered]
        self._list.blockSignals(True)
        self._list.clear()
        for layer in offered:
            item = QListWidgetItem(layer.name)
            item.setData(LAYER, layer)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            ticked = layer in self._ticked
            item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
            self._list.addItem(item)
        self._list.blockSignals(False)
        if len(self._ticked) != before:
            self.valueChanged.emit()

    def _on_item(self, item: QListWidgetItem) -> None:
        layer = item.data(LAYER)
        self._ticked = [one for one in self._ticked if one is not layer]
        if item.checkState() == Qt.CheckState.Checked:
            self._ticked.append(layer)
        self.valueChanged.emit()


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
            viewer, "Tick layers of the same kind and camera: more light to learn from."
        )
        self._choose = QPushButton("Folder…")
        self._choose.setToolTip("Learn from all images of a folder, too; they are not opened.")
        self._choose.clicked.connect(self._on_choose)
        self._clear = QPushButton("No folder")
        self._clear.setToolTip("Learn from layers alone.")
        self._clear.clicked.connect(lambda: self.set_folder(None))
        self._said = small_print()
        row = QHBoxLayout()
        row.addWidget(self._choose)
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
