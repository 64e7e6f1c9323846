"""The images of the study: each scene at several exposures, noisy beside its truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
from benchmarks.study.content import CLASSES, draw_class
from benchmarks.study.sampling import DOSES, PIXEL_SIZES, STRUCTURES, photograph, voxel_omega
from benchmarks.validation.case import Case, crop
from benchmarks.validation.repeats import EB3_GAIN, EB3_OFFSET, EB3_READ_NOISE, confocal

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.virtual.scenes import filaments, membranes, nuclei, stack, timelapse
from napari_photon_denoise.virtual.simulate import scmos

PHOTONS = (0.5, 1, 2, 5, 10, 20, 50, 100)  # e-, mean of a pixel
CLASS_PHOTONS = (1, 10, 100)
DEEP_PHOTONS = (1, 5, 20)
FRAMES = (1, 2, 4)  # that are added up
SCENES = {"filaments": filaments, "nuclei": nuclei, "membranes": membranes}
DEEP = {"stack": (stack, "ZYX"), "timelapse": (timelapse, "TYX")}
EDGE = 256  # px
DEEP_SHAPE = (12, 128, 128)
SEEDS = (501, 502)  # apart from those of tests and trainings
CLASS_SEEDS = (601, 602, 603, 604)
EB3_STARTS = (1, 5, 9, 13)  # frames of the film that the sums begin with


@dataclass(frozen=True)
class Shot:
    """One image, made when it is asked for.

    Parameters
    ----------
    series, scene : str
    exposure : float
        Mean photons of a pixel, frames that were added up, or the pixel size in µm.
    make : function
        Returns the Case.
    shown : bool
        Whether its line, histogram and a piece of it are kept for the figures.
    facts : dict
        What else is known of it.
    """

    series: str
    scene: str
    exposure: float
    make: Callable[[], Case] = field(repr=False)
    shown: bool = False
    facts: dict[str, float | str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What results are remembered by."""
        return f"{self.series} {self.scene} {self.exposure:g}"


def shots(data: Path | None, few: bool = False) -> Iterator[Shot]:
    """List all images; with `few` some scenes of each series at fewer exposures."""
    made = [virtual(), classes(), sampling(), deep()]
    if data is not None:
        made += [confocal_shots(data), eb3_shots(data)]
    for series in made:
        found = list(series)
        if few:
            scenes = {found[0].scene, found[-1].scene} if found else set()
            levels = sorted({one.exposure for one in found})[1::2]
            chosen = [one.scene in scenes and one.exposure in levels for one in found]
            found = [one for one, yes in zip(found, chosen, strict=True) if yes or one.shown]
        yield from found


def virtual() -> Iterator[Shot]:
    """List scenes of the virtual sCMOS camera, one camera and scene at all exposures."""
    for name in SCENES:
        for seed in SEEDS:
            for photons in PHOTONS:
                shown = seed == SEEDS[0] and photons in (2, 20)
                yield Shot(
                    "virtual",
                    f"{name}-{seed}",
                    photons,
                    partial(_virtual, name, seed, photons),
                    shown,
                )


def _virtual(name: str, seed: int, photons: float) -> Case:
    density = SCENES[name]((EDGE, EDGE), np.random.default_rng(seed))
    return expose("virtual", f"{name}-{seed}", density, photons, seed)


def expose(
    series: str, scene: str, density: Float32, photons: float, seed: int, axes: str = "YX"
) -> Case:
    """Photograph a density of mean 1 with the virtual sCMOS camera, whose maps are known."""
    camera = scmos((density.shape[-2], density.shape[-1]), seed)
    truth = density * np.float32(photons)
    counts = camera.expose(truth, np.random.default_rng([seed, round(1000 * photons)]))
    return Case(
        series,
        scene,
        photons=camera.calibration.to_photons(counts),
        truth=truth,
        read_noise=np.asarray(camera.calibration.read_noise, np.float32),
        axes=axes,
    )


