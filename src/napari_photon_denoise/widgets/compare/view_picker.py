"""How to look at the results: one at a time, beside each other, in turn, or with a line."""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QButtonGroup,
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from napari_photon_denoise.widgets.compare.flicker import INTERVAL
from napari_photon_denoise.widgets.compare.views import FLICKER, GRID, STACKED, SWIPE
from napari_photon_denoise.widgets.parts.layout import narrow_combo

MODES = {
    GRID: ("Grid", "All of them beside each other. Your own layers are hidden for as long."),
    STACKED: ("Stacked", "One on top of the other; the row chosen in the table is shown."),
    FLICKER: ("Flicker", "Two of them in turn, at the same place."),
    SWIPE: ("Swipe", "Two of them with a line between: drag the line in the image, or below."),
}
STEPS = 1000  # of the slider


class ViewPicker(QWidget):  # type: ignore[misc]  # Qt comes without types
    """The four views, and what each needs to know."""

    modeChanged = Signal(str)
    pairChanged = Signal(str, str)
    intervalChanged = Signal(int)
    shareChanged = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self._buttons: dict[str, QPushButton] = {}
        group = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(2)
        for mode, (title, tip) in MODES.items():
            button = QPushButton(title)
            button.setCheckable(True)
            button.setToolTip(tip)
            button.toggled.connect(lambda on, mode=mode: self._on_mode(mode, on))
            group.addButton(button)
            row.addWidget(button)
            self._buttons[mode] = button
        self._first = narrow_combo("Seen left of the line, and in turn with the other one.")
        self._second = narrow_combo(
            "Seen right of the line, in turn with the other one, or on top of the stack. "
            "Choosing a row of the table sets it."
        )
        self._interval = QSpinBox()
        self._interval.setRange(50, 10_000)
        self._interval.setSingleStep(50)
        self._interval.setValue(INTERVAL)
        self._interval.setSuffix(" ms")
        self._interval.setToolTip("For how long each image is shown.")
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, STEPS)
        self._slider.setValue(STEPS // 2)
        self._slider.setToolTip("Place of the line; it can also be dragged in the image.")
        self._form = QFormLayout()
        self._form.addRow("Left", self._first)
        self._form.addRow("Right", self._second)
        self._form.addRow("Every", self._interval)
        self._form.addRow("Line", self._slider)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        layout.addLayout(self._form)
        self._first.currentTextChanged.connect(self._on_pair)
        self._second.currentTextChanged.connect(self._on_pair)
        self._interval.valueChanged.connect(self.intervalChanged)
        self._slider.valueChanged.connect(self._on_slider)
        self._buttons[GRID].setChecked(True)

    def mode(self) -> str:
        """Return the chosen view."""
        return next(mode for mode, button in self._buttons.items() if button.isChecked())

    def set_mode(self, mode: str) -> None:
        """Choose a view."""
        self._buttons[mode].setChecked(True)

    def pair(self) -> tuple[str, str]:
        """Return the two names that are chosen."""
        return str(self._first.currentText()), str(self._second.currentText())

    def set_pair(self, first: str, second: str) -> None:
        """Choose two names."""
        for combo, name in ((self._first, first), (self._second, second)):
            if name:
                combo.setCurrentText(name)

    def set_names(self, names: Sequence[str]) -> None:
        """Offer these layers; what is chosen stays chosen."""
        before = self.pair()
        for combo, name in zip((self._first, self._second), before, strict=True):
            combo.blockSignals(True)
            combo.clear()
            combo.addItems(list(names))
            at = combo.findText(name)
            combo.setCurrentIndex(max(at, 0))
            combo.blockSignals(False)
        if self.pair() != before:
            self._on_pair()

    def set_interval(self, milliseconds: int) -> None:
        """Say for how long each image is shown."""
        self._interval.setValue(milliseconds)

    def set_share(self, share: float) -> None:
        """Choose the place of the line, from 0 to 1."""
        self._slider.setValue(round(share * STEPS))

    def show_share(self, share: float) -> None:
        """Show the place of the line, which was dragged in the image."""
        self._slider.blockSignals(True)
        self._slider.setValue(round(share * STEPS))
        self._slider.blockSignals(False)

    def _on_mode(self, mode: str, on: bool) -> None:
        if not on:
            return
        rows = {
            self._first: mode in (FLICKER, SWIPE),
            self._second: mode != GRID,
            self._interval: mode == FLICKER,
            self._slider: mode == SWIPE,
        }
        names = {FLICKER: ("First", "Second"), STACKED: ("Left", "Shown")}
        first, second = names.get(mode, ("Left", "Right"))
        self._form.labelForField(self._first).setText(first)
        self._form.labelForField(self._second).setText(second)
        for field, is_shown in rows.items():
            field.setVisible(is_shown)
            self._form.labelForField(field).setVisible(is_shown)
        self.modeChanged.emit(mode)

    def _on_pair(self) -> None:
        self.pairChanged.emit(*self.pair())

    def _on_slider(self, value: int) -> None:
        self.shareChanged.emit(value / STEPS)
