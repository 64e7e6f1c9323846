"""Noise that neighbours share: detected, its length and its true variance.

Resampling, averaging of neighbours, line scanning and smoothing move the noise to low
frequencies, where structure lies too; the power outside the band then misses up to nine
tenths of the variance and more. Two witnesses must agree before noise is called
correlated: neighbours in smooth regions, and a spectrum that falls outside the band.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from napari_photon_denoise.camera.estimate.blur import (
    fit_lengths,
    length_from_fall,
    make_noise,
    share_below,
    share_outside,
)
from napari_photon_denoise.camera.estimate.line import Float64, Line
from napari_photon_denoise.camera.estimate.out_of_band import BANDS, Tiles
from napari_photon_denoise.camera.estimate.regions import (
    FEWEST,
    KEPT,
    Regions,
    expected,
    measure_noise,
    smoothest,
)

SHORTEST = 0.4  # px; below, noise is called white
FALLING = 1.2  # power further in over that further out
SLACK = 1.15  # by which a length may exceed what the spectrum outside the band allows
ROUNDING = 1 / 12  # ADU², variance that rounding adds
SIMULATED = 768  # px, edge of the simulation that corrects for the choice of regions


@dataclass(frozen=True)
class Correlation:
    """How noise is shared between neighbours.

    Parameters
    ----------
    length_y, length_x : float, px
        Sigma of the Gaussian blur of white noise that would look alike; 0 for white.
    inflation : float
        Variance of the noise over its power outside the band.
    inflation_sd : float
        One standard deviation of it.
    seen : float
        Share of the variance that smooth regions show, below their large scale.
    from_spectrum : bool
        True if there was no region smooth enough, and the spectrum alone had to tell.
    """

    length_y: float = 0.0
    length_x: float = 0.0
    inflation: float = 1.0
    inflation_sd: float = 0.0
    seen: float = 1.0
    from_spectrum: bool = False

    @property
    def white(self) -> bool:
        """True if neighbours share no noise."""
        return self.length_y == 0 and self.length_x == 0


def find_correlation(
    regions: Regions, tiles: Tiles, line: Line, band: int, rounding: float
) -> Correlation:
    """Tell correlated from white noise, and measure it.

    Parameters
    ----------
    regions : Regions
    tiles : Tiles
    line : Line
        Variance in the band against mean.
    band : int
        Which of `BANDS`; above 0 rounding hides the noise further out.
    rounding : float, ADU²
        Variance of the rounding, taken off already where the line was fitted.
    """
    if band == 0 and not _falls(tiles):
        return Correlation()
    if len(regions) < FEWEST:
        return Correlation()
    smooth = smoothest(regions, line)
    found = _from_regions(smooth, line)
    length_y, length_x = found.length_y, found.length_x
    if band == 0:
        most_y, most_x = (SLACK * length for length in _allowed(tiles, line, rounding))
        if length_y > most_y + SHORTEST or length_x > most_x + SHORTEST:
            return _from_spectrum(min(length_y, most_y), min(length_x, most_x))
    if max(length_y, length_x) < SHORTEST:
        return Correlation()
    return found


def _falls(tiles: Tiles) -> bool:
    """Tell if the spectrum falls outside the band; that of white noise is even."""
    falls = tiles.falls.mean(axis=0)
    near = np.array([tiles.edge.mean(), falls[0], falls[2]])
    far = np.array([tiles.corners.mean(), falls[1], falls[3]])
    return bool((near > FALLING * far).any())


def _from_regions(smooth: Regions, line: Line) -> Correlation:
    """Fit the blur to covariances of smooth regions; corrected for their choice."""
    scaled = smooth.covariance / expected(smooth.mean, line)[:, None]
    total = scaled.mean(axis=0)
    share = total[1:] / total[0]
    rough = float(smooth.roughness.sum() / smooth.covariance[:, 0].sum())
    low, shift = _bias_of_choice(*fit_lengths(share), rough)
    length_y, length_x = fit_lengths(share - shift)
    kept = share_below(length_y, length_x) * low
    drawn = np.random.default_rng(0).integers(0, len(scaled), (200, len(scaled)))
    spread = float(scaled[:, 0][drawn].mean(axis=1).std())
    inflation = float(total[0]) / kept
    return Correlation(
        length_y=_or_white(length_y),
        length_x=_or_white(length_x),
        inflation=inflation,
        inflation_sd=float(np.hypot(spread / kept, 0.05 * inflation)),
        seen=kept,
    )


def _bias_of_choice(length_y: float, length_x: float, rough: float) -> tuple[float, Float64]:
    """How much the choice of smooth regions lowers variance and correlations.

    Pure noise of these lengths is simulated and its regions are sorted by roughness; as
    many are taken as are together as rough as the chosen ones.

    Returns
    -------
    low : float
        Variance of the chosen over that of all.
    shift : (len(LAGS),) float64
        Correlations of the chosen minus those of all.
    """
    noise = make_noise(length_y, length_x, SIMULATED, np.random.default_rng(0))
    roughness, covariance = measure_noise(noise)
    order = np.argsort(roughness)
    summed = covariance[order].cumsum(axis=0)
    relative = roughness[order].cumsum() / summed[:, 0]
    first = max(int(KEPT * len(order)), 1)
    count = first + int(np.searchsorted(relative[first:-1], rough))
    chosen, whole = summed[count] / (count + 1), summed[-1] / len(order)
    return float(chosen[0] / whole[0]), chosen[1:] / chosen[0] - whole[1:] / whole[0]


def _allowed(tiles: Tiles, line: Line, rounding: float) -> tuple[float, float]:
    """Lengths (y, x) in px that the fall of the spectrum outside the band allows at most.

    Structure makes it fall faster, so it is an upper bound. Where rounding hides it,
    there is none.
    """
    scale = expected(tiles.mean, line)
    power = ((tiles.falls - rounding) / scale[:, None]).mean(axis=0)
    floor = 3 * rounding * float((1 / scale).mean()) + 1e-6
    bounds = [
        length_from_fall(float(low / high)) if high > floor else np.inf
        for low, high in (power[:2], power[2:])
    ]
    return float(bounds[0]), float(bounds[1])


def _from_spectrum(length_y: float, length_x: float) -> Correlation:
    """Take the model at its word where no region is smooth."""
    length_y, length_x = _or_white(length_y), _or_white(length_x)
    inflation = 1 / share_outside(length_y, length_x, BANDS[0])
    seen = share_below(length_y, length_x)
    return Correlation(length_y, length_x, inflation, 0.2 * inflation, seen, from_spectrum=True)


def _or_white(length: float) -> float:
    return length if length >= SHORTEST / 2 else 0.0
