"""The dock widget "Line profile": layers along a line that is followed while it is dragged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from qtpy.QtWidgets import QCheckBox, QFormLayout, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget
from superqt.utils import qthrottled

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.profile import Profile, profiles_as_csv
from napari_photon_denoise.widgets.parts.canvas import DOCK_WIDTH
from napari_photon_denoise.widgets.parts.dock import DockLife
from napari_photon_denoise.widgets.parts.docking import prefer_bottom
from napari_photon_denoise.widgets.parts.layout import button, fill_dock, group
from napari_photon_denoise.widgets.parts.status import Status
from napari_photon_denoise.widgets.plots.evidence_box import EvidenceBox
from napari_photon_denoise.widgets.plots.line import Line
from napari_photon_denoise.widgets.plots.page import PlotPage
from napari_photon_denoise.widgets.plots.planes import Planes
from napari_photon_denoise.widgets.plots.profile_plot import Curve, ProfilePlot
from napari_photon_denoise.widgets.plots.profiles import measure_profiles
from napari_photon_denoise.widgets.plots.save_row import SaveRow
from napari_photon_denoise.widgets.plots.sources import SourceBox
from napari_photon_denoise.widgets.plots.view import view_of

NOTHING = "There is no profile to save: draw a line across a ticked layer."
PAUSE = 25  # ms between two updates: 40 a second at most
WIDEST = 501  # px


class ProfileWidget(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Draw a line, tick layers, read photons.

    Parameters
    ----------
    napari_viewer : napari.Viewer
    """

    def __init__(self, napari_viewer: Any) -> None:
        super().__init__()
        prefer_bottom("Line profile")
        self._viewer = napari_viewer
        self._life = DockLife(self)
        self._planes = Planes()
        self._profiles: list[Profile] = []
        self.sources = SourceBox(napari_viewer)
        self.line = Line(napari_viewer, self)
        self.plot = ProfilePlot()
        self.status = Status("What is missing, and what came out.")
        self.evidence = EvidenceBox(napari_viewer, self.sources)
        self.saving = SaveRow("profile", NOTHING, self._table, self.plot.canvas, self.status)
        self._build()
        # Not at once: layers tell us of themselves before napari has finished with them.
        self._throttled = qthrottled(
            self.update_profiles, timeout=PAUSE, leading=False, parent=self
        )
        self._connect()
        self.update_profiles()

    @property
    def profiles(self) -> list[Profile]:
        """What is drawn."""
        return list(self._profiles)

    @property
    def message(self) -> str:
        """What the status line says."""
        return str(self.status.text())

    def set_width(self, pixels: int) -> None:
        """Say how many pixels across the line are averaged."""
        self._width.setValue(pixels)

    def draw_line(self) -> None:
        """Make a line, or take the one that is there in hand."""
        ticked = self.sources.layers.ticked()
        try:
            self.line.draw(ticked[0] if ticked else None, view_of(self._viewer, ticked))
        except PhotonDenoiseError as error:
            self.status.refuse(str(error))
            return
        self.update_profiles()

    def update_profiles(self) -> None:
        """Read and draw anew, or say why not."""
        try:
            sources, notes = self.sources.sources()
            view = view_of(self._viewer, [source.layer for source in sources])
            line = self.line.points(view)
            profiles, said = measure_profiles(
                sources, view, line, self._width.value(), self._planes
            )
        except PhotonDenoiseError as error:
            self._profiles = []
            self.plot.clear()
            self.status.hint(str(error))
            return
        if not self._noise.isChecked():
            profiles = [(source, _without_noise(profile)) for source, profile in profiles]
        self._profiles = [profile for _, profile in profiles]
        colours = self.sources.layers.colours()
        self.plot.show_curves([Curve(one, colours[source.layer]) for source, one in profiles])
        self.status.hint(*notes, *said)

    def _table(self) -> str:
        """Return distances (µm) and values as CSV."""
        return profiles_as_csv(self._profiles) if self._profiles else ""

    def _build(self) -> None:
        self._width = QSpinBox()
        self._width.setRange(1, WIDEST)
        self._width.setSuffix(" px")
        self._width.setToolTip(
            "Pixels across the line that are averaged, of the lowest ticked layer: more are less "
            "noisy and less sharp. Layers with other pixels are averaged over the same width in µm."
        )
        self._noise = QCheckBox("± noise of the raw data")
        self._noise.setChecked(True)
        self._noise.setToolTip(
            "Band of one standard deviation, √((photons + read noise²) / pixels averaged), around "
            "layers that are a camera's own image: how far the curve may vary by chance."
        )
        draw = button(
            "&Draw a line",
            "Draw a line across the view, in a Shapes layer; then drag its ends. If there is one, "
            "it is taken in hand.\nThe selected line of the active Shapes layer is followed, or "
            "else its last; lines and paths will do.",
            self.draw_line,
        )
        form = QFormLayout()
        form.addRow("Width", self._width)
        form.addRow(self._noise)
        head = QHBoxLayout()
        head.addWidget(draw)
        head.addLayout(form, 1)
        controls = QWidget()
        inner = QVBoxLayout(controls)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.sources)
        inner.addLayout(head)
        inner.addWidget(self.saving)
        inner.addWidget(group("What was removed", self.evidence))
        inner.addStretch()
        page = PlotPage(controls, self.status, self.plot.canvas)
        fill_dock(self, page, width=DOCK_WIDTH)
        self._life.lies.connect(page.lay)

    def _connect(self) -> None:
        dims, hooks = self._viewer.dims.events, self._life.hooks
        hooks.connect(self._on_view, dims.point, dims.margin_left, dims.margin_right)
        hooks.connect(self._on_view, dims.ndisplay, dims.order)
        self._life.follow_theme(self._viewer, self.plot.canvas.set_colour)
        self._life.closed.connect(self._on_closed)
        self.sources.changed.connect(self._throttled)
        self.sources.layers.refreshed.connect(self._throttled)
        self.sources.layers.replaced.connect(self._planes.forget)
        self.line.moved.connect(self._throttled)
        self._width.valueChanged.connect(self._throttled)
        self._noise.toggled.connect(self._throttled)
        self.evidence.said.connect(self.status.say)
        self.evidence.refused.connect(self.status.refuse)

    def _on_closed(self) -> None:
        """Let go of the viewer."""
        self._throttled.cancel()
        for part in (self.sources, self.line):
            part.disconnect_viewer()
        self.plot.canvas.release()

    def _on_view(self, _event: object = None) -> None:
        self._throttled()


def _without_noise(profile: Profile) -> Profile:
    return replace(profile, sd=None)
