"""Sample images of the virtual camera: noisy counts, each with its truth; nothing is fetched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Calibration, Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.virtual import scenes
from napari_photon_denoise.virtual.simulate import scmos

Draw = Callable[[Any, np.random.Generator], Float32]


@dataclass(frozen=True)
class Sample:
    """A noisy image and what the camera should have seen.

    Parameters
    ----------
    name : str
    counts : array, uint16, ADU
    truth : array of the same shape, float32, e-
        Expected photons.
    calibration : Calibration
        The virtual camera's true maps.
    axes : str
    pixel_size : dict
        µm.
    """

    name: str
    counts: NDArray[np.uint16]
    truth: Float32
    calibration: Calibration
    axes: str
    pixel_size: dict[str, float]


@dataclass(frozen=True)
class SampleScene:
    """How a sample is made."""

    title: str
    draw: Draw
    shape: tuple[int, ...]
    axes: str
    photons: float
    pixel_size: dict[str, float] = field(default_factory=lambda: {"Y": 0.1, "X": 0.1})


SCENES: dict[str, SampleScene] = {
    "filaments": SampleScene("Filaments", scenes.filaments, (512, 512), "YX", 2),
    "nuclei": SampleScene("Nuclei with puncta", scenes.nuclei, (512, 512), "YX", 3),
    "membranes": SampleScene("Membranes", scenes.membranes, (512, 512), "YX", 4),
    "stack": SampleScene(
        "Stack (3-D)", scenes.stack, (24, 256, 256), "ZYX", 2, {"Z": 0.3, "Y": 0.1, "X": 0.1}
    ),
    "timelapse": SampleScene("Time-lapse", scenes.timelapse, (12, 256, 256), "TYX", 2),
}


def make_sample(name: str, *, photons: float | None = None, seed: int = 0) -> Sample:
    """Take a sample image with the virtual sCMOS camera, in under a second.

    Parameters
    ----------
    name : str
        One of `SCENES`.
    photons : float, optional
        Mean photons a pixel; None for the scene's own.
    seed : int
        Another seed, another scene, camera and noise.

    Raises
    ------
    PhotonDenoiseError
        If there is no such scene.
    """
    if name not in SCENES:
        raise PhotonDenoiseError(f"There is no sample '{name}'; there are {', '.join(SCENES)}.")
    scene = SCENES[name]
    rng = np.random.default_rng(seed)
    level = np.float32(scene.photons if photons is None else photons)
    truth = scene.draw(scene.shape, rng) * level
    camera = scmos((scene.shape[-2], scene.shape[-1]), seed)
    counts = camera.expose(truth, rng)
    return Sample(name, counts, truth, camera.calibration, scene.axes, dict(scene.pixel_size))
