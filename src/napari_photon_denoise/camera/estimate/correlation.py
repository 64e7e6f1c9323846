"""Noise that neighbours share: its length and its true variance.

White is what is believed until the spectrum outside the microscope's band says otherwise (see
`fall`): structure does not reach there. How far it falls gives the length, and with it how much
of the variance lies outside the band. Smooth regions are the second witness: structure only adds
to what their pixels share, so that they are believed where they share less, as noise that was
not blurred by a Gaussian does, and not where they share more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from napari_photon_denoise.camera.estimate.blur import share_outside
from napari_photon_denoise.camera.estimate.line import Float64
from napari_photon_denoise.camera.estimate.out_of_band import BANDS
from napari_photon_denoise.camera.estimate.smooth import Smooth

SHORTEST = 0.2  # px; below, noise along an axis is called white
AGREE = 0.06  # px, by which the two witnesses' lengths may differ
ALIKE = 0.3  # by which their variances may differ, relative
ERROR = 0.01  # px, of a length from the spectrum
MEASURED = 0.08  # relative error of the variance in smooth regions


@dataclass(frozen=True)
class Correlation:
    """How noise is shared between neighbours.

    Parameters
    ----------
    length_y, length_x : float, px
        Sigma of the Gaussian blur of white noise that would look alike; 0 for white.
    inflation : float
        Variance of the noise over its power in the band that shows it.
    inflation_sd : float
        One standard deviation of it.
    """

    length_y: float = 0.0
    length_x: float = 0.0
    inflation: float = 1.0
    inflation_sd: float = 0.0

    @property
    def white(self) -> bool:
        """True if neighbours share no noise."""
        return self.length_y == 0 and self.length_x == 0


def find_lengths(outside: tuple[float, float], smooth: Smooth) -> tuple[float, float]:
    """Find how far neighbours share noise, px in y and x, where they do.

    Parameters
    ----------
    outside : tuple of float, px
        What the spectrum says.
    smooth : Smooth
        What smooth regions say; they are believed where they say less, and are clean.
    """
    inside = (smooth.length_y, smooth.length_x) if smooth.clean else outside
    y, x = (near if near < far - AGREE else far for near, far in zip(inside, outside, strict=True))
    return or_white(y), or_white(x)


def weigh(
    lengths: tuple[float, float],
    band: int,
    edge: int,
    smooth: Smooth,
    mean: Float64,
    power: Float64,
) -> Correlation:
    """Find the variance over the power in a band: the model's, that of smooth regions, or both.

    Parameters
    ----------
    lengths : tuple of float, px
    band : int
    edge : int
    smooth : Smooth
    mean : (N,) float64, ADU
    power : (N,) float64, ADU²
        Of the noise in the band, at these brightnesses.
    """
    modelled, error = modelled_inflation(lengths, band, edge)
    seen = smooth.floor.at(mean)
    measured = float(seen.sum() / max(float(power.sum()), 1e-30))
    inside = (smooth.length_y, smooth.length_x)
    further = any(its > mine + AGREE for its, mine in zip(inside, lengths, strict=True))
    if measured <= 0 or further or not smooth.clean:
        return Correlation(*lengths, modelled, error * modelled)
    if abs(np.log(measured / modelled)) > ALIKE:  # not the blur of a Gaussian
        return Correlation(*lengths, measured, 0.15 * measured)
    trust = error**-2, MEASURED**-2
    both = float(np.exp(np.average(np.log([modelled, measured]), weights=trust)))
    return Correlation(*lengths, both, both * sum(trust) ** -0.5)


def modelled_inflation(lengths: tuple[float, float], band: int, edge: int) -> tuple[float, float]:
    """Variance over power in a band for blurred white noise, and its relative error."""
    modelled = 1 / share_outside(*lengths, BANDS[band], edge)
    longer = 1 / share_outside(lengths[0] + ERROR, lengths[1] + ERROR, BANDS[band], edge)
    return modelled, max(abs(float(np.log(longer / modelled))), 0.02)


def or_white(length: float) -> float:
    """Call a length white that is too short to tell."""
    return length if length >= SHORTEST else 0.0
