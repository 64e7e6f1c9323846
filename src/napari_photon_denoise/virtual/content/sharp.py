"""Man-made objects: edges, bars, grids and signs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.virtual.content.canvas import Canvas, log_uniform


def targets(canvas: Canvas, rng: np.random.Generator) -> Float32:
    """Draw a test target, some planes of it in a volume."""
    drawn = [_bars, _star, _signs, _rectangles, _grid][rng.integers(5)]
    plane = drawn(canvas.plane, rng)
    if not canvas.is_volume:
        return plane
    at = rng.uniform(0, canvas.shape[0])
    z = np.arange(canvas.shape[0])
    present = np.abs(z - at) < rng.uniform(1, canvas.shape[0])
    return np.asarray(present[:, None, None] * plane, dtype=np.float32)


def _turned(plane: tuple[int, int], rng: np.random.Generator) -> tuple[NDArray[Any], NDArray[Any]]:
    """Coordinates of a turned frame, px from a random place."""
    y, x = np.indices(plane, dtype=np.float32)
    y, x = y - rng.uniform(0, plane[0]), x - rng.uniform(0, plane[1])
    turn = rng.uniform(0, np.pi)
    return np.cos(turn) * y + np.sin(turn) * x, np.cos(turn) * x - np.sin(turn) * y


def _bars(plane: tuple[int, int], rng: np.random.Generator) -> Float32:
    u, v = _turned(plane, rng)
    period = log_uniform(3, 60, rng)
    duty = rng.uniform(0.2, 0.8)
    chirp = 1 + rng.uniform(0, 0.004) * np.abs(v)
    bars = np.clip(
        (np.cos(2 * np.pi * u / period * chirp) - np.cos(np.pi * duty)) * period / 6, 0, 1
    )
    return np.asarray(bars, dtype=np.float32)


def _star(plane: tuple[int, int], rng: np.random.Generator) -> Float32:
    u, v = _turned(plane, rng)
    spokes = int(rng.integers(6, 50))
    far = np.hypot(u, v) < rng.uniform(0.3, 1.5) * max(plane)
    return np.asarray((np.sin(spokes * np.arctan2(v, u)) > 0) * far, dtype=np.float32)


def _grid(plane: tuple[int, int], rng: np.random.Generator) -> Float32:
    u, v = _turned(plane, rng)
    period, width = log_uniform(8, 60, rng), rng.uniform(0.6, 3)
    lines = np.minimum(np.abs((u % period) - period / 2), np.abs((v % period) - period / 2))
    return np.asarray(np.clip(width - lines + 0.5, 0, 1), dtype=np.float32)


def _signs(plane: tuple[int, int], rng: np.random.Generator) -> Float32:
    """Rows of random signs of a few strokes, as on a labelled slide."""
    image = np.zeros(plane, dtype=np.float32)
    stroke = int(rng.integers(1, 4))
    cell = stroke * int(rng.integers(4, 8))
    for y in range(cell, plane[0] - 2 * cell, 2 * cell):
        if rng.random() < 0.4:
            continue
        for x in range(cell, plane[1] - 2 * cell, int(1.4 * cell)):
            for _ in range(int(rng.integers(0, 5))):
                at = rng.integers(0, cell, 2)
                size = (stroke, cell) if rng.random() < 0.5 else (cell, stroke)
                top, left = y + min(at[0], cell - stroke), x + min(at[1], cell - stroke)
                if size[0] == cell:
                    top = y
                else:
                    left = x
                image[top : top + size[0], left : left + size[1]] = 1
    return image


def _rectangles(plane: tuple[int, int], rng: np.random.Generator) -> Float32:
    image = np.zeros(plane, dtype=np.float32)
    for _ in range(int(rng.integers(1, 20))):
        u, v = _turned(plane, rng)
        half = [log_uniform(2, 70, rng), log_uniform(2, 70, rng)]
        inside = (np.abs(u) < half[0]) & (np.abs(v) < half[1])
        image[inside] = rng.uniform(0.05, 1)
    return image
