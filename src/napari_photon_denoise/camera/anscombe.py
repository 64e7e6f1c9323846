"""Generalised Anscombe transform (GAT) of photons, and its exact unbiased inverse.

In photons the transform of a pixel with read noise σ is ``D = 2 √(n + 3/8 + σ²)``; its
noise has a standard deviation near 1 whatever the signal (Murtagh, Starck & Bijaoui
1995). Averaging in that domain and undoing the formula would underestimate, by about a
quarter of a photon, so the inverse is the unbiased one in closed form (Mäkitalo & Foi,
doi:10.1109/TIP.2010.2056693 and doi:10.1109/TIP.2012.2202675).
"""

from __future__ import annotations

import numpy as np

from napari_photon_denoise.calibration import Float32


def anscombe(photons: Float32, read_noise: float | Float32) -> Float32:
    """Stabilise the noise of photons.

    Parameters
    ----------
    photons : (..., Y, X) float32, e-
        May be negative.
    read_noise : float or (Y, X) float32, e- rms

    Returns
    -------
    (..., Y, X) float32, noise of standard deviation 1
    """
    shifted = photons + np.float32(0.375) + np.square(read_noise, dtype=np.float32)
    np.maximum(shifted, 0, out=shifted)
    return np.asarray(2 * np.sqrt(shifted, out=shifted), dtype=np.float32)


def inverse_anscombe(stabilised: Float32, read_noise: float | Float32) -> Float32:
    """Return photons from denoised stabilised values, without bias of the mean.

    Parameters
    ----------
    stabilised : (..., Y, X) float32
        An estimate of the mean of :func:`anscombe`'s values.
    read_noise : float or (Y, X) float32, e- rms

    Returns
    -------
    (..., Y, X) float32, e-, zero or above
    """
    # Below the transform of zero photons without read noise the closed form diverges.
    d = np.maximum(stabilised, np.float32(2 * np.sqrt(0.375)))
    root = np.sqrt(1.5)
    photons = (
        d**2 / 4 + root / 4 / d - 11 / (8 * d**2) + 5 * root / (8 * d**3) - 1 / 8
    ) - np.square(read_noise, dtype=np.float32)
    return np.asarray(np.maximum(photons, 0), dtype=np.float32)
