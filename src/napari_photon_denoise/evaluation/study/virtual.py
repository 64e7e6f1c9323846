"""Exposure series of a virtual camera, on pixels of one or several sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from math import pi
from types import MappingProxyType

import numpy as np

from napari_photon_denoise.calibration import Calibration, Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.study.shots import Shot, Taken
from napari_photon_denoise.metrics.resolution_ratio import FWHM_OF_SIGMA
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.virtual import scenes
from napari_photon_denoise.virtual.simulate import VirtualCamera, scmos

SCENES: Mapping[str, Callable[[tuple[int, int], np.random.Generator], Float32]] = MappingProxyType(
    {"filaments": scenes.filaments, "nuclei": scenes.nuclei, "membranes": scenes.membranes}
)
PHOTONS = (1, 5, 20, 100)  # e-
SMALLEST = 32  # px; below it a scene has room for no structure
COARSEST = 8  # scenes of a larger grid take minutes to draw


@dataclass(frozen=True)
class VirtualSeries:
    """Scenes that a virtual camera takes; same seed, same pixels.

    Parameters
    ----------
    scenes : tuple of str
        Of `SCENES`.
    photons : tuple of float, e-
        Mean of a pixel, an exposure each.
    sampling : tuple of int
        Edge of a pixel in the grid that scenes are drawn on, whose point-spread function has a
        sigma of 1.2 px: a larger pixel, a larger Ω.
    size : int, px
        Edge of the images.
    seed : int
        Another seed, other scenes, camera and noise.

    Raises
    ------
    PhotonDenoiseError
        If a scene is unknown, a value is given twice or out of range, or the image is too small.
    """

    scenes: tuple[str, ...] = tuple(SCENES)
    photons: tuple[float, ...] = PHOTONS
    sampling: tuple[int, ...] = (1,)
    size: int = 256
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what can't be taken."""
        unknown = [name for name in self.scenes if name not in SCENES]
        if unknown:
            raise PhotonDenoiseError(
                f"There is no virtual scene '{unknown[0]}': choose from {', '.join(SCENES)}."
            )
        lists = (self.scenes, self.photons, self.sampling)
        if not all(lists):
            raise PhotonDenoiseError(
                "A virtual study needs at least one scene, one exposure and one sampling."
            )
        if any(len(set(values)) < len(values) for values in lists):
            raise PhotonDenoiseError(
                "A scene, a number of photons or a sampling is given twice: leave one."
            )
        if not all(0 < level < np.inf for level in self.photons):
            raise PhotonDenoiseError("The mean photons of a pixel must be above 0 e-.")
        if not all(1 <= edge <= COARSEST and edge == int(edge) for edge in self.sampling):
            raise PhotonDenoiseError(f"A sampling must be a whole number from 1 to {COARSEST}.")
        if self.size < SMALLEST or self.seed < 0:
            raise PhotonDenoiseError(
                f"Virtual images need an edge of at least {SMALLEST} px and a seed of 0 or more."
            )

    def shots(self, camera: Calibration | None = None) -> Iterator[Shot]:
        """List the images, scene by scene.

        Parameters
        ----------
        camera : Calibration, optional
            None takes a scientific CMOS camera with maps.

        Yields
        ------
        Shot
        """
        for name in self.scenes:
            for edge in self.sampling:
                for level in self.photons:
                    title = f"{name} {level:g} e-"
                    if edge != 1:
                        title += f", {edge}× pixels"
                    make = partial(self._expose, name, level, edge, camera)
                    yield Shot(title, float(level), make)

    def _expose(self, name: str, level: float, edge: int, camera: Calibration | None) -> Taken:
        size, seed = self.size, self.seed
        # The scene is the same at all exposures, the noise is not.
        fine = SCENES[name]((edge * size, edge * size), np.random.default_rng(seed))
        scene = fine.reshape(size, edge, size, edge).mean(axis=(1, 3), dtype=np.float32)
        truth = scene * np.float32(level)
        taker = VirtualCamera(camera) if camera is not None else scmos((size, size), seed)
        key = [seed, list(SCENES).index(name), round(1000 * level)]
        noise = np.random.default_rng(key if edge == 1 else [*key, edge])
        counts = taker.expose(truth, noise)
        if int(counts.max()) == 2**taker.bits - 1:
            raise PhotonDenoiseError(
                f"A mean of {level:g} e- a pixel saturates the virtual camera: take fewer photons."
            )
        photons = Photons(counts, taker.calibration, "YX")
        return Taken(photons, truth, omega=virtual_omega(edge))


def virtual_omega(edge: int) -> float:
    """Ω of a pixel of the virtual camera, as deep as one plane of a virtual stack.

    The scenes' point-spread function is known: the ellipsoid of its full widths at half
    maximum, as in `metrics.psf_volume`.

    Parameters
    ----------
    edge : int
        Of the pixel, in the grid that scenes are drawn on.
    """
    psf = pi / 6 * FWHM_OF_SIGMA**3 * scenes.PSF_SIGMA**2 * scenes.PSF_SIGMA_Z
    return edge**2 / psf
