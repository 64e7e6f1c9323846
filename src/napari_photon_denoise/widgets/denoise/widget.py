"""The dock widget: from a noisy layer to its denoised photons."""

from __future__ import annotations

from typing import Any

from napari.utils.notifications import show_warning
from qtpy.QtCore import QEvent, Qt
from qtpy.QtWidgets import (
    QCheckBox,
    QGroupBox,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.denoisers import METHODS
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import Denoised
from napari_photon_denoise.widgets.denoise.exports import Exports
from napari_photon_denoise.widgets.denoise.hints import Hints
from napari_photon_denoise.widgets.parts.camera import CameraPicker
from napari_photon_denoise.widgets.parts.form import MethodPicker
from napari_photon_denoise.widgets.parts.layers import full_data, photons_of
from napari_photon_denoise.widgets.parts.model_card import open_card
from napari_photon_denoise.widgets.parts.preview import Preview
from napari_photon_denoise.widgets.parts.result import ResultPicker
from napari_photon_denoise.widgets.parts.run_bar import RunBar
from napari_photon_denoise.widgets.parts.settings import read_defaults
from napari_photon_denoise.widgets.parts.source import SourcePicker
from napari_photon_denoise.widgets.parts.task import Task
from napari_photon_denoise.widgets.parts.worker import Runner

MINIMUM_WIDTH = 300  # px; narrower, numbers and their units no longer fit


class DenoiseWidget(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Choose an image, a camera and a method; look at the preview; run.

    Parameters
    ----------
    napari_viewer : napari.Viewer
    """

    def __init__(self, napari_viewer: Any) -> None:
        super().__init__()
        self._viewer = napari_viewer
        self._running: Task | None = None
        self._last: Task | None = None
        self._notes: tuple[str, ...] = ()  # of the preview
        self.source = SourcePicker(napari_viewer)
        self.camera = CameraPicker()
        self.method = MethodPicker(METHODS)
        self.hints = Hints()
        self.result = ResultPicker(read_defaults().device)
        self.exports = Exports(self._task_to_repeat)
        self.bar = RunBar()
        self._build()
        self.runner = Runner(self)
        self.preview = Preview(napari_viewer, self.task, self)
        self._connect()
        self._on_layer()

    def task(self) -> Task:
        """Return what the controls describe now.

        Raises
        ------
        PhotonDenoiseError
            If something is missing or does not fit; one sentence says what to do.
        """
        layer = self.source.layer()
        photons = photons_of(layer, self.camera.value(), self.source.axes())
        return Task(
            layer,
            photons,
            self.method.value(),
            units=self.result.units(),
            device=self.result.device(),
            tile=read_defaults().tile,
        )

    def _task_to_repeat(self) -> Task:
        """Return what made the last result, or would make the first."""
        return self._last or self.task().resolved()

    def run(self) -> None:
        """Start on the whole image, or say what is missing."""
        if self.runner.busy:
            return
        try:
            task = self.task().resolved()
        except PhotonDenoiseError as error:
            self.bar.refuse(str(error))
            return
        self._running = task
        self.runner.start(task.job(), f"Denoising {task.layer.name}", show_progress=True)
        self.bar.show_busy()

    def cancel(self) -> None:
        """Stop after the step that runs now."""
        if self.runner.busy:
            self.runner.cancel()
            self.bar.show_cancelling()

    def show_card(self) -> None:
        """Open the card of the model that is chosen, or that the image decides on."""
        try:
            # Which model "auto" is does not depend on the camera, which may not be known yet.
            layer, axes = self.source.layer(), self.source.axes()
            photons = Photons(full_data(layer), Calibration(gain=1, offset=0), axes)
            open_card(self.method.value().resolved(photons).card, self)
        except PhotonDenoiseError as error:
            self.bar.refuse(str(error))

    def show_preview(self, on: bool) -> None:
        """Switch the preview on or off."""
        self._preview.setChecked(on)

    @property
    def message(self) -> str:
        """What the status line says."""
        return self.bar.message

    def event(self, event: QEvent) -> bool:
        """Stop everything when napari takes the widget out of its dock."""
        if event.type() == QEvent.Type.ParentChange and self.parent() is None:
            self.runner.cancel()
            self.preview.switch(False)
        return bool(super().event(event))

    def _build(self) -> None:
        """Put groups in a scroll area, for low docks; what runs stays in sight below."""
        content = QWidget()
        groups = QVBoxLayout(content)
        groups.addWidget(_group("Image", self.source))
        groups.addWidget(_group("Camera", self.camera))
        groups.addWidget(_group("Method", self.method, self.hints))
        groups.addWidget(_group("Result", self.result))
        groups.addWidget(_group("Do it again", self.exports))
        groups.addStretch()
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidget(content)
        self.setMinimumWidth(MINIMUM_WIDTH)
        layout = QVBoxLayout(self)
        layout.addWidget(scroll, 1)
        self._build_bottom(layout)

    def _build_bottom(self, layout: QVBoxLayout) -> None:
        self._preview = QCheckBox("Preview what is on the screen")
        self._preview.setToolTip(
            "Denoise the visible part of this plane while you change settings; it is what Run "
            "gives there."
        )
        self.bar.name_run("&Run", "Denoise the whole image; the result is a new layer.")
        layout.addWidget(self._preview)
        layout.addWidget(self.bar)

    def _connect(self) -> None:
        self.source.layerChanged.connect(self._on_layer)
        self.source.axesChanged.connect(self._on_change)
        self.camera.valueChanged.connect(self._on_change)
        self.method.valueChanged.connect(self._on_change)
        self.method.cardAsked.connect(self.show_card)
        self.result.valueChanged.connect(self._on_change)
        self._preview.toggled.connect(self._on_preview)
        self.bar.runAsked.connect(self.run)
        self.bar.cancelAsked.connect(self.cancel)
        self.exports.said.connect(self.bar.say)
        self.exports.refused.connect(self.bar.refuse)
        self.preview.said.connect(self._on_preview_said)
        self.preview.working.connect(self._on_preview_working)
        self.preview.shown.connect(self._on_preview_shown)
        self.preview.closed.connect(self._on_preview_closed)
        self.runner.progressed.connect(self.bar.show_progress)
        self.runner.succeeded.connect(self._on_success)
        self.runner.refused.connect(self.bar.refuse)
        self.runner.failed.connect(self._on_failure)
        self.runner.finished.connect(self._on_finished)

    def _on_layer(self) -> None:
        layer = self.source.current()
        self.camera.set_layer(layer.metadata if layer is not None else {})

    def _on_change(self) -> None:
        """Check what the controls say, beside them; and preview it."""
        self.method.set_sizes(self.source.sizes())
        if not self.runner.busy:
            self.bar.hint(self._missing())
        self._show_hints()
        self.preview.refresh()

    def _missing(self) -> str:
        """Return what keeps the controls from being a task; empty if nothing does."""
        try:
            self.task()
        except PhotonDenoiseError as error:
            return str(error)
        return ""

    def _on_preview(self, on: bool) -> None:
        self.preview.switch(on)
        if not on:
            self._notes = ()
            self._show_hints()
        if not on and not self.runner.busy:
            self.bar.hint(self._missing())

    def _on_preview_said(self, sentence: str) -> None:
        if sentence:
            self._notes = ()
            self._show_hints()
        if not self.runner.busy:  # a run has the status line for itself
            self.bar.hint(sentence)

    def _on_preview_working(self, text: str) -> None:
        if not self.runner.busy:
            self.bar.say(text)

    def _on_preview_shown(self, task: Task, notes: tuple[str, ...]) -> None:
        self._notes = notes
        self.hints.learn(task)
        self._show_hints()

    def _show_hints(self) -> None:
        try:
            denoiser, calibration = self.method.value(), self.camera.value()
        except PhotonDenoiseError:
            self.hints.clear()
        else:
            self.hints.describe(denoiser, calibration, self.result.device(), self._notes)

    def _on_preview_closed(self) -> None:
        self._preview.setChecked(False)

    def _on_success(self, denoised: Denoised) -> None:
        """Add the result on top; the preview of it has served its purpose."""
        task = self._running
        if task is None:
            return
        self._preview.setChecked(False)
        layers = task.results(denoised)
        self._viewer.layers.extend(layers)
        layer = layers[-1]
        self._last = task
        self.hints.learn(task)
        self._show_hints()
        self.bar.say("\n".join([f"Done: {layer.name}.", *denoised.notes]))
        for note in denoised.notes:
            show_warning(f"{layer.name}: {note}")

    def _on_failure(self, error: Exception) -> None:
        self.bar.hint(f"Stopped on an unexpected error ({error}); your images are as they were.")

    def _on_finished(self) -> None:
        if self.runner.cancelled:
            self.bar.say("Cancelled; nothing was changed.")
        self._running = None
        self.bar.show_idle()


def _group(title: str, *widgets: QWidget) -> QGroupBox:
    box = QGroupBox(title)
    layout = QVBoxLayout(box)
    for widget in widgets:
        layout.addWidget(widget)
    return box
