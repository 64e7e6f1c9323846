"""Thin curves and thick tubes: cytoskeleton, mitochondria, neurites."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.virtual.content.canvas import Canvas, Points, log_uniform

STEP = 0.5  # px between the points of a curve


def filaments(canvas: Canvas, rng: np.random.Generator) -> Points:
    """Draw microtubules, actin or fibres: lone, parallel, from a centre, or curly; bundled."""
    style = rng.choice(["lone", "parallel", "aster", "curly"], p=[0.35, 0.3, 0.15, 0.2])
    count = max(1, round(log_uniform(6, 220, rng) * canvas.area))
    length = log_uniform(30, 400, rng)
    starts = canvas.anywhere(count, rng)
    angles = rng.uniform(0, 2 * np.pi, count)
    turning = log_uniform(0.003, 0.03, rng)
    if style == "parallel":
        angles = rng.uniform(0, 2 * np.pi) + rng.normal(0, log_uniform(0.02, 0.5, rng), count)
    elif style == "aster":
        centre = canvas.anywhere(1, rng)
        starts = centre + rng.normal(0, 3, starts.shape) / np.asarray(canvas.spacing)
    elif style == "curly":
        turning = log_uniform(0.03, 0.15, rng)
    paths = walk(canvas, starts, angles, int(length / STEP), turning, rng)
    weights = _brightness(paths.shape[:2], rng)
    if rng.random() < 0.4:
        paths, weights = _bundled(canvas, paths, weights, rng)
    return _as_points(paths, weights)


def mitochondria(canvas: Canvas, rng: np.random.Generator) -> Float32:
    """Draw short, thick, branching worms, some beaded, some with a bright outline."""
    count = max(1, round(log_uniform(10, 220, rng) * canvas.area))
    steps = int(log_uniform(8, 110, rng) / STEP)
    turning = log_uniform(0.02, 0.12, rng)
    paths = walk(
        canvas, canvas.anywhere(count, rng), rng.uniform(0, 2 * np.pi, count), steps, turning, rng
    )
    if rng.random() < 0.6:
        paths = np.concatenate([paths, _branches(canvas, paths, count // 2 + 1, turning, rng)])
    weights = _brightness(paths.shape[:2], rng)
    radius = np.full(paths.shape[:2], log_uniform(0.8, 4, rng), dtype=np.float32)
    if rng.random() < 0.4:  # beads on a string
        radius *= np.exp(0.35 * _along(paths.shape[:2], log_uniform(4, 10, rng), rng))
    kept = ~np.isnan(weights)
    return tubes(canvas, paths[kept], radius[kept], weights[kept], hollow=rng.random() < 0.25)


def neurites(canvas: Canvas, rng: np.random.Generator) -> Float32:
    """Draw somata with tapering, branching dendrites, some with spines."""
    trees = max(1, round(log_uniform(0.8, 9, rng) * canvas.area))
    stems = int(rng.integers(2, 7))
    centres = canvas.anywhere(trees, rng)
    starts = np.repeat(centres, stems, axis=0)
    steps = int(log_uniform(40, 250, rng) / STEP)
    turning = log_uniform(0.01, 0.04, rng)
    thickness = log_uniform(0.6, 3.5, rng)
    paths = [walk(canvas, starts, rng.uniform(0, 2 * np.pi, len(starts)), steps, turning, rng)]
    for _ in range(int(rng.integers(0, 4))):
        paths.append(_branches(canvas, paths[-1], len(paths[-1]), turning, rng))
    radii = [
        np.full(path.shape[:2], max(0.4, thickness * 0.7**i), dtype=np.float32)
        for i, path in enumerate(paths)
    ]
    places = np.concatenate([path.reshape(-1, path.shape[-1]) for path in paths])
    radius = np.concatenate([part.ravel() for part in radii])
    if rng.random() < 0.5:
        spines, size = _spines(canvas, places, radius, rng)
        places, radius = np.concatenate([places, spines]), np.concatenate([radius, size])
    image = tubes(canvas, places, radius, np.ones(len(places), np.float32), hollow=False)
    soma = log_uniform(2, 14, rng)
    somata = tubes(
        canvas,
        np.asarray(centres, np.float32),
        np.full(trees, soma, np.float32),
        rng.uniform(0.6, 2.5, trees).astype(np.float32),
        hollow=False,
    )
    return np.maximum(image, somata)


def walk(
    canvas: Canvas,
    starts: Float32,
    angles: NDArray[Any],
    steps: int,
    turning: float,
    rng: np.random.Generator,
) -> Float32:
    """Walk from each start in a direction that turns slowly.

    Parameters
    ----------
    canvas : Canvas
    starts : (N, ndim) float32, in index coordinates
    angles : (N,) float, rad
        First direction in the plane.
    steps : int
        Of `STEP` px.
    turning : float, rad
        Standard deviation of the turn at each step.
    rng : numpy.random.Generator

    Returns
    -------
    (N, steps, ndim) float32, in index coordinates
    """
    count = len(starts)
    steps = max(2, steps)
    # A turn that itself changes slowly gives arcs rather than jitter.
    bend = rng.normal(0, turning / 3, (count, 1)) * 0.3
    turns = rng.normal(0, turning, (count, steps)) + bend
    angle = angles[:, None] + turns.cumsum(axis=1)
    direction = [np.sin(angle), np.cos(angle)]
    if canvas.is_volume:
        pitch = rng.normal(0, 0.15, (count, 1)) + rng.normal(0, 0.01, angle.shape).cumsum(axis=1)
        direction.insert(0, pitch / canvas.z_step)
    path = np.stack(direction, axis=-1).cumsum(axis=1) * STEP
    return np.asarray(starts[:, None] + path, dtype=np.float32)


def tubes(
    canvas: Canvas,
    places: Float32,
    radius: Float32,
    weights: Float32,
    *,
    hollow: bool,
) -> Float32:
    """Thicken a curve to a tube.

    Parameters
    ----------
    canvas : Canvas
    places : (N, ndim) float32, in index coordinates
    radius, weights : (N,) float32
        Of the tube at each place; radius in px.
    hollow : bool
        Light the wall instead of the inside.

    Returns
    -------
    (..., Y, X) float32
    """
    from scipy.ndimage import distance_transform_edt

    index = np.rint(places).astype(np.intp)
    inside = np.all((index >= 0) & (index < np.asarray(canvas.shape)), axis=1)
    if not inside.any():
        return np.zeros(canvas.shape, dtype=np.float32)
    at = tuple(index[inside].T)
    empty = np.ones(canvas.shape, dtype=bool)
    empty[at] = False
    light, size = np.zeros((2, *canvas.shape), dtype=np.float32)
    light[at], size[at] = weights[inside], radius[inside]
    distance, nearest = distance_transform_edt(empty, sampling=canvas.spacing, return_indices=True)
    near = tuple(nearest)
    reach = size[near] - distance
    if hollow:
        profile = np.exp(-0.5 * (reach / 0.6) ** 2) + 0.1 * (reach > 0)
    else:
        profile = np.clip(reach + 0.5, 0, 1)
    return np.asarray(profile * light[near], dtype=np.float32)


def _branches(
    canvas: Canvas, paths: Float32, count: int, turning: float, rng: np.random.Generator
) -> Float32:
    """Walk on from random places of other walks, to one side."""
    parents = rng.integers(0, len(paths), count)
    at = rng.integers(1, paths.shape[1], count)
    starts = paths[parents, at]
    step = starts - paths[parents, at - 1]
    side = rng.choice([-1, 1], count) * rng.uniform(0.3, 1.3, count)
    angles = np.arctan2(step[:, -2], step[:, -1]) + side
    steps = max(2, int(paths.shape[1] * rng.uniform(0.4, 0.9)))
    branches = walk(canvas, starts, angles, steps, turning, rng)
    missing = paths.shape[1] - steps
    # The same number of points for all: the end is drawn several times.
    return np.pad(branches, ((0, 0), (0, missing), (0, 0)), mode="edge")


def _spines(
    canvas: Canvas, places: Float32, radius: Float32, rng: np.random.Generator
) -> tuple[Float32, Float32]:
    """Put small heads beside a dendrite."""
    count = max(1, int(len(places) * STEP * log_uniform(0.03, 0.3, rng)))
    chosen = rng.integers(0, len(places), count)
    out = rng.uniform(1, 3.5, count) + radius[chosen]
    angle = rng.uniform(0, 2 * np.pi, count)
    spines = places[chosen].copy()
    spines[:, -2] += out * np.sin(angle)
    spines[:, -1] += out * np.cos(angle)
    return spines, rng.uniform(0.4, 1.4, count).astype(np.float32)


def _brightness(shape: tuple[int, int], rng: np.random.Generator) -> Float32:
    """Brightness of each point of each curve; NaN behind a curve's end."""
    count, steps = shape
    weights = rng.lognormal(0, rng.uniform(0.1, 0.9), (count, 1)) * np.ones(shape)
    style = rng.integers(3)
    if style == 1:  # slow changes
        weights *= np.exp(0.5 * _along(shape, log_uniform(10, 60, rng), rng))
    elif style == 2:  # patchy labelling
        weights *= np.exp(rng.uniform(0.4, 1.4) * _along(shape, log_uniform(1, 4, rng), rng))
    ends = rng.uniform(0.3, 1.0, (count, 1)) * steps
    return np.where(np.arange(steps) < ends, weights, np.nan).astype(np.float32)


