"""What the networks learn from: seeded scenes without noise, of all kinds or of one class."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.virtual.content import draw
from napari_photon_denoise.virtual.content.canvas import Canvas, Points, splat
from napari_photon_denoise.virtual.content.optics import draw_psf, normalised, with_background
from napari_photon_denoise.virtual.content.scene import STRUCTURES

CLASSES = ("filaments", "nuclei", "membranes")
EDGE = 256  # px
BRIGHT = 0.95  # quantile of what is lit that is scaled to 1


def draw_class(name: str, rng: np.random.Generator) -> Float32:
    """Draw one structure alone through a random microscope: ``(256, 256)`` of mean 1."""
    canvas = Canvas((EDGE, EDGE))
    structure = STRUCTURES[name][1](canvas, rng)
    if isinstance(structure, Points):
        structure = splat(canvas.shape, structure.places, structure.weights)
    lit = structure[structure > 1e-3 * structure.max()]
    top = float(np.quantile(lit, BRIGHT)) if lit.size else 1.0
    signal = draw_psf(rng).blur(structure / np.float32(top), volume=False)
    return normalised(with_background(signal, rng))


@lru_cache(maxsize=1)
def scenes(content: str, count: int, seed: int) -> NDArray[np.float16]:
    """Draw scenes of mean 1, ``(count, 256, 256)``, once for networks that learn one after another.

    Parameters
    ----------
    content : str
        One of `CLASSES`, or anything else for all kinds.
    count, seed : int
    """
    drawn = np.empty((count, EDGE, EDGE), np.float16)
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        one = draw_class(content, rng) if content in CLASSES else draw((EDGE, EDGE), rng)
        drawn[number] = one
    return drawn
