"""What came out: the view, the table, the verdict, and what can be done with it."""

from __future__ import annotations

from pathlib import Path

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QApplication,
    QFileDialog,
    QGridLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.methods import Compared
from napari_photon_denoise.io.whole import whole_file
from napari_photon_denoise.metrics.applicable import NotApplicable
from napari_photon_denoise.widgets.compare.table import RowTable
from napari_photon_denoise.widgets.compare.view_picker import ViewPicker

BUTTONS = {
    "use": (
        "Use this one on the whole stack",
        "Take the chosen row's method, its parameters, the image and the camera to Photon "
        "denoise; press Run there.",
    ),
    "report": (
        "Save report…",
        "Save pictures, line profile, table, verdict and recipes as one HTML page.",
    ),
    "keep": ("Keep the layers", "Leave the layers to you: closing this widget removes them else."),
    "copy": ("Copy table", "Copy the table as CSV, for a spreadsheet."),
    "export": ("Export table…", "Save the table as a CSV file."),
}
# Row, column, and how many of these; the first one is what all this is for.
PLACES = {
    "use": (0, 0, 1, 2),
    "report": (0, 2, 1, 1),
    "keep": (1, 0, 1, 1),
    "copy": (1, 1, 1, 1),
    "export": (1, 2, 1, 1),
}


class ResultBox(QWidget):  # type: ignore[misc]  # Qt comes without types
    """The second page of the widget."""

    useAsked = Signal(str)
    """Name of the row whose method is wanted."""
    keepAsked = Signal()
    reportAsked = Signal(object)
    """Path of the page to write."""
    said = Signal(str)
    refused = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.views = ViewPicker()
        self.table = RowTable()
        self._verdict = QLabel()
        self._verdict.setWordWrap(True)
        self._verdict.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._verdict.setToolTip("What the table comes to.")
        self.buttons: dict[str, QPushButton] = {}
        grid = QGridLayout()
        for key, (title, tip) in BUTTONS.items():
            button = QPushButton(title)
            button.setToolTip(tip)
            self.buttons[key] = button
            grid.addWidget(button, *PLACES[key])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self.views)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._verdict)
        layout.addLayout(grid)
        self.buttons["use"].clicked.connect(lambda: self.useAsked.emit(self.table.name()))
        self.buttons["keep"].clicked.connect(self.keepAsked)
        self.buttons["copy"].clicked.connect(self.copy)
        self.buttons["export"].clicked.connect(self._on_export)
        self.buttons["report"].clicked.connect(self._on_report)
        self.start(with_truth=False)

    @property
    def verdict(self) -> str:
        """What is said below the table."""
        return str(self._verdict.text())

    def start(self, *, with_truth: bool) -> None:
        """Empty everything."""
        self.table.start(with_truth=with_truth)
        self._verdict.setText("")
        self.set_usable(False)
        for key in ("report", "keep", "copy", "export"):
            self.buttons[key].setEnabled(False)

    def show_verdict(self, compared: Compared) -> None:
        """Say what came out; what can't be told apart is bold alike."""
        text = [compared.verdict, *compared.notes]
        if compared.truth_range is not None:
            text.append(f"PSNR and SSIM: range of the truth, {compared.truth_range:.4g} e-.")
        self._verdict.setText("\n".join(text))
        self.table.rows.update(compared.rows)
        self.buttons["report"].setEnabled(True)
        if not isinstance(compared.comparison, NotApplicable) and compared.comparison.scores:
            self.table.rows.set_equal(compared.comparison.ties())

    def set_exportable(self) -> None:
        """There is something to keep, copy and save."""
        for key in ("keep", "copy", "export"):
            self.buttons[key].setEnabled(True)

    def set_usable(self, usable: bool) -> None:
        """Say whether the chosen row has a method to use."""
        self.buttons["use"].setEnabled(usable)

    def copy(self) -> None:
        """Copy the table as CSV."""
        QApplication.clipboard().setText(self.table.rows.as_csv())
        self.said.emit("The table is on the clipboard.")

    def export(self, path: Path) -> None:
        """Save the table as CSV."""
        try:
            with whole_file(path) as part:
                part.write_text(self.table.rows.as_csv(), encoding="utf-8")
        except PhotonDenoiseError as error:
            self.refused.emit(str(error))
        else:
            self.said.emit(f"Saved {path.name}.")

    def _on_export(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Export table", "comparison.csv", "Table (*.csv)"
        )
        if chosen:
            self.export(Path(chosen))

    def _on_report(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Save report", "comparison.html", "Page (*.html);;Figures (*.json)"
        )
        if chosen:
            self.reportAsked.emit(Path(chosen))
