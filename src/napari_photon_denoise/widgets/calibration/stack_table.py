"""The table of stacks: darks and flats, each role a group that folds, and how bright they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from napari_photon_denoise.widgets.calibration.guess import Role, parse_level
from napari_photon_denoise.widgets.calibration.sources import StackSource

COLUMNS = {
    "Stack": "Dark: without light, as exposed as the flats. Flat: steady light.",
    "Level": "Exposure or light, such as 10 ms or 5 %. Optional: it gives the camera's linearity.",
    "Frames": "Number of frames.",
    "Size": "Height × width of a frame, px.",
}
STACK, LEVEL, FRAMES, SIZE = range(len(COLUMNS))
NAMES: dict[Role, tuple[str, str]] = {"dark": ("dark", "darks"), "flat": ("flat", "flats")}
HEIGHT = 190  # px: a dark, four flats and their groups
INDENT = 14  # px; names need the room
OPEN = 12  # stacks; of more, the groups are folded
WHICH = Qt.ItemDataRole.UserRole


class StackTable(QTreeWidget):  # type: ignore[misc]  # Qt comes without types
    """Stacks by their role, which can be changed for all that are selected; levels as well."""

    valueChanged = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sources: list[StackSource] = []
        self._groups: dict[Role, QTreeWidgetItem] = {}
        self.setColumnCount(len(COLUMNS))
        self.setHeaderLabels(list(COLUMNS))
        for number, tip in enumerate(COLUMNS.values()):
            self.headerItem().setToolTip(number, tip)
        _align(self.headerItem())
        self.setIndentation(INDENT)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(STACK, QHeaderView.ResizeMode.Stretch)
        self.setSelectionMode(QTreeWidget.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QTreeWidget.EditTrigger.NoEditTriggers)
        self.setUniformRowHeights(True)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setMinimumHeight(HEIGHT)
        self.setAccessibleName("Stacks of frames")
        self.setToolTip("Double-click a level to type one in.")
        self.itemDoubleClicked.connect(self._on_double_click)
        self.itemChanged.connect(self._on_edited)

    def sources(self) -> list[StackSource]:
        """Return the stacks with their roles and levels as they are set now."""
        return list(self._sources)

    def add(self, sources: Sequence[StackSource]) -> None:
        """Add stacks; darks go first, flats from dim to bright as far as names tell."""
        self._set([*self._sources, *sources])

    def remove_selected(self) -> None:
        """Remove the selected stacks."""
        gone = self._selected()
        self._set([one for number, one in enumerate(self._sources) if number not in gone])

    def clear_all(self) -> None:
        """Remove all stacks."""
        self._set([])

    def set_selected_role(self, role: Role) -> None:
        """Say what all selected stacks are."""
        for number in self._selected():
            self._sources[number] = replace(self._sources[number], role=role, guessed=True)
        self._set(self._sources)

    def select(self, *numbers: int) -> None:
        """Select stacks by their number in `sources`."""
        self.clearSelection()
        for group in self._groups.values():
            for item in map(group.child, range(group.childCount())):
                item.setSelected(item.data(STACK, WHICH) in numbers)

    def set_level(self, number: int, level: str) -> None:
        """Say how bright a stack is."""
        for group in self._groups.values():
            for item in map(group.child, range(group.childCount())):
                if item.data(STACK, WHICH) == number:
                    item.setText(LEVEL, level)

    def is_folded(self, role: Role) -> bool:
        """Whether the stacks of a role are put away."""
        return not self._groups[role].isExpanded()

    def _selected(self) -> set[int]:
        """Numbers of the selected stacks; a group stands for all of its stacks."""
        found = set()
        for item in self.selectedItems():
            items = [item, *map(item.child, range(item.childCount()))]
            found |= {one.data(STACK, WHICH) for one in items}
        return found - {None}

    def _set(self, sources: Sequence[StackSource]) -> None:
        """Show stacks in their order; what was folded stays so."""
        known = {role: group.isExpanded() for role, group in self._groups.items()}
        few = len(sources) <= OPEN
        self._sources = sorted(sources, key=lambda source: source.order)
        self.blockSignals(True)
        self.clear()
        self._groups = {}
        for number, source in enumerate(self._sources):
            if source.role not in self._groups:
                self._groups[source.role] = self._make_group(source.role)
                self._groups[source.role].setExpanded(few or known.get(source.role, False))
            self._groups[source.role].addChild(_item(number, source))
        self.blockSignals(False)
        self.valueChanged.emit()

    def _make_group(self, role: Role) -> QTreeWidgetItem:
        sources = [source for source in self._sources if source.role == role]
        name = NAMES[role][len(sources) != 1]
        frames = sum(source.frames for source in sources)
        sizes = {_size(source) for source in sources}
        size = sizes.pop() if len(sizes) == 1 else "several"
        group = QTreeWidgetItem([f"{len(sources)} {name}", _span(sources), str(frames), size])
        font = group.font(STACK)
        font.setBold(True)
        group.setFont(STACK, font)
        _align(group)
        self.addTopLevelItem(group)
        return group

    def _on_double_click(self, item: QTreeWidgetItem, column: int) -> None:
        if column == LEVEL and item.parent() is not None:
            self.editItem(item, LEVEL)

    def _on_edited(self, item: QTreeWidgetItem, column: int) -> None:
        if column == LEVEL and item.parent() is not None:
            number, level = item.data(STACK, WHICH), item.text(LEVEL).strip()
            self._sources[number] = replace(self._sources[number], level=level)
            self.valueChanged.emit()


def _item(number: int, source: StackSource) -> QTreeWidgetItem:
    label = source.label if source.guessed else f"{source.label}: dark or flat?"
    item = QTreeWidgetItem([label, source.level, str(source.frames), _size(source)])
    item.setData(STACK, WHICH, number)
    item.setToolTip(STACK, source.where)
    item.setToolTip(LEVEL, "Double-click to type in an exposure or light, such as 10 ms.")
    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
    _align(item)
    return item


def _align(item: QTreeWidgetItem) -> None:
    for column in (LEVEL, FRAMES, SIZE):
        item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


def _size(source: StackSource) -> str:
    height, width = source.shape
    return f"{height}×{width}"


def _span(sources: Sequence[StackSource]) -> str:
    """From the lowest to the highest level, such as "0.04–14 ms"; empty if one is missing."""
    levels = [parse_level(source.level) for source in sources]
    known = [level for level in levels if level is not None]
    if len(known) < len(levels) or len({level.unit for level in known}) > 1:
        return ""
    low, high = min(known), max(known)
    if low == high:
        return str(low)
    return f"{_short(low.value)}–{_short(high.value)} {low.unit}".strip()


def _short(value: float) -> str:
    """Three digits, as people write them: 2500, not 2.5e+03."""
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"
