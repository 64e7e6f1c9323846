"""Random scenes: a mixture of structures, through a random microscope."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.virtual.content.canvas import Canvas, Points, log_uniform, splat
from napari_photon_denoise.virtual.content.fields import cell_mask, tissue
from napari_photon_denoise.virtual.content.film import (
    MARGIN,
    drift,
    fading,
    film_image,
    film_points,
)
from napari_photon_denoise.virtual.content.lines import filaments, mitochondria, neurites
from napari_photon_denoise.virtual.content.membranes import membranes
from napari_photon_denoise.virtual.content.nuclei import nuclei
from napari_photon_denoise.virtual.content.optics import (
    draw_psf,
    hazy,
    normalised,
    uneven,
    with_background,
)
from napari_photon_denoise.virtual.content.sharp import targets
from napari_photon_denoise.virtual.content.spots import bacteria, puncta, vesicles

Structure: TypeAlias = Points | Float32

SMALLEST = 32  # px
FLAT_SHARE = 0.08  # scenes of nothing but background teach not to invent structure
STRUCTURES: dict[str, tuple[float, Callable[[Canvas, np.random.Generator], Structure]]] = {
    "filaments": (0.18, filaments),
    "mitochondria": (0.12, mitochondria),
    "nuclei": (0.14, nuclei),
    "membranes": (0.11, membranes),
    "puncta": (0.12, puncta),
    "vesicles": (0.09, vesicles),
    "tissue": (0.09, tissue),
    "neurites": (0.07, neurites),
    "bacteria": (0.05, bacteria),
    "targets": (0.03, targets),
}


def draw(shape: tuple[int, ...], rng: np.random.Generator, moving: bool = False) -> Float32:
    """Draw a random scene without noise.

    Parameters
    ----------
    shape : ``(Y, X)``, ``(Z, Y, X)``, or with `moving` ``(T, Y, X)``
    rng : numpy.random.Generator
    moving : bool
        Whether the first axis is time.

    Returns
    -------
    array of `shape` float32
        Zero or above, of mean 1: expected photons a pixel for a mean of one photon.

    Raises
    ------
    PhotonDenoiseError
        For another shape.
    """
    if len(shape) not in ((3,) if moving else (2, 3)) or min(shape[-2:]) < SMALLEST:
        raise PhotonDenoiseError(
            f"A scene of shape {shape} can't be drawn: give (Y, X), (Z, Y, X) or, moving, "
            f"(T, Y, X), with at least {SMALLEST} px in y and x."
        )
    if rng.random() < FLAT_SHARE:
        return normalised(_flat(shape, rng))
    volume = len(shape) == 3 and not moving
    if moving:
        canvas = Canvas((shape[1] + 2 * MARGIN, shape[2] + 2 * MARGIN))
    else:
        canvas = Canvas(shape, log_uniform(1, 6, rng) if volume else 1.0)
    signal = _mixture(canvas, shape[0] if moving else None, rng)
    if moving:
        signal = signal[:, MARGIN:-MARGIN, MARGIN:-MARGIN]
    if rng.random() < 0.35:
        signal = signal ** np.float32(log_uniform(0.5, 2, rng))
    if rng.random() < 0.5:
        signal = hazy(signal, rng, volume=volume)
    signal = with_background(draw_psf(rng).blur(signal, volume=volume), rng)
    return normalised(signal)


def _mixture(canvas: Canvas, frames: int | None, rng: np.random.Generator) -> Float32:
    """Draw one to three structures and add them, in one or several frames."""
    names = list(STRUCTURES)
    chances = np.array([STRUCTURES[name][0] for name in names])
    count = rng.choice([1, 2, 3], p=[0.5, 0.35, 0.15])
    chosen = rng.choice(len(names), count, replace=False, p=chances / chances.sum())
    mask = cell_mask(canvas, rng) if rng.random() < 0.35 else None
    path = np.zeros((frames or 1, 2), dtype=np.float32)
    if frames and rng.random() < 0.25:
        path = drift(frames, rng)  # the stage moves
    total = np.zeros((), dtype=np.float32)
    for i, which in enumerate(chosen):
        layer = STRUCTURES[names[which]][1](canvas, rng)
        if mask is not None:
            layer = layer.inside(mask) if isinstance(layer, Points) else layer * mask
        weight = 1.0 if i == 0 else log_uniform(0.1, 1, rng)
        total = total + np.float32(weight) * _levelled(_shown(layer, canvas, frames, path, rng))
    if mask is not None:  # the cell's own glow
        glow = np.float32(log_uniform(0.02, 0.6, rng)) * mask
        total = total + (film_image(glow, canvas, frames, path, rng) if frames else glow)
    return np.asarray(total, dtype=np.float32)


def _shown(
    layer: Structure,
    canvas: Canvas,
    frames: int | None,
    path: Float32,
    rng: np.random.Generator,
) -> Float32:
    """Draw a structure as an image or as a film."""
    if frames is None:
        if isinstance(layer, Points):
            return splat(canvas.shape, layer.places, layer.weights)
        return layer
    if rng.random() < 0.4:
        path = path + drift(frames, rng)
    filmed = (
        film_points(layer, canvas, frames, path, rng)
        if isinstance(layer, Points)
        else film_image(layer, canvas, frames, path, rng)
    )
    return np.asarray(filmed * fading(frames, rng)[:, None, None], dtype=np.float32)


def _levelled(image: Float32) -> Float32:
    """Scale so that the bright parts of what is lit are about 1."""
    lit = image[image > 1e-3 * image.max()] if image.max() > 0 else image
    top = float(np.quantile(lit.ravel()[::7], 0.95)) if lit.size > 7 else float(image.max())
    return image / np.float32(top) if top > 0 else image


def _flat(shape: tuple[int, ...], rng: np.random.Generator) -> Float32:
    """Background alone: level or graded, in every plane or frame."""
    plane = uneven(shape[-2:], rng)
    return np.array(np.broadcast_to(plane, shape), dtype=np.float32)
