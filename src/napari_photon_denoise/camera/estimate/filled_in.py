"""Noise of pixels that a colour camera filled in from their neighbours.

Where smooth regions can't tell it, because there is structure everywhere, the spectrum can: the
mean of neighbours leaves noise a known spectrum, and takes away most of what lies outside the
band in some directions, not in others. Each direction gives an upper bound of the variance, as
structure only adds to it; the least is believed.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.camera.estimate.lattice import Kind
from napari_photon_denoise.camera.estimate.line import Float64
from napari_photon_denoise.camera.estimate.out_of_band import (
    BANDS,
    CROSS,
    FALL,
    MIDDLE,
    OUTSIDE,
    Tiles,
)
from napari_photon_denoise.camera.estimate.structure import CHOSEN, FloorFit, calm, fit_floor

SEEN = 3.0  # power in a band over that of the rounding, for the band to tell


def fit_filled_in(
    tiles: Tiles, kind: Kind, edge: int, darkest: float, rounding: float
) -> list[FloorFit]:
    """Fit the true variance to the power in each band, on the model of filled-in pixels.

    Parameters
    ----------
    tiles : Tiles
    kind : {"green", "red or blue"}
    edge : int
        Of the tiles, px.
    darkest : float, ADU
    rounding : float, ADU²
        Which is white; bands that show little else are left out.

    Returns
    -------
    list of FloorFit
        One a band.
    """
    spectrum = _spectrum(kind, edge)
    middle = _mean(spectrum, _ring(MIDDLE, edge))
    at = calm(tiles.mean, tiles.middle)
    low_y, _, low_x, _ = tiles.falls.T
    powers = [*tiles.bands.T, low_y, low_x]
    places = [*(_ring(band, edge) for band in BANDS), _far(edge), _far(edge).T]
    fits = []
    for power, place in zip(powers, places, strict=True):
        share = _mean(spectrum, place)
        fit = fit_floor(
            tiles.mean[at], power[at], tiles.middle[at], darkest, CHOSEN * middle / share
        )
        if float(fit.floor.at(tiles.mean).mean()) > SEEN * rounding:
            floors = [floor.less(rounding).times(1 / share) for floor in (fit.floor, *fit.drawn)]
            fits.append(replace(fit, floor=floors[0], drawn=tuple(floors[1:])))
    return fits


def _spectrum(kind: Kind, edge: int) -> Float64:
    """Power of the noise by frequency, ``(edge, edge)``, of mean 1.

    Every second pixel of green is there, like the black fields of a chequerboard; of red and
    blue, every second one in y and x.
    """
    wave = np.cos(2 * np.pi * np.fft.fftfreq(edge))
    if kind == "green":
        passed = 1 + (wave[:, None] + wave[None, :]) / 2
    else:
        passed = (1 + wave[:, None]) * (1 + wave[None, :])
    power = passed**2
    return np.asarray(power / power.mean(), dtype=np.float64)


def _ring(band: tuple[float, float], edge: int) -> NDArray[np.bool_]:
    y, x = _frequencies(edge)
    radius = np.hypot(y, x)
    return (radius >= band[0]) & (radius < band[1]) & _inside(edge)


def _far(edge: int) -> NDArray[np.bool_]:
    """Far out in x at low frequency in y, as the tiles' first fall is."""
    y, x = _frequencies(edge)
    (low, high), _ = FALL
    return (x >= OUTSIDE[0]) & (y >= low) & (y < high) & _inside(edge)


def _inside(edge: int) -> NDArray[np.bool_]:
    """Leave the axes out, as the measured spectra do."""
    y, x = _frequencies(edge)
    cross = 2 * min(CROSS, edge // 16) / edge
    return (y > cross) & (x > cross)


def _frequencies(edge: int) -> tuple[Float64, Float64]:
    frequency = 2 * np.abs(np.fft.fftfreq(edge))
    return frequency[:, None] + 0 * frequency[None, :], frequency[None, :] + 0 * frequency[:, None]


def _mean(spectrum: Float64, place: NDArray[np.bool_]) -> float:
    return max(float(spectrum[place].mean()), 1e-3)
