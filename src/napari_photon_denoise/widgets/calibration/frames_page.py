"""Calibrate from dark and flat frames: collect them, watch, read the verdict, use it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFileDialog, QGroupBox, QHBoxLayout, QWidget

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.transfer import CameraReport
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.readers import DIALOG
from napari_photon_denoise.job import Progress
from napari_photon_denoise.widgets.calibration.camera_form import CameraForm
from napari_photon_denoise.widgets.calibration.curve_plot import CurvePlot
from napari_photon_denoise.widgets.calibration.drift import describe_drift
from napari_photon_denoise.widgets.calibration.hand_over import use_for_denoising
from napari_photon_denoise.widgets.calibration.live import CalibrationProgress, watched_calibration
from napari_photon_denoise.widgets.calibration.maps import map_layers
from napari_photon_denoise.widgets.calibration.result_box import ResultBox
from napari_photon_denoise.widgets.calibration.sources import (
    StackSource,
    from_files,
    from_folder,
    from_layers,
)
from napari_photon_denoise.widgets.calibration.stack_table import StackTable
from napari_photon_denoise.widgets.parts.layout import button, group, stack, wrapped
from napari_photon_denoise.widgets.parts.saving import ask_output
from napari_photon_denoise.widgets.parts.work import Work, write_job

CURVE, RESULT = "Photon transfer curve", "Result"
BEFORE = " (from before the change)"
NAMED = 3  # stacks that a message names
REDRAW = 1.0  # s between two pictures of the curve while it grows
EMPTY = (
    "Take about 100 dark frames (no light) and 20 to 100 flat frames (steady, even light) at "
    "each of 4 or more brightnesses up to a third of full, all in one mode of the camera. The "
    "sample “Dark and flat frames” is there to try."
)


class FramesPage(QWidget):  # type: ignore[misc]  # Qt comes without types
    """The tab "From dark and flat frames".

    Parameters
    ----------
    viewer : napari.Viewer
    """

    workAsked = Signal(object)
    said = Signal(str)
    refused = Signal(str)
    shown = Signal(object)
    """The part that should be in sight."""

    RUN = ("&Calibrate", "Read all frames once, fit the curve, and judge it.")

    def __init__(self, viewer: Any) -> None:
        super().__init__()
        self._viewer = viewer
        self.report: CameraReport | None = None
        self._drawn = 0.0
        self.table = StackTable()
        self.facts = CameraForm()
        self.plot = CurvePlot()
        self.result = ResultBox()
        self._summary = wrapped()
        self._plot_group = group(CURVE, self.plot.canvas)
        self._result_group = group(RESULT, self.result)
        for later in (self._plot_group, self._result_group):
            later.setVisible(False)
        stack(
            self,
            self._frames_group(),
            group("Camera (optional)", self.facts),
            self._plot_group,
            self._result_group,
        )
        self.table.valueChanged.connect(self._summarise)
        self.table.valueChanged.connect(self._outdate)
        self.facts.valueChanged.connect(self._outdate)
        self.result.asked.connect(self._on_asked)
        self._summarise()

    def work(self) -> Work:
        """Return the calibration of what the table holds, and make room to watch it.

        What an earlier one found goes: what this one does not find must not stand there.

        Raises
        ------
        PhotonDenoiseError
            If something is missing; one sentence says what to do.
        """
        self._clear()
        job = watched_calibration(self.table.sources(), self.facts.value())
        self._drawn = monotonic()
        self._plot_group.setVisible(True)
        self.shown.emit(self._plot_group)
        return Work(job, "Calibrating the camera", self._on_report, self._on_progress, self._draw)

    def set_busy(self, busy: bool) -> None:
        """Disable what can't be done while something runs."""
        self.result.set_enabled(not busy and self.report is not None)

    def add_layers(self) -> None:
        """Add the layers that are selected in the layer list, in its order."""
        chosen = self._viewer.layers.selection
        self._add(lambda: from_layers([layer for layer in self._viewer.layers if layer in chosen]))

    def add_files(self) -> None:
        """Ask for files and add them."""
        names, _ = QFileDialog.getOpenFileNames(
            self, "Dark or flat frames", "", f"{DIALOG};;All files (*)"
        )
        if names:
            self._add(lambda: from_files(names))

    def add_folder(self) -> None:
        """Ask for a folder and add what is in it."""
        name = QFileDialog.getExistingDirectory(self, "Folder of dark and flat frames")
        if name:
            self._add(lambda: from_folder(name))

    def compare(self, path: str | Path) -> None:
        """Compare the calibration with an earlier one in a file."""
        if self.report is None:
            return
        try:
            before = Calibration.load(path)
        except PhotonDenoiseError as error:
            self.refused.emit(str(error))
            return
        sentences = describe_drift(self.report.calibration, before)
        self.result.show_drift(Path(path).name, sentences)
        self.said.emit(sentences[0])

    def _add(self, make: Callable[[], list[StackSource]]) -> None:
        try:
            sources = make()
        except PhotonDenoiseError as error:
            self.refused.emit(str(error))
            return
        self.table.add(sources)
        unknown = [source.name for source in sources if not source.guessed]
        hint = f" Their names don't tell the role of {_some(unknown)}." if unknown else ""
        self.said.emit(f"Added {len(sources)} stack{'s'[: len(sources) > 1]}.{hint}")

    def _frames_group(self) -> QGroupBox:
        add, remove = QHBoxLayout(), QHBoxLayout()
        for row, text, tip, slot in (
            (add, "Add layers", "Add the layers selected in the layer list.", self.add_layers),
            (add, "Add files…", "A stack a file; files of one frame are sorted by their names.",
             self.add_files),
            (add, "Add folder…", "All images of a folder, and of each folder in it.",
             self.add_folder),
            (remove, "Set dark", "All selected stacks were taken without light.",
             partial(self.table.set_selected_role, "dark")),
            (remove, "Set flat", "All selected stacks were taken with steady light.",
             partial(self.table.set_selected_role, "flat")),
            (remove, "Remove", "Take the selected stacks out of the table.",
             self.table.remove_selected),
            (remove, "Remove all", "Empty the table; files and layers stay as they are.",
             self.table.clear_all),
        ):  # fmt: skip
            row.addWidget(button(text, tip, lambda _=False, slot=slot: slot()))
        box = group("Frames")
        for part in (add, remove):
            box.layout().addLayout(part)
            if part is add:
                box.layout().addWidget(self.table)
        box.layout().addWidget(self._summary)
        return box

    def _summarise(self) -> None:
        sources = self.table.sources()
        darks = [source for source in sources if source.role == "dark"]
        flats = [source for source in sources if source.role == "flat"]
        self._summary.setText(
            f"{_count(darks, 'dark')}, {_count(flats, 'flat')}." if sources else EMPTY
        )

    def _clear(self) -> None:
        """Show no result, and no curve of one."""
        self.report = None
        self.plot.clear()
        self.result.set_enabled(False)
        for part, title in ((self._plot_group, CURVE), (self._result_group, RESULT)):
            part.setVisible(False)
            part.setEnabled(True)
            part.setTitle(title)

    def _outdate(self) -> None:
        """Grey the result, as it is of other frames, or of another camera, than are named now."""
        if self.report is None:
            return
        self.report = None
        self.result.set_enabled(False)
        for part, title in ((self._plot_group, CURVE), (self._result_group, RESULT)):
            part.setEnabled(False)
            part.setTitle(f"{title}{BEFORE}")
        self.said.emit("The frames or the camera were changed: calibrate again.")

    def _on_progress(self, step: Progress) -> None:
        if isinstance(step, CalibrationProgress) and monotonic() - self._drawn > REDRAW:
            self.plot.show_live(step.points)
            self._drawn = monotonic()

    def _on_report(self, report: CameraReport) -> None:
        self.report = report
        self.result.show_report(report)
        self._result_group.setVisible(True)
        self.shown.emit(self.result.buttons["compare"])
        self.said.emit(
            {
                "PASS": "Done: fit for measuring; see Result.",
                "WARN": "Done, with warnings; see Result.",
                "FAIL": "⚠ Done, but the calibration failed tests: see Result before you use it.",
            }[report.status]
        )

    def _draw(self) -> None:
        """Show the curve of the report; a run that did not finish leaves nothing."""
        if self.report is None:
            self._plot_group.setVisible(False)
        else:
            self.plot.show_report(self.report)

    def _on_asked(self, action: str) -> None:
        if self.report is None:
            return
        if action == "use":
            use_for_denoising(self._viewer, self.report.calibration)
            self.said.emit("Photon denoise has the calibration.")
        elif action == "maps":
            self._viewer.layers.extend(map_layers(self.report))
            self.said.emit("The maps are layers now.")
        elif action == "compare":
            name, _ = QFileDialog.getOpenFileName(
                self, "Earlier calibration of this camera", "", "Calibration (*.tif *.tiff)"
            )
            if name:
                self.compare(name)
        else:
            self._save(action, self.report)

    def _save(self, action: str, report: CameraReport) -> None:
        known = [report.calibration.camera, report.calibration.serial]
        stem = "_".join(filter(None, known)).replace("/", "-") or "camera"
        if action == "save":
            out = ask_output(self, "Save calibration", f"{stem}.tif", "Calibration", ".tif")
        else:
            out = ask_output(self, "Save report", f"{stem}.html", "Report", ".html")
        if out is None:
            return
        write = _save_calibration if action == "save" else _save_report
        done = self._on_saved if action == "save" else self._on_written
        job = write_job(partial(write, report), *out)
        self.workAsked.emit(Work(job, f"Writing {out[0].name}", done))

    def _on_saved(self, path: Path) -> None:
        """Remember the file: recipes can name it."""
        if self.report is not None:
            calibration = replace(self.report.calibration, path=path)
            self.report = replace(self.report, calibration=calibration)
        self._on_written(path)

    def _on_written(self, path: Path) -> None:
        self.said.emit(f"Saved {path}.")


def _save_calibration(report: CameraReport, path: Path, overwrite: bool) -> Path:
    return report.calibration.save(path, overwrite=overwrite)


def _save_report(report: CameraReport, path: Path, overwrite: bool) -> Path:
    from napari_photon_denoise.reports.camera import write_report

    return write_report(report, path, overwrite=overwrite)


def _some(names: list[str]) -> str:
    """Name the first ones, such as "a, b, c and 99 more"."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"


def _count(sources: list[StackSource], role: str) -> str:
    """For people, such as "4 flats (160 frames)"."""
    if not sources:
        return f"no {role} yet"
    frames = sum(source.frames for source in sources)
    return f"{len(sources)} {role}{'s'[: len(sources) > 1]} ({frames} frames)"
