"""What a calibration found: numbers, verdicts, and what to do with them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from napari_photon_denoise.camera.transfer import CameraReport
from napari_photon_denoise.reports.camera.words import (
    conclusion,
    offset_median,
    sorted_verdicts,
    with_sd,
)
from napari_photon_denoise.widgets.calibration.verdict_list import COLOURS, MARKS, VerdictList
from napari_photon_denoise.widgets.parts.layout import button, wrapped

ACTIONS = {
    "use": (
        "Use for denoising",
        "Open Photon denoise with this calibration as the camera.",
    ),
    "save": (
        "Save calibration…",
        "Save gain and maps as a file (.tif) to use again, here and in scripts.",
    ),
    "report": (
        "Save report…",
        "Save curve, maps, traces, verdicts and settings as one HTML page to read and sign.",
    ),
    "maps": (
        "Show maps",
        "Add offset, relative response, read noise and defective pixels as layers.",
    ),
    "compare": (
        "Compare with earlier…",
        "Choose an earlier calibration file of this camera and see whether the camera changed.",
    ),
}


class ResultBox(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Headline, verdicts and buttons; empty until there is a report."""

    asked = Signal(str)
    """A key of `ACTIONS`."""

    def __init__(self) -> None:
        super().__init__()
        self._headline = wrapped()
        self._headline.setTextFormat(Qt.TextFormat.RichText)
        self._conclusion = wrapped()
        self._conclusion.setTextFormat(Qt.TextFormat.RichText)
        self._drift = wrapped()
        self._drift.setVisible(False)
        self.verdicts = VerdictList()
        self.buttons: dict[str, QPushButton] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._headline)
        layout.addWidget(self._conclusion)
        layout.addLayout(self._make_buttons())
        layout.addWidget(self._drift)
        layout.addWidget(self.verdicts)
        self.set_enabled(False)

    @property
    def headline(self) -> str:
        """What the headline says, as HTML."""
        return str(self._headline.text())

    @property
    def drift(self) -> str:
        """What the comparison said; empty before one."""
        return str(self._drift.text())

    def set_enabled(self, on: bool) -> None:
        """Enable the buttons."""
        for one in self.buttons.values():
            one.setEnabled(on)

    def show_report(self, report: CameraReport) -> None:
        """Show numbers and verdicts."""
        camera = report.calibration
        rows = (
            ("Gain", with_sd(report.gain, report.gain * report.gain_precision), "e-/ADU"),
            ("Offset", with_sd(offset_median(report), camera.offset_sd), "ADU"),
            (
                "Read noise",
                f"{report.read_noise_median:.3g} e- median, {report.read_noise_rms:.3g} e- rms",
                "",
            ),
        )
        self._headline.setText(
            "<table cellspacing=3>"
            + "".join(
                f"<tr><td>{name}&nbsp;&nbsp;</td><td><b>{escape(number)}</b> {unit}</td></tr>"
                for name, number, unit in rows
            )
            + "</table>"
        )
        self._conclusion.setText(
            f'<b style="color:{COLOURS[report.status]}">{MARKS[report.status]}</b> '
            f"{escape(conclusion(report))}"
        )
        self._drift.setVisible(False)
        self._drift.setText("")
        self.verdicts.show_verdicts(sorted_verdicts(report))

    def show_drift(self, name: str, sentences: Sequence[str]) -> None:
        """Show what a comparison with an earlier calibration says."""
        lines = "".join(f"<br>{escape(sentence)}" for sentence in sentences[1:])
        self._drift.setText(f"<b>Compared with {escape(name)}: {escape(sentences[0])}</b>{lines}")
        self._drift.setVisible(True)

    def _make_buttons(self) -> QGridLayout:
        grid = QGridLayout()
        for number, (key, (text, tip)) in enumerate(ACTIONS.items()):
            made = button(text, tip, lambda _=False, key=key: self.asked.emit(key))
            self.buttons[key] = made
            # The first, which most people want, has a row for itself.
            row, column = divmod(number + 1, 2) if number else (0, 0)
            grid.addWidget(made, row, column, 1, 1 if number else 2)
        return grid
