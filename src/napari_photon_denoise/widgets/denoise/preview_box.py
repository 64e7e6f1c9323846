"""The preview's switch, how far it is, and the way to see what was before."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QCheckBox, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

KEY = "H"  # free in napari whatever layer is active, where B moves shapes and guards labels
THIN = 4  # px


class PreviewBox(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Stays in sight below the form."""

    toggled = Signal(bool)
    """Whether there is to be a preview."""
    beforeAsked = Signal(bool)
    """Whether what was before is to be seen."""

    def __init__(self) -> None:
        super().__init__()
        self._tick = QCheckBox("Preview the visible part")
        self._tick.setToolTip(
            "Denoise the visible part of this plane while you change settings, from its middle "
            "outwards; it is what Run gives there.\nEsc stops one that takes long."
        )
        self._before = QPushButton(f"Before ({KEY})")
        self._before.setCheckable(True)
        self._before.setToolTip(
            "Show the image as it was, at the same place: preview and results are hidden until "
            f"you press again.\nOr hold the key {KEY} on the canvas for as long as you want to "
            "see it."
        )
        self._bar = QProgressBar()
        self._bar.setRange(0, 100)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(THIN)
        self._bar.setToolTip("How much of the preview is there.")
        keeps = self._bar.sizePolicy()
        keeps.setRetainSizeWhenHidden(True)  # buttons must not jump
        self._bar.setSizePolicy(keeps)
        row = QHBoxLayout()
        row.addWidget(self._tick, 1)
        row.addWidget(self._before)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(row)
        layout.addWidget(self._bar)
        self._tick.toggled.connect(self.toggled)
        self._before.clicked.connect(self.beforeAsked)
        self.rest()

    def isChecked(self) -> bool:
        """Whether there is to be a preview."""
        return bool(self._tick.isChecked())

    def setChecked(self, on: bool) -> None:
        """Tick the preview, or not."""
        self._tick.setChecked(on)

    def show_before(self, on: bool) -> None:
        """Show whether what was before is seen."""
        self._before.setChecked(on)

    def show_share(self, percent: int) -> None:
        """Show how much is there."""
        self._bar.setValue(percent)
        self._bar.setVisible(True)

    def rest(self) -> None:
        """Show that nothing is computed."""
        self._bar.setVisible(False)
