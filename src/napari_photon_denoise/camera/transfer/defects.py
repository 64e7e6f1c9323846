"""Pixels that don't behave: one byte a pixel, one bit a fault."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.camera.transfer.levels import Dark, Flat

Mask = NDArray[np.uint8]


class Defect(IntFlag):
    """Bits of the mask; a pixel may have several.

    Masked pixels keep their own offset and read noise, which is all that denoising needs;
    they are left out of the fit.
    """

    HOT = 1
    """Offset more than 6 robust SD from the median."""
    NOISY = 2
    """Among the noisiest 1 % in the dark."""
    DEAD = 4
    """Doesn't follow the light."""
    TELEGRAPH = 8
    """Jumps between levels in the dark (random telegraph noise)."""


HOT_AT = 6.0  # robust SD
NOISY_AT = 99.0  # percentile
DEAD_AT = 0.2  # of the neighbours' response


def find_dark_defects(dark: Dark) -> Mask:
    """Find hot, noisy and telegraph pixels: (Y, X) uint8, bits of `Defect`."""
    mask = np.zeros(dark.offset.shape, np.uint8)
    away = np.abs(dark.offset - np.median(dark.offset))
    # Rounded offsets of a very even camera have no spread of their own.
    spread = max(1.4826 * float(np.median(away)), float(np.sqrt(1 / 12 / dark.frames)))
    mask[away > HOT_AT * spread] |= np.uint8(Defect.HOT)
    noisy = dark.variance > np.percentile(dark.variance, NOISY_AT)
    mask[noisy] |= np.uint8(Defect.NOISY)
    mask[dark.telegraph] |= np.uint8(Defect.TELEGRAPH)
    return mask


def find_dead(flats: Sequence[Flat]) -> Mask:
    """Find pixels that don't follow the brightest flat: (Y, X) uint8, `Defect.DEAD` or 0."""
    from scipy.ndimage import uniform_filter

    brightest = max(flats, key=lambda flat: flat.trace.mean)
    around = uniform_filter(np.maximum(brightest.signal, 0), 9)
    # Saturated neighbours say nothing of the response.
    dead = brightest.signal < DEAD_AT * around
    return np.where(dead, np.uint8(Defect.DEAD), np.uint8(0))


def good_pixels(mask: Mask) -> NDArray[np.bool_]:
    """Pixels to fit: (Y, X) bool; those without any defect."""
    return np.asarray(mask == 0)
