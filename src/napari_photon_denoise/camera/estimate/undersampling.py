"""The undersampling guard: structure outside the band, told from noise by its growth.

White noise has the same power everywhere. Structure that is as sharp as the pixels has
more at the edge of the band than in the corners of the spectrum, and the more of it the
brighter the image: the growth with brightness shows it before the power itself does.
"""

from __future__ import annotations

import numpy as np

from napari_photon_denoise.camera.estimate.line import RESAMPLINGS, Float64, fit_line
from napari_photon_denoise.camera.estimate.out_of_band import Tiles


def undersampling(tiles: Tiles) -> float:
    """Power at the edge of the band over that in the corners; 1 for white noise.

    The larger of the ratio of powers and the lower end (2 standard deviations) of the
    ratio of their growth with brightness.
    """
    power = float(tiles.edge.mean() / tiles.corners.mean())
    weight = fit_line(tiles.mean, tiles.bands[:, 0])[1]
    count = len(tiles)
    drawn = np.random.default_rng(0).multinomial(count, np.full(count, 1 / count), RESAMPLINGS)
    growths = _growth(tiles, np.vstack([np.ones(count), drawn]) * weight)
    if not np.isfinite(growths).all():
        return power
    return max(power, float(growths[0] - 2 * growths[1:].std()))


def _growth(tiles: Tiles, weight: Float64) -> Float64:
    """Slope of the edge's power over that of the corners'; one a row of `weight`."""
    centre = weight @ tiles.mean / weight.sum(axis=1)
    lever = weight * (tiles.mean - centre[:, None])
    edge, corners = lever @ tiles.edge, lever @ tiles.corners
    # Corners that don't grow with brightness tell nothing of photons.
    return np.where(corners > 0, edge / np.where(corners > 0, corners, 1), np.nan)
