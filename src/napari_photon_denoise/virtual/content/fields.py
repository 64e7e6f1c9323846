"""Random fields that fill the canvas: tissue, texture, and the masks of cells."""

from __future__ import annotations

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.virtual.content.canvas import Canvas, log_uniform


def smooth_field(canvas: Canvas, scale: float, rng: np.random.Generator) -> Float32:
    """Draw a normal random field of mean 0 and deviation 1.

    Parameters
    ----------
    canvas : Canvas
    scale : float, px
        Sigma of the Gaussian that smooths it.
    rng : numpy.random.Generator

    Returns
    -------
    (..., Y, X) float32
    """
    squared = _squared_frequency(canvas)
    return _field(canvas, np.exp(-2 * (np.pi * scale) ** 2 * squared), rng)


def fractal_field(
    canvas: Canvas, exponent: float, largest: float, rng: np.random.Generator
) -> Float32:
    """Draw a field whose power falls as ``1 / frequency**exponent``: mean 0, deviation 1.

    Parameters
    ----------
    canvas : Canvas
    exponent : float
    largest : float, px
        Above this scale the power is level.
    rng : numpy.random.Generator
    """
    squared = _squared_frequency(canvas) + np.float32(1 / largest**2)
    return _field(canvas, squared ** (-exponent / 4), rng)


def tissue(canvas: Canvas, rng: np.random.Generator) -> Float32:
    """Draw tissue: log-normal, ridged or two-phase texture at one or two scales."""
    field = fractal_field(canvas, rng.uniform(1.5, 4), log_uniform(8, 120, rng), rng)
    style = rng.integers(4)
    if style == 0:
        return np.asarray(np.exp(np.float32(log_uniform(0.2, 1.4, rng)) * field))
    if style == 1:  # ridges: fibres of collagen, folds
        ridge = 1 / (np.abs(field) + np.float32(log_uniform(0.03, 0.4, rng)))
        folds = np.exp(0.4 * smooth_field(canvas, log_uniform(10, 40, rng), rng))
        return np.asarray(ridge * folds, dtype=np.float32)
    if style == 2:  # two phases, with an edge that is sharp or soft
        edge = log_uniform(0.02, 0.5, rng)
        phase = 1 / (1 + np.exp(-np.clip((field - rng.uniform(-0.5, 1.2)) / edge, -30, 30)))
        fine = fractal_field(canvas, rng.uniform(1, 3), log_uniform(3, 20, rng), rng)
        return np.asarray(phase * np.exp(np.float32(rng.uniform(0, 0.6)) * fine), dtype=np.float32)
    fine = smooth_field(canvas, log_uniform(0.8, 4, rng), rng)
    return np.asarray(np.exp(0.6 * field + np.float32(rng.uniform(0.2, 1)) * fine))


def cell_mask(canvas: Canvas, rng: np.random.Generator) -> Float32:
    """Draw where cells are: 0 outside, up to 1 in their thick middles."""
    scale = log_uniform(15, 70, rng)
    field = smooth_field(canvas, scale, rng)
    field += np.float32(0.15) * smooth_field(canvas, scale / 5, rng)
    level = np.quantile(field[..., ::4, ::4], rng.uniform(0.1, 0.75))
    above = field - np.float32(level)
    edge = np.float32(log_uniform(0.3, 6, rng) / scale)
    mask = np.clip(above / edge, 0, 1)
    # Some cells are flat, some bulge.
    bulge = np.clip(above / max(float(above.max()), 1e-6), 0, 1) ** np.float32(0.7)
    flatness = np.float32(rng.uniform(0.2, 1))
    return np.asarray(mask * (flatness + (1 - flatness) * bulge), dtype=np.float32)


def _squared_frequency(canvas: Canvas) -> Float32:
    """Squared frequency of each term of the real Fourier transform, 1 / px²."""
    axes = [np.fft.fftfreq(n, d) for n, d in zip(canvas.shape, canvas.spacing, strict=True)]
    axes[-1] = np.fft.rfftfreq(canvas.shape[-1])
    grids = np.meshgrid(*axes, indexing="ij", sparse=True)
    squared = np.zeros(1)
    for grid in grids:
        squared = squared + grid**2
    return squared.astype(np.float32)


def _field(canvas: Canvas, amplitude: Float32, rng: np.random.Generator) -> Float32:
    from scipy.fft import irfftn, rfftn

    noise = rng.standard_normal(canvas.shape, dtype=np.float32)
    field = irfftn(rfftn(noise) * amplitude, canvas.shape)
    field -= field.mean()
    return np.asarray(field / max(float(field.std()), 1e-6), dtype=np.float32)
