"""A camera by what names it; and how Python is told what goes with a result: by warnings."""

from __future__ import annotations

import warnings
from collections.abc import Iterable

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import PhotonDenoiseWarning
from napari_photon_denoise.named_camera import Camera, name_camera

NAME_AXES = "name them with axes="  # what Python advises where a file does not


def find_camera(camera: Camera, em_gain: float | None = None) -> Calibration:
    """Return a calibration from what names it.

    Parameters
    ----------
    camera : Calibration, path or str
        A calibration, its file (of this program, or one that
        `camera.formats.import_calibration` reads), or the key of a preset.
    em_gain : float, optional
        EM gain that was set, for the preset of an EMCCD.

    Raises
    ------
    PhotonDenoiseError
        If there is no such file or preset.

    Warns
    -----
    PhotonDenoiseWarning
        For each unit that was converted from another program's file.
    """
    named = name_camera(camera, em_gain)
    tell(named.notes)
    return named.known()


def tell(sentences: Iterable[str]) -> None:
    """Warn, at the line that called the verb which calls this."""
    for sentence in sentences:
        warnings.warn(sentence, PhotonDenoiseWarning, stacklevel=3)
