"""What kernels do with rows of a flat array."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.kernels.compiling import compiled

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]


@compiled
def gather(row: Float32, index: Int64, out: Float32) -> None:
    """Copy pixels of a row; all but those near the borders follow each other.

    From one position to the next the index grows by one at most, so that a stretch whose ends
    lie as far apart in the row as in the index has no gap.
    """
    count = len(index)
    first, last = 0, count
    while first + 1 < count and index[first + 1] != index[first] + 1:
        first += 1
    while index[last - 1] - index[first] != last - 1 - first:
        last -= 1
    inner, target = row[index[first] :], out[first:]
    for x in range(last - first):
        target[x] = inner[x]
    for x in range(first):
        out[x] = row[index[x]]
    for x in range(last, count):
        out[x] = row[index[x]]


@compiled
def aligned_zeros(length: int) -> Float32:
    """Memory that begins with a cache line, so that no vector straddles two."""
    memory = np.zeros(length + 16, np.float32)
    skip = (-memory.ctypes.data % 64) // 4
    return memory[skip : skip + length]
