"""Exact median filter."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.kernels.borders import reflected
from napari_photon_denoise.kernels.comparators import MAXIMUM, MINIMUM, median_network
from napari_photon_denoise.kernels.compiling import compiled
from napari_photon_denoise.kernels.rows import aligned_zeros, gather
from napari_photon_denoise.kernels.threads import each

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]

# Rows of one block, and how many columns of them pass through the network at a time: few enough
# that its scratch rows stay near the core, and a multiple of CHUNK.
BAND = 64
SEGMENT = 1024

# Columns that the compiler's widest vector loop takes at once. Rows are filled up to a multiple,
# with values nobody looks at: the slow loop over what is left would cost as much as the fast one.
CHUNK = 64

# Between rows, so that equal columns of different rows do not compete for the same cache lines.
GAP = 16


def median(volume: Float32, size_z: int, size_y: int, size_x: int) -> Float32:
    """Replace every pixel by the median of the box around it.

    Parameters
    ----------
    volume : `(Z, Y, X)` float32
        C-contiguous, without NaN.
    size_z, size_y, size_x : int
        Odd; 1 leaves an axis out.

    Returns
    -------
    `(Z, Y, X)` float32
        In the volume's unit.

    Raises
    ------
    ValueError
        If a size is even or less than one.
    """
    network = median_network(size_z * size_y, size_x)
    result = np.empty_like(volume)
    index_z, index_y, index_x = (
        reflected(length, -(size // 2), length + size // 2)
        for length, size in zip(volume.shape, (size_z, size_y, size_x), strict=True)
    )
    depth, height, _ = volume.shape

    def work(corner: tuple[int, int]) -> None:
        plane, top = corner
        bottom = min(top + BAND, height)
        _median_band(
            volume,
            result[plane, top:bottom],
            index_z[plane : plane + size_z],
            index_y[top : bottom + size_y - 1],
            index_x,
            size_y,
            network.steps,
            network.rows,
            network.median,
        )

    each(work, itertools.product(range(depth), range(0, height, BAND)))
    return result


@compiled
def _median_band(
    volume: Float32,
    result: Float32,
    index_z: Int64,
    index_y: Int64,
    index_x: Int64,
    size_y: int,
    steps: Int64,
    rows: int,
    median_row: int,
) -> None:
    """Fill some rows of one plane; the indices say where their surroundings lie in the volume."""
    size_z, band = len(index_z), len(index_y)
    height, width = result.shape
    inputs = size_z * size_y
    reach = len(index_x) - width
    segment = max(SEGMENT, (2 * reach + CHUNK - 1) // CHUNK * CHUNK)
    pitch = segment + GAP
    scratch = size_z * band * pitch
    memory = aligned_zeros(scratch + (rows - inputs) * pitch + reach)
    start = np.empty(rows, np.int64)
    for row in range(inputs, rows):
        start[row] = scratch + (row - inputs) * pitch
    for left in range(0, width, segment - reach):
        count = min(segment, width + reach - left)
        for i in range(size_z):
            for j in range(band):
                target = memory[(i * band + j) * pitch :]
                gather(volume[index_z[i], index_y[j]], index_x[left : left + count], target)
        for y in range(height):
            for i in range(size_z):
                for j in range(size_y):
                    start[i * size_y + j] = (i * band + y + j) * pitch
            _run(memory, start, steps, (count + CHUNK - 1) // CHUNK * CHUNK)
            found, target = memory[start[median_row] :], result[y, left:]
            for x in range(count - reach):
                target[x] = found[x]


@compiled
def _run(memory: Float32, start: Int64, steps: Int64, count: int) -> None:
    """Run a network on the rows that begin at `start` in a flat array."""
    for n in range(len(steps)):
        a = memory[start[steps[n, 1]] + steps[n, 2] :]
        b = memory[start[steps[n, 3]] + steps[n, 4] :]
        if steps[n, 0] == MINIMUM:
            low = memory[start[steps[n, 5]] :]
            for x in range(count):
                low[x] = min(a[x], b[x])
        elif steps[n, 0] == MAXIMUM:
            high = memory[start[steps[n, 6]] :]
            for x in range(count):
                high[x] = max(a[x], b[x])
        else:
            low, high = memory[start[steps[n, 5]] :], memory[start[steps[n, 6]] :]
            for x in range(count):
                p, q = a[x], b[x]
                low[x] = min(p, q)
                high[x] = max(p, q)
