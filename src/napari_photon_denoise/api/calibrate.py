"""The verb `calibrate` for Python: dark and flat frames in, a measured calibration out."""

from __future__ import annotations

import glob
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.transfer import CalibrationSettings, calibrate_job
from napari_photon_denoise.errors import PhotonDenoiseWarning
from napari_photon_denoise.io.paths import local_path
from napari_photon_denoise.job import run


def calibrate(
    dark: Any,
    flats: Any,
    *,
    em_gain: float | None = None,
    em_stages: int | None = None,
    exposures: Sequence[float] | None = None,
    saturation: float | None = None,
    expected_gain: float | None = None,
    per_pixel_gain: bool = False,
    drop_first: bool = True,
    camera: str = "",
    serial: str = "",
    mode: str = "",
    binning: int = 1,
    roi: tuple[int, int, int, int] | None = None,
) -> Calibration:
    """Calibrate a camera from dark and flat frames, by photon transfer.

    Every stack is read once, so stacks may be larger than memory.

    Parameters
    ----------
    dark : stack, or sequence of stacks
        Frames without light, of the exposure and mode of the flats; one for all flats, or
        one for each. A stack is an ``(N, Y, X)`` numpy, dask or zarr array of counts (ADU),
        an iterable of frames, a file, a folder, a pattern, or a list of files.
    flats : sequence of stacks, or folder
        Frames of steady light, one stack a brightness; or one folder with a file or a
        sub-folder for each brightness. The light need not be even.
    em_gain : float, optional
        As set on an EMCCD.
    em_stages : int, optional
        Of its register (iXon: 536).
    exposures : sequence of float, optional
        Exposure or light of each flat in any unit, for the linearity error.
    saturation : float, optional
        Counts (ADU) at which a pixel is full; None to find out.
    expected_gain : float, optional
        What the maker states, e-/ADU; far from it, frames may have been averaged.
    per_pixel_gain : bool
        Ask for a map of the gain; it is used only if the frames bear it.
    drop_first : bool
        Leave out each stack's first frame, if it has at least five.
    camera, serial, mode : str
        For the record.
    binning : int
        On the camera.
    roi : tuple of int, optional
        ``(y, x, height, width)`` on the sensor.

    Returns
    -------
    Calibration
        Its `report` holds the evidence: `report.status`, `report.verdicts`, and all that
        `napari_photon_denoise.reports.camera.write_report` puts into a page.

    Raises
    ------
    PhotonDenoiseError
        If the frames can't be a camera's, or can't tell its gain.
    UnreadableFile
        If a file is missing or damaged.

    Warns
    -----
    PhotonDenoiseWarning
        For each failed test: don't measure with such a calibration.
    """
    settings = CalibrationSettings(
        em_gain=em_gain,
        em_stages=em_stages,
        exposures=None if exposures is None else tuple(exposures),
        saturation=saturation,
        expected_gain=expected_gain,
        per_pixel_gain=per_pixel_gain,
        drop_first=drop_first,
        camera=camera,
        serial=serial,
        mode=mode,
        binning=binning,
        roi=roi,
    )
    report = run(calibrate_job(find_dark(dark), find_levels(flats), settings))
    for verdict in report.verdicts:
        if verdict.status == "FAIL":
            warnings.warn(verdict.describe(), PhotonDenoiseWarning, stacklevel=2)
    return replace(report.calibration, report=report)


def find_levels(flats: Any) -> Any:
    """Sort one folder or pattern into the stacks of its levels; leave anything else alone.

    Parameters
    ----------
    flats : stack, sequence of stacks, or folder
        Of a folder, or of a pattern that matches folders, each sub-folder is a level; where
        there are none, each file of several frames is one. Files of a single frame each are
        the frames of one level.
    """
    if not isinstance(flats, (str, Path)):
        return flats
    folders = _sub_folders(flats)
    if folders:
        return [[folder] for folder in folders]
    from napari_photon_denoise.io import find_images, read

    files = find_images([flats])
    with read(files[0]) as image:
        several = image.data.ndim > 2
    return [[path] for path in files] if several else [files]


def find_dark(dark: Any) -> Any:
    """Sort one folder that holds only folders into a dark for each flat; leave anything else."""
    folders = _sub_folders(dark) if isinstance(dark, (str, Path)) else []
    return [[folder] for folder in folders] if folders else dark


def _sub_folders(pattern: str | Path) -> list[Path]:
    """Folders that stand for stacks, in natural order; none if there are images beside them."""
    from napari_photon_denoise.io.find import is_image, natural_order

    path = local_path(pattern)
    inside = list(path.iterdir()) if path.is_dir() and not is_image(path) else []
    if not inside and not path.exists() and glob.has_magic(str(path)):
        inside = [Path(name) for name in glob.glob(str(path), recursive=True)]
    if any(map(is_image, inside)):
        return []
    folders = [item for item in inside if item.is_dir() and not item.name.startswith(".")]
    return sorted(folders, key=natural_order)
