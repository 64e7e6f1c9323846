"""Ask where to save something, and save it there."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from qtpy.QtWidgets import QFileDialog, QWidget

from napari_photon_denoise.errors import PhotonDenoiseError


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
    if path.name.lower().endswith(ending):
        return path, True  # the dialog has asked
    return path.with_name(path.name + ending), False


def ask_and_write(
    parent: QWidget, title: str, name: str, kinds: str, write: Callable[[Path], object]
) -> Path | None:
    """Ask for a name and write a file; one that is there is replaced if the dialog has asked.

    Parameters
    ----------
    parent : QWidget
    title, name : str
        Of the dialog, and the file that it proposes.
    kinds : str
        Such as "Picture (*.png);;Vector picture (*.svg)".
    write : callable
        Takes the path, which has the ending of one of the kinds.

    Returns
    -------
    Path or None
        None if the user does not want to.

    Raises
    ------
    PhotonDenoiseError
        If the file can't be written.
    """
    chosen, kind = QFileDialog.getSaveFileName(parent, title, name, kinds)
    if not chosen:
        return None
    path, endings = Path(chosen), _endings(kinds)
    if path.suffix.lower() not in endings:
        path = path.with_name(path.name + (_endings(kind) or endings)[0])
        if path.exists():  # the dialog has asked about another name
            raise PhotonDenoiseError(f"{path} exists already: choose another name.")
    try:
        write(path)
    except OSError as error:
        raise PhotonDenoiseError(
            f"{path} can't be written ({error.strerror or error}): choose another folder."
        ) from None
    return path


def _endings(kinds: str) -> list[str]:
    """Return the endings in a dialog's list, such as [".png", ".svg"]."""
    return re.findall(r"\*(\.\w+)", kinds)
