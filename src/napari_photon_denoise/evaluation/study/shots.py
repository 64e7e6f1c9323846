"""The images of a study, each beside its truth, read when its turn comes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from napari_photon_denoise.calibration import Calibration, Float32
from napari_photon_denoise.counts import LazyArray
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.inputs import Image, as_read, check_shapes, is_counted, opened
from napari_photon_denoise.metrics.applicable import find_truth_obstacle
from napari_photon_denoise.metrics.exposure import scale_truth, truth_noise
from napari_photon_denoise.metrics.resolution_ratio import omega, psf_volume
from napari_photon_denoise.photons import Photons


@dataclass(frozen=True, eq=False)
class Taken:
    """An image and its truth.

    Parameters
    ----------
    photons : Photons
        The raw image in memory, and its camera.
    truth : array of the image's shape, float32, e-
        At the image's exposure.
    truth_noise : float, e-²
        Mean variance of the truth's pixels; 0 for an exact truth.
    omega : float or None
        Voxel over point-spread function; None where optics or voxel are not known.
    """

    photons: Photons
    truth: Float32
    truth_noise: float = 0.0
    omega: float | None = None

    def digest(self) -> str:
        """SHA-256 of counts, truth and the truth's noise, hexadecimal."""
        counts = np.ascontiguousarray(self.photons.data)
        sha = hashlib.sha256(f"{self.photons.axes} {counts.dtype.str} {counts.shape}".encode())
        sha.update(counts.tobytes())
        sha.update(np.ascontiguousarray(self.truth).tobytes())
        if self.truth_noise:
            sha.update(repr(self.truth_noise).encode())
        return sha.hexdigest()


@dataclass(frozen=True)
class Shot:
    """An image of a study.

    Parameters
    ----------
    name : str
        Of its own in the study.
    exposure : float or None
        Mean photons a pixel of the virtual camera, or what was said of a file.
    make : function
        Returns the image.
    """

    name: str
    exposure: float | None
    make: Callable[[], Taken] = field(repr=False)


@dataclass(frozen=True)
class Optics:
    """The microscope, for Ω: a voxel's volume over that of the point-spread function.

    Parameters
    ----------
    wavelength_um : float, µm
        Of the emitted light.
    na, refractive_index : float
        Of the objective and of its immersion.

    Raises
    ------
    PhotonDenoiseError
        If no objective has such numbers.
    """

    wavelength_um: float
    na: float
    refractive_index: float

    def __post_init__(self) -> None:
        """Refuse what no objective has."""
        psf_volume(self.wavelength_um, self.na, self.refractive_index)

    def omega(self, pixel_size: Mapping[str, float]) -> float | None:
        """Ω of a voxel; None where one of its three sizes is not known."""
        if not {"Z", "Y", "X"} <= pixel_size.keys():
            return None
        sizes = (pixel_size["Z"], pixel_size["Y"], pixel_size["X"])
        return omega(sizes, self.wavelength_um, self.na, self.refractive_index)


def image_shot(
    raw: Image,
    truth: Image,
    camera: Calibration,
    *,
    name: str,
    axes: str | None = None,
    exposure: float | None = None,
    truth_exposure: float | None = None,
    pixel_size: Mapping[str, float] | None = None,
    optics: Optics | None = None,
    allow_results: bool = False,
) -> Shot:
    """Make the shot of an image and its truth, from files or arrays.

    Parameters
    ----------
    raw, truth : array or path
        Counts; photons or, if whole numbers, counts of the same camera.
    camera : Calibration
        That fits the image.
    name : str
    axes : str, optional
        A letter of "TCZYX" a dimension, where the files do not say.
    exposure, truth_exposure : float, optional, in one unit
        Of the image (1 if not given) and of the truth, which is then scaled to the image's
        exposure, and its own noise known. Without the latter the truth is taken to be exact.
    pixel_size : mapping of axis to µm, optional
        Instead of the file's.
    optics : Optics, optional
        For Ω.
    allow_results : bool
        Take a file that this program has denoised already for a raw image.

    Returns
    -------
    Shot
    """

    def make() -> Taken:
        with opened(raw, axes) as image, opened(truth, axes) as other:
            image.check_raw(allow_results=allow_results)
            check_shapes(image.data.shape, other.data.shape, "truth")
            true, read_noise = _truth(other.data, camera)
            sizes = image.pixel_size if pixel_size is None else pixel_size
            photons = Photons(np.asarray(image.data), camera, image.axes, sizes)
        noise = 0.0
        if truth_exposure is not None:
            times = (truth_exposure, 1.0 if exposure is None else exposure)
            noise = truth_noise(true, *times, read_noise)
            true = scale_truth(true, *times)
        ratio = None if optics is None else optics.omega(sizes)
        return Taken(photons, true, noise, ratio)

    return Shot(name, exposure, make)


def _truth(data: LazyArray, camera: Calibration) -> tuple[Float32, float | Float32]:
    """Read a truth, e-, and the read noise in it: known where it is the camera's own counts.

    Raises
    ------
    PhotonDenoiseError
        If it is in photons, and the image's are only relative.
    """
    counted = is_counted(data)
    obstacle = find_truth_obstacle(camera, counted=counted)
    if obstacle is not None:
        raise PhotonDenoiseError(obstacle.reason)
    return as_read(data, camera), camera.read_noise if counted else 0.0
