"""Small controls that both widgets share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from napari.utils.notifications import show_error
from napari.utils.theme import get_theme
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from napari_photon_denoise.widgets.plots.hooks import Hooks

MINIMUM_WIDTH = 340  # px, of a dock with a plot


class Status(QLabel):  # type: ignore[misc]  # Qt comes without types
    """Says what is missing, and what came out; room for one line is always kept."""

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setMinimumHeight(self.fontMetrics().lineSpacing())
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setToolTip("What is missing, and what came out.")

    def say(self, text: str) -> None:
        """Say something."""
        if text != self.text():
            self.setText(text)

    def hint(self, sentences: Sequence[str]) -> None:
        """Say what is missing or went wrong; nothing if nothing did."""
        self.say("\n".join(f"⚠ {sentence}" for sentence in sentences))

    def refuse(self, sentence: str) -> None:
        """Say why what was asked for was not done, here and in a notification."""
        self.hint([sentence])
        show_error(sentence)


def button(text: str, tip: str, slot: Callable[..., None]) -> QPushButton:
    """Make a button."""
    made = QPushButton(text)
    made.setToolTip(tip)
    made.clicked.connect(slot)
    return made


def fill(dock: QWidget, content: QWidget, status: Status) -> None:
    """Put controls in a scroll area, for low docks; what is said stays in sight below."""
    scroll = QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setFrameShape(QScrollArea.Shape.NoFrame)
    scroll.setWidget(content)
    layout = QVBoxLayout(dock)
    layout.addWidget(scroll, 1)
    layout.addWidget(status)
    dock.setMinimumWidth(MINIMUM_WIDTH)


def follow_theme(viewer: Any, plot: Any, hooks: Hooks) -> None:
    """Draw a plot in the colour of napari's text, now and when the theme changes."""

    def dress(_event: object = None) -> None:
        plot.set_colour(get_theme(viewer.theme).text.as_hex())

    hooks.connect(dress, viewer.events.theme)
    dress()
