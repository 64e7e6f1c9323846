"""The files of the tab, one a row, and how far each is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qtpy.QtCore import QModelIndex, Qt, Signal
from qtpy.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from qtpy.QtWidgets import (
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
)

from napari_photon_denoise.widgets.batch.rows import Row

COLUMNS = {
    "File": "The image; point at it to read where it is.",
    "State": "How far it is; select a row to read below what there is to say of it.",
}
FILE, STATE = range(len(COLUMNS))
HEIGHT = 160  # px: five files; the table takes all the room there is


class _ElidedInMiddle(QStyledItemDelegate):  # type: ignore[misc]  # Qt comes without types
    """Shows how a name that has no room begins and ends."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Leave out what is in the middle."""
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideMiddle


class FilesTable(QTableWidget):  # type: ignore[misc]  # Qt comes without types
    """Shows rows, and takes files and folders that are dropped on it."""

    dropped = Signal(object)
    """Paths, a list."""

    def __init__(self) -> None:
        super().__init__(0, len(COLUMNS))
        for number, (title, tip) in enumerate(COLUMNS.items()):
            item = QTableWidgetItem(title)
            item.setToolTip(tip)
            self.setHorizontalHeaderItem(number, item)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )
        self.verticalHeader().hide()
        self.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.setWordWrap(False)
        # Files of an experiment, and positions of a file, differ by how their names end.
        self._middle = _ElidedInMiddle(self)
        self.setItemDelegateForColumn(FILE, self._middle)
        self.setMinimumHeight(HEIGHT)
        self.setAccessibleName("Files")
        self.setAcceptDrops(True)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows; what is selected stays if they are as many."""
        if len(rows) != self.rowCount():
            self.clearSelection()
        self.setRowCount(len(rows))
        for number, row in enumerate(rows):
            self.show_row(number, row)

    def show_row(self, number: int, row: Row) -> None:
        """Show one."""
        self._put(number, FILE, row.name, row.place)
        self._put(number, STATE, row.text, "\n".join(filter(None, (row.text, row.story))))

    def chosen(self) -> list[int]:
        """Return the numbers of the selected rows."""
        return sorted({index.row() for index in self.selectedIndexes()})

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        self._accept(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Take files."""
        self._accept(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand on what was dropped."""
        event.acceptProposedAction()
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            self.dropped.emit(paths)

    def _accept(self, event: QDragMoveEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()
        else:
            event.ignore()

    def _put(self, row: int, column: int, text: str, tip: str) -> None:
        item = self.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            self.setItem(row, column, item)
        if item.text() != text:
            item.setText(text)
        if item.toolTip() != tip:
            item.setToolTip(tip)
