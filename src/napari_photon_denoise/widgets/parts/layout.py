"""How the controls of a dock are framed, stacked, scrolled and explained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtGui import QPaintEvent
from qtpy.QtWidgets import (
    QComboBox,
    QGroupBox,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)


def group(title: str, *widgets: QWidget) -> QGroupBox:
    """Frame controls that belong together."""
    box = QGroupBox(title)
    layout = QVBoxLayout(box)
    for widget in widgets:
        layout.addWidget(widget)
    return box


def stack(page: QWidget, *parts: QWidget) -> QWidget:
    """Put parts below each other on a page, and what room is left below them; return the page."""
    layout = QVBoxLayout(page)
    for part in parts:
        layout.addWidget(part)
    layout.addStretch()
    return page


def scrolled(page: QWidget) -> QScrollArea:
    """Put a page in a scroll area, for low docks."""
    scroll = QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setFrameShape(QScrollArea.Shape.NoFrame)
    scroll.setWidget(page)
    return scroll


def fill_dock(dock: QWidget, content: QWidget, *below: QWidget, width: int) -> None:
    """Give controls all the room of a dock but for what stays in sight below; width in px."""
    layout = QVBoxLayout(dock)
    layout.addWidget(content, 1)
    for part in below:
        layout.addWidget(part)
    dock.setMinimumWidth(width)


def wrapped(text: str = "") -> QLabel:
    """Make a label of text that wraps and can be copied."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def small_print(text: str = "") -> QLabel:
    """Make a label that wraps, and never asks for more width than there is."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    policy.setHeightForWidth(True)
    label.setSizePolicy(policy)
    return label


def button(text: str, tip: str, slot: Callable[..., Any]) -> QPushButton:
    """Make a button; a slot is called, a signal passed on."""
    made = QPushButton(text)
    made.setToolTip(tip)
    made.clicked.connect(slot)
    return made


class NarrowCombo(QComboBox):  # type: ignore[misc]  # Qt comes without types
    """A choice that does not widen the dock: what has no room ends in "…", not within a letter."""

    def __init__(self) -> None:
        super().__init__()
        narrow(self)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        room = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox,
            option,
            QStyle.SubControl.SC_ComboBoxEditField,
            self,
        )
        option.currentText = self.fontMetrics().elidedText(
            option.currentText, Qt.TextElideMode.ElideRight, room.width() - 2
        )
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)


def narrow_combo(tip: str) -> QComboBox:
    """Make an empty choice that does not widen the dock."""
    combo = NarrowCombo()
    combo.setToolTip(tip)
    return combo


def narrow(combo: QComboBox) -> QComboBox:
    """Keep the long names of a choice from widening the dock; return the choice."""
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return combo
