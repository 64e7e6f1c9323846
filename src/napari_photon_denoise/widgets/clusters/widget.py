"""The dock widget "Clusters": which pixels look alike, and how many kinds of them there are."""

from __future__ import annotations

from typing import Any

from qtpy.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from napari_photon_denoise.evaluation.clusters import HEADER, rows
from napari_photon_denoise.io.text import as_csv
from napari_photon_denoise.widgets.clusters.controller import ClusterController
from napari_photon_denoise.widgets.clusters.form import ClusterForm
from napari_photon_denoise.widgets.clusters.sweep_plot import SweepPlot
from napari_photon_denoise.widgets.parts.camera import CameraPicker
from napari_photon_denoise.widgets.parts.canvas import DOCK_WIDTH
from napari_photon_denoise.widgets.parts.dock import Dock
from napari_photon_denoise.widgets.parts.layout import group, scrolled, small_print, stack
from napari_photon_denoise.widgets.parts.source import SourcePicker
from napari_photon_denoise.widgets.plots.save_row import SaveRow

NOTHING = "There are no figures to save: press Find clusters."


class ClusterWidget(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Choose an image; see its clusters as labels, and their figures.

    Parameters
    ----------
    napari_viewer : napari.Viewer
    """

    def __init__(self, napari_viewer: Any) -> None:
        super().__init__()
        self.controller = ClusterController(napari_viewer, self)
        self.source = SourcePicker(napari_viewer)
        self.camera = CameraPicker(napari_viewer, denoises=False)
        self.form = ClusterForm()
        self.plot = SweepPlot()
        self._figures = small_print()
        self._tabs = QTabWidget()
        self.dock = Dock(self, self.controller.work)
        self.bar, self.runner = self.dock.bar, self.dock.runner
        self.run, self.cancel = self.dock.controller.run, self.dock.controller.cancel
        self.saving = SaveRow("clusters", NOTHING, self._table, self.plot.canvas, self.bar)
        self._build()
        self._connect(napari_viewer)
        self.controller.follow_layer()

    @property
    def message(self) -> str:
        """What the status line says."""
        return self.bar.message

    @property
    def figures(self) -> str:
        """What is said of the clusters that were found."""
        return str(self._figures.text())

    def show_figures(self, text: str) -> None:
        """Show figures in words; empty for none."""
        self._figures.setText(text)

    def show_result(self, on: bool) -> None:
        """Turn to the figures, or to what to look at."""
        self._tabs.setCurrentIndex(int(on))

    def _table(self) -> str:
        """Return the figures as CSV; empty if there are none."""
        shown = self.plot.shown
        return "" if shown is None else as_csv(HEADER, rows(shown))

    def _build(self) -> None:
        found = QWidget()
        layout = QVBoxLayout(found)
        for part in (self._figures, self.plot.canvas, self.saving):
            layout.addWidget(part)
        layout.addStretch()
        page = stack(
            QWidget(),
            group("Image", self.source),
            group("Camera", self.camera),
            group("Clusters", self.form),
        )
        self._tabs.addTab(scrolled(page), "What to look at")
        self._tabs.addTab(scrolled(found), "How well they part")
        self.bar.name_run(
            "&Find clusters",
            "Put pixels that look alike into clusters, and show them as labels on the image.",
        )
        self.dock.fill(self._tabs, width=DOCK_WIDTH)

    def _connect(self, viewer: Any) -> None:
        for changed in (self.source.layerChanged, self.source.axesChanged):
            changed.connect(self.controller.follow_layer)
        self.source.layerChanged.connect(self.dock.controller.stop_waiting)
        self.camera.estimated.connect(self.dock.controller.go_on)
        self.form.valueChanged.connect(self.controller.clear)
        self.camera.valueChanged.connect(self.controller.clear)
        self.dock.life.follow_theme(viewer, self.plot.canvas.set_colour)
        self.dock.life.closed.connect(self.plot.canvas.release)
