"""One question, where nobody named them: what the planes of a stack are."""

from __future__ import annotations

from napari.layers import Image
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QBoxLayout, QButtonGroup, QRadioButton, QVBoxLayout, QWidget

from napari_photon_denoise.metrics.axis_evidence import Evidence
from napari_photon_denoise.widgets.parts.layers import full_data
from napari_photon_denoise.widgets.parts.layout import small_print
from napari_photon_denoise.widgets.parts.plane_axis import (
    Planes,
    answer,
    is_open,
    keep_guess,
    look_job,
    name_of,
    planes_of,
)
from napari_photon_denoise.widgets.parts.worker import Runner

ANSWERS: dict[str, tuple[str, str]] = {
    "Z": ("Z", "Z: focal planes of one stack: a method may look above and below."),
    "T": ("T", "T, time: frames of a film: a method may look before and after."),
    "C": ("C", "C, channels: colours, each is denoised by itself."),
    "TZ": ("T, Z", "T, Z: a stack of focal planes at each time."),
    "CZ": ("C, Z", "C, Z: a stack of focal planes in each colour."),
    "TC": ("T, C", "T, C: colours at each time."),
    "TCZ": ("T, C, Z", "T, C, Z: a stack of focal planes in each colour at each time."),
}
APART = 14  # px: each letter must be nearer to its own circle than to the next one
CLOSE = 2  # px, between lines
LOOKING = "Looking at them…"
UNKNOWN = "Not known: until you say, each is denoised by itself."


class PlaneQuestion(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Three answers, the likely one chosen in advance, and why it is likely."""

    asked = Signal(bool)
    """Whether there is something to ask of the layer."""

    def __init__(self) -> None:
        super().__init__()
        self._layer: Image | None = None
        self._looked_at: Image | None = None
        self._runner = Runner(self)
        self._runner.succeeded.connect(self._on_evidence)
        self._runner.finished.connect(self._look)
        self.buttons: dict[str, QRadioButton] = {}
        self._group = QButtonGroup(self)
        self._row = row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        for axis, (text, tip) in ANSWERS.items():
            made = QRadioButton(text)
            made.setToolTip(tip)
            if len(axis) > 1:  # of most images they would take room for nothing
                made.hide()
            made.clicked.connect(lambda _=False, axis=axis: self._on_answer(axis))
            self._group.addButton(made)
            row.addWidget(made)
            self.buttons[axis] = made
        row.addStretch()
        self._why = small_print()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(CLOSE)
        layout.addLayout(row)
        layout.addWidget(self._why)

    @property
    def busy(self) -> bool:
        """Whether planes are being looked at."""
        return self._runner.busy

    @property
    def why(self) -> str:
        """What is said of the answer."""
        return str(self._why.text())

    def set_layer(self, layer: Image | None) -> None:
        """Ask of a layer, if nobody named its planes."""
        self._layer = layer if layer is not None and is_open(layer) else None
        self.asked.emit(self._layer is not None)
        self.refresh()
        self._look()

    def refresh(self) -> None:
        """Show what is known of the layer now."""
        if self._layer is None:
            return
        planes = planes_of(self._layer)
        self._group.setExclusive(False)  # or none could be unchecked
        asked = full_data(self._layer).shape[:-2]
        for axis, one in self.buttons.items():
            one.setVisible(len(axis) == len(asked))
            one.setChecked(planes is not None and planes.axis == axis)
        self._group.setExclusive(True)
        self._arrange(beside=len(asked) == 1)
        self._why.setText(_why(planes))
        self._why.setToolTip("" if planes is None else planes.reason)
        self._why.setVisible(bool(self._why.text()))

    def _arrange(self, *, beside: bool) -> None:
        """Put answers beside or below each other: those of several letters would widen the dock."""
        way = QBoxLayout.Direction
        self._row.setDirection(way.LeftToRight if beside else way.TopToBottom)
        self._row.setSpacing(APART if beside else CLOSE)

    def _look(self) -> None:
        """Look at the planes, in the background, unless somebody did."""
        layer = self._layer
        if layer is None or planes_of(layer) is not None or self._runner.busy:
            return
        if layer is self._looked_at:  # and could not be read
            return
        self._looked_at = layer
        job = look_job(full_data(layer), name_of(layer))
        self._runner.start(job, f"Looking at {layer.name}")

    def _on_evidence(self, evidence: Evidence) -> None:
        if self._looked_at is not None:
            keep_guess(self._looked_at, evidence)

    def _on_answer(self, axis: str) -> None:
        if self._layer is not None:
            answer(self._layer, axis)


def _why(planes: Planes | None) -> str:
    if planes is None:
        return LOOKING
    if planes.answered:
        return ""
    if planes.axis is None:
        return UNKNOWN
    return f"A guess: {planes.reason.partition(':')[0]}."  # the rest is in the tooltip
