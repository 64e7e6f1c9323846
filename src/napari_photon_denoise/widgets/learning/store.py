"""The user's own models: what they are called, and how they are kept."""

from __future__ import annotations

import re
from pathlib import Path

from qtpy.QtWidgets import QWidget

from napari_photon_denoise import models
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.widgets.parts.saving import ask_output

ENDING = ".safetensors"
LONGEST = 60  # characters of a name


def make_own_folder() -> Path:
    """Make the folder of the user's own models, unless it is there.

    Raises
    ------
    PhotonDenoiseError
        If it can't be made.
    """
    folder = models.own_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PhotonDenoiseError(
            f"The folder {folder} can't be made ({error.strerror}): save the model elsewhere."
        ) from None
    return folder


def free_name(layer: str, method: str) -> str:
    """Return a name that no model has, such as "filaments Noise2Void 2".

    Parameters
    ----------
    layer, method : str
        What it learnt from, and how.
    """
    name = re.sub(r"[^\w .()-]+", "-", f"{layer} {method}").strip(" .-")[:LONGEST]
    taken = {model.lower() for model in models.own_models()}
    number, found = 1, name
    while found.lower() in taken:
        number += 1
        found = f"{name} {number}"
    return found


def ask_model_file(parent: QWidget, name: str) -> tuple[Path, bool] | None:
    """Ask where to save a model; own models are listed wherever a network is chosen.

    Parameters
    ----------
    parent : QWidget
    name : str
        That is proposed.

    Returns
    -------
    tuple of Path and bool, or None
        The file, and whether the user agreed to replace it; None if cancelled.

    Raises
    ------
    PhotonDenoiseError
        If the folder can't be made.
    """
    proposed = make_own_folder() / f"{name}{ENDING}"
    return ask_output(parent, "Save model", str(proposed), "Model", ENDING)
