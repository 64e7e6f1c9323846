"""What the controller of the tab "Files" asks of the form and of the tab."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from napari_photon_denoise.widgets.batch.rows import Row

if TYPE_CHECKING:
    from napari_photon_denoise.denoisers import AnyMethod
    from napari_photon_denoise.widgets.parts.camera import CameraPicker
    from napari_photon_denoise.widgets.parts.dock import Dock
    from napari_photon_denoise.widgets.parts.form import MethodPicker
    from napari_photon_denoise.widgets.parts.result import ResultPicker
    from napari_photon_denoise.widgets.parts.source import SourcePicker


class Page(Protocol):
    """What the controller asks of the tab, and shows in it."""

    def output(self) -> Path | None:
        """Return the folder that was chosen, if one was."""

    def overwrite(self) -> bool:
        """Return whether results that are there are replaced."""

    def from_each(self) -> bool:
        """Return whether the camera is estimated from each image."""

    def propose_camera(self, from_each: bool) -> None:
        """Choose whether it is, unless the user has."""

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show these files."""

    def show_row(self, number: int, row: Row) -> None:
        """Show what is new of one."""

    def select(self, number: int) -> None:
        """Select a file, unless the user has selected one."""

    def show_summary(self, text: str) -> None:
        """Say how far all of them are."""

    def show_how(self, text: str) -> None:
        """Say what will be done."""

    def show_folder(self, folder: Path | None) -> None:
        """Say where the results go if no folder is chosen."""

    def set_busy(self, busy: bool) -> None:
        """Disable what can't be done while something runs."""


class View(Protocol):
    """The form, and the tab."""

    source: SourcePicker
    camera: CameraPicker
    method: MethodPicker[AnyMethod]
    result: ResultPicker
    dock: Dock
    files: Page

    def offer(self) -> None:
        """Say what Run does."""
