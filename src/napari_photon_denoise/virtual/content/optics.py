"""The microscope: haze, blur, background, vignetting and contrast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.virtual.content.canvas import Canvas, log_uniform
from napari_photon_denoise.virtual.content.fields import smooth_field

SHARPEST, BLURREST = 0.4, 3.0  # sigma of the PSF, px
BRIGHTEST = 4000.0  # of the mean: 16-bit floats end at 65504


@dataclass(frozen=True)
class Psf:
    """The image of a point.

    Parameters
    ----------
    sigma : float, px
        Of the Gaussian with the same width at half height.
    sigma_z : float, planes
    stretch : float
        Width along x by width along y.
    kind : {"gaussian", "tailed", "airy"}
        "tailed" has a faint wide skirt, "airy" has rings.
    """

    sigma: float
    sigma_z: float = 1.0
    stretch: float = 1.0
    kind: Literal["gaussian", "tailed", "airy"] = "gaussian"

    def blur(self, image: Float32, *, volume: bool) -> Float32:
        """Blur planes, and along the first axis in a volume: ``(..., Y, X)`` float32."""
        from scipy.ndimage import gaussian_filter

        sides = (self.sigma / np.sqrt(self.stretch), self.sigma * np.sqrt(self.stretch))
        first = ((self.sigma_z if volume else 0.0),) * (image.ndim - 2)
        if self.kind == "airy":
            if volume:
                image = gaussian_filter(image, (*first, 0, 0))
            return _airy(image, self.sigma)
        sharp = gaussian_filter(image, (*first, *sides), truncate=3.5)
        if self.kind == "tailed":
            wide = gaussian_filter(image, (*first, *(2.3 * s for s in sides)), truncate=3)
            return np.asarray(0.7 * sharp + 0.3 * wide, dtype=np.float32)
        return np.asarray(sharp, dtype=np.float32)


def draw_psf(rng: np.random.Generator) -> Psf:
    """Draw a PSF, from undersampled to oversampled, most of them about well sampled."""
    sigma = float(np.clip(rng.lognormal(np.log(1.15), 0.45), SHARPEST, BLURREST))
    kind: Literal["gaussian", "tailed", "airy"] = "gaussian"
    chance = rng.random()
    if chance < 0.2:
        kind = "tailed"
    elif chance < 0.32 and sigma > 0.7:
        kind = "airy"
    stretch = float(np.exp(rng.normal(0, 0.12))) if rng.random() < 0.25 else 1.0
    return Psf(sigma, log_uniform(0.6, 3, rng), stretch, kind)


def hazy(signal: Float32, rng: np.random.Generator, *, volume: bool) -> Float32:
    """Add light from out of focus: the same structure, widely blurred."""
    sigma = log_uniform(4, 20, rng)
    haze = _wide_blur(signal, sigma, volume=volume)
    if rng.random() < 0.5:  # other structure above and below, much like this one
        turn = [(-2,), (-1,), (-2, -1)][rng.integers(3)]
        haze = np.flip(haze, turn)
    return np.asarray(signal + np.float32(log_uniform(0.05, 2, rng)) * haze, dtype=np.float32)


def with_background(signal: Float32, rng: np.random.Generator) -> Float32:
    """Add a background and shade the field, with a contrast from 1.05 to hundreds.

    Parameters
    ----------
    signal : (..., Y, X) float32
        Its bright parts are about 1.
    rng : numpy.random.Generator
    """
    low, high = [(1.05, 3.0), (3.0, 50.0), (50.0, 1000.0)][rng.choice(3, p=[0.2, 0.5, 0.3])]
    level = 1 / (log_uniform(low, high, rng) - 1)
    image = signal + np.float32(level) * uneven(signal.shape[-2:], rng)
    if rng.random() < 0.25:
        image *= _vignette(signal.shape[-2:], rng)
    return np.asarray(image, dtype=np.float32)


def uneven(plane: tuple[int, ...], rng: np.random.Generator) -> Float32:
    """Draw a background of about 1: level, sloping, or of smooth patches."""
    style = rng.random()
    if style < 0.4:
        return np.ones(plane, dtype=np.float32)
    if style < 0.75:
        y, x = (np.linspace(-1, 1, n, dtype=np.float32) for n in plane)
        slope = rng.uniform(-0.45, 0.45, 2)
        return np.asarray(1 + slope[0] * y[:, None] + slope[1] * x, dtype=np.float32)
    patches = smooth_field(Canvas((plane[0], plane[1])), log_uniform(20, 80, rng), rng)
    return np.asarray(np.exp(np.float32(rng.uniform(0.05, 0.4)) * patches))


def normalised(image: Float32) -> Float32:
    """Scale to a mean of 1, with a peak that a 16-bit float holds.

    A lone bead in the dark would be brighter than that: it gets a background.
    """
    image = np.maximum(image, 0)
    mean, peak = float(image.mean(dtype=np.float64)), float(image.max())
    if not peak > 0:
        return np.ones_like(image)
    if peak > BRIGHTEST * mean:
        image = image + np.float32((peak - BRIGHTEST * mean) / (BRIGHTEST - 1))
        mean = float(image.mean(dtype=np.float64))
    return np.asarray(image / mean, dtype=np.float32)


def _vignette(plane: tuple[int, ...], rng: np.random.Generator) -> Float32:
    y, x = (np.linspace(-1, 1, n, dtype=np.float32) for n in plane)
    centre = rng.uniform(-0.5, 0.5, 2)
    squared = (y[:, None] - centre[0]) ** 2 + (x - centre[1]) ** 2
    return np.asarray(1 / (1 + rng.uniform(0.1, 0.8) * squared), dtype=np.float32)


def _wide_blur(image: Float32, sigma: float, *, volume: bool) -> Float32:
    """Blur by several pixels, on every second to fourth pixel for speed."""
    from scipy.ndimage import gaussian_filter, zoom

    step = 2 if sigma < 8 else 4
    planes = (1.0,) * (image.ndim - 2)
    first = ((sigma / 5 if volume else 0.0),) * (image.ndim - 2)
    # Smooth before pixels are left out, else thin things vanish.
    soft = gaussian_filter(image, (*first, step / 2, step / 2), truncate=2)[..., ::step, ::step]
    soft = gaussian_filter(soft, (*(0.0 for _ in planes), sigma / step, sigma / step), truncate=3)
    factors = (*planes, image.shape[-2] / soft.shape[-2], image.shape[-1] / soft.shape[-1])
    return np.asarray(zoom(soft, factors, order=1), dtype=np.float32)


def _airy(image: Float32, sigma: float) -> Float32:
    """Blur each plane by an Airy pattern as wide at half height as a Gaussian of sigma."""
    from scipy.signal import fftconvolve
    from scipy.special import j1

    reach = int(np.ceil(7 * sigma))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    v = np.hypot(y, x) * 1.372 / sigma
    v[reach, reach] = 1e-6
    kernel = (2 * j1(v) / v) ** 2
    kernel /= kernel.sum()
    wide = np.pad(image, [(0, 0)] * (image.ndim - 2) + [(reach, reach)] * 2, mode="symmetric")
    kernel = kernel.astype(np.float32).reshape((1,) * (image.ndim - 2) + kernel.shape)
    blurred = fftconvolve(wide, kernel, mode="same", axes=(-2, -1))
    return np.asarray(np.maximum(blurred[..., reach:-reach, reach:-reach], 0), dtype=np.float32)
