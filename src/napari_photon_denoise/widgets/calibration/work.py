"""What a page wants to have done in the background."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFileDialog, QGroupBox, QLabel, QVBoxLayout, QWidget

from napari_photon_denoise.job import Job, Progress


class Work(NamedTuple):
    """A job, and who wants to know of it.

    Parameters
    ----------
    job : Job
    title : str
        For people, such as "Calibrating the camera".
    done : callable
        Takes the job's result, in the window's thread.
    progressed : callable, optional
        Takes every `Progress`.
    ended : callable, optional
        Called at the end, however it came.
    """

    job: Job[Any]
    title: str
    done: Callable[[Any], None]
    progressed: Callable[[Progress], None] | None = None
    ended: Callable[[], None] | None = None


def write_job(write: Callable[[Path, bool], Path], path: Path, overwrite: bool) -> Job[Path]:
    """Write a file as a job.

    Parameters
    ----------
    write : callable
        Takes the path and whether to replace a file.
    path : Path
    overwrite : bool
    """
    yield Progress(f"Writing {path.name}", 0, 1)
    written = write(path, overwrite)
    yield Progress(f"Writing {path.name}", 1, 1)
    return written


def ask_output(
    parent: QWidget, title: str, name: str, kind: str, ending: str
) -> tuple[Path, bool] | None:
    """Ask where to save.

    Parameters
    ----------
    parent : QWidget
    title, name : str
        Of the dialog, and the file that it proposes.
    kind, ending : str
        "Calibration", ".tif".

    Returns
    -------
    tuple of Path and bool, or None
        The file, and whether the user agreed to replace it; None if cancelled.
    """
    chosen, _ = QFileDialog.getSaveFileName(parent, title, name, f"{kind} (*{ending})")
    if not chosen:
        return None
    path = Path(chosen)
    if path.suffix.lower() == ending:
        return path, True  # the dialog has asked
    return path.with_name(path.name + ending), False


def group(title: str, *widgets: QWidget) -> QGroupBox:
    """Frame controls that belong together."""
    box = QGroupBox(title)
    layout = QVBoxLayout(box)
    for widget in widgets:
        layout.addWidget(widget)
    return box


def wrapped(text: str = "") -> QLabel:
    """Make a label of text that wraps and can be copied."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
