"""Structures to photograph: drawn at random, blurred by the microscope, of mean 1.

Each scene is a function ``(shape, rng) -> density`` with float32 values of zero or above
and a mean of 1, so that ``density * n`` has n expected photons a pixel. Scenes are for
truth in tests and demos, not for beauty: thin lines, points, edges and smooth areas, each
at the sharpness that a well-sampled microscope gives (PSF sigma 1.2 px).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32

PSF_SIGMA = 1.2  # px
PSF_SIGMA_Z = 1.5  # planes
BACKGROUND = 0.15  # of the mean


def filaments(shape: tuple[int, ...], rng: np.random.Generator) -> Float32:
    """Draw bent lines of different brightness, in ``(Y, X)`` or ``(Z, Y, X)``."""
    count = max(4, int(np.sqrt(np.prod(shape[-2:])) / 10))
    steps = 2 * max(shape)
    # A direction that turns slowly, from a random place on.
    turns = rng.normal(0, 0.03, (count, steps)).cumsum(axis=1)
    angle = rng.uniform(0, 2 * np.pi, (count, 1)) + turns
    path = [np.sin(angle), np.cos(angle)]
    if len(shape) == 3:
        path.insert(0, np.broadcast_to(rng.normal(0, 0.05, (count, 1)), angle.shape))
    places = [
        rng.uniform(0, size, (count, 1)) + 0.5 * step.cumsum(axis=1)
        for size, step in zip(shape, path, strict=True)
    ]
    brightness = np.broadcast_to(rng.lognormal(0, 0.5, (count, 1)), angle.shape)
    return _photographed(_splat(shape, places, brightness))


def nuclei(shape: tuple[int, int], rng: np.random.Generator) -> Float32:
    """Draw ellipses with a soft texture and bright puncta inside."""
    from scipy.ndimage import gaussian_filter

    y, x = np.indices(shape, dtype=np.float32)
    body = np.zeros(shape, dtype=np.float32)
    count = max(3, int(np.prod(shape) / 8000))
    for _ in range(count):
        centre = rng.uniform(0, 1, 2) * shape
        radii = rng.uniform(14, 28, 2)
        angle = rng.uniform(0, np.pi)
        u = (np.cos(angle) * (y - centre[0]) + np.sin(angle) * (x - centre[1])) / radii[0]
        v = (np.cos(angle) * (x - centre[1]) - np.sin(angle) * (y - centre[0])) / radii[1]
        np.maximum(body, rng.uniform(0.5, 1) * (u * u + v * v < 1), out=body)
    texture = gaussian_filter(rng.standard_normal(shape, dtype=np.float32), 3)
    body *= np.exp(0.3 * texture / texture.std())
    inside = np.argwhere(body > 0)
    chosen = inside[rng.integers(0, len(inside), 6 * count)] if len(inside) else inside
    puncta = _splat(shape, list(chosen.T.astype(float)), rng.lognormal(2.5, 0.5, len(chosen)))
    return _photographed(body + puncta)


def membranes(shape: tuple[int, int], rng: np.random.Generator) -> Float32:
    """Draw the borders of a tissue's cells."""
    from scipy.spatial import KDTree

    count = max(4, int(np.prod(shape) / 1500))
    centres = rng.uniform(-20, 20, (count, 2)) + rng.uniform(0, 1, (count, 2)) * shape
    grid = np.indices(shape).reshape(2, -1).T
    distance, cell = KDTree(centres).query(grid, k=2)
    # A pixel's distance from the line midway between the two nearest centres.
    apart = np.linalg.norm(centres[cell[:, 0]] - centres[cell[:, 1]], axis=1)
    from_border = (distance[:, 1] ** 2 - distance[:, 0] ** 2) / (2 * apart)
    border = (from_border < 0.75).reshape(shape)
    return _photographed(border.astype(np.float32) + 0.05)


def stack(shape: tuple[int, int, int], rng: np.random.Generator) -> Float32:
    """Draw a volume ``(Z, Y, X)`` of filaments and vesicles."""
    count = max(8, int(np.prod(shape) / 1500))
    places = [rng.uniform(0, size, count) for size in shape]
    vesicles = _photographed(_splat(shape, places, rng.lognormal(0, 0.6, count)))
    return np.asarray((filaments(shape, rng) + vesicles) / 2, dtype=np.float32)


def timelapse(shape: tuple[int, int, int], rng: np.random.Generator) -> Float32:
    """Draw a film ``(T, Y, X)`` of vesicles that move over resting filaments."""
    frames, *plane = shape
    count = max(8, int(np.prod(plane) / 300))
    start = rng.uniform(0, 1, (count, 2)) * plane
    speed = rng.normal(0, 1.5, (count, 2))
    brightness = rng.lognormal(0, 0.4, count)
    resting = filaments((plane[0], plane[1]), rng)
    film = [
        resting
        + _photographed(_splat((plane[0], plane[1]), list((start + t * speed).T), brightness))
        for t in range(frames)
    ]
    return np.asarray(np.stack(film) / 2, dtype=np.float32)


def _splat(shape: tuple[int, ...], places: list[NDArray[Any]], brightness: NDArray[Any]) -> Float32:
    """Draw points at their nearest pixels; those outside are lost."""
    index = [np.rint(place).astype(np.intp).ravel() for place in places]
    inside = np.logical_and.reduce(
        [(at >= 0) & (at < size) for at, size in zip(index, shape, strict=True)]
    )
    flat = np.ravel_multi_index([at[inside] for at in index], shape)
    drawn = np.bincount(flat, brightness.ravel()[inside], minlength=int(np.prod(shape)))
    return drawn.reshape(shape).astype(np.float32)


def _photographed(structure: Float32) -> Float32:
    """Blur by the PSF, add a background and scale to a mean of 1."""
    from scipy.ndimage import gaussian_filter

    sigma = (PSF_SIGMA_Z, PSF_SIGMA, PSF_SIGMA)[-structure.ndim :]
    blurred = gaussian_filter(structure, sigma, mode="reflect")
    mean = float(blurred.mean())
    if mean == 0:
        return np.ones_like(blurred)
    return np.asarray((1 - BACKGROUND) * blurred / mean + BACKGROUND, dtype=np.float32)