def _along(shape: tuple[int, int], scale: float, rng: np.random.Generator) -> Float32:
    """Noise of deviation 1 along each curve, smooth over `scale` px."""
    from scipy.ndimage import gaussian_filter1d

    noise = gaussian_filter1d(rng.standard_normal(shape, dtype=np.float32), scale / STEP, axis=1)
    return np.asarray(noise / max(float(noise.std()), 1e-6), dtype=np.float32)


def _bundled(
    canvas: Canvas, paths: Float32, weights: Float32, rng: np.random.Generator
) -> tuple[Float32, Float32]:
    """Repeat a share of the curves beside themselves."""
    strands = int(rng.integers(2, 6))
    chosen = rng.random(len(paths)) < rng.uniform(0.1, 0.8)
    spread = rng.normal(0, log_uniform(0.4, 2.5, rng), (strands, int(chosen.sum()), 1, 1))
    twist = np.ones(paths.shape[-1]) / np.asarray(canvas.spacing)
    more = paths[chosen][None] + spread * twist
    paths = np.concatenate([paths, more.reshape(-1, *paths.shape[1:])])
    again = np.repeat(weights[chosen][None], strands, axis=0).reshape(-1, weights.shape[1])
    return paths.astype(np.float32), np.concatenate([weights, again])


def _as_points(paths: Float32, weights: Float32) -> Points:
    kept = ~np.isnan(weights)
    owners = np.broadcast_to(np.arange(len(paths))[:, None], weights.shape)
    return Points(paths[kept], weights[kept], owners[kept])
