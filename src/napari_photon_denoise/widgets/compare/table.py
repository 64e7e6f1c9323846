"""The table of a comparison: a row a candidate, numbers that sort as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qtpy.QtCore import QAbstractTableModel, QModelIndex, Qt, Signal
from qtpy.QtGui import QFont
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from napari_photon_denoise.evaluation.figure import Figure
from napari_photon_denoise.evaluation.methods import Row
from napari_photon_denoise.evaluation.methods.columns import (
    FIRST,
    best_names,
    columns,
    rows_as_csv,
)
from napari_photon_denoise.evaluation.methods.rows import rank

NAME = 0  # column of the name; figures follow
NAME_WIDTH = 150  # px; longer names are cut, and told in full by the tooltip


class RowModel(QAbstractTableModel):  # type: ignore[misc]  # Qt comes without types
    """Rows as they arrive, sorted as the user likes; best first until then."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[Row] = []
        self._figures: list[Figure[Any]] = []
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
        self._figures = columns(with_truth=with_truth)
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
        return rows_as_csv(self._rows, with_truth=self._with_truth)

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Count the rows."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Count the columns."""
        return 0 if parent is not None and parent.isValid() else 1 + len(self._figures)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Title and unit of a column, one below the other."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        figure = None if section == NAME else self._figures[section - 1]
        if role == Qt.ItemDataRole.DisplayRole:
            return "Method\n" if figure is None else _two_lines(figure.header)
        if role == Qt.ItemDataRole.ToolTipRole:
            return "What made the image." if figure is None else f"{figure.header}: {figure.help}"
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, reason, weight or place of a cell."""
        row = self._rows[index.row()]
        figure = None if index.column() == NAME else self._figures[index.column() - 1]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name if figure is None else row[figure.key].text
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tip(row, figure)
        if role == Qt.ItemDataRole.TextAlignmentRole and figure is not None:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.FontRole and figure is not None and self._is_best(row, figure):
            font = QFont()
            font.setBold(True)
            return font
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; what has no number stays at the end."""
        self._order = (column, order) if column >= 0 else None
        self._sort()

    def _is_best(self, row: Row, figure: Figure[Any]) -> bool:
        if figure is FIRST and self._equal:
            return row.name in self._equal
        return len(self._rows) > 1 and row.name in best_names(figure, self._rows)

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
        key = self._figures[section - 1].key
        found = [(row, row[key].value) for row in rows]
        known = [(row, value) for row, value in found if value is not None]
        known.sort(key=lambda pair: pair[1], reverse=falling)
        return [row for row, _ in known] + [row for row, value in found if value is None]

    def _tell(self) -> None:
        if self._rows:
            last = self.index(len(self._rows) - 1, len(self._figures))
            self.dataChanged.emit(self.index(0, 0), last)


def _two_lines(header: str) -> str:
    """Break a header where it is narrowest: after its first word."""
    first, _, rest = header.partition(" ")
    return f"{first}\n{rest}"


def _tip(row: Row, figure: Figure[Any] | None) -> str:
    if figure is None:
        return "\n".join([row.name, *row.notes])
    found = row[figure.key]
    return found.reason or f"{row.name}: {figure.title} {found.text} {figure.unit}".rstrip()


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
