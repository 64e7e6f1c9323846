"""The network that was learnt last: saved, and applied to layers and files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from napari.layers import Image
from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QFileDialog, QWidget

from napari_photon_denoise.denoisers import Resunet
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.files import FileState, denoise_files_job
from napari_photon_denoise.io.readers import DIALOG
from napari_photon_denoise.pipeline import Denoised
from napari_photon_denoise.widgets.learning.apply import files_work, layers_job
from napari_photon_denoise.widgets.learning.live import Outcome
from napari_photon_denoise.widgets.learning.store import (
    ENDING,
    ask_model_file,
    free_name,
    make_own_folder,
)
from napari_photon_denoise.widgets.parts.refusals import in_words
from napari_photon_denoise.widgets.parts.task import Task
from napari_photon_denoise.widgets.parts.work import Work


class Keeper(QObject):  # type: ignore[misc]  # Qt comes without types
    """Holds a network for as long as it is not saved, and puts it to work.

    Parameters
    ----------
    viewer : napari.Viewer
    task : callable
        Sees a layer as the controls describe it: returns its `Task` for a method and a device,
        or raises the PhotonDenoiseError that says what is missing.
    parent : QWidget
    """

    said = Signal(str)
    refused = Signal(str)
    workAsked = Signal(object)
    """A function that returns a `Work` to carry out, or says what is missing."""

    def __init__(
        self, viewer: Any, task: Callable[[Image, Resunet], Task], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._viewer, self._task, self._parent = viewer, task, parent
        self._outcome: Outcome | None = None
        self._file: Path | None = None

    @property
    def outcome(self) -> Outcome | None:
        """What was learnt last."""
        return self._outcome

    @property
    def file(self) -> Path | None:
        """Where it was saved, if it was."""
        return self._file

    def hold(self, outcome: Outcome | None) -> None:
        """Take a network; the one before is let go."""
        self._outcome, self._file = outcome, None

    def ask_and_save(self) -> None:
        """Ask for a name, and save there."""
        if self._outcome is None:
            return
        try:
            chosen = ask_model_file(self._parent, self._free_name(self._outcome))
            if chosen is not None:
                self._save(self._outcome, *chosen)
                self.said.emit(
                    f"Saved as {self._file}: it is listed at Model in Photon denoise, if you left "
                    "it in the folder that was proposed."
                    if self._file is not None and self._file.parent != make_own_folder()
                    else f"Saved as “{chosen[0].stem}”: choose it at Model in Photon denoise."
                )
        except PhotonDenoiseError as error:
            self.refused.emit(in_words(error))

    def apply_to_layers(self, layers: Sequence[Image]) -> None:
        """Denoise layers; each result is a new layer."""
        self.workAsked.emit(partial(self._layers_work, layers))

    def ask_and_apply_to_files(self) -> None:
        """Ask for files and a folder, and denoise them."""
        files, _ = QFileDialog.getOpenFileNames(self._parent, "Images to denoise", "", DIALOG)
        if not files:
            return
        folder = QFileDialog.getExistingDirectory(self._parent, "Folder for the results")
        if folder:
            self.apply_to_files([Path(file) for file in files], Path(folder))

    def apply_to_files(self, files: Sequence[Path], folder: Path) -> None:
        """Denoise files into a folder, with the camera of what was learnt from."""
        self.workAsked.emit(partial(self._files_work, files, folder))

    def _layers_work(self, layers: Sequence[Image]) -> Work:
        if not layers:
            raise PhotonDenoiseError("Tick the layers to denoise, above the button.")
        denoiser = self._denoiser()
        # Named after the model alone: which planes are neighbours was decided by the training.
        asked = Resunet(model=denoiser.model)
        tasks = [replace(self._task(layer, denoiser).resolved(), asked=asked) for layer in layers]
        return Work(layers_job(tasks), "Denoising layers", self._show)

    def _files_work(self, files: Sequence[Path], folder: Path) -> Work:
        denoiser, outcome = self._denoiser(), self._outcome
        assert outcome is not None  # there is no network without
        work = files_work(denoiser, outcome.order.task, folder)
        return Work(denoise_files_job(work, files), "Denoising files", self._say)

    def _say(self, files: tuple[FileState, ...]) -> None:
        """Say what became of files."""
        notes = [f"{file.name}: {note}" for file in files for note in file.notes]
        wrong = [(file.name, file.error) for file in files if file.error is not None]
        skipped = sum(file.state == "skipped" for file in files)
        before = f", {skipped} of them before" if skipped else ""
        done = f"Done: {len(files) - len(wrong)} of {len(files)} files{before}."
        self.said.emit("\n".join([done, *notes]))
        if wrong:
            self.refused.emit("\n".join(f"{name}: {in_words(error)}" for name, error in wrong))

    def _show(self, found: list[tuple[Task, Denoised]]) -> None:
        """Add the results on top."""
        notes = []
        for task, denoised in found:
            layers = task.results(denoised)
            self._viewer.layers.extend(layers)
            notes += [f"{layers[-1].name}: {note}" for note in denoised.notes]
        names = ", ".join(f"{task.layer.name} [{task.title()}]" for task, _ in found)
        self.said.emit("\n".join([f"Done: {names}.", *notes]))

    def _denoiser(self) -> Resunet:
        """Return the method that runs the network; it is saved first, so that recipes find it."""
        outcome = self._outcome
        if outcome is None:
            raise PhotonDenoiseError("Press Learn first: there is no network yet.")
        if self._file is None or not self._file.exists():
            name = self._free_name(outcome)
            self._save(outcome, make_own_folder() / f"{name}{ENDING}", False)
        return Resunet(model=str(self._file), neighbours=outcome.order.denoiser.neighbours)

    def _save(self, outcome: Outcome, path: Path, overwrite: bool) -> None:
        self._file = outcome.learned.save(path, overwrite=overwrite)

    def _free_name(self, outcome: Outcome) -> str:
        return free_name(outcome.order.task.layer.name, outcome.order.task.denoiser.label)
