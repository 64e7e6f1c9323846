"""The dock widget: from a noisy layer to its denoised photons."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from napari.utils.notifications import show_warning
from qtpy.QtWidgets import QFileDialog, QTabWidget, QVBoxLayout, QWidget

from napari_photon_denoise.denoisers import METHODS
from napari_photon_denoise.widgets.batch.controller import CANCEL, BatchController
from napari_photon_denoise.widgets.batch.page import FilesPage
from napari_photon_denoise.widgets.denoise.before import Before
from napari_photon_denoise.widgets.denoise.controller import DenoiseController
from napari_photon_denoise.widgets.denoise.expected import Expected
from napari_photon_denoise.widgets.denoise.exports import Exports
from napari_photon_denoise.widgets.denoise.hints import Hints
from napari_photon_denoise.widgets.denoise.memory import recall_last_run
from napari_photon_denoise.widgets.denoise.preview import Preview
from napari_photon_denoise.widgets.denoise.preview_box import KEY, PreviewBox
from napari_photon_denoise.widgets.denoise.selection import Selection
from napari_photon_denoise.widgets.on_disk.place import ENDING
from napari_photon_denoise.widgets.parts.camera import CameraPicker
from napari_photon_denoise.widgets.parts.dock import Dock
from napari_photon_denoise.widgets.parts.form import MethodPicker
from napari_photon_denoise.widgets.parts.keys import Keys
from napari_photon_denoise.widgets.parts.layout import button, group, scrolled, stack
from napari_photon_denoise.widgets.parts.model_card import show_card
from napari_photon_denoise.widgets.parts.result import ResultPicker
from napari_photon_denoise.widgets.parts.saving import ask_output
from napari_photon_denoise.widgets.parts.settings import read_defaults
from napari_photon_denoise.widgets.parts.source import SourcePicker
from napari_photon_denoise.widgets.parts.work import Work

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
        self.controller = DenoiseController(napari_viewer, self)
        self.task = self.controller.task
        self.source = SourcePicker(napari_viewer)
        self.camera = CameraPicker(napari_viewer)
        self.method = MethodPicker(METHODS)
        self.hints = Hints()
        self.result = ResultPicker(read_defaults().device)
        self.exports = Exports(self.controller.task_to_repeat)
        self.files = FilesPage()
        self.batch = BatchController(napari_viewer, self)
        self.dock = Dock(self, self._work)
        self.bar, self.runner = self.dock.bar, self.dock.runner
        self.run, self.cancel = self.dock.controller.run, self.dock.controller.cancel
        self.preview = Preview(napari_viewer, self.task, self)
        self._preview = PreviewBox()
        self.before = Before(
            napari_viewer, self.preview, self._preview.show_before, self.dock.controller.remark
        )
        self._keys = Keys(napari_viewer)
        self.selection = Selection(napari_viewer, self.source, self.dock.life.hooks, self)
        self._expected = Expected(
            self.controller.tasks_to_time,
            self.controller.results.speeds,
            self.controller.where,
        )
        self._build()
        if lost := recall_last_run(self):
            show_warning(lost)
        self._connect()
        self.controller.follow_layer()
        self.batch.follow_form()
        self.offer()

    def show_card(self) -> None:
        """Open the card of the model that is chosen, or that the image decides on."""
        show_card(self.method.value(), self.source, self.bar)

    def show_preview(self, on: bool) -> None:
        """Switch the preview on or off."""
        self._preview.setChecked(on)

    def show_files(self, on: bool) -> None:
        """Bring the files to the front, or the layers."""
        self._tabs.setCurrentIndex(1 if on else 0)

    def ask_store(self, proposed: Path) -> Path | None:
        """Ask where a result on disk shall go; None if the user does not want it."""
        asked = ask_output(self, "Write the result to", str(proposed), "OME-Zarr", ENDING)
        return None if asked is None else asked[0]

    def ask_folder(self, proposed: Path) -> Path | None:
        """Ask into which folder several results go; None if the user does not want it."""
        title = "Write the results into"
        chosen = QFileDialog.getExistingDirectory(self, title, str(proposed))
        return Path(chosen) if chosen else None

    def shows_files(self) -> bool:
        """Whether the tab "Files" is in front, not the layers."""
        return bool(self._tabs.currentIndex() == 1)

    def offer(self) -> None:
        """Say what Run does."""
        self.bar.name_run(*(self.batch.offer() if self.shows_files() else self.controller.offer()))

    @property
    def message(self) -> str:
        """What the status line says."""
        return self.bar.message

    def _build(self) -> None:
        """Put groups in a scroll area, for low docks; what runs stays in sight below."""
        reset = button(
            "Reset to defaults",
            "Give all parameters of this method their defaults.",
            self.method.reset,
        )
        groups = stack(
            QWidget(),
            group("Image", self.source),
            group("Camera", self.camera),
            group("Method", self.method, reset, self.hints),
            group("Result", self.result),
            group("Do it again", self.exports),
        )
        layers = QWidget()
        layout = QVBoxLayout(layers)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scrolled(groups), 1)
        layout.addWidget(self._preview)
        layout.addWidget(self._expected)
        self._tabs = QTabWidget()
        self._tabs.addTab(layers, "Layers")
        # Else its table would keep the dock high, and push a low window off the screen.
        self._tabs.addTab(scrolled(self.files), "Files")
        self._tabs.setTabToolTip(0, "Denoise layers that are open, and set camera and method.")
        self._tabs.setTabToolTip(1, "Denoise many files into a folder, with the same settings.")
        self.dock.fill(self._tabs, width=MINIMUM_WIDTH)

    def _work(self) -> Work:
        return self.batch.work() if self.shows_files() else self.controller.work()

    def _connect(self) -> None:
        control = self.controller
        for changed in (self.source.layerChanged, self.source.axesChanged):
            changed.connect(control.follow_layer)
        self.source.layerChanged.connect(self.dock.controller.stop_waiting)
        self.camera.estimated.connect(self.dock.controller.go_on)
        for changed in (
            self.camera.valueChanged,
            self.method.valueChanged,
            self.result.valueChanged,
        ):
            changed.connect(control.check)
            changed.connect(self._expected.refresh)
            changed.connect(self.batch.follow_form)
        self._connect_daily()
        self.method.cardAsked.connect(self.show_card)
        self._preview.toggled.connect(control.switch_preview)
        self.exports.said.connect(self.bar.say)
        self.exports.refused.connect(self.bar.refuse)
        self.preview.said.connect(control.on_preview_said)
        self.preview.working.connect(self.dock.controller.remark)
        self.preview.shown.connect(control.on_preview_shown)
        self.preview.closed.connect(self._on_preview_closed)
        self.preview.progressed.connect(self._preview.show_share)
        self.preview.rested.connect(self._preview.rest)
        self._preview.beforeAsked.connect(self.before.show)
        self._keys.bind(KEY, self._hold_before)
        self._keys.bind("Escape", self._stop_preview)
        self.dock.life.closed.connect(self._on_closed)

    def _connect_daily(self) -> None:
        """Follow what is selected, the files, and what runs."""
        self.selection.changed.connect(self.offer)
        self.selection.changed.connect(self._expected.refresh)
        self._tabs.currentChanged.connect(self._on_tab)
        self.bar.busyChanged.connect(self._expected.pause)
        self.bar.busyChanged.connect(self.batch.on_busy)
        self.dock.life.shown.connect(self._expected.start)
        self.files.connect_to(self.batch)

    def _on_preview_closed(self) -> None:
        self._preview.setChecked(False)

    def _hold_before(self, _viewer: Any) -> Iterator[None]:
        """Show what was before while the key is held."""
        self.before.show(True)
        yield
        self.before.show(False)

    def _stop_preview(self, _viewer: Any) -> None:
        self.preview.stop()

    def _on_tab(self) -> None:
        """Say what Run and Cancel do there, and what is missing."""
        self.offer()
        if self.shows_files():
            self.bar.name_cancel(*CANCEL)
            self.dock.controller.hint("")
        else:
            self.bar.name_cancel(self.controller.cancel_tip)
            self.controller.check()

    def _on_closed(self) -> None:
        self._expected.stop()
        self.before.show(False)
        self._keys.release()
        self.preview.close()
