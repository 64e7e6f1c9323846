"""GDSC SMLM: a float TIFF of three slices, Bias (ADU), Gain (ADU/e-) and Variance (ADU²).

Its Camera Model Manager (`ij.plugins.CameraModelManager`) saves them in this order and labels them
so; the camera's corner on the sensor is the origin of ImageJ's calibration, in px.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.formats.conversion import (
    Imported,
    Maps,
    Roi,
    from_maps,
    to_variance,
)
from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io.calibration import INFLATES, open_quietly, was_calibration

PROGRAM = "GDSC SMLM"
LABELS = ("Bias", "Gain", "Variance")
INFO = "Per-pixel camera model data"
# First words of labels, in small letters; those that other programs give their slices, too.
WORDS = {
    "bias": "offset",
    "offset": "offset",
    "baseline": "offset",
    "gain": "gain",
    "variance": "variance",
    "var": "variance",
}
BY_ORDER = (
    "The slices have no labels: they were taken as Bias, Gain and Variance, in the order in which "
    "GDSC SMLM writes them."
)


def read_tiff(path: Path) -> Imported:
    """Read a TIFF: this package's own, or GDSC SMLM's.

    Raises
    ------
    UnreadableFile
        If it is neither.
    """
    try:
        with open_quietly(path) as tif:
            is_own = was_calibration(tif)
            planes, said = (None, {}) if is_own else (_planes(tif, path), tif.imagej_metadata or {})
    except UnreadableFile:
        raise
    except Exception as error:  # tifffile raises whatever it likes on damaged files
        raise UnreadableFile(f"{path} can't be read: it is broken or no TIFF.") from error
    if planes is None:
        return Imported(Calibration.load(path), ())
    order = _order(path, said.get("Labels"))
    named = dict(zip(order or ("offset", "gain", "variance"), planes, strict=True))
    roi = _roi(said, planes.shape[1:])
    maps = Maps(named["offset"], named["variance"], named["gain"], roi=roi)
    return from_maps(path, PROGRAM, maps, *(() if order else (BY_ORDER,)))


def write_gdsc(calibration: Calibration, path: Path) -> None:
    """Write a camera model of GDSC SMLM, which opens in ImageJ."""
    import tifffile

    offset, variance, gain = to_variance(calibration)
    metadata: dict[str, Any] = {"axes": "ZYX", "Labels": list(LABELS), "Info": INFO}
    if calibration.roi and calibration.map_shape:
        metadata |= {"yorigin": float(calibration.roi[0]), "xorigin": float(calibration.roi[1])}
    planes = np.stack([offset, gain, variance]).astype(np.float32)
    tifffile.imwrite(path, planes, imagej=True, metadata=metadata)


def _planes(tif: Any, path: Path) -> NDArray[Any]:
    """Read three slices, if the file is large enough to hold as many pixels as it says."""
    series = tif.series[0]
    if len(series.shape) != 3 or series.shape[0] != 3 or series.dtype.kind != "f":
        raise UnreadableFile(
            f"{path} is a TIFF of shape {series.shape} and type {series.dtype}: a camera model of "
            "GDSC SMLM has three float slices, Bias, Gain and Variance."
        )
    is_packed = tif.pages[0].compression != 1
    if series.nbytes > tif.filehandle.size * (INFLATES if is_packed else 1):
        raise ValueError("more pixels than the file can hold")
    return np.asarray(series.asarray())


def _order(path: Path, labels: Any) -> tuple[str, ...] | None:
    """Quantity of each slice by its label; None without labels."""
    if not isinstance(labels, list | tuple) or not any(labels):
        return None
    found = tuple(WORDS.get(str(label).split(" ")[0].lower(), "") for label in labels)
    if sorted(found) != ["gain", "offset", "variance"]:
        raise UnreadableFile(
            f"{path} has slices named {', '.join(str(label)[:40] for label in labels[:5])}: a "
            "camera model of GDSC SMLM has Bias, Gain and Variance."
        )
    return found


def _roi(said: dict[str, Any], shape: tuple[int, ...]) -> Roi | None:
    """Where the maps lie on the sensor; None if that is not said."""
    corner = said.get("yorigin", 0), said.get("xorigin", 0)
    if corner == (0, 0) or not all(
        isinstance(one, int | float) and 0 <= one < 1e6 for one in corner
    ):
        return None
    return int(corner[0]), int(corner[1]), shape[0], shape[1]
