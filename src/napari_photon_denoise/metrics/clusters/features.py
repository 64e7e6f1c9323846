"""What a pixel is known by: how bright it is, and how much its surroundings vary.

Features are those of the stabilised image (see `camera.anscombe`), so that 1 is the standard
deviation of a pixel's noise at every brightness: distances mean the same everywhere. Where the
camera's map knows pixels that read out noisier than others, these count less in the blur, and one
level stands for all in the transform: a noisy pixel is no brighter than its neighbours.
"""

from __future__ import annotations

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.camera.anscombe import anscombe
from napari_photon_denoise.metrics.clusters.settings import ClusterSettings


def features_of(plane: Float32, read_noise: float | Float32, settings: ClusterSettings) -> Float32:
    """Return what each pixel of a plane is known by.

    Parameters
    ----------
    plane : (Y, X) float32, e-
        The whole plane: a tile's border is no border of the image.
    read_noise : float or (Y, X) float32, e- rms
    settings : ClusterSettings

    Returns
    -------
    (Y, X, F) float32, SD of a pixel's noise
        Brightness; with "mean-std" its mean around the pixel, and its standard deviation there.
    """
    from scipy.ndimage import uniform_filter

    photons = _smoothed(np.asarray(plane, np.float32), read_noise, settings.smoothing)
    bright = anscombe(photons, float(np.median(read_noise)))
    if settings.features == "intensity":
        return bright[..., None]
    # float64, and about the mean of all: a difference of large squares loses its digits.
    middle = float(bright.mean())
    apart = bright.astype(np.float64) - middle
    mean = uniform_filter(apart, settings.window, mode="reflect")
    square = uniform_filter(apart**2, settings.window, mode="reflect")
    spread = np.sqrt(np.maximum(square - mean**2, 0))
    return np.stack([mean + middle, spread], -1).astype(np.float32)


def _smoothed(photons: Float32, read_noise: float | Float32, sigma: float) -> Float32:
    """Blur a plane; pixels that read out noisier than others count less."""
    from scipy.ndimage import gaussian_filter

    if not sigma:
        return photons
    if not np.ndim(read_noise):
        return np.asarray(gaussian_filter(photons, sigma, mode="reflect"), np.float32)
    trust = 1 / (1 + np.square(read_noise, dtype=np.float32))
    trusted = gaussian_filter(photons * trust, sigma, mode="reflect")
    return np.asarray(trusted / gaussian_filter(trust, sigma, mode="reflect"), np.float32)
