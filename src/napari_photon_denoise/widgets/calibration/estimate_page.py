"""Estimate from an image: for data whose camera can't be calibrated any more."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import Any
from weakref import ref

import numpy as np
from napari.layers import Image
from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QFormLayout, QWidget

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.estimate import NoiseEstimate
from napari_photon_denoise.camera.stated import STATED
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.widgets.calibration.estimate_plot import EstimatePlot
from napari_photon_denoise.widgets.calibration.estimate_work import (
    Estimated,
    estimate_with_points,
)
from napari_photon_denoise.widgets.calibration.hand_over import ESTIMATE, use_for_denoising
from napari_photon_denoise.widgets.calibration.verdict_list import COLOURS
from napari_photon_denoise.widgets.parts.boxes import Boxes
from napari_photon_denoise.widgets.parts.layers import full_data
from napari_photon_denoise.widgets.parts.layout import button, group, stack, wrapped
from napari_photon_denoise.widgets.parts.source import SourcePicker
from napari_photon_denoise.widgets.parts.work import Work

UNKNOWN = "not known"
# Of raw frames, whose grey values are not negative.
KNOWN = (
    replace(STATED["offset"], default=None, ge=0),
    replace(STATED["read_noise"], default=None),
)
WHY = (
    "An estimate from the image itself, good to some 10 %: for images whose camera can't be "
    "calibrated any more. Dark and flat frames are better."
)


class EstimatePage(QWidget):  # type: ignore[misc]  # Qt comes without types
    """The tab "Estimate from this image".

    Parameters
    ----------
    viewer : napari.Viewer
    """

    said = Signal(str)
    refused = Signal(str)

    RUN = ("&Estimate", "Estimate the gain from the noise of the chosen layer.")

    def __init__(self, viewer: Any) -> None:
        super().__init__()
        self._viewer = viewer
        self.found: Estimated | None = None
        self._of: ref[Image] | None = None
        self._name = ""
        self.source = SourcePicker(viewer)
        for changed in (self.source.layerChanged, self.source.axesChanged):
            changed.connect(self._clear)
        self.plot = EstimatePlot()
        self._text = wrapped()
        self._text.setTextFormat(Qt.TextFormat.RichText)
        self._use = button(
            "Use for denoising",
            "Open Photon denoise with this estimate as the camera.",
            self._on_use,
        )
        known = QWidget()
        form = QFormLayout(known)
        form.setContentsMargins(0, 0, 0, 0)
        self._known = Boxes(form, KNOWN, self._on_known)
        self.offset, self.read_noise = (self._known[part.name].native for part in KNOWN)
        for box in (self.offset, self.read_noise):
            box.setSpecialValueText(UNKNOWN)
            box.setToolTip(f"{box.toolTip()}\nAs low as it goes stands for “{UNKNOWN}”.")
        self._group = group("Estimate, not a measurement", self._text, self._use, self.plot.canvas)
        self._clear()
        stack(
            self,
            wrapped(WHY),
            group("Image", self.source),
            group("What you know of the camera (optional)", known),
            self._group,
        )

    @property
    def text(self) -> str:
        """What the estimate says, as HTML; empty before one."""
        return str(self._text.text())

    def work(self) -> Work:
        """Return the estimate of the chosen layer.

        Raises
        ------
        PhotonDenoiseError
            If there is none, or it is a colour image.
        """
        self._clear()
        layer, axes, known = self.source.layer(), self.source.axes(), self._known.value()
        job = estimate_with_points(full_data(layer), axes, known["offset"], known["read_noise"])

        def done(found: Estimated) -> None:
            if (self.source.current(), self.source.axes()) == (layer, axes):
                self._on_estimate(found, layer)
            else:
                self.said.emit("Another image was chosen meanwhile: press Estimate again.")

        return Work(job, f"Estimating the noise of {layer.name}", done)

    def calibration(self) -> Calibration:
        """Return the estimate with what is known besides.

        Raises
        ------
        PhotonDenoiseError
            Before an estimate, and if the offset does not fit it.
        """
        if self.found is None:
            raise PhotonDenoiseError("Estimate first: choose the layer, then press Estimate.")
        known = self._known.value()
        return self.found.estimate.calibration(known["offset"], known["read_noise"])

    def set_busy(self, busy: bool) -> None:
        """Disable what can't be done while something runs."""
        self._use.setEnabled(not busy and self.found is not None)

    def _on_estimate(self, found: Estimated, layer: Image) -> None:
        self.found, self._of, self._name = found, ref(layer), layer.name
        self._group.setVisible(True)
        self.plot.show_estimate(found)
        self._show()
        self.said.emit(f"Done: an estimate from {layer.name}.")

    def _clear(self) -> None:
        """Show no estimate: of what is chosen now there is none yet."""
        self.found = None
        self._text.setText("")
        self._use.setEnabled(False)
        self._group.setVisible(False)

    def _on_known(self) -> None:
        """Take what is known now; an image that told nothing but its noise is looked at anew."""
        if self.found is not None and self.found.estimate.rung == "level":
            self._clear()
            self.said.emit("With what is known now, the image may tell more: press Estimate again.")
        self._show()

    def _show(self) -> None:
        if self.found is None:
            return
        estimate, known = self.found.estimate, self._known.value()
        rows = [
            ("Gain", *_gain(estimate)),
            ("Offset", *_offset(estimate, known["offset"], known["read_noise"])),
            ("Photons", *_photons(estimate, known["offset"], known["read_noise"])),
            ("Shared noise", _correlation(estimate), ""),
        ]
        table = "".join(
            f"<tr><td>{name}&nbsp;&nbsp;</td>"
            f"<td><b>{escape(number)}</b>&nbsp; {escape(more)}</td></tr>"
            for name, number, more in rows
        )
        used = ""
        try:
            self.calibration()
        except PhotonDenoiseError as error:
            used = f'<span style="color:{COLOURS["WARN"]}">⚠ {escape(str(error))}</span>'
        notes = "".join(f"<li>{escape(sentence)}</li>" for sentence in estimate.sentences[1:])
        self._text.setText(
            f'<b style="color:{COLOURS["WARN"]}">Estimate</b> from {escape(self._name)}'
            f"<table cellspacing=3>{table}</table>{used}"
            f'<ul style="margin-left:-24px">{notes}</ul>'
        )

    def _on_use(self) -> None:
        try:
            calibration = self.calibration()
        except PhotonDenoiseError as error:
            self.refused.emit(str(error))
            return
        of = self._of() if self._of is not None else None
        use_for_denoising(self._viewer, calibration, ESTIMATE.format(self._name), of)
        self.said.emit("Photon denoise has the estimate.")


