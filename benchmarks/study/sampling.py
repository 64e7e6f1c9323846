"""One scene through one microscope, on pixels of different sizes: a range of Ω.

The microscope is the UPLSAPO30XS objective of the paper (silicone oil, NA 1.05) at 525 nm.
A camera pixel collects all light of its area, so the fine image is binned. The package's virtual
series has one point-spread function, and pixels that are coarse for it; here are finer ones.
"""

from __future__ import annotations

import numpy as np
from benchmarks.study.content import EDGE

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.evaluation.study import Optics
from napari_photon_denoise.metrics.resolution_ratio import LATERAL_SIGMA
from napari_photon_denoise.virtual.content.canvas import Canvas, Points, splat
from napari_photon_denoise.virtual.content.scene import STRUCTURES as DRAWN

OPTICS = Optics(wavelength_um=0.525, na=1.05, refractive_index=1.406)
FINE = 0.025  # µm, pixel of the scene
DRAWN_AT = 0.1  # µm, pixel that the structures' own sizes are meant for
FIELD = 1536  # fine px
PIXEL_SIZES = (0.05, 0.075, 0.1, 0.15, 0.2, 0.3)  # µm
DEPTH = 0.3  # µm, that a plane stands for
BACKGROUND = 0.15  # of the mean
STRUCTURES = ("filaments", "puncta")
PHOTONS = 5.0  # e- a pixel; with the dose per area, of a pixel of `DRAWN_AT`


def voxel_omega(pixel_size: float) -> float | None:
    """Ω of a voxel of that pixel size (µm) and `DEPTH`."""
    return OPTICS.omega({"Z": DEPTH, "Y": pixel_size, "X": pixel_size})


def binned(structure: str, pixel_size: float, dose: str, seed: int) -> Float32:
    """Bin the scene to a pixel size.

    Parameters
    ----------
    structure : str
        One of `STRUCTURES`.
    pixel_size : float, µm
    dose : {"pixel", "area"}
        Whether every pixel size gets the same photons a pixel, or a µm².
    seed : int

    Returns
    -------
    (Y, X) float32, e-
        The middle of the field, at most 256 px wide.
    """
    fine = _fine(structure, seed)
    step = round(pixel_size / FINE)
    side = FIELD // step
    coarse = fine.reshape(side, step, side, step).mean(axis=(1, 3))
    start = max(0, side - EDGE) // 2
    piece = coarse[start : start + EDGE, start : start + EDGE]
    # Of the whole field's mean, so that one area has one brightness.
    photons = PHOTONS * (1 if dose == "pixel" else (pixel_size / DRAWN_AT) ** 2)
    return np.asarray(photons * piece, np.float32)


def _fine(structure: str, seed: int) -> Float32:
    """Draw the scene on fine pixels, blurred by the microscope, of mean 1."""
    from scipy.ndimage import gaussian_filter

    factor = DRAWN_AT / FINE
    side = round(FIELD / factor)
    points = DRAWN[structure][1](Canvas((side, side)), np.random.default_rng(seed))
    if not isinstance(points, Points):
        raise TypeError(f"{structure} is no structure of points")
    drawn = splat((FIELD, FIELD), points.places * np.float32(factor), points.weights)
    sigma = LATERAL_SIGMA * OPTICS.wavelength_um / OPTICS.na / FINE
    blurred = gaussian_filter(drawn, sigma, mode="reflect")
    density = (1 - BACKGROUND) * blurred / blurred.mean() + BACKGROUND
    return np.asarray(density, np.float32)
