"""Take a recipe along: as Python, as a command for the terminal, as a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from qtpy.QtCore import Signal
from qtpy.QtGui import QGuiApplication
from qtpy.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.recipe import Recipe
from napari_photon_denoise.recipe_text import as_command_line, as_python
from napari_photon_denoise.widgets.parts.layout import button
from napari_photon_denoise.widgets.parts.task import Task


class Exports(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Buttons for the recipe of the last result, or of the present settings.

    Parameters
    ----------
    task : callable
        Returns the `Task` to take along, or raises the PhotonDenoiseError that says what is
        missing.
    """

    said = Signal(str)
    """What was done."""
    refused = Signal(str)
    """Why it was not."""

    def __init__(self, task: Callable[[], Task]) -> None:
        super().__init__()
        self._task = task
        # Maps that were saved on the way: by content, so that one is asked for once.
        self._saved: dict[str, Path] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for text, tip, slot in (
            (
                "Copy as Python",
                "Copy a few lines of Python to the clipboard that give the same result.",
                self.copy_python,
            ),
            (
                "Copy as command line",
                "Copy a command to the clipboard that gives the same result in a terminal.",
                self.copy_command_line,
            ),
            (
                "Save recipe…",
                "Save all settings as a file; 'photon-denoise run' repeats them.",
                self.save_recipe,
            ),
        ):
            tip = f"{tip}\nOf the last result, or of the settings if there is none."
            layout.addWidget(button(text, tip, slot))

    def copy_python(self) -> None:
        """Copy Python to the clipboard."""
        self._copy(as_python, "Python")

    def copy_command_line(self) -> None:
        """Copy a command for the terminal to the clipboard."""
        self._copy(as_command_line, "The command line")

    def save_recipe(self) -> None:
        """Ask for a name and save the recipe."""
        recipe = self._recipe()
        if recipe is None:
            return
        name, _ = QFileDialog.getSaveFileName(self, "Save recipe", "recipe.json", "JSON (*.json)")
        if not name:
            return
        path = Path(name).with_suffix(".json")
        try:
            path.write_text(recipe.as_json(), encoding="utf-8")
        except OSError as error:
            self.refused.emit(f"{path} can't be written ({error.strerror}): choose another folder.")
            return
        self.said.emit(f"The recipe is saved as {path}.")

    def _copy(self, text: Callable[[Recipe], str], what: str) -> None:
        recipe = self._recipe()
        if recipe is not None:
            QGuiApplication.clipboard().setText(text(recipe))
            self.said.emit(f"{what} is on the clipboard.")

    def _recipe(self) -> Recipe | None:
        """Recipe whose calibration can be found again; None if that was refused."""
        try:
            task = self._task()
            calibration = self._with_file(task.photons.calibration)
            return task.with_calibration(calibration).recipe() if calibration else None
        except PhotonDenoiseError as error:
            self.refused.emit(str(error))
            return None

    def _with_file(self, calibration: Calibration) -> Calibration | None:
        """Ask where to save maps that are in no file; None if the user does not want to."""
        if calibration.map_shape is None or calibration.path is not None:
            return calibration
        path = self._saved.get(calibration.digest)
        if path is None:
            name, _ = QFileDialog.getSaveFileName(
                self,
                "Save the camera's calibration, so that the recipe can name it",
                "camera.tif",
                "Calibration (*.tif)",
            )
            if not name:
                return None
            path = calibration.save(Path(name).with_suffix(".tif"), overwrite=True)
            self._saved[calibration.digest] = path
        return replace(calibration, path=path)
