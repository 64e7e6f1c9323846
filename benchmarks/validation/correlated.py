"""Noise that neighbours share: two real two-photon images, and noise blurred in the computer.

Lengths are sigmas of a sampled Gaussian that blurs white noise, as everywhere in the package.
Where the correlation of next neighbours is below 0.5 they are longer than the continuous
``exp(-1 / (4 sigma**2))`` says: 0.4 is a sigma of 0.57 px, not of 0.52.

Left out: the plant, whose frame and mean show the field 13.5 px apart and moved line by line,
and the kidney, which has no mean.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from benchmarks.validation import pairs
from benchmarks.validation.camera import Float64, match
from benchmarks.validation.case import Case, Entry

# The means' values come in quarters of a frame's step: four other frames were averaged.
AVERAGED = 4
REAL = ("cells1", "cells2")
TURNING = 8  # px
FADING = 15  # px, over which a difference in brightness is even
# Fields of the 400-frame means with the most light, least noise: see `clean`.
FIELDS = ("002_1", "002_2", "069_2", "070_1", "070_2", "071_1", "072_1", "073_1", "074_2")
SHARED = (0.2, 0.35, 0.5, 0.7)  # correlation of next neighbours
PHOTONS = (2, 10, 50)  # e-, mean of a pixel
READ_NOISE = 1.0  # e- rms
SIGMAS = np.arange(0.2, 2.01, 0.005)  # px


def entries(data: Path) -> list[Entry]:
    """List real and simulated images."""
    found = [Entry("correlated", name, partial(real, data, name)) for name in REAL]
    number = 0
    for photons in PHOTONS:
        for along_y in (True, False):
            for share in SHARED:
                field = FIELDS[number % len(FIELDS)]
                name = f"{field}_{'yx' if along_y else 'x'}{share}_{photons}e"
                make = partial(simulated, data, field, share, along_y, photons, name)
                found.append(Entry("correlated_simulated", name, make))
                number += 1
    return found


def real(data: Path, name: str) -> Case:
    """Make a case of a frame and the mean of four others; float intensities."""
    from scipy.ndimage import gaussian_filter
    from tifffile import imread

    frame = imread(data / f"correlated/{name}_frame.tif").astype(np.float64)
    mean = imread(data / f"correlated/{name}_mean5.tif").astype(np.float64)
    # At the left edge the scanner turns.
    frame, mean = frame[:, TURNING:], mean[:, TURNING:]
    # Steps of the frame: numbers near 1 for the fits.
    step = np.median(np.diff(np.unique(frame)))
    frame, mean = (frame - mean.min()) / step, (mean - mean.min()) / step
    everywhere = np.ones(frame.shape, dtype=bool)
    matched, _ = match(mean, frame, everywhere)
    # Bands of rows are brighter in one than in the other.
    mean = matched + gaussian_filter(frame - matched, FADING)
    matched, line = match(mean, frame, everywhere, spread=1 + 1 / AVERAGED)
    # The darkest hundredth is taken for dark; the noise there is read noise.
    dark = max(line.offset, float(np.quantile(matched, 0.01)))
    read_noise = float(np.sqrt((dark - line.offset) / line.slope))
    noise = frame - matched
    scaled = noise / np.sqrt(gaussian_filter(np.square(noise), 8))
    truth = (matched - dark) / line.slope
    return Case(
        "correlated",
        name,
        photons=((frame - dark) / line.slope).astype(np.float32),
        truth=truth.astype(np.float32),
        read_noise=read_noise,
        length_y=length_of(next_neighbours(scaled, 0)),
        length_x=length_of(next_neighbours(scaled, 1)),
        truth_variance=float(truth.mean() + read_noise**2) / AVERAGED,
    )


def simulated(
    data: Path, field: str, share: float, along_y: bool, photons: float, name: str
) -> Case:
    """Make a case of a clean image with blurred noise, rescaled to the same variance."""
    from scipy.ndimage import gaussian_filter1d

    rng = np.random.default_rng(sum(map(ord, name)))
    density = clean(data, field)
    truth = density * (photons / density.mean())
    noise = rng.poisson(truth) + READ_NOISE * rng.standard_normal(truth.shape) - truth
    length = length_of(share)
    for axis in (0, 1) if along_y else (1,):
        noise = gaussian_filter1d(noise, length, axis=axis, mode="wrap", radius=10)
        noise /= np.sqrt(np.square(_kernel(length)).sum())
    return Case(
        "correlated_simulated",
        name,
        photons=(truth + noise).astype(np.float32),
        truth=truth.astype(np.float32),
        read_noise=READ_NOISE,
        length_y=length if along_y else 0.0,
        length_x=length,
    )


def clean(data: Path, field: str) -> Float64:
    """Return a mean of 400 frames, 2 × 2 pixels summed: (256, 256) e-, noise below 1 %."""
    case = pairs.stretched(data / f"pairs/w2s_8bit/{field}_noisy.png")
    quarters = case.truth.reshape(case.truth.shape[0] // 2, 2, case.truth.shape[1] // 2, 2)
    return np.maximum(quarters.mean(axis=(1, 3), dtype=np.float64), 0.01 * case.truth.mean())


def next_neighbours(noise: Float64, axis: int) -> float:
    """Correlation of neighbours along an axis, without what changes slowly."""
    from scipy.ndimage import gaussian_filter

    noise = noise - gaussian_filter(noise, 6)
    one, other = (np.take(noise, range(noise.shape[axis])[part], axis) for part in _NEXT)
    return float(np.mean(one * other) / np.mean(noise * noise))


_NEXT = (slice(1, None), slice(None, -1))


def length_of(share: float) -> float:
    """Length (px) of a Gaussian blur that correlates next neighbours so; 0 below 0.1."""
    if share < 0.1:
        return 0.0
    shares = [_share(sigma) for sigma in SIGMAS]
    return float(np.interp(share, shares, SIGMAS))


def _share(sigma: float) -> float:
    kernel = _kernel(sigma)
    return float((kernel[1:] * kernel[:-1]).sum() / np.square(kernel).sum())


def _kernel(sigma: float) -> Float64:
    taps = np.exp(-0.5 * np.square(np.arange(-10, 11) / sigma))
    return np.asarray(taps / taps.sum())
