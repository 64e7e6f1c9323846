"""The buttons that save what is drawn: as a table, and as a picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from qtpy.QtWidgets import QHBoxLayout, QWidget

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.widgets.parts.canvas import Canvas
from napari_photon_denoise.widgets.parts.layout import button
from napari_photon_denoise.widgets.parts.saving import save_picture, save_table
from napari_photon_denoise.widgets.parts.status import Status


class SaveRow(QWidget):  # type: ignore[misc]  # Qt comes without types
    """Asks for a name and saves, or says why not.

    Parameters
    ----------
    name : str
        Of the files that are proposed, without their endings.
    nothing : str
        What to say where nothing is drawn.
    table : callable
        Returns the curves as CSV; empty if there are none.
    canvas : Canvas
        What is drawn on.
    status : Status
    """

    def __init__(
        self, name: str, nothing: str, table: Callable[[], str], canvas: Canvas, status: Status
    ) -> None:
        super().__init__()
        self._name, self._nothing = name, nothing
        self._table, self._canvas, self._status = table, canvas, status
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(button("Save table…", "Save the curves as CSV.", self.save_table))
        layout.addWidget(
            button("Save picture…", "Save the plot as PNG or SVG, on white.", self.save_picture)
        )

    def save_table(self) -> None:
        """Ask for a name and save the curves as CSV."""
        text = self._table()
        self._save(lambda: save_table(self, "Save table", f"{self._name}.csv", text))

    def save_picture(self) -> None:
        """Ask for a name and save the plot as a picture."""
        name = f"{self._name}.png"
        self._save(lambda: save_picture(self, "Save picture", name, self._canvas))

    def _save(self, save: Callable[[], Path | None]) -> None:
        if not self._table():
            self._status.refuse(self._nothing)
            return
        try:
            path = save()
        except PhotonDenoiseError as error:
            self._status.refuse(str(error))
            return
        if path is not None:
            self._status.say(f"Saved {path}.")
