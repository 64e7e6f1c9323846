"""The package's verbs for Python: arrays or files in, photons out."""

from __future__ import annotations

from typing import Any

from napari_photon_denoise.api.camera import NAME_AXES, tell
from napari_photon_denoise.denoiser import Denoiser
from napari_photon_denoise.denoisers import DEFAULT_METHOD, make_denoiser
from napari_photon_denoise.inputs import Image, opened
from napari_photon_denoise.job import run
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
) -> Any:
    """Denoise an image.

    Parameters
    ----------
    image : array or path
        Counts (ADU) of any real dtype; a numpy, dask or zarr array, a list of numbers, a tensor
        of torch, or an image file. Of RGB whose channels are equal one is taken.
    camera : Calibration, path or str
        The calibration, its file, or a preset such as "orca-flash4". None estimates
        the noise from the image itself, and a warning says so.
    method : str or Denoiser
        A method's key for its defaults, or a denoiser such as ``Gaussian(sigma=2)``.
    axes : str, optional
        A letter of "TCZYX" a dimension; None takes the file's. What the planes of a stack without
        any are, its pixels may tell; else each is taken by itself, and a warning says so.
    units : {"photons", "counts"}
        float32 photons (e-), or grey values in the image's own dtype.
    device : {"auto", "cpu", "cuda", "mps"}
    tile : int, optional
        Edge of a tile, px, rounded up to a multiple of 16; None chooses.
    allow_results : bool
        Take a file that this program has denoised already for a raw image.

    Returns
    -------
    numpy array of the image's shape, less a last axis of colours

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
    with opened(image, axes) as raw:
        raw.check_raw(allow_results=allow_results)
        known = run(named.find_job(raw.data, raw.axes))
        tell((*named.notes, *raw.notes(NAME_AXES), *known.notes))
        photons = raw.photons(known.calibration)
        settled = run(settle_job(photons, denoiser, own=known.own, device=device))
        tell(settled.notes)
        result = run(denoise_job(settled.photons, denoiser, device=device, tile=tile, units=units))
    tell(result.notes)
    return raw.as_given(result.data, units)
