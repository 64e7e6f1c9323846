"""Photographs of scenes whose truth is known."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_photon_denoise.camera.estimate import estimate_job
from napari_photon_denoise.job import run
from napari_photon_denoise.virtual import scenes

SLOPE, OFFSET, READ_NOISE = 2.18, 100.0, 1.5  # ADU/e-, ADU, e-


def shaded(shape, rng):
    """A camera-like scene: areas with edges and shading, blurred as by a microscope."""
    y, x = np.indices(shape) / shape[0]
    density = 0.1 + np.zeros(shape)
    for _ in range(25):
        top, left = rng.uniform(-0.1, 0.9, 2)
        height, width = rng.uniform(0.1, 0.4, 2)
        inside = (y > top) & (y < top + height) & (x > left) & (x < left + width)
        density[inside] = rng.uniform(0.1, 1) * (0.7 + 0.6 * x[inside])
    return gaussian_filter(density, rng.uniform(1, 2)).astype(np.float32)


def beads(shape, rng):
    """Points of sigma 1 px: undersampled."""
    density = np.zeros(shape)
    grid = np.arange(-8, 9)
    for _ in range(int(np.prod(shape) / 450)):
        y, x = rng.uniform(9, shape[0] - 9, 2)
        spot = np.outer(*(np.exp(-((grid - at % 1) ** 2) / 2) for at in (y, x)))
        density[int(y) - 8 : int(y) + 9, int(x) - 8 : int(x) + 9] += spot
    return density + 0.02


SCENES = {
    "filaments": scenes.filaments,
    "nuclei": scenes.nuclei,
    "shaded": shaded,
    "beads": beads,
}


@dataclass(frozen=True)
class Photographer:
    """Takes pictures in counts with a camera of known slope, offset and read noise."""

    slope: float = SLOPE
    offset: float = OFFSET
    read_noise: float = READ_NOISE

    @property
    def offset_eff(self):
        return self.offset - self.read_noise**2 * self.slope

    def shoot(self, scene, peak, seed, *, blur=(0, 0), size=384, frames=None, whole=False):
        """Make counts; `blur` (y, x) smooths the noise, and the scene too if `whole`."""
        rng = np.random.default_rng(seed)
        density = SCENES[scene]((size, size), rng)
        expected = peak * density / np.quantile(density, 0.999)
        shape = expected.shape if frames is None else (frames, *expected.shape)
        noise = rng.poisson(expected, shape) - expected
        noise = noise + self.read_noise * rng.standard_normal(shape)
        if any(blur):
            sigma = blur if frames is None else (0, *blur)
            noise = gaussian_filter(noise, sigma)
            expected = gaussian_filter(expected, blur) if whole else expected
        counts = self.slope * (expected + noise) + self.offset
        if any(blur):
            return counts.astype(np.float32)
        return np.rint(counts).astype(np.uint16)


@pytest.fixture
def camera():
    return Photographer()


@pytest.fixture
def estimate():
    def estimated(data, axes="YX", **known):
        return run(estimate_job(data, axes, **known))

    return estimated
