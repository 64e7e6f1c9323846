"""The dock widget "Histogram": how often layers have which values, and how far they differ."""

from __future__ import annotations

from typing import Any

from napari.layers import Image
from qtpy.QtWidgets import QCheckBox, QComboBox, QFormLayout, QVBoxLayout, QWidget

from napari_photon_denoise.job import Progress
from napari_photon_denoise.metrics.curves import curves_as_csv
from napari_photon_denoise.widgets.parts.canvas import DOCK_WIDTH
from napari_photon_denoise.widgets.parts.dock import DockLife
from napari_photon_denoise.widgets.parts.docking import prefer_bottom
from napari_photon_denoise.widgets.parts.latest import Latest
from napari_photon_denoise.widgets.parts.layout import fill_dock, narrow_combo
from napari_photon_denoise.widgets.parts.status import Status
from napari_photon_denoise.widgets.parts.work import Work
from napari_photon_denoise.widgets.plots.histogram_plot import HistogramPlot
from napari_photon_denoise.widgets.plots.histograms import Histograms, LayerSample, histogram_job
from napari_photon_denoise.widgets.plots.page import PlotPage
from napari_photon_denoise.widgets.plots.save_row import SaveRow
from napari_photon_denoise.widgets.plots.sources import SourceBox
from napari_photon_denoise.widgets.plots.view import view_of

NOTHING = "There is no histogram to save: tick a layer."
GATHER = 120  # ms; changes that follow each other so fast are answered once
PLANE, WHOLE = "The plane that is shown", "Whole layers"


