"""The borders of cells in a tissue."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.virtual.content.canvas import Canvas, log_uniform
from napari_photon_denoise.virtual.content.fields import smooth_field

COARSE = 2  # px of the plane that a volume's borders are found on: there are many pixels


def membranes(canvas: Canvas, rng: np.random.Generator) -> Float32:
    """Draw the borders of cells, straight or wavy, with gaps and uneven brightness."""
    size = log_uniform(10, 80, rng)
    from_border, cell, count = _cells(canvas, size, rng)
    thick = log_uniform(0.5, 3, rng)
    inside = rng.lognormal(0, 0.5, count)[cell] * rng.choice([0, 0, 0.05, 0.3])
    if rng.random() < 0.12:  # the cells are lit and the borders dark
        image = np.clip(from_border - thick, 0, 1) * rng.lognormal(0, 0.5, count)[cell]
    else:
        image = np.clip(thick - from_border + 0.5, 0, 1) + inside
    image = _enlarged(image.astype(np.float32), canvas.shape)
    if rng.random() < 0.6:
        patches = smooth_field(canvas, log_uniform(3, 40, rng), rng)
        image *= np.exp(np.float32(rng.uniform(0.1, 0.9)) * patches)
    if rng.random() < 0.3:
        gaps = smooth_field(canvas, log_uniform(5, 30, rng), rng)
        image *= np.clip((gaps + np.float32(rng.uniform(0, 1.2))) * 3, 0, 1)
    return image


def _cells(
    canvas: Canvas, size: float, rng: np.random.Generator
) -> tuple[NDArray[Any], NDArray[Any], int]:
    """Divide the canvas between random centres, `size` px apart.

    Returns
    -------
    from_border : (..., Y, X) float, px
        Distance from the line midway between the two nearest centres; a volume's at every
        second pixel of the plane.
    cell : (..., Y, X) integer
        The nearest centre.
    int
        Number of centres.
    """
    from scipy.spatial import KDTree

    coarse = COARSE if canvas.is_volume else 1
    plane = tuple(-(-n // coarse) for n in canvas.plane)
    small = Canvas((*canvas.shape[:-2], *plane), canvas.z_step / coarse)
    spacing = np.asarray(canvas.spacing, dtype=np.float32)
    spacing[-2:] *= coarse
    points = np.indices(small.shape, dtype=np.float32).reshape(len(spacing), -1).T * spacing
    extent = np.asarray(canvas.shape) * np.asarray(canvas.spacing)
    margin = 1.5 * size
    count = max(4, int(np.prod(extent + 2 * margin) / size ** len(extent)))
    centres = rng.uniform(-margin, extent + margin, (count, len(extent)))
    wavy = rng.uniform(0, 0.25) * size if rng.random() < 0.6 else 0.0
    if wavy:
        for axis in (-2, -1):
            points[:, axis] += (wavy * smooth_field(small, size / 3 / coarse, rng)).ravel()
    distance, nearest = KDTree(centres).query(points, k=2)
    apart = np.linalg.norm(centres[nearest[:, 0]] - centres[nearest[:, 1]], axis=1)
    from_border = (distance[:, 1] ** 2 - distance[:, 0] ** 2) / (2 * apart)
    return from_border.reshape(small.shape), nearest[:, 0].reshape(small.shape), count


def _enlarged(image: Float32, shape: tuple[int, ...]) -> Float32:
    from scipy.ndimage import zoom

    if image.shape == shape:
        return image
    factors = [n / m for n, m in zip(shape, image.shape, strict=True)]
    return np.asarray(zoom(image, factors, order=1), dtype=np.float32)
