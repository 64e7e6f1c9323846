"""Percentiles of whole images, for the network that is told nothing else of them.

As CARE was published (Weigert et al. 2018, doi:10.1038/s41592-018-0216-7): the 2nd and the 99.8th
of an image that is denoised, others near them, drawn by chance, of one that is learnt from. Never
of a tile: tiles would come to lie at different greys.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.photons import Photons

LOW, HIGH = 2.0, 99.8
LOWS, HIGHS = (1.0, 3.0), (99.5, 99.9)  # while learning
MOST = 2**24  # pixels; of larger images planes are taken, spread evenly


def limits_of(photons: Photons) -> tuple[float, float]:
    """Return the two percentiles of an image, e-."""
    low, high = np.percentile(read_planes(photons), (LOW, HIGH))
    return float(low), float(high)


def read_planes(photons: Photons) -> Float32:
    """Read an image, or as many of its planes as make a fair sample, (planes, Y, X), e-."""
    places = list(product(*(range(size) for size in photons.shape[:-2])))
    height, width = photons.shape[-2:]
    most = min(len(places), max(1, MOST // (height * width)))
    plane = slice(0, height), slice(0, width)
    blocks = [
        photons.read((*(slice(at, at + 1) for at in places[number]), *plane))
        for number in np.linspace(0, len(places) - 1, most).round().astype(int)
    ]
    return np.stack([block.reshape(height, width) for block in blocks])
