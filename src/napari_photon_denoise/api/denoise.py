"""The package's verbs for Python: arrays or files in, photons out."""

from __future__ import annotations

from os import PathLike
from typing import Any

from napari_photon_denoise.api.camera import NAME_AXES, tell
from napari_photon_denoise.api.lazy import lazy_job
from napari_photon_denoise.api.progress import run_showing
from napari_photon_denoise.denoiser import Denoiser
from napari_photon_denoise.denoisers import DEFAULT_METHOD, make_denoiser
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.inputs import Image, opened
from napari_photon_denoise.named_camera import Camera, name_camera
from napari_photon_denoise.pipeline import Units, denoise_job
from napari_photon_denoise.settling import settle_job


def denoise(
    image: Image,
    camera: Camera | None = None,
    method: str | Denoiser = DEFAULT_METHOD,
    *,
    axes: str | None = None,
    units: Units = "photons",
    device: str = "auto",
    tile: int | None = None,
    allow_results: bool = False,
    lazy: bool = False,
    progress: bool = False,
) -> Any:
    """Denoise an image.

    Parameters
    ----------
    image : array or path
        Counts (ADU) of any real dtype; a numpy, dask, zarr or xarray array, a list of numbers, a
        tensor of torch, or an image file. Of RGB whose channels are equal one is taken.
    camera : Calibration, path or str
        The calibration, its file, or a preset such as "orca-flash4". None estimates
        the noise from the image itself, and a warning says so.
    method : str or Denoiser
        A method's key for its defaults, or a denoiser such as ``Gaussian(sigma=2)``.
    axes : str, optional
        A letter of "TCZYX" a dimension; None takes the file's. What the planes of a stack without
        any are, its pixels may tell; else each is taken by itself, and a warning says so. The
        dimensions of an xarray are known by their names, in any order; these letters are then for
        names that are not understood.
    units : {"photons", "counts"}
        float32 photons (e-), or grey values in the image's own dtype.
    device : {"auto", "cpu", "cuda", "mps"}
    tile : int, optional
        Edge of a tile, px, rounded up to a multiple of 16; None chooses.
    allow_results : bool
        Take a file that this program has denoised already for a raw image.
    lazy : bool
        Return a dask array, whose blocks are denoised when they are read, to the same values. A
        camera is estimated, and a method that learns from the image learns, in this call. What
        is seen only when pixels are read, such as saturation, is not warned of.
    progress : bool
        Draw a bar, in a terminal or a notebook.

    Returns
    -------
    numpy or dask array of the image's shape, less a last axis of colours
        Of an xarray one with the same dimensions, coordinates, name and attributes, but the units.

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
    named = name_camera(camera)
    if lazy:
        _refuse_file(image)
    with opened(image, axes) as raw:
        raw.check_raw(allow_results=allow_results)
        known = run_showing(named.find_job(raw.data, raw.axes), shown=progress)
        tell((*named.notes, *raw.notes(NAME_AXES), *known.notes))
        photons = raw.photons(known.calibration)
        settling = settle_job(photons, denoiser, own=known.own, device=device)
        settled = run_showing(settling, shown=progress)
        tell(settled.notes)
        make = lazy_job if lazy else denoise_job
        job = make(settled.photons, denoiser, device=device, tile=tile, units=units)
        result = run_showing(job, shown=progress)
    tell(result.notes)
    return raw.as_given(result.data, units)


def _refuse_file(image: Image) -> None:
    if isinstance(image, str | PathLike):
        raise PhotonDenoiseError(
            "A lazy result needs an array that stays open, and a file is closed when this call "
            "ends: open it as an array first, such as by dask.array.from_zarr, or leave out lazy."
        )
