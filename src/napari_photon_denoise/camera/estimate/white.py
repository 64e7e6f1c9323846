"""The floor of noise that neighbours do not share: which tiles tell it, and where in the spectrum.

All of a well-sampled image does. Structure that is sharper than its pixels reaches beyond the
band as well; least of it lies in calm tiles, and in the very corners of the spectrum.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from napari_photon_denoise.camera.estimate.measured import Measured
from napari_photon_denoise.camera.estimate.structure import (
    CHOSEN,
    RESAMPLINGS,
    FloorFit,
    calm,
    fit_floor,
)

SHARP = 1.1  # power at the edge of the band over that in the corners, that structure adds to
LITTLE = 0.03  # of the power outside the band that may be structure's, to be believed there
SURE = 20.0  # squared standard errors by which structure must improve the fit in the corners
MOSTLY = 0.3  # of the power in the corners that is structure's; noise can't be told further in


def fit_white(measured: Measured) -> FloorFit:
    """Fit the floor where structure is least, as far as that is needed.

    Parameters
    ----------
    measured : Measured
    """
    tiles = measured.tiles
    if float(tiles.edge.mean()) < SHARP * float(tiles.corners.mean()):
        nothing = np.zeros(len(tiles))
        return fit_floor(tiles.mean, tiles.bands[:, 0], nothing, measured.darkest)
    fit = fit_band(measured, 0, CHOSEN)
    return fit if fit.leak < LITTLE else fit_farthest(measured)


def fit_band(measured: Measured, band: int, usual: float) -> FloorFit:
    """Fit the power of calm tiles in a band; `usual` as `fit_floor` has it."""
    tiles = measured.tiles
    at = calm(tiles.mean, tiles.middle)
    power, middle = tiles.bands[at, band], tiles.middle[at]
    return fit_floor(tiles.mean[at], power, middle, measured.darkest, usual)


def fit_farthest(measured: Measured, draws: int = RESAMPLINGS) -> FloorFit:
    """Fit the power in the corners of the spectrum; of structure only what is surely there."""
    tiles = measured.tiles
    at = calm(tiles.mean, tiles.middle)
    mean, power = tiles.mean[at], tiles.farthest[at]
    plain, fit = (
        fit_floor(mean, power, structure, measured.darkest, draws=draws)
        for structure in (np.zeros(len(at)), tiles.middle[at])
    )
    if (plain.misfit - fit.misfit) * len(at) <= SURE * fit.misfit:
        return plain
    return _shrunk(fit) if fit.leak > MOSTLY else fit


def _shrunk(fit: FloorFit) -> FloorFit:
    """Take more of it for structure, where that is most of the power already.

    Regression on powers that vary by chance finds too little of it, and to be told too much noise
    costs a network more detail than too little noise leaves.
    """
    left = 1 - fit.leak
    return replace(fit, floor=fit.floor.times(left), drawn=tuple(x.times(left) for x in fit.drawn))


def structure_everywhere(measured: Measured) -> bool:
    """Tell if even the corners of the spectrum hold much structure, in calm tiles as well."""
    return fit_farthest(measured, draws=0).leak > MOSTLY
