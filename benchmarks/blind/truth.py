"""What is true of a simulated image: measured over many repeats, whatever was done to them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from benchmarks.blind.case import Truth
from benchmarks.blind.exposures import Image, Take
from benchmarks.validation.correlated import length_of

from napari_photon_denoise.calibration import Calibration, Float32

REPEATS = 30
SEED = 2026
MADE_BY = ("scenes.py", "exposures.py", "processing.py", "truth.py")
MADE = 1  # to be raised with what `family` puts together


@dataclass(frozen=True)
class Repeats:
    """What takes the same image again and again, and how bright it is expected to be."""

    take: Take
    expected: Float32 | None
    exact: bool

    def measure(self) -> tuple[Image, Truth]:
        """Take the image, and learn the truth from others."""
        image = self.take(np.random.default_rng(SEED))
        shots = [
            self.take(np.random.default_rng([SEED, number])).astype(np.float32)
            for number in range(1, REPEATS + 1)
        ]
        # From the first on, which is near: sums of squares of large numbers lose digits.
        apart = [shot - shots[0] for shot in shots]
        mean = np.mean(apart, axis=0, dtype=np.float64)
        variance = np.mean(np.square(apart), axis=0, dtype=np.float64) - mean**2
        variance *= REPEATS / (REPEATS - 1)
        length_y, length_x = lengths(shots, mean + shots[0], variance)
        truth = Truth(
            mean=(mean + shots[0]).astype(np.float32),
            variance=np.maximum(variance, 0).astype(np.float32),
            length_y=length_y,
            length_x=length_x,
            own_variance=float(variance.mean()) / REPEATS,
            expected=self.expected,
            exact=self.exact,
        )
        return image, truth


def lengths(shots: list[Float32], mean: Image, variance: Image) -> tuple[float, float]:
    """How far neighbours share noise along y and x, px; 0 where they hardly do.

    Pixels that seldom differ from their mean are left out: they would outweigh all others.
    """
    noisy = variance > 0.05 * np.mean(variance)
    scale = np.where(noisy, 1 / np.sqrt(np.maximum(variance, 1e-12)), 0)
    found = np.zeros(2)
    for shot in shots[:8]:
        z = (shot - mean) * scale
        for axis in (0, 1):
            one = np.take(z, range(1, z.shape[axis]), axis)
            other = np.take(z, range(z.shape[axis] - 1), axis)
            both = (one != 0) & (other != 0)
            power = 0.5 * (np.mean(one[both] ** 2) + np.mean(other[both] ** 2))
            found[axis] += float(np.mean(one[both] * other[both]) / power) / 8
    return length_of(float(found[0])), length_of(float(found[1]))


def remembered(
    cache: Path | None, name: str, make: Callable[[], Repeats], camera: Calibration | None
) -> tuple[Image, Truth]:
    """Measure an image, or read what was measured before by the same programs."""
    if cache is None:
        image, truth = make().measure()
        return image, replace(truth, camera=camera)
    path = cache / f"{name.replace('/', '_').replace(' ', '-')}_{version()}.npz"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        _keep(path, *make().measure())
    with np.load(path) as kept:
        length_y, length_x, own, exact = map(float, kept["numbers"])
        truth = Truth(
            mean=kept["mean"],
            variance=kept["variance"],
            length_y=length_y,
            length_x=length_x,
            own_variance=own,
            expected=kept["expected"] if kept["expected"].size else None,
            exact=bool(exact),
            camera=camera,
        )
        return kept["image"], truth


def _keep(path: Path, image: Image, truth: Truth) -> None:
    part = path.with_suffix(".part.npz")
    np.savez(
        part,
        image=image,
        mean=truth.mean,
        variance=truth.variance,
        expected=np.empty(0) if truth.expected is None else truth.expected,
        numbers=np.array([truth.length_y, truth.length_x, truth.own_variance, truth.exact]),
    )
    part.rename(path)


def version() -> str:
    """Tell apart what was made before a change of the programs from what was made after."""
    here = Path(__file__).parent
    text = b"".join((here / name).read_bytes() for name in MADE_BY)
    return f"{MADE}-{hashlib.sha256(text).hexdigest()[:10]}"
