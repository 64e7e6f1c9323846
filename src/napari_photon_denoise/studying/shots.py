"""The images of a study, each beside its truth, made or read when its turn comes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType

import numpy as np

from napari_photon_denoise.calibration import Calibration, Float32
from napari_photon_denoise.camera import scenes
from napari_photon_denoise.camera.simulate import VirtualCamera, scmos
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io import read
from napari_photon_denoise.measure import as_read, check_shapes
from napari_photon_denoise.metrics.exposure import scale_truth
from napari_photon_denoise.metrics.resolution_ratio import omega
from napari_photon_denoise.photons import Photons

SCENES: Mapping[str, Callable[[tuple[int, int], np.random.Generator], Float32]] = MappingProxyType(
    {"filaments": scenes.filaments, "nuclei": scenes.nuclei, "membranes": scenes.membranes}
)
SMALLEST = 32  # px; below it a scene has room for no structure


@dataclass(frozen=True, eq=False)
class Taken:
    """An image and its truth.

    Parameters
    ----------
    photons : Photons
        The raw image in memory, and its camera.
    truth : array of the image's shape, float32, e-
        At the image's exposure.
    """

    photons: Photons
    truth: Float32

    def digest(self) -> str:
        """SHA-256 of counts and truth, hexadecimal."""
        counts = np.ascontiguousarray(self.photons.data)
        sha = hashlib.sha256(f"{self.photons.axes} {counts.dtype.str} {counts.shape}".encode())
        sha.update(counts.tobytes())
        sha.update(np.ascontiguousarray(self.truth).tobytes())
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
    """The microscope, for Ω.

    Parameters
    ----------
    wavelength_um : float, µm
        Of the emitted light.
    na, refractive_index : float
    """

    wavelength_um: float
    na: float
    refractive_index: float

    def omega(self, pixel_size: Mapping[str, float]) -> float | None:
        """Ω of a voxel; None where one of its three sizes is not known."""
        if not {"Z", "Y", "X"} <= pixel_size.keys():
            return None
        sizes = (pixel_size["Z"], pixel_size["Y"], pixel_size["X"])
        return omega(sizes, self.wavelength_um, self.na, self.refractive_index)


def file_shot(
    raw: Path,
    truth: Path,
    camera: Calibration,
    *,
    name: str,
    axes: str | None = None,
    exposure: float | None = None,
    truth_exposure: float | None = None,
    pixel_size: Mapping[str, float] | None = None,
) -> Shot:
    """Make the shot of two files.

    Parameters
    ----------
    raw, truth : Path
        Counts; photons or, if whole numbers, counts of the same camera.
    camera : Calibration
        That fits the image.
    name : str
    axes : str, optional
        A letter of "TCZYX" a dimension, where the files do not say.
    exposure, truth_exposure : float, optional, in one unit
        Of the image (1 if not given) and of the truth; without the latter the truth is taken
        to be at the image's exposure.
    pixel_size : mapping of axis to µm, optional
        Instead of the file's.

    Returns
    -------
    Shot
    """

    def make() -> Taken:
        with read(raw, axes=axes) as image, read(truth, axes=axes) as other:
            check_shapes(image.data.shape, other.data.shape, "truth")
            true = as_read(other.data, camera)
            sizes = image.pixel_size if pixel_size is None else pixel_size
            photons = Photons(np.asarray(image.data), camera, image.axes, sizes)
        if truth_exposure is not None:
            true = scale_truth(true, truth_exposure, 1.0 if exposure is None else exposure)
        return Taken(photons, true)

    return Shot(name, exposure, make)


def virtual_shots(
    names: Sequence[str],
    photons: Sequence[float],
    *,
    size: int = 256,
    seed: int = 0,
    camera: Calibration | None = None,
    pixel_size: Mapping[str, float] | None = None,
) -> Iterator[Shot]:
    """List the exposures of scenes that the virtual camera takes; same seed, same pixels.

    Parameters
    ----------
    names : sequence of str
        Of `SCENES`.
    photons : sequence of float, e-
        Mean of a pixel, an exposure each.
    size : int, px
        Edge of the images.
    seed : int
        Another seed, other scenes, camera and noise.
    camera : Calibration, optional
        None takes a scientific CMOS camera with maps.
    pixel_size : mapping of axis to µm, optional

    Yields
    ------
    Shot

    Raises
    ------
    PhotonDenoiseError
        If a scene is unknown or given twice, a number of photons is not above 0 or given
        twice, or the image is too small.
    """
    _check_series(names, photons, size, seed)
    for name in names:
        for level in photons:
            make = partial(_expose, name, level, size, seed, camera, pixel_size)
            yield Shot(f"{name} {level:g} e-", float(level), make)


def _check_series(names: Sequence[str], photons: Sequence[float], size: int, seed: int) -> None:
    unknown = [name for name in names if name not in SCENES]
    if unknown:
        raise PhotonDenoiseError(
            f"There is no virtual scene '{unknown[0]}': choose from {', '.join(SCENES)}."
        )
    if not names or not photons:
        raise PhotonDenoiseError("A virtual study needs at least one scene and one exposure.")
    if len(set(names)) < len(names) or len(set(photons)) < len(photons):
        raise PhotonDenoiseError("A scene or a number of photons is given twice: leave one.")
    if not all(0 < level < np.inf for level in photons):
        raise PhotonDenoiseError("The mean photons of a pixel must be above 0 e-.")
    if size < SMALLEST or seed < 0:
        raise PhotonDenoiseError(
            f"Virtual images need an edge of at least {SMALLEST} px and a seed of 0 or more."
        )


def _expose(
    name: str,
    level: float,
    size: int,
    seed: int,
    camera: Calibration | None,
    pixel_size: Mapping[str, float] | None,
) -> Taken:
    # The scene is the same at all exposures, the noise is not.
    scene = SCENES[name]((size, size), np.random.default_rng(seed))
    truth = scene * np.float32(level)
    taker = VirtualCamera(camera) if camera is not None else scmos((size, size), seed)
    noise = np.random.default_rng([seed, list(SCENES).index(name), round(1000 * level)])
    counts = taker.expose(truth, noise)
    if int(counts.max()) == 2**taker.bits - 1:
        raise PhotonDenoiseError(
            f"A mean of {level:g} e- a pixel saturates the virtual camera: take fewer photons."
        )
    return Taken(Photons(counts, taker.calibration, "YX", pixel_size or {}), truth)
