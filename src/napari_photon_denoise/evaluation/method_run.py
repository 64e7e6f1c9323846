"""Run a method on photons that no camera file holds: thinned ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from napari_photon_denoise.calibration import Calibration, Float32
from napari_photon_denoise.denoiser import Filter
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Job
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import denoise_job
from napari_photon_denoise.tiles import frame_index, frames

if TYPE_CHECKING:
    from napari_photon_denoise.denoiser import Denoiser

Runnable: TypeAlias = "Filter | Denoiser"


def as_photons(data: Float32, read_noise: float | Float32, like: Photons) -> Photons:
    """See photons as an image of a camera with gain 1 and offset 0.

    Parameters
    ----------
    data : array of the shape of `like`, float32, e-
    read_noise : float or (Y, X) array, e- rms
    like : Photons
        Whose axes and pixel size they have.
    """
    camera = like.calibration
    calibration = Calibration(
        gain=1.0,
        offset=0.0,
        read_noise=read_noise,
        source=camera.source,
        length_y=camera.length_y,
        length_x=camera.length_x,
    )
    return Photons(data, calibration, like.axes, like.pixel_size, like.unanswered)


def unchanged(photons: Float32, read_noise: float | Float32) -> Float32:
    """Do nothing: what every method must be better than."""
    return photons


def run_method_job(method: Runnable, photons: Photons, *, device: str = "auto") -> Job[Float32]:
    """Denoise photons; a denoiser is prepared for them first, so that it learns from them alone.

    Parameters
    ----------
    method : Denoiser, or function ``(photons, read_noise) -> photons``
        A function is given ``(Z, Y, X)`` blocks of float32, e-, one for each time and channel,
        and the read noise, e- rms.
    photons : Photons
    device : {"auto", "cpu", "cuda", "mps"}

    Returns
    -------
    array of the image's shape, float32, e-

    Raises
    ------
    PhotonDenoiseError
        If the method returns another shape, or what it needs is not there.
    """
    if not callable(method):
        result = yield from denoise_job(photons, method, device=device)
        return np.asarray(result.data, np.float32)
    sizes = photons.sizes
    box = (slice(0, sizes.get("Z", 1)), slice(0, sizes["Y"]), slice(0, sizes["X"]))
    clean = np.empty(photons.shape, np.float32)
    for frame in frames(photons.sizes):
        yield from ()
        index = frame_index(photons.axes, frame, box)
        block = photons.read(index).reshape([side.stop for side in box])
        found = method(block, photons.read_noise(index))
        if np.shape(found) != block.shape:
            raise PhotonDenoiseError(
                f"The method returned the shape {np.shape(found)} for photons of the shape "
                f"{block.shape}: they must be equal."
            )
        clean[index] = found.reshape(clean[index].shape)
    return clean
