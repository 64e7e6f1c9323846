"""The verdicts, the worst first: a coloured word, what was found, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QGridLayout, QLabel, QWidget

from napari_photon_denoise.camera.transfer import Verdict
from napari_photon_denoise.reports.camera.words import title

# Legible on napari's dark and light themes; the word says it too.
COLOURS = {"PASS": "#2f9e62", "WARN": "#d98a1a", "FAIL": "#e5484d"}
MARKS = {"PASS": "✓ PASS", "WARN": "! WARN", "FAIL": "✗ FAIL"}


class VerdictList(QWidget):  # type: ignore[misc]  # Qt comes without types
    """One row a test; the advice is written out where there is something to do."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(1, 1)

    def show_verdicts(self, verdicts: Sequence[Verdict]) -> None:
        """Show verdicts in the order given."""
        while self._grid.count():
            label = self._grid.takeAt(0).widget()
            label.hide()
            label.deleteLater()
        for row, verdict in enumerate(verdicts):
            tip = f"{verdict.advice}\nLimits: {verdict.threshold}."
            mark = _label(
                f'<b style="color:{COLOURS[verdict.status]}">{MARKS[verdict.status]}</b>', tip
            )
            self._grid.addWidget(mark, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(_label(_sentence(verdict), tip), row, 1)

    def texts(self) -> list[str]:
        """Return what the rows say, as HTML."""
        rows = range(self._grid.rowCount())
        cells = [
            [item.widget().text() for column in (0, 1)
             if (item := self._grid.itemAtPosition(row, column)) is not None]
            for row in rows
        ]  # fmt: skip
        return [" ".join(cell) for cell in cells if cell]


def _sentence(verdict: Verdict) -> str:
    found = f"{escape(title(verdict).capitalize())}: {escape(verdict.figure)}"
    if verdict.status == "PASS":
        return found
    return f"<b>{found}</b> ({escape(verdict.threshold)}). {escape(verdict.advice)}"


def _label(text: str, tip: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setWordWrap(not text.startswith("<b style"))
    label.setToolTip(tip)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
