"""Non-local means: every pixel becomes the mean of the pixels whose surroundings look alike."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.kernels.borders import reflected
from napari_photon_denoise.kernels.compiling import compiled
from napari_photon_denoise.kernels.neighbours import FARTHEST, half_of_shifts
from napari_photon_denoise.kernels.rows import aligned_zeros, gather
from napari_photon_denoise.kernels.threads import each

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]
Triple = tuple[int, int, int]
Piece = tuple[int, int]

# Pixels of one block: what it needs stays in a core's own cache while all shifts pass over it,
# and the surroundings that neighbouring blocks compute twice stay small beside it.
BLOCK_2D = (1, 64, 512)
BLOCK_3D = (16, 32, 256)

# Rows are filled up to a multiple of the widest vector, with pixels that no result depends on.
LANES = 16


def nonlocal_means(
    guide: Float32,
    value: Float32,
    weight: Float32 | None,
    *,
    patch: Triple,
    distance: Triple,
    h: float,
    sigma: float = 1.0,
) -> Float32:
    """Average `value` over the pixels whose patches look alike in `guide`.

    The result is sum_j w_ij weight_j value_j / sum_j w_ij weight_j with
    w = exp(-max(d2 - 2 sigma^2, 0) / h^2), where d2 is the mean squared difference of the two
    patches, and w = 0 where that exponent exceeds 5. Each pair of pixels is compared once and
    serves both.

    Parameters
    ----------
    guide : `(Z, Y, X)` float32
        Where patches are compared; usually variance-stabilised.
    value : `(Z, Y, X)` float32
        What is averaged; often photons.
    weight : `(Z, Y, X)` float32 or None
        Trust in each value, positive; None trusts all alike.
    patch : three odd int
        Size of the patch along Z, Y, X; 1 along Z for an image.
    distance : three int
        Search radius along Z, Y, X; 0 along Z for an image.
    h : float
        Tolerated difference, in the guide's unit.
    sigma : float
        Standard deviation of the guide's noise.

    Returns
    -------
    `(Z, Y, X)` float32
        In the unit of `value`.

    References
    ----------
    Buades, Coll & Morel 2005, doi:10.1109/CVPR.2005.38; patch sums by rows after Darbon et al.
    2008, doi:10.1109/ISBI.2008.4541250.
    """
    result = np.empty_like(value)
    block = BLOCK_2D if distance[0] == 0 and patch[0] == 1 else BLOCK_3D
    radius = (patch[0] // 2, patch[1] // 2, patch[2] // 2)
    index_z, index_y, index_x = (
        reflected(n, -r - d, n + r + d)
        for n, r, d in zip(value.shape, radius, distance, strict=True)
    )
    reach = [2 * (r + d) for r, d in zip(radius, distance, strict=True)]
    shifts = half_of_shifts(distance)

    def work(core: tuple[Piece, Piece, Piece]) -> None:
        (z0, z1), (y0, y1), (x0, x1) = core
        _average_block(
            guide,
            value,
            weight,
            result[z0:z1, y0:y1, x0:x1],
            index_z[z0 : z1 + reach[0]],
            index_y[y0 : y1 + reach[1]],
            index_x[x0 : x1 + reach[2]],
            shifts,
            radius,
            distance,
            h * h,
            2 * sigma * sigma,
        )

    pieces_z, pieces_y, pieces_x = map(_pieces, value.shape, block)
    each(work, itertools.product(pieces_z, pieces_y, pieces_x))
    return result


def _pieces(length: int, longest: int) -> list[Piece]:
    """Cut an axis into as few pieces as may be, of about the same length."""
    count = -(-length // longest)
    return list(itertools.pairwise(length * n // count for n in range(count + 1)))


@compiled
def _average_block(
    guide_volume: Float32,
    value_volume: Float32,
    weight_volume: Float32 | None,
    result: Float32,
    index_z: Int64,
    index_y: Int64,
    index_x: Int64,
    shifts: Int64,
    radius: Triple,
    distance: Triple,
    h2: float,
    bias: float,
) -> None:
    """Fill a block of the result; the indices say where its surroundings lie in the volume.

    Patch sums are separable. Squared differences fill a ring of rows, whose sum is summed
    along the row into a ring of planes, whose sum is the distance of the patches: no array
    larger than a few planes of the block is ever written.
    """
    rz, ry, rx = radius
    dz, dy, dx = distance
    size_z, size_y, size_x = 2 * rz + 1, 2 * ry + 1, 2 * rx + 1
    depth, height = len(index_z), len(index_y)
    count = _filled_up(len(index_x) - dx)
    pitch = _filled_up(count + dx + rx)
    plane = height * pitch
    guide = _extended(guide_volume, index_z, index_y, index_x, pitch)
    value = _extended(value_volume, index_z, index_y, index_x, pitch)
    weight = None
    mass = np.ones_like(value)
    if weight_volume is not None:
        weight = _extended(weight_volume, index_z, index_y, index_x, pitch)
        value *= weight
        mass = weight.copy()
    total = value.copy()
    squares = aligned_zeros(size_y * pitch)
    column = aligned_zeros(pitch + size_x)
    planes = aligned_zeros(size_z * plane)
    alike = aligned_zeros(pitch)
    scale = np.float32(1 / (h2 * size_z * size_y * size_x))
    offset = np.float32(bias / h2)
    for n in range(len(shifts)):
        sz, sy, sx = shifts[n, 0], shifts[n, 1], shifts[n, 2]
        ahead = sz * plane + sy * pitch + sx
        left = dx - max(sx, 0)
        # The patches of all pixels whose partner, or who as a partner, lie in the result.
        top, bottom = dy - max(sy, 0), height - dy - min(sy, 0)
        first = dz - max(sz, 0)
        for z in range(first, depth - dz):
            slot = z % size_z * plane
            for y in range(top, bottom):
                here = z * plane + y * pitch + left
                _square(guide, here, here + ahead, squares, y % size_y * pitch, count)
                if y < top + 2 * ry:
                    continue
                _sum_rows(squares, 0, pitch, size_y, column, 0, count)
                _sum_rows(column, 0, 1, size_x, planes, slot + y * pitch, count)
                if z < first + 2 * rz:
                    continue
                _sum_rows(planes, y * pitch, plane, size_z, alike, 0, count)
                _weigh(alike, scale, offset, count)
                here -= rz * plane + ry * pitch - rx
                _collect(alike, value, weight, here + ahead, total, mass, here, count)
                _collect(alike, value, weight, here, total, mass, here + ahead, count)
    for z in range(result.shape[0]):
        for y in range(result.shape[1]):
            here = (z + rz + dz) * plane + (y + ry + dy) * pitch + rx + dx
            for x in range(result.shape[2]):
                result[z, y, x] = total[here + x] / mass[here + x]


@compiled
def _filled_up(count: int) -> int:
    return (count + LANES - 1) // LANES * LANES


@compiled
def _extended(
    volume: Float32, index_z: Int64, index_y: Int64, index_x: Int64, pitch: int
) -> Float32:
    """Copy a block with its surroundings, flat, in rows of `pitch` pixels that end in zeros."""
    block = aligned_zeros(len(index_z) * len(index_y) * pitch)
    row = 0
    for z in index_z:
        for y in index_y:
            gather(volume[z, y], index_x, block[row : row + pitch])
            row += pitch
    return block


@compiled
def _square(
    guide: Float32, here: int, there: int, squares: Float32, start: int, count: int
) -> None:
    a, b, out = guide[here:], guide[there:], squares[start:]
    for x in range(count):
        difference = a[x] - b[x]
        out[x] = difference * difference


@compiled
def _sum_rows(
    source: Float32, start: int, step: int, rows: int, target: Float32, to: int, count: int
) -> None:
    """Sum rows that lie `step` apart; 3 and 5 of them in one pass."""
    a, out = source[start:], target[to:]
    if rows == 3:
        b, c = a[step:], a[2 * step :]
        for x in range(count):
            out[x] = a[x] + b[x] + c[x]
    elif rows == 5:
        b, c, d, e = a[step:], a[2 * step :], a[3 * step :], a[4 * step :]
        for x in range(count):
            out[x] = a[x] + b[x] + c[x] + d[x] + e[x]
    else:
        for x in range(count):
            out[x] = a[x]
        for k in range(1, rows):
            b = a[k * step :]
            for x in range(count):
                out[x] += b[x]


@compiled
def _weigh(alike: Float32, scale: np.float32, offset: np.float32, count: int) -> None:
    """Turn sums of squares into weights, in place.

    exp(-t) for t up to 5 is the 16th power of exp(-t / 16), of which four terms of the series
    are right to 1e-5.
    """
    for x in range(count):
        t = max(alike[x] * scale - offset, np.float32(0))
        u = t * np.float32(-1 / 16)
        power = np.float32(1 / 24)
        power = power * u + np.float32(1 / 6)
        power = power * u + np.float32(1 / 2)
        power = power * u + np.float32(1)
        power = power * u + np.float32(1)
        power *= power
        power *= power
        power *= power
        power *= power
        alike[x] = power if t <= np.float32(FARTHEST) else np.float32(0)


@compiled
def _collect(
    alike: Float32,
    value: Float32,
    weight: Float32 | None,
    there: int,
    total: Float32,
    mass: Float32,
    here: int,
    count: int,
) -> None:
    """Add the pixels that begin at `there`, by likeness, to those that begin at `here`."""
    values, sums, masses = value[there:], total[here:], mass[here:]
    if weight is None:
        for x in range(count):
            sums[x] += alike[x] * values[x]
            masses[x] += alike[x]
    else:
        weights = weight[there:]
        for x in range(count):
            sums[x] += alike[x] * values[x]
            masses[x] += alike[x] * weights[x]
