"""The package's verbs for Python: arrays or files in, photons out."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from napari_photon_denoise.axes import check_array, guess_array_axes
from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.denoiser import Denoiser
from napari_photon_denoise.denoisers import DEFAULT_METHOD, AnyMethod, make_denoiser
from napari_photon_denoise.errors import PhotonDenoiseWarning
from napari_photon_denoise.inputs import Camera, Image, find_camera
from napari_photon_denoise.io import read
from napari_photon_denoise.job import run
from napari_photon_denoise.photons import LazyArray, Photons
from napari_photon_denoise.pipeline import Units, denoise_job


def denoise(
    image: Image,
    camera: Camera | None = None,
    method: str | Denoiser = DEFAULT_METHOD,
    *,
    axes: str | None = None,
    units: Units = "photons",
    device: str = "auto",
    tile: int | None = None,
) -> Any:
    """Denoise an image.

    Parameters
    ----------
    image : array or path
        Counts (ADU) of any real dtype; a numpy, dask or zarr array, or an image file.
    camera : Calibration, path or str
        The calibration, its file, or a preset such as "orca-flash4". None estimates
        the noise from the image itself, and a warning says so.
    method : str or Denoiser
        A method's key for its defaults, or a denoiser such as ``Gaussian(sigma=2)``.
    axes : str, optional
        A letter of "TCZYX" a dimension; None takes the file's, or the last of TZYX.
    units : {"photons", "counts"}
        float32 photons (e-), or grey values in the image's own dtype.
    device : {"auto", "cpu", "cuda", "mps"}
    tile : int, optional
        Edge of a tile, px, rounded up to a multiple of 16; None chooses.

    Returns
    -------
    numpy array of the image's shape

    Raises
    ------
    PhotonDenoiseError
        If image, camera, method or device can't be used; the sentence says what to do.

    Warns
    -----
    PhotonDenoiseWarning
        For what a user should know of the result, such as saturated pixels.
    """
    denoiser = make_denoiser(method) if isinstance(method, str) else method
    if isinstance(image, str | Path):
        with read(image, axes=axes) as opened:
            calibration = _camera_of(opened.data, opened.axes, camera)
            photons = Photons(opened.data, calibration, opened.axes, opened.pixel_size)
            return _run(photons, denoiser, device, tile, units)
    check_array(image.shape, image.dtype)
    names = axes or guess_array_axes(image.shape)
    photons = Photons(image, _camera_of(image, names, camera), names)
    return _run(photons, denoiser, device, tile, units)


def _camera_of(data: LazyArray, axes: str, camera: Camera | None) -> Calibration:
    """Return the camera that was named, or an estimate, with a warning that it is one."""
    if camera is not None:
        return find_camera(camera)
    from napari_photon_denoise.camera.estimate import estimate_job

    estimate = run(estimate_job(data, axes))
    for sentence in ("No camera was given.", *estimate.sentences):
        warnings.warn(sentence, PhotonDenoiseWarning, stacklevel=3)
    return estimate.calibration()


def _run(
    photons: Photons, denoiser: AnyMethod | Denoiser, device: str, tile: int | None, units: Units
) -> Any:
    result = run(denoise_job(photons, denoiser, device=device, tile=tile, units=units))
    for note in result.notes:
        warnings.warn(note, PhotonDenoiseWarning, stacklevel=3)
    return result.data
