"""Nuclei."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.virtual.content.canvas import Canvas, log_uniform
from napari_photon_denoise.virtual.content.fields import fractal_field, smooth_field


def nuclei(canvas: Canvas, rng: np.random.Generator) -> Float32:
    """Draw nuclei with chromatin, nucleoli, rims and sharp edges; some touch, some divide."""
    size = log_uniform(5, 50, rng)
    crowding = log_uniform(0.08, 1.1, rng)
    extent = canvas.plane[0] * canvas.plane[1] * max(1.0, canvas.depth / (2 * size))
    count = int(np.clip(crowding * extent / (np.pi * size**2), 1, 250))
    centres = canvas.anywhere(count, rng)
    body = np.zeros(canvas.shape, dtype=np.float32)
    contrast = rng.uniform(0.05, 0.8)
    rim = rng.uniform(0.2, 1.5) if rng.random() < 0.3 else 0.0
    edge = log_uniform(0.5, 3, rng)
    for centre in centres:
        light = rng.lognormal(0, contrast)
        radii = size * rng.lognormal(0, 0.15, 3) * np.array([0.7, 1, 1.3])
        if rng.random() < 0.06:  # dividing: a bright bar
            radii, light = radii * np.array([0.6, 0.25, 0.8]), 2.5 * light
        _add_blob(canvas, body, centre, radii, light, rim, edge, rng)
    return body * _chromatin(canvas, size, rng)


def _add_blob(
    canvas: Canvas,
    body: Float32,
    centre: Float32,
    radii: NDArray[Any],
    light: float,
    rim: float,
    edge: float,
    rng: np.random.Generator,
) -> None:
    """Draw one roundish body into its neighbourhood, over what is there where brighter."""
    reach = (max(radii[1:]) * 1.35 + 2 * edge) / np.asarray(canvas.spacing)
    low = np.maximum(np.floor(centre - reach), 0).astype(int)
    high = np.minimum(np.ceil(centre + reach) + 1, canvas.shape).astype(int)
    if np.any(high <= low):
        return
    window = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    axes = np.ogrid[window]
    offsets = [(a - c) * d for a, c, d in zip(axes, centre, canvas.spacing, strict=True)]
    turn = rng.uniform(0, np.pi)
    u = np.cos(turn) * offsets[-2] + np.sin(turn) * offsets[-1]
    v = np.cos(turn) * offsets[-1] - np.sin(turn) * offsets[-2]
    angle = np.arctan2(v, u)
    outline = 1.0
    for wave in (2, 3, 4):
        outline = outline + rng.normal(0, 0.12 / wave) * np.cos(wave * angle + rng.uniform(0, 6))
    squared = (u / radii[1]) ** 2 + (v / radii[2]) ** 2
    if canvas.is_volume:
        squared = squared + (offsets[0] / radii[0]) ** 2
    depth = (outline - np.sqrt(squared)) * np.sqrt(radii[1] * radii[2])  # px inside the border
    shape = np.clip(depth / edge + 0.5, 0, 1)
    shape = shape * (1 + rim * np.exp(-0.5 * ((depth - edge) / (edge + 0.5)) ** 2))
    np.maximum(body[window], light * shape, out=body[window], casting="unsafe")


def _chromatin(canvas: Canvas, size: float, rng: np.random.Generator) -> Float32:
    """Texture inside nuclei: log-normal, with dark or bright nucleoli."""
    grain = fractal_field(canvas, rng.uniform(2, 4), size * rng.uniform(0.1, 0.6), rng)
    texture = np.exp(np.float32(rng.uniform(0, 0.6)) * grain)
    if rng.random() < 0.5:
        spots = smooth_field(canvas, max(1.0, size * rng.uniform(0.06, 0.2)), rng)
        spot = np.clip((spots - np.float32(rng.uniform(0.8, 2))) * 4, 0, 1)
        if rng.random() < 0.6:
            texture *= 1 - np.float32(rng.uniform(0.3, 0.9)) * spot
        else:
            texture *= 1 + np.float32(rng.uniform(0.5, 4)) * spot
    return np.asarray(texture, dtype=np.float32)
