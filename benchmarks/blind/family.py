"""The simulated family: kinds of images, each of three scenes at three levels of light."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from benchmarks.blind import processing, scenes
from benchmarks.blind.case import Case, Entry
from benchmarks.blind.exposures import (
    CHANNEL_LIGHT,
    CONFOCAL,
    SCMOS,
    Camera,
    ColourCamera,
    Counter,
    Image,
    Shot,
    Smoothing,
    Take,
)
from benchmarks.blind.truth import Repeats, remembered

from napari_photon_denoise.calibration import Calibration, Float32

LIGHT = (3.0, 25.0, 200.0)  # photons a pixel, in the mean
SEEN = (0.02, 0.1, 0.5)  # of counted photons
SCENES = ("filaments", "nuclei", "tissue")
# Height, ADU a photon; spread of the heights; hum, photons.
PULSES = {"filaments": (4.0, 0.0, 0.0), "nuclei": (20.0, 0.8, 0.15), "spots": (60.0, 0.3, 0.1)}
BLURS = {"0.5 yx": (0.5, 0.5), "0.7 yx": (0.7, 0.7), "0.9 yx": (0.9, 0.9), "0.7 x": (0.0, 0.7)}
COLOUR_BLUR = 1.5  # px: a colour camera's pixels are small
PROCESSES: dict[str, processing.Made] = {
    "gamma 0.5": processing.gamma(0.5),
    "gamma 2": processing.gamma(2.0),
    "background subtracted": processing.always(processing.background_subtracted),
    "jpeg 75": processing.jpeg(75),
    "jpeg 90": processing.jpeg(90),
    "stretched": processing.stretched,
    "8 bits": processing.eight_bits,
    "enlarged": processing.always(processing.enlarged),
    "binned enlarged": processing.always(processing.binned_enlarged),
}
ENLARGED = ("enlarged",)  # of a scene of half the size
DISORDERED = ("background subtracted", "enlarged")  # by another order of brightness


@dataclass(frozen=True)
class Kind:
    """Images that are made alike.

    Parameters
    ----------
    name : str
    scenes : tuple of str
    lights : tuple of float, photons a pixel
    shoot : function of scene and light
        Returns what takes an image.
    camera : Calibration, optional
        Where it is all that there is to know.
    process : function of a saved image, optional
    frames : int
        That are averaged.
    whole : bool
        Whether an average is rounded.
    exact : bool
        Whether the expected image is a straight line of the expected photons.
    """

    name: str
    scenes: tuple[str, ...]
    lights: tuple[float, ...]
    shoot: Callable[[str, float], Shot]
    camera: Calibration | None = None
    process: processing.Made | None = None
    frames: int = 1
    whole: bool = True
    exact: bool = True

    def repeats(self, scene: str, light: float) -> Repeats:
        """Prepare one of its images."""
        shot = self.shoot(scene, light)
        take: Take = shot
        if self.frames > 1:
            take = partial(_averaged, take, self.frames, self.whole)
        if self.process is not None:
            saved = take(np.random.default_rng(0))
            take = partial(_processed, take, self.process(saved))
        expected = None if self.name in DISORDERED else shot.expected
        return Repeats(take, expected, self.exact and self.process is None)


def kinds() -> list[Kind]:
    """List the kinds."""
    white = partial(_camera, scenes.textured, SCMOS)
    found = [
        Kind("white", SCENES, LIGHT, white, SCMOS),
        Kind(
            "little contrast",
            ("even", "clouds", "fibres"),
            LIGHT,
            partial(_camera, scenes.haze, SCMOS),
            SCMOS,
        ),
        Kind(
            "undersampled",
            ("beads", "small nuclei", "texture"),
            LIGHT,
            partial(_camera, scenes.undersampled, SCMOS),
            SCMOS,
        ),
        Kind("counted", tuple(PULSES), SEEN, _counter),
        Kind(
            "fine structure",
            ("actin", "mesh", "cells"),
            LIGHT,
            partial(_camera, scenes.fine, CONFOCAL),
            CONFOCAL,
        ),
    ]
    found += [
        Kind(f"colour {channel}", SCENES, LIGHT, partial(_colour, channel), exact=False)
        for channel in CHANNEL_LIGHT
    ]
    found += [
        Kind(f"shared {name}", SCENES, LIGHT, partial(_smoothed, blur))
        for name, blur in BLURS.items()
    ]
    for name, process in PROCESSES.items():
        edge = scenes.EDGE // 2 if name in ENLARGED else scenes.EDGE
        shoot = partial(_camera, partial(scenes.textured, edge=edge), SCMOS)
        found.append(Kind(name, SCENES, LIGHT, shoot, process=process))
    found.append(Kind("averaged rounded", SCENES, LIGHT, white, frames=4))
    found.append(Kind("averaged float", SCENES, LIGHT, white, frames=4, whole=False))
    return found


def entries(cache: Path | None) -> Iterator[Entry]:
    """List every simulated case without making it; what is made is kept in `cache`."""
    for kind in kinds():
        for scene in kind.scenes:
            for light in kind.lights:
                said = f"{light:g} e-"
                make = partial(_case, kind, scene, light, said, cache)
                yield Entry(kind.name, scene, said, make)


def _case(kind: Kind, scene: str, light: float, said: str, cache: Path | None) -> Case:
    name = f"{kind.name}/{scene}/{said}"
    image, truth = remembered(cache, name, lambda: kind.repeats(scene, light), kind.camera)
    return Case(kind.name, scene, said, image, truth)


def _camera(draw: Callable[[str], Float32], camera: Calibration, scene: str, light: float) -> Shot:
    return Camera(draw(scene) * np.float32(light), camera)


def _counter(scene: str, light: float) -> Shot:
    return Counter(scenes.sparse(scene) * np.float32(light), *PULSES[scene])


def _colour(channel: str, scene: str, light: float) -> Shot:
    expected = scenes.textured(scene, COLOUR_BLUR) * np.float32(light)
    return ColourCamera(expected, channel, SCMOS)


def _smoothed(blur: tuple[float, float], scene: str, light: float) -> Shot:
    return Smoothing(Camera(scenes.textured(scene) * np.float32(light), SCMOS), blur)


def _averaged(take: Take, frames: int, whole: bool, rng: np.random.Generator) -> Image:
    mean = np.mean([take(rng) for _ in range(frames)], axis=0, dtype=np.float32)
    return np.rint(mean).astype(np.uint16) if whole else mean


def _processed(take: Take, process: processing.Process, rng: np.random.Generator) -> Image:
    return process(take(rng))
