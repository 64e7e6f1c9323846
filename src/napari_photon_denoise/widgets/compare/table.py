"""The table of a comparison: a row a candidate, numbers that sort as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qtpy.QtCore import QAbstractTableModel, QModelIndex, Qt, Signal
from qtpy.QtGui import QFont
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from napari_photon_denoise.evaluation.methods import COLUMNS, Column, Row, as_csv, best_names, rank
from napari_photon_denoise.metrics.applicable import NotApplicable

NAME = 0  # column of the name; figures follow
NAME_WIDTH = 150  # px; longer names are cut, and told in full by the tooltip


class RowModel(QAbstractTableModel):  # type: ignore[misc]  # Qt comes without types
    """Rows as they arrive, sorted as the user likes; best first until then."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[Row] = []
        self._columns: list[Column] = []
        self._equal: frozenset[str] = frozenset()
        self._order: tuple[int, Qt.SortOrder] | None = None
        self.set_columns(with_truth=False)

    @property
    def rows(self) -> list[Row]:
        """The rows, as they are sorted now."""
        return list(self._rows)

    def set_columns(self, *, with_truth: bool) -> None:
        """Start anew, without rows; figures that need a truth have columns only with one."""
        self.beginResetModel()
        self._rows, self._equal, self._order = [], frozenset(), None
        self._columns = [column for column in COLUMNS if with_truth or not column.needs_truth]
        self._with_truth = with_truth
        self.endResetModel()

    def add(self, row: Row) -> None:
        """Add a row at its place."""
        at = len(self._rows)
        self.beginInsertRows(QModelIndex(), at, at)
        self._rows.append(row)
        self.endInsertRows()
        self._sort()

    def update(self, rows: Sequence[Row]) -> None:
        """Take over what became known of the rows when all of them were done."""
        known = {row.name: row for row in rows}
        self._rows = [known.get(row.name, row) for row in self._rows]
        self._sort()

    def set_equal(self, names: Sequence[str]) -> None:
        """Name the rows that can't be told from the best by photons held back."""
        self._equal = frozenset(names)
        self._tell()

    def as_csv(self) -> str:
        """Return what is shown as CSV."""
        return as_csv(self._rows, with_truth=self._with_truth)

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Count the rows."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Count the columns."""
        return 0 if parent is not None and parent.isValid() else 1 + len(self._columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Title and unit of a column, one below the other."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = None if section == NAME else self._columns[section - 1]
        if role == Qt.ItemDataRole.DisplayRole:
            return "Method\n" if column is None else _two_lines(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return "What made the image." if column is None else f"{column.header}: {column.help}"
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, reason, weight or place of a cell."""
        row = self._rows[index.row()]
        column = None if index.column() == NAME else self._columns[index.column() - 1]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name if column is None else column.text(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tip(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole and column is not None:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.FontRole and column is not None and self._is_best(row, column):
            font = QFont()
            font.setBold(True)
            return font
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; what has no number stays at the end."""
        self._order = (column, order) if column >= 0 else None
        self._sort()

    def _is_best(self, row: Row, column: Column) -> bool:
        if column is COLUMNS[0] and self._equal:
            return row.name in self._equal
        return len(self._rows) > 1 and row.name in best_names(column, self._rows)

    def _sort(self) -> None:
        self.layoutAboutToBeChanged.emit()
        before = self._rows
        self._rows = self._sorted(before)
        for index in self.persistentIndexList():
            at = next(n for n, row in enumerate(self._rows) if row is before[index.row()])
            self.changePersistentIndex(index, self.index(at, index.column()))
        self.layoutChanged.emit()
        self._tell()

    def _sorted(self, rows: list[Row]) -> list[Row]:
        if self._order is None:
            return sorted(rows, key=rank)
        section, order = self._order
        falling = order == Qt.SortOrder.DescendingOrder
        if section == NAME:
            return sorted(rows, key=lambda row: row.name.lower(), reverse=falling)
        column = self._columns[section - 1]
        found = [(row, column.value(row)) for row in rows]
        known = [(row, value) for row, value in found if not isinstance(value, NotApplicable)]
        known.sort(key=lambda pair: pair[1], reverse=falling)
        rest = [row for row, value in found if isinstance(value, NotApplicable)]
        return [row for row, _ in known] + rest

    def _tell(self) -> None:
        if self._rows:
            last = self.index(len(self._rows) - 1, len(self._columns))
            self.dataChanged.emit(self.index(0, 0), last)


def _two_lines(column: Column) -> str:
    """Break a header where it is narrowest: after its first word."""
    first, _, rest = column.header.partition(" ")
    return f"{first}\n{rest}"


def _tip(row: Row, column: Column | None) -> str:
    if column is None:
        return "\n".join([row.name, *row.notes])
    value = column.value(row)
    if isinstance(value, NotApplicable):
        return value.reason
    return f"{row.name}: {column.title} {column.text(row)} {column.unit}".rstrip()


class RowTable(QTableView):  # type: ignore[misc]  # Qt comes without types
    """Shows the rows; one can be chosen."""

    chosen = Signal(str)
    """Name of the row that the user chose."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = RowModel()
        self.setModel(self.rows)
        self.setAccessibleName("Figures of each method")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setSortIndicatorShown(True)
        header.setSectionsClickable(True)
        header.setHighlightSections(False)  # bold would be wider
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(False)  # until a header is clicked, best first
        header.sectionClicked.connect(self._on_header)
        self.selectionModel().currentRowChanged.connect(self._on_current)
        self.rows.modelReset.connect(self._fit)
        self.rows.dataChanged.connect(self._fit)

    def name(self) -> str:
        """Name of the chosen row; empty if none is."""
        index = self.currentIndex()
        return self.rows.rows[index.row()].name if index.isValid() else ""

    def choose(self, name: str) -> None:
        """Choose a row by its name."""
        names = [row.name for row in self.rows.rows]
        if name in names:
            self.setCurrentIndex(self.rows.index(names.index(name), NAME))

    def start(self, *, with_truth: bool) -> None:
        """Empty the table."""
        self.rows.set_columns(with_truth=with_truth)
        self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)

    def _on_header(self, section: int) -> None:
        header = self.horizontalHeader()
        self.rows.sort(section, header.sortIndicatorOrder())

    def _on_current(self, index: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(self.rows.rows[index.row()].name)

    def _fit(self) -> None:
        self.resizeColumnsToContents()
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.setColumnWidth(NAME, min(self.columnWidth(NAME), NAME_WIDTH))
