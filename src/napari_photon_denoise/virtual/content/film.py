"""Structures in time: what drifts, what moves on its own, what blinks and fades."""

from __future__ import annotations

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.virtual.content.canvas import Canvas, Points, log_uniform, splat
from napari_photon_denoise.virtual.content.fields import smooth_field

MARGIN = 24  # px around the field of view from where things may come in
FASTEST = 3.0  # px a frame


def drift(frames: int, rng: np.random.Generator) -> Float32:
    """Draw the path of something that drifts and shakes: ``(T, 2)`` float32, px.

    The path is centred: it is zero in the middle frame.
    """
    speed = min(FASTEST, log_uniform(0.05, 2 * FASTEST, rng))
    angle = rng.uniform(0, 2 * np.pi)
    steps = np.tile([np.sin(angle), np.cos(angle)], (frames, 1)) * speed
    if rng.random() < 0.4:
        steps = rng.normal(0, min(1.0, speed), (frames, 2))  # shaking or diffusing
    path = np.clip(steps, -FASTEST, FASTEST).cumsum(axis=0)
    return np.asarray(path - path[frames // 2], dtype=np.float32)


def fading(frames: int, rng: np.random.Generator) -> Float32:
    """Draw the brightness of a label over time: ``(T,)`` float32, steady, bleaching or shaky."""
    time = np.arange(frames, dtype=np.float32)
    style = rng.random()
    if style < 0.6:
        return np.ones(frames, dtype=np.float32)
    if style < 0.85:
        return np.asarray(np.exp(-time / np.float32(log_uniform(8, 80, rng))))
    return np.exp(rng.normal(0, 0.15, frames)).astype(np.float32)


def film_points(
    points: Points, canvas: Canvas, frames: int, path: Float32, rng: np.random.Generator
) -> Float32:
    """Draw points in time, each object on its own way.

    Parameters
    ----------
    points : Points
        On a plane.
    canvas : Canvas
    frames : int
    path : (T, 2) float32, px
        Of all objects together.
    rng : numpy.random.Generator

    Returns
    -------
    (T, Y, X) float32
    """
    count = int(points.owners.max()) + 1 if len(points.owners) else 1
    ways = np.zeros((frames, count, 2), dtype=np.float32)
    if rng.random() < 0.65:
        speed = np.minimum(log_uniform(0.1, FASTEST, rng) * rng.lognormal(0, 0.4, count), FASTEST)
        speed *= rng.random(count) < rng.uniform(0.2, 1.0)  # the others rest
        angle = rng.uniform(0, 2 * np.pi, count)
        turn = rng.normal(0, rng.choice([0.05, 0.3, 2.0]), (frames, count)).cumsum(axis=0)
        steps = np.stack([np.sin(angle + turn), np.cos(angle + turn)], axis=-1)
        ways = (steps * speed[:, None]).cumsum(axis=0).astype(np.float32)
        ways -= ways[frames // 2]
    light = _blinking(frames, count, rng)
    return np.stack(
        [
            splat(
                canvas.shape,
                points.places + ways[t][points.owners] + path[t],
                points.weights * light[t][points.owners],
            )
            for t in range(frames)
        ]
    )


def film_image(
    image: Float32, canvas: Canvas, frames: int, path: Float32, rng: np.random.Generator
) -> Float32:
    """Move a drawn plane in time: shifted along the path, and slowly bent.

    Parameters
    ----------
    image : (Y, X) float32
    canvas : Canvas
    frames : int
    path : (T, 2) float32, px
    rng : numpy.random.Generator

    Returns
    -------
    (T, Y, X) float32
    """
    from scipy.ndimage import map_coordinates

    grid = np.indices(canvas.shape, dtype=np.float32)
    bend = np.zeros_like(grid)
    if rng.random() < 0.5:
        scale = log_uniform(20, 60, rng)
        bend = np.stack([smooth_field(canvas, scale, rng) for _ in range(2)])
        bend *= np.float32(log_uniform(0.03, 0.8, rng))
    flicker = _flicker(canvas, frames, rng)
    film = np.empty((frames, *canvas.shape), dtype=np.float32)
    for t in range(frames):
        at = grid - path[t][:, None, None] + bend * np.float32(t - frames // 2)
        map_coordinates(image, at, output=film[t], order=1, mode="reflect")
        if flicker is not None:
            film[t] *= flicker[0] + (1 - flicker[0]) * (1 + 2 * flicker[1][t])
    return film


def _blinking(frames: int, count: int, rng: np.random.Generator) -> Float32:
    """Brightness of each object in each frame: ``(T, N)`` float32."""
    light = np.ones((frames, count), dtype=np.float32)
    if rng.random() < 0.3:
        blinkers = rng.random(count) < rng.uniform(0.1, 1)
        dark = np.float32(rng.uniform(0, 0.3))
        stay = rng.uniform(0.6, 0.97)
        on = rng.random(count) < 0.6
        for t in range(frames):
            on = np.where(rng.random(count) < stay, on, ~on)
            light[t] = np.where(blinkers & ~on, dark, 1)
    return light


def _flicker(
    canvas: Canvas, frames: int, rng: np.random.Generator
) -> tuple[Float32, Float32] | None:
    """Places whose brightness jumps and decays, as of calcium: a map and a course in time."""
    if rng.random() > 0.25:
        return None
    steady = np.clip(1 - (smooth_field(canvas, log_uniform(5, 25, rng), rng) - 0.8), 0, 1)
    course = np.zeros(frames, dtype=np.float32)
    for start in rng.integers(0, frames, rng.integers(1, 4)):
        later = np.arange(frames) - start
        course += np.where(later >= 0, np.exp(-later / rng.uniform(1, 6)), 0).astype(np.float32)
    return steady.astype(np.float32), course
