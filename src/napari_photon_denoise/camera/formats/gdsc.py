"""GDSC SMLM: a float TIFF of three slices, offset (ADU), variance (ADU²), gain (ADU/e-)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.formats.conversion import Imported, from_variance, to_variance
from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io.calibration import FORMAT

PROGRAM = "GDSC SMLM"


def read_tiff(path: Path) -> Imported:
    """Read a TIFF: this package's own, or GDSC SMLM's.

    Raises
    ------
    UnreadableFile
        If it is neither.
    """
    import tifffile

    try:
        with tifffile.TiffFile(path) as tif:
            ours = FORMAT in tif.pages[0].description
            planes = None if ours else tif.asarray()
    except Exception as error:
        raise UnreadableFile(f"{path} can't be read: it is broken or no TIFF.") from error
    if planes is None:
        return Imported(Calibration.load(path), ())
    if planes.ndim != 3 or len(planes) != 3 or planes.dtype.kind != "f":
        raise UnreadableFile(
            f"{path} is a TIFF of shape {planes.shape} and type {planes.dtype}: a camera model of "
            "GDSC SMLM has three float slices, offset, variance and gain."
        )
    return from_variance(path, planes[0], planes[1], planes[2], PROGRAM)


def write_gdsc(calibration: Calibration, path: Path) -> None:
    """Write a camera model of GDSC SMLM, which opens in ImageJ."""
    import tifffile

    planes = np.stack(to_variance(calibration)).astype(np.float32)
    labels = ["offset (ADU)", "variance (ADU^2)", "gain (ADU/e-)"]
    tifffile.imwrite(path, planes, imagej=True, metadata={"axes": "ZYX", "Labels": labels})
