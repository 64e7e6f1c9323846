"""The folder that a command writes into."""

from __future__ import annotations

from pathlib import Path

from napari_photon_denoise.errors import PhotonDenoiseError


def make_folder(path: str | Path) -> Path:
    """Make a folder and those above it, unless it is there.

    Raises
    ------
    PhotonDenoiseError
        If it can't be made.
    """
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PhotonDenoiseError(
            f"The folder {folder} can't be made ({error.strerror}): choose another with -o."
        ) from None
    return folder
