"""The test tile of a package: a drawn scene with the noise of a camera; nobody's data."""

from __future__ import annotations

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.networks.bioimage.layout import Layout
from napari_photon_denoise.virtual import scenes

PHOTONS = 5.0  # mean of the scene, e-
SEED = 1


def draw_tile(layout: Layout, read_noise: float) -> Float32:
    """Draw a noisy tile of the smallest size that the network takes.

    Parameters
    ----------
    layout : Layout
    read_noise : float, e- rms

    Returns
    -------
    (1, planes, [Z,] Y, X) float32, e-
    """
    rng = np.random.default_rng(SEED)
    size = layout.smallest
    if layout.dimensions == 3 or layout.planes > 1:
        *_, height, width = size
        depth = size[0] if layout.dimensions == 3 else layout.planes
        truth = scenes.stack((depth, height, width), rng)
    else:
        truth = scenes.filaments(size, rng)
    noisy = rng.poisson(PHOTONS * truth) + rng.normal(0, read_noise, truth.shape)
    return noisy.astype(np.float32).reshape(1, layout.planes, *size)
