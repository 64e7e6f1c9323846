"""Frames to calibrate with, of the virtual camera: a dark and four flats; nothing is fetched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Calibration, Float32
from napari_photon_denoise.virtual.simulate import VirtualCamera, scmos

Counts = NDArray[np.uint16]

SHAPE = (192, 192)
LEVELS = (40.0, 160.0, 640.0, 2500.0)  # e-, mean of a pixel in the middle
FLICKER = 0.001  # rms, of a good lamp
VIGNETTING = 0.25  # loss of light in the corners


class CalibrationSample(NamedTuple):
    """Frames to calibrate with, and what should come out.

    Parameters
    ----------
    dark : (N, Y, X) uint16, ADU
    flats : list of (N, Y, X) uint16, ADU
        One a level, from dim to bright.
    truth : Calibration
        The virtual camera's true maps.
    """

    dark: Counts
    flats: list[Counts]
    truth: Calibration


def calibration_sample(seed: int = 0) -> CalibrationSample:
    """Take 100 dark frames and four flats of 40 with a virtual sCMOS camera, in under a second.

    Parameters
    ----------
    seed : int
        Another seed, another specimen of the camera and other noise.
    """
    return take_frames(scmos(SHAPE, seed), SHAPE, seed=seed)


def take_frames(
    camera: VirtualCamera,
    shape: tuple[int, int],
    *,
    seed: int = 0,
    dark_frames: int = 100,
    flat_frames: int = 40,
    levels: Sequence[float] = LEVELS,
) -> CalibrationSample:
    """Take what a calibration needs: the lamp flickers a little, the corners are darker.

    Parameters
    ----------
    camera : VirtualCamera
    shape : ``(Y, X)`` of its sensor, pixels
    seed : int
        Another seed, other noise.
    dark_frames, flat_frames : int
        Of the dark, and of each flat.
    levels : sequence of float, e-
        Photons a frame in the middle of each flat.
    """
    rng = np.random.default_rng(seed)
    light = _illumination(shape)
    nothing = np.zeros(shape, np.float32)
    dark = _take(camera, nothing, np.ones(dark_frames), rng)
    flats = [
        _take(
            camera, light * np.float32(level), 1 + FLICKER * rng.standard_normal(flat_frames), rng
        )
        for level in levels
    ]
    return CalibrationSample(dark, flats, camera.calibration)


def _illumination(shape: tuple[int, int]) -> Float32:
    """Light over that in the middle."""
    y, x = (np.linspace(-1, 1, size, dtype=np.float32) for size in shape)
    return np.asarray(1 - VIGNETTING / 2 * (y[:, np.newaxis] ** 2 + x**2), np.float32)


def _take(
    camera: VirtualCamera,
    expected: Float32,
    lamp: NDArray[np.float64],
    rng: np.random.Generator,
) -> Counts:
    # Frame by frame: Poisson numbers take four times the memory of the counts.
    frames = np.empty((len(lamp), *expected.shape), np.uint16)
    for frame, strength in zip(frames, lamp, strict=True):
        frame[...] = camera.expose(expected * np.float32(strength), rng)
    return frames
