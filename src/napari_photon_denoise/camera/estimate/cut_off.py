"""Dark noise that was cut off at zero, as where a background was subtracted; and what it was.

Half of the noise of an empty background is gone then, and its variance is a third of what it was:
a line through it and brighter parts is too steep, and passes through zero as that of counted
photons does. What tells them apart is the variance over the mean: counted photons have one ratio
at every brightness; a background that was cut off has a larger one where it is dark, for its noise
is that of the light that was taken off.
"""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from napari_photon_denoise.camera.estimate.line import Float64
from napari_photon_denoise.camera.estimate.out_of_band import Tiles

EMPTY = 0.2  # of all pixels at zero; where fewer are, a line is as right without what is gone
SOME = 0.05  # of the pixels at zero, in a tile that shows what was cut off
MOST = 0.9  # beyond which too little of its noise is left to tell
SURPASSED = 1.3  # times the ratio of bright tiles that dark ones have, if they were cut off
BRIGHT = 0.25  # of the signal, in the brightest tiles that together have it
FEWEST = 40  # tiles
NO_POWER = ("mean", "channel", "zeros")


def is_cut_off(tiles: Tiles) -> bool:
    """Tell if dark noise was cut off at zero, and not photons counted.

    Parameters
    ----------
    tiles : Tiles
    """
    dark = (tiles.zeros > SOME) & (tiles.zeros < MOST)
    if np.count_nonzero(dark) < FEWEST or tiles.zeros.mean() < EMPTY:
        return False
    mean, power = tiles.mean, tiles.bands[:, 0]
    order = np.argsort(mean)
    shares = np.cumsum(mean[order]) / mean.sum()
    dim, bright = order[: len(order) // 2], order[shares > 1 - BRIGHT]
    ratios = [power[part].sum() / mean[part].sum() for part in (dim, bright)]
    return bool(ratios[0] > SURPASSED * ratios[1])


def restored(tiles: Tiles, *, whole: bool) -> Tiles:
    """Return the tiles as they were before their noise was cut off; those without any are left out.

    Of Gaussian noise, the share that is gone tells where the mean was, and how much of the
    variance is left.

    Parameters
    ----------
    tiles : Tiles
    whole : bool
        Whether values were rounded, so that zeros are half a grey value more than was cut off.
    """
    from scipy.special import ndtri

    kept = tiles.of(tiles.zeros < MOST)
    level = -ndtri(np.clip(kept.zeros, 1e-3, MOST))  # of the mean, in standard deviations
    if whole:
        level += 0.5 / np.sqrt(kept.bands[:, 0] / _left(level)[1])
    mean, variance = _left(level)
    power = kept.bands[:, 0] / variance
    powers = {
        entry.name: (getattr(kept, entry.name).T / variance).T
        for entry in fields(Tiles)
        if entry.name not in NO_POWER
    }
    return replace(kept, mean=kept.mean - np.sqrt(power) * (mean - level), **powers)


def _left(level: Float64) -> tuple[Float64, Float64]:
    """Mean and variance of Gaussian noise around a level, cut off at zero; all over its own."""
    from scipy.special import ndtr

    density, above = np.exp(-(level**2) / 2) / np.sqrt(2 * np.pi), ndtr(level)
    mean = density + level * above
    return mean, (1 + level**2) * above + level * density - mean**2
