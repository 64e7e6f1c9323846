"""The tab "Files": the list, where the results go, and what there is to say; it decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from napari_photon_denoise.io.readers import DIALOG
from napari_photon_denoise.widgets.batch.rows import REPLACE, Row
from napari_photon_denoise.widgets.batch.table import FilesTable
from napari_photon_denoise.widgets.parts.layout import button, narrow_combo, small_print

if TYPE_CHECKING:
    from napari_photon_denoise.widgets.batch.controller import BatchController

BESIDE = "denoised, beside the images"
CAMERAS = ("From each image", "As under Layers")


class FilesPage(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Shows what a `BatchController` tells it to."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[Row] = []
        self._touched = False  # whether the user has chosen the camera
        self.table = FilesTable()
        self._summary, self._story, self._how = small_print(), small_print(), small_print()
        self._output = QLineEdit()
        self._output.setPlaceholderText("denoised")
        self._overwrite = QCheckBox(REPLACE)
        self._overwrite.setToolTip(
            "Otherwise a file that is there already is left as it is: skipped if these settings "
            "made it, refused if others did."
        )
        self._camera = narrow_combo(
            "Whether gain, offset and read noise are estimated from each image, or are those of "
            "the camera chosen under Layers."
        )
        self._camera.addItems(CAMERAS)
        self._camera.setAccessibleName("Camera")
        self._buttons = QWidget()
        self._settings = QWidget()
        self.show_folder(None)

    def connect_to(self, control: BatchController) -> None:
        """Put everything in its place, and tell the controller what the user does."""
        self._open = button(
            "Open result",
            "Show the result of the selected file; a double click does it, too.",
            lambda: self._open_chosen(control),
        )
        layout = QVBoxLayout(self)
        self._fill_buttons(control)
        self._fill_settings()
        row = QHBoxLayout()
        row.addWidget(self._summary, 1)
        row.addWidget(self._open)
        layout.addWidget(self._buttons)
        layout.addWidget(self.table, 1)
        layout.addLayout(row)
        layout.addWidget(self._story)
        layout.addWidget(self._settings)
        layout.addWidget(self._how)
        self.table.dropped.connect(control.add)
        self.table.itemSelectionChanged.connect(self._show_story)
        self.table.cellDoubleClicked.connect(lambda row, _: control.open_result(row))
        self._camera.activated.connect(lambda: self._on_camera(control))
        self._show_story()

    def output(self) -> Path | None:
        """Return the folder that was chosen, if one was."""
        text = self._output.text().strip()
        return Path(text).expanduser() if text else None

    def set_output(self, folder: str | Path) -> None:
        """Choose the folder for the results."""
        self._output.setText(str(folder))

    def overwrite(self) -> bool:
        """Return whether results that are there are replaced."""
        return bool(self._overwrite.isChecked())

    def set_overwrite(self, on: bool) -> None:
        """Say whether they are."""
        self._overwrite.setChecked(on)

    def from_each(self) -> bool:
        """Return whether the camera is estimated from each image."""
        return int(self._camera.currentIndex()) == 0

    def propose_camera(self, from_each: bool) -> None:
        """Choose whether it is, unless the user has."""
        if not self._touched:
            self._camera.setCurrentIndex(0 if from_each else 1)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show these files."""
        self._rows = list(rows)
        self.table.show_rows(rows)
        self._show_story()

    def show_row(self, number: int, row: Row) -> None:
        """Show what is new of one."""
        self._rows[number] = row
        self.table.show_row(number, row)
        if self.table.chosen() == [number]:
            self._show_story()

    def select(self, number: int) -> None:
        """Select a file, unless the user has selected one."""
        if not self.table.chosen():
            self.table.selectRow(number)

    def show_summary(self, text: str) -> None:
        """Say how far all of them are."""
        self._summary.setText(text)

    def show_how(self, text: str) -> None:
        """Say what will be done."""
        self._how.setText(text)

    def show_folder(self, folder: Path | None) -> None:
        """Say where the results go if no folder is chosen."""
        where = str(folder) if folder is not None else BESIDE
        self._output.setToolTip(f"Folder for the results; if it is empty: {where}.")

    def set_busy(self, busy: bool) -> None:
        """Disable what can't be done while something runs."""
        self._buttons.setDisabled(busy)
        self._settings.setDisabled(busy)
        self.table.setAcceptDrops(not busy)

    def _fill_buttons(self, control: BatchController) -> None:
        layout = QVBoxLayout(self._buttons)
        layout.setContentsMargins(0, 0, 0, 0)
        for row in (
            (
                ("Add files…", "Choose images to denoise.", lambda: self._add_files(control)),
                ("Add folder…", "All images of a folder.", lambda: self._add_folder(control)),
                (
                    "Add series…",
                    "The numbered TIFF files of a folder, as one stack: their names say which time "
                    "(t), plane (z) and channel (c) each is.",
                    lambda: self._add_series(control),
                ),
            ),
            (
                (
                    "Remove selected",
                    "Take the selected rows off the list; files stay as they are.",
                    lambda: control.remove(self.table.chosen()),
                ),
                (
                    "Remove all",
                    "Empty the list; files stay as they are.",
                    lambda: control.remove(range(len(self._rows))),
                ),
            ),
        ):
            line = QHBoxLayout()
            for text, tip, slot in row:
                line.addWidget(button(text, tip, slot))
            layout.addLayout(line)

    def _fill_settings(self) -> None:
        browse = button("Browse…", "Choose the folder for the results.", self._browse)
        where = QHBoxLayout()
        where.addWidget(self._output, 1)
        where.addWidget(browse)
        rows = QFormLayout()
        rows.addRow("Camera", self._camera)
        rows.addRow("Results in", where)
        layout = QVBoxLayout(self._settings)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(rows)
        layout.addWidget(self._overwrite)  # which would widen the dock beside a label

    def _add_files(self, control: BatchController) -> None:
        names, _ = QFileDialog.getOpenFileNames(
            self, "Images to denoise", "", f"{DIALOG};;All files (*)"
        )
        if names:
            control.add(names)

    def _add_folder(self, control: BatchController) -> None:
        name = QFileDialog.getExistingDirectory(self, "Folder of images")
        if name:
            control.add([name])

    def _add_series(self, control: BatchController) -> None:
        name = QFileDialog.getExistingDirectory(self, "Folder of numbered files, one stack")
        if name:
            control.add_series(name)

    def _browse(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Folder for the results")
        if name:
            self.set_output(name)

    def _open_chosen(self, control: BatchController) -> None:
        for number in self.table.chosen():
            control.open_result(number)

    def _on_camera(self, control: BatchController) -> None:
        self._touched = True
        control.follow_form()

    def _show_story(self) -> None:
        """Say what there is to say of the selected file."""
        chosen = [self._rows[number] for number in self.table.chosen() if number < len(self._rows)]
        self._open.setEnabled(any(row.opens for row in chosen))
        self._story.setText(chosen[0].told if len(chosen) == 1 else "")
        self._story.setVisible(bool(self._story.text()))
