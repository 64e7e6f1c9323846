"""One pass over camera frames: everything that photon transfer needs of each pixel.

A row is followed through all frames of a block before the next row is touched, so that its
sums stay in the CPU's cache: memory is read and written once a block, not once a frame.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.kernels.compiling import compiled

Counts = NDArray[np.uint16]
Totals = NDArray[np.uint64]


@compiled
def add_frames(
    block: Counts,
    before: Counts,
    top: int,
    bottom: int,
    total: NDArray[np.uint32] | Totals,
    square: Totals,
    step: Totals,
    lowest: Counts,
    highest: Counts,
    frame_total: NDArray[np.int64],
    codes: NDArray[np.int64],
) -> None:
    """Add the rows `top` to `bottom` of some frames to the sums.

    Parameters
    ----------
    block : (F, Y, X) uint16, ADU
    before : (Y, X) uint16, ADU
        The frame before the block; the first frame itself where there is none.
    total : (Y, X) uint32 or uint64, ADU
        Sum of the counts.
    square, step : (Y, X) uint64, ADU²
        Sums of their squares, and of the squared steps from frame to frame.
    lowest, highest : (Y, X) uint16, ADU
    frame_total : (F,) int64
        Sum of these rows in each frame.
    codes : (65536,) int64
        How often each code came.
    """
    width = block.shape[2]
    for y in range(top, bottom):
        row_total, row_square, row_step = total[y], square[y], step[y]
        row_low, row_high = lowest[y], highest[y]
        for f in range(block.shape[0]):
            now = block[f, y]
            old = block[f - 1, y] if f > 0 else before[y]
            row = np.int64(0)
            for x in range(width):
                value = np.int64(now[x])
                change = value - np.int64(old[x])
                row_total[x] += np.uint64(value)
                row_square[x] += np.uint64(value * value)
                row_step[x] += np.uint64(change * change)
                row += value
            frame_total[f] += row
            for x in range(width):
                row_low[x] = min(row_low[x], now[x])
                row_high[x] = max(row_high[x], now[x])
            for x in range(width):
                codes[now[x]] += 1


@compiled
def add_light(
    block: Counts, good: NDArray[np.uint8], top: int, bottom: int, light: NDArray[np.int64]
) -> None:
    """Add the counts of the good pixels of some rows to each frame's light, ADU."""
    for f in range(block.shape[0]):
        for y in range(top, bottom):
            now, use = block[f, y], good[y]
            row = np.int64(0)
            for x in range(block.shape[2]):
                row += np.int64(now[x]) * np.int64(use[x])
            light[f] += row


@compiled
def add_normalised(
    block: Counts,
    first: Counts,
    offset: NDArray[np.float32],
    factor: NDArray[np.float64],
    top: int,
    bottom: int,
    total: NDArray[np.float64],
    square: NDArray[np.float64],
) -> None:
    """Add some rows, each frame brought to the light of the first, to the sums.

    The sums are of the difference from the first frame and of its square: small numbers,
    which lose no digits.

    Parameters
    ----------
    block : (F, Y, X) uint16, ADU
    first : (Y, X) uint16, ADU
    offset : (Y, X) float32, ADU
    factor : (F,) float64
        What each frame is multiplied by; 0 leaves a frame out.
    total, square : (Y, X) float64, ADU, ADU²
    """
    for y in range(top, bottom):
        row_total, row_square, row_first, row_offset = total[y], square[y], first[y], offset[y]
        for f in range(block.shape[0]):
            now, scale = block[f, y], factor[f]
            if scale == 0:
                continue
            for x in range(block.shape[2]):
                dark = np.float64(row_offset[x])
                change = (now[x] - dark) * scale - (row_first[x] - dark)
                row_total[x] += change
                row_square[x] += change * change


def bands(height: int, count: int) -> list[tuple[int, int]]:
    """Cut rows into `count` bands of about the same height: pairs of top and bottom."""
    edges: Any = np.linspace(0, height, min(count, height) + 1).astype(int)
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))
