"""What the controller of Photon denoise asks of the dock."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from napari_photon_denoise.denoisers import AnyMethod
    from napari_photon_denoise.widgets.denoise.hints import Hints
    from napari_photon_denoise.widgets.denoise.preview import Preview
    from napari_photon_denoise.widgets.denoise.selection import Selection
    from napari_photon_denoise.widgets.parts.camera import CameraPicker
    from napari_photon_denoise.widgets.parts.dock import Dock
    from napari_photon_denoise.widgets.parts.form import MethodPicker
    from napari_photon_denoise.widgets.parts.result import ResultPicker
    from napari_photon_denoise.widgets.parts.source import SourcePicker


class View(Protocol):
    """What the controller asks, and shows things in: the dock, or a test."""

    source: SourcePicker
    selection: Selection
    camera: CameraPicker
    method: MethodPicker[AnyMethod]
    result: ResultPicker
    hints: Hints
    dock: Dock
    preview: Preview

    def ask_store(self, proposed: Path) -> Path | None:
        """Ask where a result on disk shall go; None if the user does not want it."""

    def ask_folder(self, proposed: Path) -> Path | None:
        """Ask into which folder several results go; None if the user does not want it."""

    def shows_files(self) -> bool:
        """Whether the tab "Files" is in front, not the layers."""
