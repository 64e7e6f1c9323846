"""The buttons that save what is drawn: as a table, and as a picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from qtpy.QtWidgets import QHBoxLayout, QWidget

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.widgets.parts.canvas import Canvas
from napari_photon_denoise.widgets.parts.layout import button
from napari_photon_denoise.widgets.parts.run_bar import RunBar
from napari_photon_denoise.widgets.parts.saving import ask_and_write
from napari_photon_denoise.widgets.parts.status import Status

TABLE, PICTURE = "Table (*.csv)", "Picture (*.png);;Vector picture (*.svg)"


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
    status : Status or RunBar
    """

    def __init__(
        self,
        name: str,
        nothing: str,
        table: Callable[[], str],
        canvas: Canvas,
        status: Status | RunBar,
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
        # With a mark at its beginning, by which spreadsheets know that µ is µ.
        self._save("table", ".csv", TABLE, lambda path: path.write_text(text, encoding="utf-8-sig"))

    def save_picture(self) -> None:
        """Ask for a name and save the plot as a picture."""
        self._save("picture", ".png", PICTURE, self._canvas.paint)

    def _save(self, what: str, ending: str, kinds: str, write: Callable[[Path], object]) -> None:
        if not self._table():
            self._status.refuse(self._nothing)
            return
        try:
            path = ask_and_write(self, f"Save {what}", f"{self._name}{ending}", kinds, write)
        except PhotonDenoiseError as error:
            self._status.refuse(str(error))
            return
        if path is not None:
            self._status.say(f"Saved {path}.")
