"""What a dock with a plot says, below its controls."""

from __future__ import annotations

from collections.abc import Sequence

from napari.utils.notifications import show_error
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QSizePolicy

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
