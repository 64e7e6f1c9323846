"""Cameras and detectors: from a density to the grey values that are saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import convolve1d, gaussian_filter

from napari_photon_denoise.calibration import Calibration, Float32

Image = NDArray[Any]
Take = Callable[[np.random.Generator], Image]


class Shot(Protocol):
    """What takes the same image again and again."""

    def __call__(self, rng: np.random.Generator, /) -> Image:
        """Take an image."""

    @property
    def expected(self) -> Float32:
        """(Y, X) without noise, in any unit: what orders the pixels by brightness."""


SCMOS = Calibration(gain=0.45, offset=100, read_noise=1.5)
CONFOCAL = Calibration(gain=0.25, offset=4, read_noise=0.4)
CHANNEL_LIGHT = {"red": 0.7, "green": 1.0, "blue": 0.5}
LATTICE = {"red": ((0, 0),), "green": ((0, 1), (1, 0)), "blue": ((1, 1),)}
BETWEEN = np.array([0.5, 1, 0.5])  # linear interpolation between every second pixel


def electrons(expected: Float32, read_noise: float, rng: np.random.Generator) -> Float32:
    """Photons arrive, and are read: (Y, X) float32, e-."""
    arrived = rng.poisson(expected).astype(np.float32)
    return arrived + np.float32(read_noise) * rng.standard_normal(expected.shape, np.float32)


@dataclass(frozen=True, eq=False)
class Camera:
    """A camera of white noise, rounding to 16 bits."""

    expected: Float32
    calibration: Calibration

    def __call__(self, rng: np.random.Generator) -> Image:
        """Take an image, uint16."""
        return digital(self.exact(rng))

    def exact(self, rng: np.random.Generator) -> Float32:
        """Take an image that is not rounded, ADU."""
        camera = self.calibration
        arrived = electrons(self.expected, float(camera.read_noise), rng)
        return np.asarray(arrived / float(camera.gain) + float(camera.offset), np.float32)


@dataclass(frozen=True, eq=False)
class Smoothing:
    """A camera whose image is blurred by a program, or along the lines of a scanner."""

    camera: Camera
    blur: tuple[float, float]

    def __call__(self, rng: np.random.Generator) -> Image:
        """Take an image, uint16."""
        return digital(gaussian_filter(self.camera.exact(rng), self.blur))

    @property
    def expected(self) -> Float32:
        """The blurred scene."""
        return gaussian_filter(self.camera.expected, self.blur)


@dataclass(frozen=True, eq=False)
class ColourCamera:
    """A camera with a Bayer pattern; what it misses of a colour is interpolated linearly."""

    expected: Float32
    channel: str
    calibration: Calibration

    def __call__(self, rng: np.random.Generator) -> Image:
        """Take one channel, uint16."""
        light = self.expected * np.float32(CHANNEL_LIGHT[self.channel])
        raw = Camera(light, self.calibration).exact(rng)
        here = np.zeros(raw.shape, np.float32)
        for y, x in LATTICE[self.channel]:
            here[y::2, x::2] = 1
        if self.channel == "green":  # the mean of the four next ones
            total, near = (_four(image) for image in (here * raw, here))
            filled = np.where(here > 0, raw, total / np.maximum(near, 1))
        else:
            filled, near = here * raw, here
            for axis in (0, 1):
                filled = convolve1d(filled, BETWEEN, axis=axis, mode="mirror")
        return digital(np.asarray(filled, np.float32))


@dataclass(frozen=True, eq=False)
class Counter:
    """A detector that counts photons: pulses of about one height, what lies below 0 cut off.

    Parameters
    ----------
    expected : (Y, X) float32
        Photons a pixel.
    height : float
        ADU a photon.
    spread : float
        Relative standard deviation of the pulses' heights.
    hum : float, photons
        Noise without light.
    """

    expected: Float32
    height: float
    spread: float = 0.0
    hum: float = 0.0

    def __call__(self, rng: np.random.Generator) -> Image:
        """Take an image, uint16."""
        pulses = rng.poisson(self.expected).astype(np.float32)
        if self.spread > 0:  # the sum of heights that each have a gamma distribution
            one = 1 / self.spread**2
            pulses = rng.gamma(np.maximum(pulses * one, 1e-9)) / one * (pulses > 0)
        # Around a level below zero, as an offset is set that hides the dark.
        pulses = pulses + self.hum * (rng.standard_normal(pulses.shape) - 1)
        return digital(np.asarray(self.height * pulses, np.float32))


def digital(values: Float32) -> Image:
    """Round to 16 bits, ADU."""
    return np.clip(np.rint(values), 0, 65535).astype(np.uint16)


def _four(image: Float32) -> Float32:
    ring = np.array([1.0, 0.0, 1.0])
    return np.asarray(
        convolve1d(image, ring, axis=0, mode="mirror")
        + convolve1d(image, ring, axis=1, mode="mirror"),
        np.float32,
    )