def _gain(estimate: NoiseEstimate) -> tuple[str, str]:
    """Say what is known of the gain."""
    if estimate.rung == "level":
        return UNKNOWN, "one level of noise for the whole image"
    low, high = estimate.gain_interval
    return f"{estimate.gain:.3g} e-/ADU", f"95 %: {low:.3g} to {high:.3g}"


def _offset(
    estimate: NoiseEstimate, offset: float | None, read_noise: float | None
) -> tuple[str, str]:
    """Say what is known of the camera's offset."""
    if offset is not None:
        return f"{offset:.4g} ADU", "as you say"
    if read_noise is not None and not estimate.relative:
        found = estimate.calibration(None, read_noise).offset
        return f"{float(np.median(found)):.4g} ADU", "follows from the read noise"
    return UNKNOWN, "an image alone can't tell it from the read noise"


def _photons(
    estimate: NoiseEstimate, offset: float | None, read_noise: float | None
) -> tuple[str, str]:
    """Say what photon numbers are worth."""
    if estimate.relative and (offset is None or estimate.rung == "level"):
        return "relative to each other", "the noise is right"
    if offset is None and read_noise is None:
        return "absolute but for the offset", "the noise is right; dark parts may be too bright"
    return "absolute", ""


def _correlation(estimate: NoiseEstimate) -> str:
    if not estimate.correlated:
        return "none: each pixel has its own"
    return f"as if blurred by {estimate.length_x:.2g} px in x, {estimate.length_y:.2g} px in y"