def classes() -> Iterator[Shot]:
    """List scenes of one structure each, drawn as those that a class's network learnt from."""
    for name in CLASSES:
        for seed in CLASS_SEEDS:
            for photons in CLASS_PHOTONS:
                make = partial(_of_class, name, seed, photons)
                yield Shot("classes", f"{name}-{seed}", photons, make, facts={"class": name})


def _of_class(name: str, seed: int, photons: float) -> Case:
    density = draw_class(name, np.random.default_rng(seed))
    return expose("classes", f"{name}-{seed}", density, photons, seed)


def sampling() -> Iterator[Shot]:
    """List the same scenes and optics with pixels of different sizes."""
    for structure in STRUCTURES:
        for dose in DOSES:
            for size in PIXEL_SIZES:
                yield Shot(
                    "sampling",
                    f"{structure}-{dose}",
                    size,
                    partial(_sampled, structure, dose, size),
                    facts={"omega": voxel_omega(size), "dose": dose},
                )


def _sampled(structure: str, dose: str, size: float) -> Case:
    density, photons = photograph(structure, size, dose, SEEDS[0])
    return expose("sampling", f"{structure}-{dose}", density, photons, SEEDS[0])


def deep() -> Iterator[Shot]:
    """List a stack and a film, where a network for stacks sees more light."""
    for name in DEEP:
        for seed in SEEDS:
            for photons in DEEP_PHOTONS:
                yield Shot("deep", f"{name}-{seed}", photons, partial(_deep, name, seed, photons))


def _deep(name: str, seed: int, photons: float) -> Case:
    draw, axes = DEEP[name]
    density = draw(DEEP_SHAPE, np.random.default_rng(seed))
    return expose("deep", f"{name}-{seed}", density, photons, seed, axes)


def confocal_shots(data: Path) -> Iterator[Shot]:
    """List real confocal nuclei: the sum of 1, 2 and 4 frames; the truth is all others' mean."""
    paths = sorted((data / "repeats/confocal_nuclei").glob("*_mean50.png"))
    for path in paths:
        for frames in FRAMES:
            yield Shot(
                "confocal",
                path.stem.split("_")[0],
                frames,
                partial(_confocal, path, frames),
                shown=path == paths[0] and frames == 1,
            )


def _confocal(path: Path, frames: int) -> Case:
    return summed(crop(confocal(path, frames), EDGE))


def eb3_shots(data: Path) -> Iterator[Shot]:
    """List real microtubules of an sCMOS camera: sums of consecutive frames."""
    path = data / "repeats/eb3_scmos_20frames.tif"
    if not path.exists():
        return
    for start in EB3_STARTS:
        for frames in FRAMES:
            shown = start == EB3_STARTS[1] and frames == 1
            make = partial(_eb3, path, start, frames)
            yield Shot("eb3", f"frame {start} on", frames, make, shown)


def _eb3(path: Path, start: int, frames: int) -> Case:
    from tifffile import imread

    # Frame 0 is brighter than all others and is left out; the others count from 1.
    film = (imread(path)[1:].astype(np.float64) - EB3_OFFSET) / EB3_GAIN
    chosen = np.arange(start - 1, start - 1 + frames)
    others = np.delete(film, chosen, axis=0)
    truth = others.mean(axis=0)
    case = Case(
        "eb3",
        f"frame {start} on",
        photons=film[chosen].astype(np.float32),
        truth=np.broadcast_to(truth, (frames, *truth.shape)).astype(np.float32),
        read_noise=EB3_READ_NOISE,
        truth_variance=float(others.var(axis=0, ddof=1).mean()) / len(others),
        axes="TYX",
    )
    return summed(crop(case, EDGE))


def summed(case: Case) -> Case:
    """Add up the frames of a film: a longer exposure, with a truth that is scaled alike."""
    if case.photons.ndim == 2:
        return case
    frames = len(case.photons)
    return replace(
        case,
        photons=case.photons.sum(axis=0),
        truth=case.truth.sum(axis=0),
        read_noise=case.read_noise * np.float32(np.sqrt(frames)),
        truth_variance=case.truth_variance * frames**2,
        axes="YX",
    )
