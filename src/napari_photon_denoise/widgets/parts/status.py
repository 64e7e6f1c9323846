"""The line that says what is missing, what happens and what came out."""

from __future__ import annotations

from napari.utils.notifications import show_error
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QSizePolicy

LONGEST = 320  # characters, some eight lines; the rest of a message is in its tooltip


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
        self._tip = tip
        self._message = ""
        self.setToolTip(tip)

    @property
    def message(self) -> str:
        """What is said, in full."""
        return self._message

    def say(self, text: str) -> None:
        """Say something; a long message is cut, so that it never fills the dock."""
        if text == self._message:
            return
        self._message = text
        cut = len(text) > LONGEST
        self.setText(f"{text[:LONGEST].rstrip()}…" if cut else text)
        self.setToolTip(text if cut else self._tip)

    def hint(self, *sentences: str) -> None:
        """Say what is missing or went wrong; nothing if nothing did."""
        self.say("\n".join(f"⚠ {sentence}" for sentence in sentences if sentence))

    def refuse(self, sentence: str) -> None:
        """Say why what was asked for was not done, here and in a notification."""
        self.hint(sentence)
        show_error(sentence)
