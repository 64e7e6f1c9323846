"""What is photographed: densities of mean 1, with texture everywhere.

Texture is what tempts an estimate to take structure for noise. Unless said otherwise everything
is as sharp as a well-sampled microscope makes it.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.virtual.content.canvas import Canvas, Points, splat
from napari_photon_denoise.virtual.content.fields import fractal_field, smooth_field, tissue
from napari_photon_denoise.virtual.content.lines import filaments, walk
from napari_photon_denoise.virtual.content.nuclei import nuclei

EDGE = 512  # px
SAMPLED = 1.2  # px, sigma of a point that is well sampled
GLOW = 0.15  # of the mean, out of focus


def textured(name: str, blur: float = SAMPLED, edge: int = EDGE) -> Float32:
    """Draw filaments, nuclei or tissue on textured surroundings.

    Parameters
    ----------
    name : {"filaments", "nuclei", "tissue"}
    blur : float, px
        Sigma of the image of a point.
    edge : int, px
    """
    draw, seed = {"filaments": (filaments, 5), "nuclei": (nuclei, 1), "tissue": (tissue, 4)}[name]
    rng = np.random.default_rng(seed)
    canvas = Canvas((edge, edge))
    drawn = draw(canvas, rng)
    image = splat(canvas.shape, drawn.places, drawn.weights) if isinstance(drawn, Points) else drawn
    image = image / gaussian_filter(image, SAMPLED).max()
    around = np.exp(0.5 * fractal_field(canvas, 2.0, 30.0, rng))
    grain = np.exp(0.35 * smooth_field(canvas, 1.0, rng))
    return _seen(image * grain + (0.02 if name == "filaments" else 0.06) * around * grain, blur)


def haze(name: str) -> Float32:
    """Draw one bright haze, whose brightest part is about 1.5 times its darkest."""
    rng = np.random.default_rng({"even": 11, "clouds": 12, "fibres": 13}[name])
    canvas = Canvas((EDGE, EDGE))
    image = 1 + 0.06 * smooth_field(canvas, 90.0, rng)
    if name == "clouds":
        image += 0.05 * fractal_field(canvas, 2.5, 60.0, rng)
    if name == "fibres":
        fibres = gaussian_filter(splat(canvas.shape, *_points(filaments(canvas, rng))), SAMPLED)
        image += 0.5 * fibres / fibres.max()
    return _seen(np.maximum(image, 0.5), SAMPLED, glow=0)


def undersampled(name: str) -> Float32:
    """Draw what is as sharp as the pixels: beads, small nuclei, fine texture."""
    rng = np.random.default_rng({"beads": 21, "small nuclei": 22, "texture": 23}[name])
    canvas = Canvas((EDGE, EDGE))
    if name == "beads":
        places, lights = canvas.anywhere(900, rng), rng.uniform(0.3, 1, 900)
        return _seen(splat(canvas.shape, places, lights.astype(np.float32)), 0.8)
    if name == "texture":
        return _seen(np.exp(0.8 * smooth_field(canvas, 0.3, rng)) * textured("tissue", 0.4), 0.5)
    # Drawn twice as large, and binned as a coarse pixel does.
    y, x = np.indices((EDGE * 2, EDGE * 2), dtype=np.float32)
    image = np.full_like(y, 0.05)
    for _ in range(900):
        centre, radius = rng.uniform(0, 2 * EDGE, 2), rng.uniform(5, 9)
        top, left = (max(0, int(at) - 12) for at in centre)
        box = (slice(top, top + 25), slice(left, left + 25))
        inside = (y[box] - centre[0]) ** 2 + (x[box] - centre[1]) ** 2 < radius**2
        image[box] += rng.uniform(0.3, 1) * inside
    return _seen(image.reshape(EDGE, 2, EDGE, 2).mean(axis=(1, 3)), 0.6)


def fine(name: str) -> Float32:
    """Draw dense structure at the limit of diffraction, as confocal microscopes show actin."""
    rng = np.random.default_rng({"actin": 31, "mesh": 32, "cells": 33}[name])
    canvas = Canvas((EDGE, EDGE))
    if name == "cells":
        return _seen(textured("nuclei", 0.3) * np.exp(0.7 * smooth_field(canvas, 0.7, rng)), 1.0)
    count = 1600 if name == "actin" else 3500
    turning = 0.01 if name == "actin" else 0.1
    angles = rng.uniform(0, 2 * np.pi, count)
    if name == "actin":
        angles = rng.normal(0.7, 0.35, count)
    paths = walk(canvas, canvas.anywhere(count, rng), angles, 200, turning, rng)
    lights = np.repeat(rng.lognormal(0, 0.6, count), paths.shape[1]).astype(np.float32)
    image = splat(canvas.shape, paths.reshape(-1, 2), lights)
    envelope = np.clip(0.6 + 0.6 * smooth_field(canvas, 40.0, rng), 0.02, None)
    return _seen(image * envelope, 0.9 if name == "actin" else 1.0)


def sparse(name: str) -> Float32:
    """Draw what single photons are counted of: bright parts, or a few spots on nearly nothing."""
    if name == "spots":
        rng = np.random.default_rng(41)
        canvas = Canvas((EDGE, EDGE))
        places, lights = canvas.anywhere(120, rng), rng.lognormal(0, 0.6, 120)
        return _seen(splat(canvas.shape, places, lights.astype(np.float32)), SAMPLED, glow=0.05)
    return _seen(textured(name, 0.3) ** np.float32(1.3), SAMPLED, glow=0.1)


def _points(drawn: Points | Float32) -> tuple[Float32, Float32]:
    if not isinstance(drawn, Points):
        raise TypeError("Filaments are points.")
    return drawn.places, drawn.weights


def _seen(structure: Float32, blur: float, glow: float = GLOW) -> Float32:
    image = np.maximum(gaussian_filter(structure.astype(np.float32), blur), 0)
    image /= image.mean()
    return np.asarray((1 - glow) * image + glow, dtype=np.float32)
