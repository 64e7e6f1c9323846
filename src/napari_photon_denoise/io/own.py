"""What this program wrote itself, told from a camera's raw images by what the file says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from napari_photon_denoise.io.calibration import is_calibration
from napari_photon_denoise.io.ome import NAMESPACE, describe
from napari_photon_denoise.io.ome_zarr.attributes import own_attributes, read_attributes
from napari_photon_denoise.io.tiff_pages import read_description

Own = Literal["result", "calibration"]
ENDINGS = (".tif", ".tiff")  # of all files that it writes


def own_kind(path: Path) -> Own | None:
    """Tell whether a file is a result, which holds its recipe, or a camera's calibration.

    Reads the first page's directory, or a folder's attributes, no pixels, so that thousands can be
    looked through.

    Parameters
    ----------
    path : Path

    Returns
    -------
    {"result", "calibration"} or None
        None of anything else, and of a file that can't be read: who opens it says why.
    """
    if os.path.isdir(path):
        return "result" if own_attributes(read_attributes(path)).get("recipe") else None
    if path.suffix.lower() not in ENDINGS or not os.path.isfile(path):
        return None
    text = read_description(path)
    if is_calibration(text):
        return "calibration"
    return "result" if NAMESPACE in text and describe(text).recipe is not None else None
