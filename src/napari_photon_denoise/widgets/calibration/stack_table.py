"""The table of stacks: what they are, and how bright."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QComboBox, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from napari_photon_denoise.widgets.calibration.guess import ROLES, Role
from napari_photon_denoise.widgets.calibration.sources import StackSource

COLUMNS = {
    "Role": "Dark: without light, as exposed as the flats. Flat: steady light.",
    "Level": "Exposure or light, such as 10 ms or 5 %. Optional: it gives the camera's linearity.",
    "Stack": "Where the frames are.",
    "Frames": "Number of frames.",
    "Size": "Height × width of a frame, px.",
}
ROLE, LEVEL, STACK, FRAMES, SIZE = range(len(COLUMNS))
NAMES: dict[Role, str] = {"dark": "Dark", "flat": "Flat"}
HEIGHT = 190  # px: a dark and five flats


class StackTable(QTableWidget):  # type: ignore[misc]  # Qt comes without types
    """Stacks, one a row; role and level can be changed."""

    valueChanged = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, len(COLUMNS), parent)
        self._sources: list[StackSource] = []
        for number, (title, tip) in enumerate(COLUMNS.items()):
            item = QTableWidgetItem(title)
            item.setToolTip(tip)
            self.setHorizontalHeaderItem(number, item)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(STACK, QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().hide()
        self.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setWordWrap(False)
        self.setMinimumHeight(HEIGHT)
        self.setAccessibleName("Stacks of frames")
        self.cellChanged.connect(self._on_cell)

    def sources(self) -> list[StackSource]:
        """Return the stacks with their roles and levels as they are set now."""
        return list(self._sources)

    def add(self, sources: Sequence[StackSource]) -> None:
        """Add stacks; darks go first, flats from dim to bright as far as names tell."""
        self._sources = sorted([*self._sources, *sources], key=lambda source: source.order)
        self._fill()

    def remove_selected(self) -> None:
        """Remove the selected rows."""
        gone = {index.row() for index in self.selectedIndexes()}
        self._sources = [s for row, s in enumerate(self._sources) if row not in gone]
        self._fill()

    def clear_all(self) -> None:
        """Remove all rows."""
        self._sources = []
        self._fill()

    def set_role(self, row: int, role: Role) -> None:
        """Say what the stack of a row is."""
        self.cellWidget(row, ROLE).setCurrentIndex(ROLES.index(role))

    def set_level(self, row: int, level: str) -> None:
        """Say how bright the stack of a row is."""
        self.item(row, LEVEL).setText(level)

    def _fill(self) -> None:
        self.blockSignals(True)
        self.setRowCount(len(self._sources))
        for row, source in enumerate(self._sources):
            self.setCellWidget(row, ROLE, self._role_box(row, source))
            self._put(row, LEVEL, source.level, "Type in an exposure or light, such as 10 ms.")
            self._put(row, STACK, source.label, source.where)
            self._put(row, FRAMES, str(source.frames), "")
            height, width = source.shape
            self._put(row, SIZE, f"{height}×{width}", "")
        self.blockSignals(False)
        self.valueChanged.emit()

    def _put(self, row: int, column: int, text: str, tip: str) -> None:
        item = QTableWidgetItem(text)
        item.setToolTip(tip)
        if column != LEVEL:
            item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
        if column in (FRAMES, SIZE):
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setItem(row, column, item)

    def _role_box(self, row: int, source: StackSource) -> QComboBox:
        box = QComboBox()
        for role in ROLES:
            box.addItem(NAMES[role], role)
        box.setCurrentIndex(ROLES.index(source.role))
        box.setAccessibleName(f"Role of {source.name}")
        box.setToolTip(
            f"{'Guessed from the name' if source.guessed else 'The name does not tell'}: change "
            "it if it is the other."
        )
        box.currentIndexChanged.connect(lambda index: self._on_role(row, ROLES[index]))
        return box

    def _on_role(self, row: int, role: Role) -> None:
        self._sources[row] = replace(self._sources[row], role=role, guessed=True)
        self.valueChanged.emit()

    def _on_cell(self, row: int, column: int) -> None:
        if column == LEVEL:
            text = self.item(row, LEVEL).text().strip()
            self._sources[row] = replace(self._sources[row], level=text)
            self.valueChanged.emit()
