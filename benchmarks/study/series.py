"""The images of the study: each scene at several exposures, noisy beside its truth.

An image is called after its scene, its exposure and the exposure's unit, a word each at the end:
"nuclei 501 20 e-".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from benchmarks.study.content import CLASSES, draw_class
from benchmarks.study.sampling import PIXEL_SIZES, STRUCTURES, binned, voxel_omega
from benchmarks.validation.case import Case, crop
from benchmarks.validation.repeats import confocal, eb3

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.evaluation.study import Shot, Taken, VirtualSeries
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.virtual.scenes import stack, timelapse
from napari_photon_denoise.virtual.simulate import scmos

PHOTONS = (0.5, 1, 2, 5, 10, 20, 50, 100)  # e-, mean of a pixel
CLASS_PHOTONS = (1, 10, 100)
DEEP_PHOTONS = (1, 5, 20)
FRAMES = (1, 2, 4)  # that are added up
DEEP = {"stack": (stack, "ZYX"), "timelapse": (timelapse, "TYX")}
EDGE = 256  # px
DEEP_SHAPE = (12, 128, 128)
SEEDS = (501, 502)  # apart from those of tests and trainings
CLASS_SEEDS = (601, 602, 603, 604)
EB3_STARTS = (1, 5, 9, 13)  # frames of the film that the sums begin with


@dataclass(frozen=True)
class Series:
    """Images that one section of the page is about.

    Parameters
    ----------
    title : str
    label : str
        Quantity and unit of the exposures.
    shots : tuple of Shot
    """

    title: str
    label: str
    shots: tuple[Shot, ...]

    def few(self) -> Series:
        """Return two scenes at some exposures: a trial."""
        scenes = {scene_of(self.shots[0].name), scene_of(self.shots[-1].name)}
        levels = sorted({shot.exposure or 0 for shot in self.shots})[::2]
        chosen = (s for s in self.shots if scene_of(s.name) in scenes and s.exposure in levels)
        return replace(self, shots=tuple(chosen))


def scene_of(name: str) -> str:
    """Name the scene of an image."""
    return name.rsplit(" ", 2)[0]


def all_series(data: Path | None) -> dict[str, Series]:
    """List what is measured; without a folder of real repeats virtual images alone."""
    light = "mean photons a pixel, e-"
    found = {
        "virtual": Series("Virtual camera", light, tuple(virtual())),
        "classes": Series("Structures", light, tuple(classes())),
        "pixel": Series("Sampling, same light a pixel", "pixel, µm", tuple(sampling("pixel"))),
        "area": Series("Sampling, same light a µm²", "pixel, µm", tuple(sampling("area"))),
        "deep": Series("Stacks and films", light, tuple(deep())),
    }
    if data is not None:
        frames = "frames added"
        found["confocal"] = Series("Confocal nuclei", frames, tuple(confocal_shots(data)))
        found["eb3"] = Series("Microtubules", frames, tuple(eb3_shots(data)))
    return {name: series for name, series in found.items() if series.shots}


def virtual() -> Iterator[Shot]:
    """List scenes of the virtual sCMOS camera, one camera and scene at all exposures."""
    for seed in SEEDS:
        for shot in VirtualSeries(photons=PHOTONS, size=EDGE, seed=seed).shots():
            scene, light = shot.name.split(" ", 1)
            yield replace(shot, name=f"{scene} {seed} {light}")


def exposed(
    truth: Float32, seed: int, light: float, axes: str = "YX", omega: float | None = None
) -> Taken:
    """Take photons, e-, with the virtual sCMOS camera, whose maps are known."""
    camera = scmos((truth.shape[-2], truth.shape[-1]), seed)
    counts = camera.expose(truth, np.random.default_rng([seed, round(1000 * light)]))
    return Taken(Photons(counts, camera.calibration, axes), truth, omega=omega)


def classes() -> Iterator[Shot]:
    """List scenes of one structure each, drawn as those that a class's network learnt from."""
    for name in CLASSES:
        for seed in CLASS_SEEDS:
            for light in CLASS_PHOTONS:
                make = partial(_of_class, name, seed, light)
                yield Shot(f"{name} {seed} {light:g} e-", light, make)


def _of_class(name: str, seed: int, light: float) -> Taken:
    density = draw_class(name, np.random.default_rng(seed))
    return exposed(density * np.float32(light), seed, light)


def sampling(dose: str) -> Iterator[Shot]:
    """List the same scenes and optics with pixels of different sizes; see `binned`."""
    for structure in STRUCTURES:
        for size in PIXEL_SIZES:
            yield Shot(f"{structure} {size:g} µm", size, partial(_sampled, structure, size, dose))


def _sampled(structure: str, size: float, dose: str) -> Taken:
    truth = binned(structure, size, dose, SEEDS[0])
    return exposed(truth, SEEDS[0], float(truth.mean()), omega=voxel_omega(size))


def deep() -> Iterator[Shot]:
    """List a stack and a film, where a network for stacks sees more light."""
    for name in DEEP:
        for seed in SEEDS:
            for light in DEEP_PHOTONS:
                yield Shot(f"{name} {seed} {light:g} e-", light, partial(_deep, name, seed, light))


def _deep(name: str, seed: int, light: float) -> Taken:
    draw, axes = DEEP[name]
    density = draw(DEEP_SHAPE, np.random.default_rng(seed))
    return exposed(density * np.float32(light), seed, light, axes)


def confocal_shots(data: Path) -> Iterator[Shot]:
    """List real confocal nuclei: the sum of 1, 2 and 4 frames; the truth is all others' mean."""
    for path in sorted((data / "repeats/confocal_nuclei").glob("*_mean50.png")):
        for frames in FRAMES:
            field = path.stem.split("_")[0]
            yield Shot(f"{field} {frames} frames", frames, partial(_confocal, path, frames))


def _confocal(path: Path, frames: int) -> Taken:
    return summed(confocal(path, frames))


def eb3_shots(data: Path) -> Iterator[Shot]:
    """List real microtubules of an sCMOS camera: sums of consecutive frames."""
    path = data / "repeats/eb3_scmos_20frames.tif"
    if path.exists():
        for start in EB3_STARTS:
            for frames in FRAMES:
                name = f"frame {start} on, {frames} frames"
                yield Shot(name, frames, partial(_eb3, path, start, frames))


def _eb3(path: Path, start: int, frames: int) -> Taken:
    return summed(eb3(path, *range(start, start + frames)))


def summed(case: Case) -> Taken:
    """Add up the frames of a film: a longer exposure, with a truth that is scaled alike."""
    case = crop(case, EDGE)
    if case.photons.ndim == 3:
        frames = len(case.photons)
        case = replace(
            case,
            photons=case.photons.sum(axis=0),
            truth=case.truth.sum(axis=0),
            read_noise=case.read_noise * np.float32(np.sqrt(frames)),
            truth_variance=case.truth_variance * frames**2,
            axes="YX",
        )
    return Taken(case.image, case.truth, case.truth_variance)
