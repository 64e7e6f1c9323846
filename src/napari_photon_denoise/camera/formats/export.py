"""Writing a calibration for another program."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.formats.gdsc import write_gdsc
from napari_photon_denoise.camera.formats.storm_analysis import write_storm_analysis
from napari_photon_denoise.camera.formats.yaml_scalars import write_picasso
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.whole import check_output, whole_file

WRITERS = {
    "storm-analysis": ((".npy",), write_storm_analysis),
    "gdsc": ((".tif", ".tiff"), write_gdsc),
    "picasso": ((".yaml", ".yml"), write_picasso),
}
FORMATS = tuple(WRITERS)
ONE_PIXEL = " The camera has no maps: those that were written are of one pixel."


def export_calibration(
    calibration: Calibration, path: str | Path, program: str, *, overwrite: bool = False
) -> str:
    """Write a calibration in another program's format and units; whole, or not at all.

    Parameters
    ----------
    calibration : Calibration
    path : path
    program : str
        One of `FORMATS`.
    overwrite : bool
        Replace a file that is there.

    Returns
    -------
    str
        A sentence that says what was converted.

    Raises
    ------
    OutputExists
        If the file is there and `overwrite` is False.
    PhotonDenoiseError
        If program or ending is another, or the folder can't be written.
    """
    if program not in WRITERS:
        raise PhotonDenoiseError(f"No format is called '{program}'; say {', '.join(FORMATS)}.")
    endings, write = WRITERS[program]
    target = check_output(path, endings, f"A calibration for {program}", overwrite=overwrite)
    with whole_file(target) as file:
        write(calibration, file)
    return _sentence(calibration, program)


def _sentence(calibration: Calibration, program: str) -> str:
    gain = float(np.median(calibration.gain))
    shared = ", and how far neighbours share noise was left out" if calibration.correlated else ""
    if program == "picasso":
        maps = "; maps became their medians" if calibration.map_shape else ""
        return (
            f"For Picasso: sensitivity {gain:.3g} e-/ADU as it is, without read noise, for which "
            f"Picasso has no place{maps}{shared}."
        )
    variance = float(np.median(np.square(np.divide(calibration.read_noise, calibration.gain))))
    return (
        f"For {program}: gain {gain:.3g} e-/ADU became {1 / gain:.3g} ADU/e-, read noise "
        f"{np.median(calibration.read_noise):.3g} e- became a variance of {variance:.3g} ADU²"
        f"{shared}.{'' if calibration.map_shape else ONE_PIXEL}"
    )
