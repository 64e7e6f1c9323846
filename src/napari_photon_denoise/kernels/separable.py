"""Separable correlation: box and Gaussian filters."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.kernels.borders import reflected
from napari_photon_denoise.kernels.compiling import compiled
from napari_photon_denoise.kernels.threads import each

Floats = TypeVar("Floats", NDArray[np.float32], NDArray[np.float64])
Int64 = NDArray[np.int64]

# Rows of one block: enough that the rows read twice at its edges do not count, few enough
# that the blocks keep every CPU busy.
BAND = 64


def correlate(volume: Floats, taps_z: Floats, taps_y: Floats, taps_x: Floats) -> Floats:
    """Correlate a volume with symmetric taps along each axis.

    Every output is summed afresh: a running sum would be faster for long boxes, but it
    carries the rounding error of a bright pixel into the dark ones beside it.

    Parameters
    ----------
    volume : `(Z, Y, X)` float32, or float64 for figures that need it
        C-contiguous.
    taps_z, taps_y, taps_x : `(2 r + 1,)`, as the volume
        Symmetric; a single tap of one leaves its axis untouched.

    Returns
    -------
    `(Z, Y, X)`, as the volume
        In its unit. Where the taps sum to one, the sum of the volume is kept.
    """
    result = np.empty_like(volume)
    depth, height, _ = volume.shape
    reach = [len(taps) // 2 for taps in (taps_z, taps_y, taps_x)]
    sides = [np.ascontiguousarray(taps[len(taps) // 2 :]) for taps in (taps_z, taps_y, taps_x)]
    index_z, index_y, index_x = (
        reflected(length, -radius, length + radius)
        for length, radius in zip(volume.shape, reach, strict=True)
    )

    def work(block: tuple[int, int]) -> None:
        plane, top = block
        _correlate_band(
            volume.reshape(-1),
            result[plane],
            plane,
            top,
            min(top + BAND, height),
            index_z,
            index_y,
            index_x,
            sides[0],
            sides[1],
            sides[2],
        )

    each(work, [(plane, top) for plane in range(depth) for top in range(0, height, BAND)])
    return result


@compiled
def _correlate_band(
    volume: NDArray[Any],
    result: NDArray[Any],
    plane: int,
    top: int,
    bottom: int,
    index_z: Int64,
    index_y: Int64,
    index_x: Int64,
    taps_z: NDArray[Any],
    taps_y: NDArray[Any],
    taps_x: NDArray[Any],
) -> None:
    """Rows `top` to `bottom` of one plane of the result: along z, then y, then x.

    `volume` is flat, the taps begin with the central one, and the indices begin one radius
    before the volume.
    """
    height, width = result.shape
    radius_z, radius_y, radius_x = len(taps_z) - 1, len(taps_y) - 1, len(taps_x) - 1
    rows = bottom - top + 2 * radius_y
    starts = np.empty(2 * max(radius_z, radius_y, radius_x) + 1, np.int64)
    row_starts = np.empty(rows, np.int64)
    for row in range(rows):
        row_starts[row] = index_y[top + row] * width
    source = volume
    if radius_z == 0:
        row_starts += plane * height * width
    else:
        source = np.empty(rows * width, volume.dtype)
        for row in range(rows):
            for k in range(2 * radius_z + 1):
                starts[k] = index_z[plane + k] * height * width + row_starts[row]
            _weigh(volume, starts, taps_z, source[row * width : (row + 1) * width])
            row_starts[row] = row * width
    extended = np.empty(width + 2 * radius_x, volume.dtype)
    starts_x = np.arange(2 * radius_x + 1)
    for row in range(bottom - top):
        _weigh(
            source,
            row_starts[row : row + 2 * radius_y + 1],
            taps_y,
            extended[radius_x : radius_x + width],
        )
        for k in range(radius_x):
            extended[k] = extended[radius_x + index_x[k]]
            extended[radius_x + width + k] = extended[radius_x + index_x[radius_x + width + k]]
        _weigh(extended, starts_x, taps_x, result[top + row])


@compiled
def _weigh(source: NDArray[Any], starts: Int64, taps: NDArray[Any], out: NDArray[Any]) -> None:
    """Weighted sum of the rows of a flat array that begin at `starts`.

    Rows at the same distance from the central one share a tap. Taking two pairs at a time
    halves the traffic of the running sum.
    """
    radius = len(taps) - 1
    width = len(out)
    centre = source[starts[radius] :]
    for x in range(width):
        out[x] = taps[0] * centre[x]
    k = 1
    while k + 1 <= radius:
        a, b = source[starts[radius - k] :], source[starts[radius + k] :]
        c, d = source[starts[radius - k - 1] :], source[starts[radius + k + 1] :]
        near, far = taps[k], taps[k + 1]
        for x in range(width):
            out[x] += near * (a[x] + b[x]) + far * (c[x] + d[x])
        k += 2
    if k <= radius:
        a, b = source[starts[radius - k] :], source[starts[radius + k] :]
        for x in range(width):
            out[x] += taps[k] * (a[x] + b[x])
