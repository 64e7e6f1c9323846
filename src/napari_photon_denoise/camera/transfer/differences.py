"""Differences of frames: whether rows, columns and neighbours share noise, or it is white."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32

Counts = NDArray[np.uint16]
Float64 = NDArray[np.float64]
Pixel = TypeVar("Pixel", np.uint16, np.float32)

MOST_PAIRS = 8
# The middle of a large sensor says enough, and costs little beside reading its frames.
MOST_PIXELS = 512
TILE = 64
CLIP = 4.0  # standard deviations; hot and telegraph pixels would drown the others


@dataclass(frozen=True, eq=False)
class Whiteness:
    """How white the temporal noise is.

    Parameters
    ----------
    along_x, along_y : float
        Correlation of a pixel's noise with that of its next neighbour; white noise: 0.
    rows, columns : float
        Variance of the row (column) means, times pixels in a row (column), over the
        variance of the pixels; white noise: 1.
    spectrum : (64, 64) float32
        Power of the noise by spatial frequency, zero frequency in the middle; white: 1.
    error : float
        SD of a correlation.
    """

    along_x: float
    along_y: float
    rows: float
    columns: float
    spectrum: Float32
    error: float


class DifferenceSums:
    """What `Whiteness` needs of the first pairs of frames of a stack.

    Parameters
    ----------
    offset : (Y, X) float32, ADU, optional
        Of flats, whose frames are brought to one light first.
    """

    def __init__(self, offset: Float32 | None = None) -> None:
        self._offset = None if offset is None else _middle(offset)
        self._pairs = self._pixels = 0
        self._values = np.zeros(4)
        self._spectrum = np.zeros((TILE, TILE))
        self._left: Counts | None = None

    def add(self, block: Counts) -> None:
        """Add frames: (F, Y, X) uint16, ADU."""
        for frame in block:
            if self._pairs == MOST_PAIRS:
                return
            cut = _middle(frame)
            if self._left is None:
                self._left = cut.copy()
            else:
                self._add_pair(self._left, cut)
                self._left = None

    def _add_pair(self, a: Counts, b: Counts) -> None:
        one, two = a.astype(np.float32), b.astype(np.float32)
        if self._offset is not None:
            # A lamp that flickers must not look like noise that pixels share.
            one -= self._offset
            two -= self._offset
            light = float(two.sum(dtype=np.float64))
            two *= np.float32(one.sum(dtype=np.float64) / light if light > 0 else 1)
        one -= two
        one -= np.float32(one.mean(dtype=np.float64))
        if not one.any():
            return
        spread = 1.4826 * float(np.median(np.abs(one))) or float(one.std())
        np.clip(one, -CLIP * spread, CLIP * spread, out=one)
        one -= np.float32(one.mean(dtype=np.float64))
        variance = float(np.mean(one * one))
        rows, columns = one.mean(axis=1), one.mean(axis=0)
        self._values += (
            _product(one[:, 1:], one[:, :-1]) / variance,
            _product(one[1:], one[:-1]) / variance,
            float(rows.var()) * one.shape[1] / variance,
            float(columns.var()) * one.shape[0] / variance,
        )
        self._spectrum += _power(one) / variance
        self._pairs += 1
        self._pixels = one.size

    def result(self) -> Whiteness | None:
        """Return the figures, or None for frames that never differ."""
        if self._pairs == 0:
            return None
        x, y, rows, columns = (self._values / self._pairs).tolist()
        spectrum = np.fft.fftshift(self._spectrum / self._pairs).astype(np.float32)
        error = 1 / np.sqrt(self._pairs * self._pixels)
        return Whiteness(x, y, rows, columns, spectrum, float(error))


def _middle(frame: NDArray[Pixel]) -> NDArray[Pixel]:
    top, left = (max(0, (size - MOST_PIXELS) // 2) for size in frame.shape)
    return frame[top : top + MOST_PIXELS, left : left + MOST_PIXELS]


def _product(a: Float32, b: Float32) -> float:
    return float(np.mean(a * b)) if a.size else 0.0


def _power(noise: Float32) -> Float64:
    """Mean power spectrum of the tiles of an image; of the image itself where it is small."""
    from scipy.fft import fft2

    height, width = (size // TILE * TILE for size in noise.shape)
    if not height or not width:
        return np.ones((TILE, TILE))
    tiles = noise[:height, :width].reshape(height // TILE, TILE, width // TILE, TILE)
    # scipy's stays in single precision, which is three times as fast here.
    power = np.abs(fft2(tiles, axes=(1, 3))) ** 2
    return np.asarray(power.mean(axis=(0, 2), dtype=np.float64) / TILE**2)
