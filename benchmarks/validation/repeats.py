"""The same scene many times: some frames are noisy images, the mean of others is the truth.

Left out: the two-frame pairs of a screening microscope. They are aligned, but the wells hold
no specimen: what both frames show is the illumination and the camera's fixed pattern, and in
two of three channels the noise does not rise with the signal.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from benchmarks.validation.camera import Float64, Line, fit_line, scale_onto
from benchmarks.validation.case import Case, Entry, crop

AVERAGED = 50  # frames in the confocal mean
FADING = 40  # px, over which its change of brightness is even
EB3_GAIN, EB3_OFFSET, EB3_READ_NOISE = 2.16, 100.0, 1.5  # ADU/e-, ADU, e-
EB3_FRAMES = (3, 10, 17)
FILM_EDGE = 256  # px


def entries(data: Path) -> list[Entry]:
    """List single frames and films of them."""
    fields = sorted((data / "repeats/confocal_nuclei").glob("*_mean50.png"))
    found = [
        Entry("confocal", path.stem.split("_")[0], partial(confocal, path, frames=1))
        for path in fields
    ]
    found += [
        Entry("confocal_film", path.stem.split("_")[0], partial(confocal, path, frames=8))
        for path in fields[::2]
    ]
    film = data / "repeats/eb3_scmos_20frames.tif"
    if film.exists():
        found += [
            Entry("eb3", f"frame{frame:02d}", partial(eb3, film, frame)) for frame in EB3_FRAMES
        ]
        found.append(Entry("eb3_film", "odd_frames", partial(eb3_film, film)))
    return found


def confocal(path: Path, frames: int) -> Case:
    """Make a case of the first frames of a field; the truth is the mean of all others.

    The mean of 50 is given; the frames are taken out of it, so that its noise is another.
    """
    from scipy.ndimage import gaussian_filter
    from skimage.io import imread

    field = path.stem.split("_")[0]
    film = np.stack([imread(one) for one in sorted(path.parent.glob(f"{field}_frame*.png"))])
    film = film.astype(np.float64)
    total = AVERAGED * imread(path).astype(np.float64)
    rest = (total - film.sum(axis=0)) / (AVERAGED - len(film))
    seen = film.mean(axis=0)
    squares = np.square(np.diff(film, axis=0)).mean(axis=0) / 2
    everywhere = np.ones(seen.shape, dtype=bool)
    line = fit_line(seen, squares, everywhere, sort_by=gaussian_filter(rest, 1))
    left = AVERAGED - frames
    truth = (total - film[:frames].sum(axis=0)) / left
    # Poisson noise, and rounding to 8 bits, of the mean.
    noise = (truth.mean() - line.offset) / line.slope / left
    noise += (AVERAGED / left / line.slope) ** 2 / 12
    photons = (film[:frames] - line.offset) / line.slope
    truth, factor = _follow(truth, seen, line, photons.mean(axis=0))
    return _film("confocal", field, photons, truth, 0.0, noise * factor)


def _follow(mean: Float64, seen: Float64, line: Line, light: Float64) -> tuple[Float64, float]:
    """Move and scale the mean onto the first frames; in photons, and what its noise is times.

    Drift and scale are those of `seen`, ADU; what light (e-) there is, that of `light`.

    Between the two the specimen drifts by up to 0.3 px, and its brightness changes by up to a
    fifth, not alike everywhere.
    """
    from scipy.ndimage import gaussian_filter, shift
    from skimage.registration import phase_cross_correlation

    drift = phase_cross_correlation(seen, mean, upsample_factor=20)[0]
    point = np.zeros((41, 41))
    point[20, 20] = 1
    kept = float(np.square(shift(point, drift)).sum())
    mean = shift(mean, drift, mode="nearest")
    weight = 1 / line.variance(np.maximum(gaussian_filter(seen, 2), line.offset + 0.5))
    slope, offset = scale_onto(gaussian_filter(mean, 2), gaussian_filter(seen, 2), weight)
    truth = (slope * mean + offset - line.offset) / line.slope
    truth *= gaussian_filter(light, FADING) / gaussian_filter(truth, FADING)
    return truth, kept * slope**2


def eb3(path: Path, *frames: int) -> Case:
    """Make a case of some frames of microtubules, from 1; the truth is the mean of the others."""
    film, chosen = _eb3_photons(path), np.array(frames) - 1
    name = "-".join(f"frame{frame:02d}" for frame in frames)
    return _eb3_case(name, film[chosen], np.delete(film, chosen, axis=0))


def eb3_film(path: Path) -> Case:
    """Make a film of the odd frames; the truth is the mean of the even ones."""
    film = _eb3_photons(path)
    return _eb3_case("odd_frames", film[::2], film[1::2])


def _eb3_photons(path: Path) -> Float64:
    from tifffile import imread

    # The first frame is brighter than all others.
    return np.asarray((imread(path)[1:] - EB3_OFFSET) / EB3_GAIN, dtype=np.float64)


def _eb3_case(name: str, chosen: Float64, others: Float64) -> Case:
    noise = float(others.var(axis=0, ddof=1).mean()) / len(others)
    return _film("eb3", name, chosen, others.mean(axis=0), EB3_READ_NOISE, noise)


def _film(
    set_name: str, name: str, photons: Float64, truth: Float64, read_noise: float, noise: float
) -> Case:
    """Make a case of frames (T, Y, X), or of the only one, that share a truth (Y, X)."""
    single = len(photons) == 1
    repeated = np.broadcast_to(truth, photons.shape)
    case = Case(
        set_name if single else f"{set_name}_film",
        name,
        photons=(photons[0] if single else photons).astype(np.float32),
        truth=(truth if single else repeated).astype(np.float32),
        read_noise=read_noise,
        truth_variance=float(noise),
        axes="YX" if single else "TYX",
    )
    return case if single else crop(case, FILM_EDGE)
