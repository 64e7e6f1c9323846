"""Real images: with a truth where there are many frames of one scene, and all others without.

The folder is one of pairs, repeats, correlated, singles, stacks and timelapse; what it lacks is
left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from benchmarks.blind.case import Bool, Case, Entry, Truth
from benchmarks.validation.camera import Float64, match
from benchmarks.validation.correlated import (
    AVERAGED,
    FADING,
    TURNING,
    length_of,
    next_neighbours,
)
from benchmarks.validation.pairs import FRAMES, TOP
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from tifffile import imread

EDGE = 512  # px, cut from the middle
CLIPPED = 3  # standard deviations below the top that a mean must lie
WITHOUT_TRUTH = {
    "singles": "YX",
    "repeats/screening": "YX",
    "stacks": "ZYX",
    "timelapse": "TYX",
}
MOVED = ("plant",)  # whose mean is of another place


def entries(data: Path) -> Iterator[Entry]:
    """List the real images without reading them."""
    pairs = data / "pairs"
    for path in sorted((pairs / "w2s_8bit").glob("*_noisy.png")):
        yield _entry("w2s 8 bits", path.stem.removesuffix("_noisy"), partial(_stretched, path))
    for path in sorted((pairs / "w2s_counts").glob("*_noisy.tif")):
        for channel in range(3):
            name = f"{path.stem[3:6]}_{channel}"
            yield _entry("w2s counts", name, partial(_raw, path, name, channel))
    for path in sorted((data / "repeats/confocal_nuclei").glob("*_mean50.png")):
        yield _entry("confocal", path.stem.split("_")[0], partial(_confocal, path))
    film = data / "repeats/eb3_scmos_20frames.tif"
    if film.exists():
        for frame in (3, 10, 17):
            yield _entry("sCMOS film", f"frame {frame}", partial(_eb3, film, frame))
    for path in sorted((data / "correlated").glob("*_frame.tif")):
        yield _entry("two-photon", path.stem.removesuffix("_frame"), partial(_shared, path))
    yield from _without_truth(data)


def _entry(kind: str, name: str, make: partial[Case]) -> Entry:
    return Entry(f"real {kind}", name, "", partial(make, f"real {kind}", name))


def _without_truth(data: Path) -> Iterator[Entry]:
    for folder, axes in WITHOUT_TRUTH.items():
        for path in sorted((data / folder).glob("*.*")):
            named = path.stem.rpartition("_")[2].upper()
            there = named if set(named) <= set("TCZYX") else axes
            name = path.stem.removeprefix("TimePoint_")
            yield _entry(folder, f"{name[:16]}…{name[-6:]}", partial(_single, path, there))


def _single(path: Path, axes: str, kind: str, name: str) -> Case:
    order = sorted(axes, key="TCZYX".index)
    image = _read(path).transpose([axes.index(letter) for letter in order])
    return Case(kind, name, "", image, axes="".join(order))


def _stretched(path: Path, kind: str, name: str) -> Case:
    return _paired(kind, name, _read(path), _w2s_mean(path), TOP)


def _raw(path: Path, scene: str, channel: int, kind: str, name: str) -> Case:
    mean = _w2s_mean(path.parent.parent / "w2s_8bit" / f"{scene}_noisy.png")
    return _paired(kind, name, _read(path)[channel], mean, np.inf)


def _w2s_mean(noisy: Path) -> Float64:
    return _read(noisy.with_name(noisy.name.replace("noisy", "mean400"))).astype(np.float64)


def _paired(kind: str, name: str, noisy: NDArray[np.generic], mean: Float64, top: float) -> Case:
    """Bring a mean of 400 frames onto the noisy image's grey values."""
    image = noisy.astype(np.float64)
    known = mean < TOP
    matched, line = match(mean, image, known)
    known &= matched + CLIPPED * np.sqrt(line.variance(matched)) < top
    matched, line = match(mean, image, known)
    # Of the mean's own grey values, one is this many of the noisy image's.
    step = np.ptp(matched) / np.ptp(mean)
    own = float(line.variance(matched).mean()) / FRAMES + step**2 / 12
    return _case(kind, name, noisy, matched, np.square(image - matched) - own, own, known)


def _confocal(path: Path, kind: str, name: str) -> Case:
    """Take the first frame; the truth is the mean of the next, which is near in time."""
    film = np.stack([_read(one) for one in sorted(path.parent.glob(f"{name}_frame*.png"))])
    return _from_film(kind, name, film, 0)


def _eb3(path: Path, frame: int, kind: str, name: str) -> Case:
    return _from_film(kind, name, _read(path)[1:], frame - 1)


def _from_film(kind: str, name: str, film: NDArray[np.generic], frame: int) -> Case:
    """Take a frame of a scene that rests; the truth is the mean of all others."""
    others = np.delete(film, frame, axis=0).astype(np.float64)
    mean = others.mean(axis=0)
    # Successive frames: the light fades more slowly.
    variance = np.square(np.diff(others, axis=0)).mean(axis=0) / 2
    own = float(variance.mean()) / len(others)
    noise = film[frame] - mean
    return _case(kind, name, film[frame], mean, variance, own, None, noise)


def _shared(path: Path, kind: str, name: str) -> Case:
    """Take a frame whose neighbours share noise, beside a mean of a few where there is one."""
    frame = _read(path)
    means = sorted(path.parent.glob(f"{name}_mean*.tif"))
    if not means or name in MOVED:
        return Case(kind, name, "", frame)
    frame, mean = frame[:, TURNING:], _read(means[0])[:, TURNING:].astype(np.float64)
    image = frame.astype(np.float64)
    everywhere = np.ones(frame.shape, np.bool_)
    matched, _ = match(mean, image, everywhere)
    mean = matched + gaussian_filter(image - matched, FADING)
    matched, line = match(mean, image, everywhere, spread=1 + 1 / AVERAGED)
    own = float(line.variance(matched).mean()) / AVERAGED
    variance = np.square(image - matched) / (1 + 1 / AVERAGED)
    return _case(kind, name, frame, matched, variance, own, None, image - matched)


def _case(
    kind: str,
    name: str,
    image: NDArray[np.generic],
    mean: Float64,
    variance: Float64,
    own: float,
    known: Bool | None,
    noise: Float64 | None = None,
) -> Case:
    """Cut out the middle; the noise of one image tells how far neighbours share it."""
    noise = image.astype(np.float64) - mean if noise is None else noise
    scaled = noise / np.sqrt(gaussian_filter(np.square(noise), 8) + 1e-30)
    lengths = [length_of(next_neighbours(scaled, axis)) for axis in (0, 1)]
    middle = tuple(
        slice((size - min(size, EDGE)) // 2, (size - min(size, EDGE)) // 2 + EDGE)
        for size in mean.shape
    )
    truth = Truth(
        mean=mean[middle].astype(np.float32),
        variance=variance[middle].astype(np.float32),
        length_y=lengths[0],
        length_x=lengths[1],
        own_variance=own,
        valid=None if known is None else known[middle],
    )
    return Case(kind, name, "", np.ascontiguousarray(image[middle]), truth)


def _read(path: Path) -> NDArray[np.generic]:
    from skimage.io import imread as read_picture

    found: NDArray[np.generic] = imread(path) if path.suffix == ".tif" else read_picture(path)
    return found
