"""Where a doubt is said, with the one thing to do about it."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from napari_photon_denoise.widgets.parts.doubts import ALL_THE_SAME
from napari_photon_denoise.widgets.parts.layout import button, small_print


class DoubtBox(QWidget):  # type: ignore[misc]  # Qt comes without types
    """As high as there is to say, and hidden without."""

    estimateAsked = Signal()
    """The image shall tell its noise itself."""
    confirmed = Signal()
    """A result shall be denoised again, or not."""

    def __init__(self) -> None:
        super().__init__()
        self._label = small_print()
        self._estimate = button(
            "Estimate from this image",
            "Leave the chosen camera, and take what the image's own noise tells.",
            self.estimateAsked,
        )
        self._again = QCheckBox(ALL_THE_SAME)
        self._again.setToolTip(
            "A result has no noise left that a camera made: what is taken for noise now may be "
            "structure."
        )
        self._again.toggled.connect(self.confirmed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (self._label, self._estimate, self._again):
            layout.addWidget(part)
        self.show_doubts("", "")

    @property
    def text(self) -> str:
        """What is said; empty if nothing is."""
        return str(self._label.text())

    @property
    def again(self) -> bool:
        """Whether a result shall be denoised all the same."""
        return bool(self._again.isChecked())

    def confirm(self, on: bool) -> None:
        """Say that a result shall be denoised all the same, or not."""
        self._again.setChecked(on)

    def show_doubts(self, method: str, camera: str) -> None:
        """Say what speaks against it.

        Parameters
        ----------
        method : str
            That made the image, if it is a result; empty if not.
        camera : str
            Why the camera does not fit it; empty if it does.
        """
        said = f"Denoised already ({method})." if method else camera
        self._label.setText(f"⚠ {said}" if said else "")
        self._again.setVisible(bool(method))
        self._estimate.setVisible(bool(camera) and not method)
        self.setVisible(bool(said))
