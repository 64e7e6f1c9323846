"""The page of the camera picker for an image that tells its noise itself."""

from __future__ import annotations

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QToolButton, QVBoxLayout, QWidget

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.widgets.parts.estimates import Looked, looking_at
from napari_photon_denoise.widgets.parts.layout import button, small_print
from napari_photon_denoise.widgets.parts.work import NotYet

NO_IMAGE = "The image's own noise tells gain and read noise; open one."


class ImagePage(QWidget):  # type: ignore[misc]  # Qt comes without types
    """One line of what the image tells, and the rest of it on demand."""

    changed = Signal()
    insisted = Signal()
    """An image that can't tell is to be denoised all the same."""

    def __init__(self) -> None:
        super().__init__()
        self._looked: Looked | None = None
        self._possible = False
        self._waiting = ""
        self._refusal = NO_IMAGE
        self._line = small_print()
        self._more = small_print()
        self._details = QToolButton()
        self._details.setText("Details")
        self._details.setToolTip("Show what else the image told of its noise, and how sure it is.")
        self._details.setCheckable(True)
        self._details.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._details.setAutoRaise(True)
        self.insist = button(
            "Denoise it all the same",
            "Take one level of noise for the whole image, that of its finest detail.",
            self._on_insist,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for part in (self._line, self.insist, self._details, self._more):
            layout.addWidget(part)
        self._details.toggled.connect(self._show)
        self.show_refusal(NO_IMAGE)

    @property
    def text(self) -> str:
        """What is to be seen, details included."""
        shown = [part.text() for part in (self._line, self._more) if not part.isHidden()]
        return "\n".join(shown)

    def show_details(self, on: bool) -> None:
        """Show all that is known, or only the line."""
        self._details.setChecked(on)

    def show_waiting(self, name: str) -> None:
        """Say that an image is being looked at."""
        self._looked, self._waiting, self._possible = None, looking_at(name), False
        self._show()

    def show_refusal(self, sentence: str) -> None:
        """Say why there is no estimate."""
        self._looked, self._waiting, self._refusal = None, "", sentence
        self._possible = False
        self._show()

    def show_found(self, looked: Looked) -> None:
        """Show what an image told, or why it could not."""
        self._waiting, self._refusal = "", looked.refusal
        self._possible = looked.calibration is None and looked.plainest is not None
        self._looked = looked if looked.calibration is not None else None
        self._show()

    def value(self) -> Calibration:
        """Return the camera that the image tells of.

        Raises
        ------
        NotYet
            While it is being found out.
        PhotonDenoiseError
            If the image can't tell; the sentence says why.
        """
        if self._waiting:
            raise NotYet(self._waiting)
        if self._looked is None or self._looked.calibration is None:
            raise PhotonDenoiseError(self._refusal)
        return self._looked.calibration

    def _on_insist(self) -> None:
        self.insisted.emit()

    def _show(self) -> None:
        estimate = self._looked.estimate if self._looked is not None else None
        sentences: tuple[str, ...] = ()
        if self._waiting:
            line = self._waiting
        elif estimate is not None:
            line, sentences = f"{_capital(estimate.badge)}.", estimate.sentences
        else:
            line = self._refusal
        self._line.setText(line)
        self._more.setText("\n".join(f"• {sentence}" for sentence in sentences))
        self.insist.setVisible(self._possible)
        self._details.setVisible(bool(sentences))
        opened = bool(sentences) and self._details.isChecked()
        arrow = Qt.ArrowType.DownArrow if opened else Qt.ArrowType.RightArrow
        self._details.setArrowType(arrow)
        self._more.setVisible(opened)


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
