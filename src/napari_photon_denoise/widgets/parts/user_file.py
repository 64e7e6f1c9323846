"""Small files in the user's folder of settings: what the windows keep between sessions."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.whole import make_folder, whole_file


def own_folder() -> Path | None:
    """Return where they are kept; None where napari is told to keep no settings, either."""
    if os.environ.get("NAPARI_CONFIG") == "":
        return None
    import platformdirs  # comes with napari

    return Path(platformdirs.user_config_path("napari-photon-denoise", False))


def read_user_file(name: str) -> Any:
    """Return what a file holds, plain JSON; None if there is none.

    Raises
    ------
    PhotonDenoiseError
        If it can't be read.
    """
    folder = own_folder()
    if folder is None or not (folder / name).is_file():
        return None
    try:
        return json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PhotonDenoiseError(f"{folder / name} can't be read ({error}).") from None


def write_user_file(name: str, content: Any) -> None:
    """Write a file whole, or leave the one before.

    Raises
    ------
    PhotonDenoiseError
        If it can't be written.
    """
    folder = own_folder()
    if folder is None:
        return
    with whole_file(make_folder(folder) / name) as path:
        path.write_text(json.dumps(content, indent=1), encoding="utf-8")
