"""Small objects that move on their own: puncta, vesicles, bacteria."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.virtual.content.canvas import Canvas, Points, log_uniform

GRID = 0.5  # px between the points that fill an object


def puncta(canvas: Canvas, rng: np.random.Generator) -> Points:
    """Draw points: beads of one brightness or spots of many, scattered or in clusters."""
    count = max(1, round(log_uniform(12, 4000, rng) * canvas.area))
    places = canvas.anywhere(count, rng)
    if rng.random() < 0.35:
        centres = canvas.anywhere(max(1, count // int(rng.integers(5, 60))), rng)
        spread = log_uniform(3, 40, rng) / np.asarray(canvas.spacing)
        chosen = centres[rng.integers(0, len(centres), count)]
        places = (chosen + rng.normal(0, 1, places.shape) * spread).astype(np.float32)
    weights = rng.lognormal(0, rng.uniform(0, 1.3), count).astype(np.float32)
    return Points(places, weights, np.arange(count))


def vesicles(canvas: Canvas, rng: np.random.Generator) -> Points:
    """Draw discs, balls or rings of many sizes."""
    typical = log_uniform(1, 16, rng)
    count = max(1, round(min(250.0, log_uniform(0.005, 0.25, rng) * 20000 / typical**2)))
    radius = np.clip(typical * rng.lognormal(0, rng.uniform(0.05, 0.5), count), 0.7, 24)
    style = str(rng.choice(["solid", "ball", "ring"], p=[0.25, 0.35, 0.4]))
    return _capsules(canvas, radius, np.zeros(count), style, rng)


def bacteria(canvas: Canvas, rng: np.random.Generator) -> Points:
    """Draw rods, filled, or with a bright membrane; scattered or crowded."""
    width = log_uniform(1.5, 6, rng)
    count = max(1, round(min(150.0, log_uniform(0.03, 0.5, rng) * 9000 / width**2) * canvas.area))
    radius = width * rng.lognormal(0, 0.06, count)
    length = width * rng.uniform(2, 8) * rng.uniform(0.5, 1.2, count)
    style = str(rng.choice(["solid", "ball", "ring"], p=[0.3, 0.4, 0.3]))
    return _capsules(canvas, radius, length, style, rng)


def _capsules(
    canvas: Canvas,
    radius: NDArray[Any],
    length: NDArray[Any],
    style: str,
    rng: np.random.Generator,
) -> Points:
    """Fill rods with round ends on a fine grid; a rod of length 0 is a disc or ball."""
    places = canvas.anywhere(len(radius), rng)
    angles = rng.uniform(0, np.pi, len(radius))
    if rng.random() < 0.4:  # aligned
        angles = rng.normal(rng.uniform(0, np.pi), 0.3, len(radius))
    light = rng.lognormal(0, rng.uniform(0.05, 0.7), len(radius))
    wall = rng.uniform(0.5, 1.2)
    filled = rng.uniform(0, 0.3)
    parts, weights = [], []
    for i in range(len(radius)):
        offsets = _grid(canvas, radius[i] + 2, length[i] / 2)
        along = offsets[:, -2] * np.sin(angles[i]) + offsets[:, -1] * np.cos(angles[i])
        across = offsets[:, -2] * np.cos(angles[i]) - offsets[:, -1] * np.sin(angles[i])
        beyond = np.maximum(np.abs(along) - length[i] / 2, 0)
        squared = across**2 + beyond**2
        if canvas.is_volume:
            squared = squared + (offsets[:, 0]) ** 2
        weight = light[i] * _profile(np.sqrt(squared), radius[i], style, wall, filled)
        kept = weight > 1e-3
        parts.append(places[i] + offsets[kept] / np.asarray(canvas.spacing))
        weights.append(weight[kept])
    owners = np.repeat(np.arange(len(radius)), [len(part) for part in parts])
    return Points(
        np.concatenate(parts).astype(np.float32),
        np.concatenate(weights).astype(np.float32),
        owners,
    )


def _profile(
    distance: NDArray[Any], radius: float, style: str, wall: float, filled: float
) -> NDArray[Any]:
    """Light at a distance from the axis of a rod, px."""
    if style == "solid":
        return np.clip(radius - distance + 0.5, 0, 1)
    if style == "ball":
        return np.sqrt(np.clip(1 - (distance / radius) ** 2, 0, None))
    ring = np.exp(-0.5 * ((distance - radius) / wall) ** 2)
    return np.where(distance < radius, np.maximum(ring, filled), ring)


def _grid(canvas: Canvas, radius: float, half_length: float) -> Float32:
    """Offsets on a grid around an object: ``(N, ndim)`` px."""
    reach = radius + half_length
    axis = np.arange(-reach, reach + GRID, GRID)
    if not canvas.is_volume:
        y, x = np.meshgrid(axis, axis, indexing="ij")
        return np.stack([y.ravel(), x.ravel()], axis=1)
    # In a volume a coarser grid does: there are many more points.
    axis = np.arange(-reach, reach + 1, 1.0)
    planes = np.arange(-np.ceil(radius / canvas.z_step), np.ceil(radius / canvas.z_step) + 1)
    z, y, x = np.meshgrid(planes * canvas.z_step, axis, axis, indexing="ij")
    return np.stack([z.ravel(), y.ravel(), x.ravel()], axis=1)
