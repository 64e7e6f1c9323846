"""What a user names (an array, a file, a camera, a preset, nothing) as image, axes and camera."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from napari_photon_denoise.axes import check_array, guess_array_axes
from napari_photon_denoise.calibration import Calibration, Float32
from napari_photon_denoise.camera.presets import PRESETS, find_preset
from napari_photon_denoise.errors import PhotonDenoiseError, PhotonDenoiseWarning
from napari_photon_denoise.io import read
from napari_photon_denoise.job import Job, run
from napari_photon_denoise.metrics.applicable import NotApplicable
from napari_photon_denoise.photons import LazyArray
from napari_photon_denoise.pipeline import Units
from napari_photon_denoise.recipe import Recipe, parse_recipe

Image = LazyArray | str | Path


Camera = Calibration | str | Path


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
    if isinstance(camera, Calibration):
        return camera
    if str(camera) in PRESETS:
        return find_preset(str(camera)).calibration(em_gain)
    if em_gain is not None:
        raise PhotonDenoiseError("An EM gain belongs to the preset of an EMCCD: leave it out.")
    if not Path(camera).suffix:
        return find_preset(str(camera)).calibration()
    from napari_photon_denoise.camera.formats import import_calibration

    imported = import_calibration(camera)
    for sentence in imported.notes:
        warnings.warn(sentence, PhotonDenoiseWarning, stacklevel=2)
    return imported.calibration


def file_of(image: Image) -> str:
    """Return where an image lies; empty for one in memory."""
    return str(Path(image).resolve()) if isinstance(image, str | Path) else ""


def as_read(
    data: LazyArray,
    calibration: Calibration | NotApplicable,
    units: Units | None = None,
    region: tuple[slice, ...] | None = None,
) -> Float32:
    """Read an image as photons; whole numbers are counts unless `units` says otherwise.

    Of a region, the calibration is that of the region.

    Raises
    ------
    PhotonDenoiseError
        If it is in counts, and the camera is not known.
    """
    values = np.asarray(data[region or (slice(None),) * len(data.shape)])
    counts = values.dtype.kind in "iu" if units is None else units == "counts"
    if not counts:
        return values.astype(np.float32)
    if isinstance(calibration, NotApplicable):
        raise PhotonDenoiseError(
            f"The image is in counts, and its camera is not known. {calibration.reason}"
        )
    return calibration.to_photons(values)


def check_shapes(raw: tuple[int, ...], other: tuple[int, ...], name: str = "denoised") -> None:
    """Refuse a denoised image or a truth that has not the raw image's shape.

    Raises
    ------
    PhotonDenoiseError
    """
    if tuple(raw) != tuple(other):
        raise PhotonDenoiseError(
            f"The raw image has the shape {tuple(raw)}, the {name} {tuple(other)}: they must be "
            "equal, so crop them alike."
        )


def estimate_camera_job(data: LazyArray, axes: str) -> Job[Calibration | NotApplicable]:
    """Estimate the camera from the raw image, or say why that can't be done."""
    from napari_photon_denoise.camera.estimate import NoEstimate, estimate_job

    try:
        estimate = yield from estimate_job(data, axes)
    except NoEstimate as error:
        return NotApplicable(f"The camera is not known. {error}")
    for sentence in ("No camera was given.", *estimate.sentences):
        warnings.warn(sentence, PhotonDenoiseWarning, stacklevel=2)
    return estimate.calibration()


@dataclass(frozen=True, eq=False)
class Opened:
    """An image, in a file or in memory.

    Parameters
    ----------
    data : array
    axes : str
    pixel_size : mapping
        µm for "Z", "Y" and "X", where known.
    recipe : Recipe, optional
        That made it, where its file holds one.
    """

    data: LazyArray
    axes: str
    pixel_size: Mapping[str, float]
    recipe: Recipe | None = None


@contextmanager
def opened(image: Image, axes: str | None) -> Iterator[Opened]:
    """Open a file, or see an array as one.

    Parameters
    ----------
    image : array or path
    axes : str or None
        A letter of "TCZYX" a dimension; None takes the file's, or the last of TZYX.

    Yields
    ------
    Opened

    Raises
    ------
    PhotonDenoiseError
        If an array can't be a grey image.
    """
    if isinstance(image, str | Path):
        with read(image, axes=axes) as file:
            recipe = parse_recipe(file.recipe, str(image)) if file.recipe else None
            yield Opened(file.data, file.axes, file.pixel_size, recipe)
        return
    check_array(image.shape, image.dtype)
    yield Opened(image, axes or guess_array_axes(image.shape), {})


def camera_of(
    raw: Opened, camera: Camera | None, recipe: Recipe | None
) -> Calibration | NotApplicable:
    """Return the camera that was named, that of the recipe, or an estimate."""
    if camera is not None:
        return find_camera(camera)
    if recipe is not None:
        return recipe.calibration.restore()
    return run(estimate_camera_job(raw.data, raw.axes))
