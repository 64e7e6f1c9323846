"""The line that says what is missing, what happens and what came out."""

from __future__ import annotations

from napari.utils.notifications import show_error
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QSizePolicy


class Status(QLabel):  # type: ignore[misc]  # Qt comes without types
    """Room for one line is always kept, so that what comes and goes moves nothing.

    Parameters
    ----------
    tip : str
        What it says.
    """

    def __init__(self, tip: str) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setMinimumHeight(self.fontMetrics().lineSpacing())
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setToolTip(tip)

    def say(self, text: str) -> None:
        """Say something."""
        if text != self.text():
            self.setText(text)

    def hint(self, *sentences: str) -> None:
        """Say what is missing or went wrong; nothing if nothing did."""
        self.say("\n".join(f"⚠ {sentence}" for sentence in sentences if sentence))

    def refuse(self, sentence: str) -> None:
        """Say why what was asked for was not done, here and in a notification."""
        self.hint(sentence)
        show_error(sentence)
