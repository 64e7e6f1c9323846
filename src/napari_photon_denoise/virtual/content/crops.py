"""Scenes cut from clean real images, shown through a random microscope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.virtual.content.canvas import Canvas, log_uniform
from napari_photon_denoise.virtual.content.film import MARGIN, drift, fading, film_image
from napari_photon_denoise.virtual.content.optics import draw_psf, hazy, normalised, with_background
from napari_photon_denoise.virtual.content.real import RealImage

DARKEST = 0.15  # of an image's bright parts: darker pieces hold little but its noise
TRIES = 6


def cut(
    shape: tuple[int, ...], images: Sequence[RealImage], rng: np.random.Generator
) -> tuple[Float32, RealImage]:
    """Cut a random piece of a random image.

    Each source is as likely as the square root of its pixels, so that none rules; within
    one, larger images are more likely. Images that are too small are mirrored on.

    Parameters
    ----------
    shape : ``(Y, X)``, or ``(Z, Y, X)`` to cut stacks
    images : sequence of RealImage
        With as many axes as `shape`.
    rng : numpy.random.Generator

    Returns
    -------
    array of `shape` float32
        Zero or above, of mean 1.
    RealImage
        Where it is from.
    """
    image = _choose(images, rng)
    signal = _bright_piece(shape, image.density, rng)
    return _shown(signal, rng, volume=len(shape) == 3), image


def cut_film(
    shape: tuple[int, int, int], planes: Sequence[RealImage], rng: np.random.Generator
) -> tuple[Float32, RealImage]:
    """Cut a random piece of a random plane and move it in time, as `cut` and `film_image`.

    Parameters
    ----------
    shape : ``(T, Y, X)``
    planes : sequence of RealImage
        Of axes YX.
    rng : numpy.random.Generator

    Returns
    -------
    array of `shape` float32
        Zero or above, of mean 1.
    RealImage
        Where it is from.
    """
    frames, *plane = shape
    canvas = Canvas((plane[0] + 2 * MARGIN, plane[1] + 2 * MARGIN))
    image = _choose(planes, rng)
    signal = _bright_piece(canvas.shape, image.density, rng)
    film = film_image(signal, canvas, frames, drift(frames, rng), rng)
    film = film[:, MARGIN:-MARGIN, MARGIN:-MARGIN] * fading(frames, rng)[:, None, None]
    return _shown(film, rng, volume=False), image


def _shown(signal: Float32, rng: np.random.Generator, *, volume: bool) -> Float32:
    """Vary contrast, haze, blur and background."""
    if rng.random() < 0.4:
        signal = signal ** np.float32(log_uniform(0.6, 1.6, rng))
    if rng.random() < 0.15:
        signal = hazy(signal, rng, volume=volume)
    if rng.random() < 0.3:  # images are blurred already
        signal = draw_psf(rng).blur(signal, volume=volume)
    return normalised(with_background(signal, rng))


def _choose(images: Sequence[RealImage], rng: np.random.Generator) -> RealImage:
    names = sorted({image.source for image in images})
    of_source = {name: [image for image in images if image.source == name] for name in names}
    share = np.array([np.sqrt(sum(i.density.size for i in of_source[n])) for n in names])
    source = of_source[names[int(rng.choice(len(names), p=share / share.sum()))]]
    size = np.array([np.sqrt(image.density.size) for image in source])
    return source[int(rng.choice(len(source), p=size / size.sum()))]


def _bright_piece(shape: tuple[int, ...], image: Float32, rng: np.random.Generator) -> Float32:
    """Cut a piece that is not empty, its bright parts scaled to 1."""
    least = DARKEST * _bright(image)
    pieces: list[Float32] = []
    for _ in range(TRIES):
        pieces.append(_piece(shape, image, rng))
        if _bright(pieces[-1]) >= least:
            break
    piece = max(pieces, key=_bright)
    return piece / np.float32(max(_bright(piece), least, 1e-6))


def _bright(image: Float32) -> float:
    return float(np.quantile(image[..., ::2, ::2], 0.995))


def _piece(shape: tuple[int, ...], image: Float32, rng: np.random.Generator) -> Float32:
    """Cut a piece, turned, mirrored and mostly resized."""
    from scipy.ndimage import gaussian_filter, zoom

    factor = log_uniform(0.5, 1.2, rng) if rng.random() < 0.6 else 1.0
    need = [n if i < len(shape) - 2 else int(np.ceil(n / factor)) for i, n in enumerate(shape)]
    index = []
    for length, wanted in zip(image.shape, need, strict=True):
        start = rng.integers(0, length if length < wanted else length - wanted + 1)
        index.append(_mirrored(np.arange(start, start + wanted), length))
    piece: NDArray[Any] = image[np.ix_(*index)]
    if factor < 1:  # no more detail than the new pixels hold
        soft = 0.5 * np.sqrt(1 / factor**2 - 1)
        piece = gaussian_filter(piece, (0,) * (piece.ndim - 2) + (soft, soft))
    if factor != 1:
        scale = [n / m for n, m in zip(shape, piece.shape, strict=True)]
        piece = np.maximum(zoom(piece, scale, order=1 if factor < 1 else 3), 0)
    if rng.random() < 0.5:
        piece = piece[..., ::-1]
    turns = int(rng.integers(4)) if shape[-1] == shape[-2] else 2 * int(rng.integers(2))
    return np.ascontiguousarray(np.rot90(piece, turns, axes=(-2, -1)), dtype=np.float32)


def _mirrored(index: NDArray[Any], length: int) -> NDArray[Any]:
    """Fold indices beyond the end back in."""
    folded = index % (2 * length)
    return np.where(folded < length, folded, 2 * length - 1 - folded)
