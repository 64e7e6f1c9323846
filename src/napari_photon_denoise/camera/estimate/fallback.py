"""Variance against mean from smooth regions alone.

Strong smoothing leaves so little noise outside the band that rounding or structure
outweighs it there. Then the smoothest regions of each brightness must tell, those
whose neighbours are correlated as noise is; they seldom span much brightness.
"""

from __future__ import annotations

import numpy as np

from napari_photon_denoise.camera.estimate.blur import share_below, shares
from napari_photon_denoise.camera.estimate.correlation import Correlation
from napari_photon_denoise.camera.estimate.line import Float64, Line
from napari_photon_denoise.camera.estimate.regions import Regions

CLASSES = 12  # of brightness
TAKEN = 0.08  # of the regions of a class: the smoothest
FEWEST = 20  # regions of a class
ALIKE = 0.08  # largest difference of a correlation from the model's
SPREAD = 0.1  # relative error of a class's variance: few regions, and a choice among them
UNCERTAIN = 0.3  # relative error of the slope beyond which there is no line


def line_from_regions(regions: Regions, correlation: Correlation) -> tuple[Line, float] | None:
    """Fit variance against mean of smooth regions.

    Parameters
    ----------
    regions : Regions
    correlation : Correlation

    Returns
    -------
    line : Line
        True variance of the noise, not its power outside the band.
    spread : float
        Relative standard deviation of the slope.
    None where no line can be drawn.
    """
    mean, variance = _classes(regions, correlation)
    if len(mean) < 3:
        return None
    expected = variance
    for _ in range(4):
        weight = 1 / (SPREAD * expected) ** 2
        centre = float(weight @ mean / weight.sum())
        level = float(weight @ variance / weight.sum())
        across = float(weight @ (mean - centre) ** 2)
        slope = float(weight @ ((mean - centre) * (variance - level))) / across
        expected = np.maximum(level + slope * (mean - centre), 0.3 * float(variance.min()))
    if slope <= 0 or across**-0.5 > UNCERTAIN * slope:
        return None
    return Line(slope, centre - level / slope), across**-0.5 / slope


def _classes(regions: Regions, correlation: Correlation) -> tuple[Float64, Float64]:
    """Mean and variance of the classes of brightness in which there is noise only."""
    lengths = (correlation.length_y, correlation.length_x)
    model, kept = shares(*lengths), share_below(*lengths)
    # The brightest regions are few, and they are what the slope hangs on.
    shares_of_area = np.concatenate([np.linspace(0, 0.9, CLASSES), [0.97, 1]])
    limits = np.quantile(regions.mean, shares_of_area)
    number = np.searchsorted(limits[1:-1], regions.mean)
    means, variances = [], []
    for each in range(len(limits) - 1):
        members = np.flatnonzero(number == each)
        if len(members) < FEWEST:
            continue
        members = members[np.argsort(regions.roughness[members])]
        chosen = regions.of(members[: max(FEWEST, int(TAKEN * len(members)))])
        covariance = chosen.covariance.mean(axis=0)
        if np.abs(covariance[1:] / covariance[0] - model).max() < ALIKE:
            means.append(float(chosen.mean.mean()))
            variances.append(float(covariance[0]) / kept)
    return np.array(means), np.array(variances)
