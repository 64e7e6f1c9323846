"""Ask where to save something, and save a table or a picture of a plot there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from qtpy.QtWidgets import QFileDialog, QWidget

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.widgets.parts.canvas import Canvas

PICTURES = "Picture (*.png);;Vector picture (*.svg)"


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


def save_table(parent: QWidget, title: str, name: str, text: str) -> Path | None:
    """Ask for a name and write a table as CSV.

    Parameters
    ----------
    parent : QWidget
    title, name : str
        Of the dialog, and the file that it proposes.
    text : str

    Returns
    -------
    Path or None
        None if the user does not want to.

    Raises
    ------
    PhotonDenoiseError
        If the file can't be written.
    """
    chosen, _ = QFileDialog.getSaveFileName(parent, title, name, "Table (*.csv)")
    if not chosen:
        return None
    path = _with_ending(Path(chosen), (".csv",))
    # With a mark at its beginning, by which spreadsheets know that µ is µ.
    return _write(path, lambda: path.write_text(text, encoding="utf-8-sig"))


def save_picture(parent: QWidget, title: str, name: str, canvas: Canvas) -> Path | None:
    """Ask for a name and draw a plot as PNG or SVG, black on white.

    Parameters
    ----------
    parent : QWidget
    title, name : str
        Of the dialog, and the file that it proposes.
    canvas : Canvas

    Returns
    -------
    Path or None
        None if the user does not want to.

    Raises
    ------
    PhotonDenoiseError
        If the file can't be written.
    """
    chosen, kind = QFileDialog.getSaveFileName(parent, title, name, PICTURES)
    if not chosen:
        return None
    path = _with_ending(Path(chosen), (".svg", ".png") if "svg" in kind else (".png", ".svg"))
    return _write(path, lambda: canvas.paint(path))


def _with_ending(path: Path, endings: tuple[str, ...]) -> Path:
    """Return the path with the first ending, unless it has one."""
    if path.suffix.lower() in endings:
        return path
    renamed = path.with_name(path.name + endings[0])
    if renamed.exists():  # the dialog has asked about another name
        raise PhotonDenoiseError(f"{renamed} exists already: choose another name.")
    return renamed


def _write(path: Path, write: Callable[[], object]) -> Path:
    try:
        write()
    except OSError as error:
        raise PhotonDenoiseError(
            f"{path} can't be written ({error.strerror or error}): choose another folder."
        ) from None
    return path