class HistogramWidget(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Tick layers, see their values' distributions.

    Parameters
    ----------
    napari_viewer : napari.Viewer
    """

    def __init__(self, napari_viewer: Any) -> None:
        super().__init__()
        prefer_bottom("Histogram")
        self._viewer = napari_viewer
        self._life = DockLife(self)
        self._measured: Histograms | None = None
        self._wanted: list[Image] = []
        self._notes: list[str] = []
        self._offered: list[Image] = []
        self.sources = SourceBox(napari_viewer)
        self.plot = HistogramPlot()
        self.status = Status("What is missing, and what came out.")
        self.saving = SaveRow("histogram", NOTHING, self._table, self.plot.canvas, self.status)
        self._build()
        self._latest = Latest(self._work, GATHER, self)
        self.runner, self.refresh = self._latest.runner, self._latest.refresh
        self._connect()
        self._latest.switch(True)
        self._on_sources()

    @property
    def measured(self) -> Histograms | None:
        """What is drawn."""
        return self._measured

    @property
    def busy(self) -> bool:
        """Whether a histogram is asked for or computed."""
        return self._latest.busy

    @property
    def message(self) -> str:
        """What the status line says."""
        return str(self.status.text())

    def show_whole(self, on: bool) -> None:
        """Take all planes, or only the one that is shown."""
        self._pixels.setCurrentIndex(int(on))

    def set_logarithmic(self, on: bool) -> None:
        """Choose the axis of the histogram."""
        self._log.setChecked(on)

    def compare(self, first: Image, second: Image) -> None:
        """Mark the distance between two layers."""
        for box, layer in zip(self._pair, (first, second), strict=True):
            box.setCurrentIndex(self._offered.index(layer) + 1)

    @property
    def _whole(self) -> bool:
        return bool(self._pixels.currentIndex() == 1)

    def _work(self) -> Work:
        """Return the histograms of what is ticked."""
        sources, self._notes = self.sources.sources()
        view = view_of(self._viewer, [source.layer for source in sources])
        samples = [LayerSample(one, view.place(one.layer), self._whole) for one in sources]
        self._wanted = [source.layer for source in sources]
        if not self._whole:
            self._notes += filter(None, map(view.note, self._wanted))
        job = histogram_job(samples, self._numbers())
        return Work(job, "Histogram", self._show, self._on_progress)

    def _numbers(self) -> tuple[int, int] | None:
        """Return which of the curves are compared."""
        first, second = (self._chosen(box) for box in self._pair)
        if first is second or first not in self._wanted or second not in self._wanted:
            return None
        return self._wanted.index(first), self._wanted.index(second)

    def _chosen(self, box: QComboBox) -> Image | None:
        """Return the layer that is chosen in one of the two boxes."""
        number = box.currentIndex() - 1
        return self._offered[number] if number >= 0 else None

    def _show(self, measured: Histograms) -> None:
        colours = self.sources.layers.colours()
        if not all(layer in colours for layer in self._wanted):
            return  # one was removed meanwhile; the next answer is on its way
        self._measured = measured
        self.plot.show_curves(measured, [colours[layer] for layer in self._wanted])
        self.status.hint(*self._notes, *measured.notes)

    def _refuse(self, sentence: str) -> None:
        self._measured = None
        self.plot.clear()
        self.status.hint(sentence)

    def _on_progress(self, step: Progress) -> None:
        if step.total > 1:
            self.status.say(f"{step.text}: plane {step.done + 1} of {step.total}…")

    def _on_failure(self, error: Exception) -> None:
        self._refuse(f"Stopped on an unexpected error ({error}); your images are as they were.")

    def _on_closed(self) -> None:
        """Let go of the viewer."""
        self._latest.switch(False)
        self.sources.disconnect_viewer()
        self.plot.canvas.release()

    def _on_plane(self, _event: object = None) -> None:
        """Follow the sliders, unless all planes are in it anyway."""
        if not self._whole:
            self.refresh()

    def _on_sources(self) -> None:
        """Offer the ticked layers for the comparison, the first two at first."""
        ticked = self.sources.layers.ticked()
        names = [layer.name for layer in ticked]
        shown = [self._pair[0].itemText(number + 1) for number in range(len(self._offered))]
        if ticked != self._offered or names != shown:
            before = [self._chosen(box) for box in self._pair]
            self._offered = ticked
            for number, (box, layer) in enumerate(zip(self._pair, before, strict=True)):
                box.blockSignals(True)
                box.clear()
                box.addItem("nothing")
                box.addItems(names)
                fallback = number + 1 if len(ticked) > 1 else 0
                box.setCurrentIndex(ticked.index(layer) + 1 if layer in ticked else fallback)
                box.blockSignals(False)
        self.refresh()

    def _table(self) -> str:
        """Return the curves as CSV."""
        return curves_as_csv(self._measured.curves) if self._measured is not None else ""

    def _build(self) -> None:
        self._pixels = QComboBox()
        self._pixels.addItems([PLANE, WHOLE])
        self._pixels.setToolTip(
            "The plane at the sliders, all of it; or all planes, times and channels of each layer."
        )
        tip = (
            "Two layers whose cumulative curves are compared: the Kolmogorov-Smirnov distance "
            "is their widest gap, from 0 (alike) to 1. It is blind to where values are."
        )
        self._pair = narrow_combo(tip), narrow_combo(tip)
        self._log = QCheckBox("Logarithmic")
        self._log.setToolTip("Show the histogram's shares of pixels on a logarithmic axis.")
        form = QFormLayout()
        form.addRow("Pixels", self._pixels)
        form.addRow("Compare", self._pair[0])
        form.addRow("with", self._pair[1])
        form.addRow(self._log)
        controls = QWidget()
        inner = QVBoxLayout(controls)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.sources)
        inner.addLayout(form)
        inner.addWidget(self.saving)
        inner.addStretch()
        page = PlotPage(controls, self.status, self.plot.canvas)
        fill_dock(self, page, width=DOCK_WIDTH)
        self._life.lies.connect(page.lay)

    def _connect(self) -> None:
        dims, hooks = self._viewer.dims.events, self._life.hooks
        hooks.connect(self._on_plane, dims.point, dims.margin_left, dims.margin_right)
        hooks.connect(self.refresh, dims.ndisplay, dims.order)
        self._life.follow_theme(self._viewer, self.plot.canvas.set_colour)
        self._life.closed.connect(self._on_closed)
        self.sources.changed.connect(self._on_sources)
        self.sources.layers.refreshed.connect(self._on_plane)
        self._log.toggled.connect(self.plot.set_logarithmic)
        self._pixels.currentIndexChanged.connect(self.refresh)
        for box in self._pair:
            box.currentIndexChanged.connect(self.refresh)
        self._latest.refused.connect(self._refuse)
        self.runner.failed.connect(self._on_failure)
