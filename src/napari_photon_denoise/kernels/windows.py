"""Windows around every pixel of a plane: their sums, and which of them need a closer look.

Unlike the filters these work in float64, because chances far out depend on small differences,
and what lies outside of the plane counts 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.kernels.compiling import compiled
from napari_photon_denoise.kernels.threads import each

Float64 = NDArray[np.float64]
Mask = NDArray[np.bool_]

BAND = 128  # rows of one block; a running sum starts anew in each, which bounds its rounding


def sum_boxes(image: Float64 | Mask, edge: int) -> NDArray[Any]:
    """Sum over the square of `edge` px around each pixel of a (Y, X) plane; of a mask, count."""
    dense = np.ascontiguousarray(image)
    total = np.empty(image.shape, _of_sums(image))
    _in_bands(len(image), lambda top, bottom: _sum_boxes(dense, edge // 2, top, bottom, total))
    return total


def sum_beads(boxes: Float64 | Mask, step: tuple[int, int], beads: int) -> NDArray[Any]:
    """Sum `beads` pixels, an odd number, `step` apart around each pixel; of a mask, count."""
    dense = np.ascontiguousarray(boxes)
    total = np.zeros(boxes.shape, _of_sums(boxes))
    down, right = step
    _in_bands(
        len(boxes),
        lambda top, bottom: _sum_beads(dense, down, right, beads // 2, top, bottom, total),
    )
    return total


def select_far(
    counted: Float64, mean: Float64, extra: Float64, share: float, square: float, smallest: float
) -> Mask:
    """Where a sum is further from its mean, less a forgiven part, than its noise suggests.

    Parameters
    ----------
    counted, mean, extra : (N,) float64, e- and e-²
    share : float
        Of the mean, that is forgiven.
    square : float
        Variances that the square of the distance must exceed.
    smallest : float, e-
        Least mean in the variance.
    """
    far = np.empty(len(counted), np.bool_)

    def work(start: int, stop: int) -> None:
        part = slice(start, stop)
        sums = counted[part], mean[part], extra[part]
        _select_far(*sums, share, square, smallest, far[part])

    _in_bands(len(far), work, 1 << 18)
    return far


def _of_sums(image: Float64 | Mask) -> type[np.int32 | np.float64]:
    return np.int32 if image.dtype == bool else np.float64


def _in_bands(length: int, work: Callable[[int, int], None], band: int = BAND) -> None:
    """Call `work` with start and stop of each band, several at a time."""
    each(lambda start: work(start, min(start + band, length)), range(0, length, band))


@compiled
def _sum_boxes(image: NDArray[Any], reach: int, top: int, bottom: int, total: NDArray[Any]) -> None:
    """Rows `top` to `bottom`: running sums down the columns, then along the rows."""
    height, width = image.shape
    columns = np.zeros(width, total.dtype)
    for y in range(max(0, top - reach), min(height, top + reach)):
        columns += image[y]
    for y in range(top, bottom):
        if y + reach < height:
            columns += image[y + reach]
        if y > top and y - reach > 0:
            columns -= image[y - reach - 1]
        running = columns[: min(reach, width)].sum()
        row = total[y]
        for x in range(width):
            if x + reach < width:
                running += columns[x + reach]
            if x > reach:
                running -= columns[x - reach - 1]
            row[x] = running


@compiled
def _sum_beads(
    boxes: NDArray[Any],
    down: int,
    right: int,
    reach: int,
    top: int,
    bottom: int,
    total: NDArray[Any],
) -> None:
    """Rows `top` to `bottom` of `total`, which begin as 0."""
    height, width = boxes.shape
    for y in range(top, bottom):
        for bead in range(-reach, reach + 1):
            from_y, shift = y + bead * down, bead * right
            if 0 <= from_y < height and abs(shift) < width:
                start, stop = max(0, -shift), min(width, width - shift)
                into, source = total[y, start:stop], boxes[from_y, start + shift : stop + shift]
                for x in range(stop - start):
                    into[x] += source[x]


@compiled
def _select_far(
    counted: Float64,
    mean: Float64,
    extra: Float64,
    share: float,
    square: float,
    smallest: float,
    far: Mask,
) -> None:
    for n in range(len(far)):
        forgiven = share * abs(mean[n])
        nearest = min(max(counted[n], mean[n] - forgiven), mean[n] + forgiven)
        apart = counted[n] - nearest
        far[n] = apart * apart > square * (max(nearest, smallest) + extra[n])
