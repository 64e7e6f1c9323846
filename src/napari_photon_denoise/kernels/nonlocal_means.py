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

# Pixels of one block: what it needs (about 3 MB for each CPU, with the usual reach) stays in a
# core's own cache while all shifts pass over it, and the surroundings that neighbouring blocks
# compute twice stay small beside it.
BLOCK_2D = (1, 64, 512)
BLOCK_3D = (8, 24, 256)

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
    patch : three int
        Size of the patch along Z, Y, X; 1 along Z for an image. A patch of even size has its
        pixel before the middle.
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
    reach = [d + size // 2 for d, size in zip(distance, patch, strict=True)]
    index_z, index_y, index_x = (
        reflected(n, -r, n + r) for n, r in zip(value.shape, reach, strict=True)
    )
    shifts = half_of_shifts(distance)

    def work(core: tuple[Piece, Piece, Piece]) -> None:
        (z0, z1), (y0, y1), (x0, x1) = core
        _average_block(
            guide,
            value,
            weight,
            result[z0:z1, y0:y1, x0:x1],
            index_z[z0 : z1 + 2 * reach[0]],
            index_y[y0 : y1 + 2 * reach[1]],
            index_x[x0 : x1 + 2 * reach[2]],
            shifts,
            patch,
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
    patch: Triple,
    distance: Triple,
    h2: float,
    bias: float,
) -> None:
    """Fill a block of the result; the indices say where its surroundings lie in the volume."""
    size_z, size_y, size_x = patch
    depth, height, width = len(index_z), len(index_y), len(index_x)
    count = _filled_up(width - distance[2])
    # Of the two pixels of a pair, one lies in a fixed column; its rows begin a cache line.
    fixed = distance[2] + (size_x - 1) // 2
    lead = _filled_up(fixed) - fixed
    pitch = _filled_up(lead + count + distance[2] + size_x // 2)
    guide = _extended(guide_volume, index_z, index_y, index_x, lead, pitch)
    value = _extended(value_volume, index_z, index_y, index_x, lead, pitch)
    weight = None
    if weight_volume is not None:
        weight = _extended(weight_volume, index_z, index_y, index_x, lead, pitch)
        value *= weight
    core = result.shape[0], result.shape[1]
    total = aligned_zeros(core[0] * core[1] * pitch)
    mass = aligned_zeros(core[0] * core[1] * pitch)
    squares = aligned_zeros(size_y * pitch)
    column = aligned_zeros(pitch + size_x)
    planes = aligned_zeros((size_z * height + 1) * pitch)
    scale = np.float32(1 / (h2 * size_z * size_y * size_x))
    offset = np.float32(bias / h2)
    for n in range(len(shifts)):
        _add_pairs(
            (guide, value, weight),
            (total, mass),
            (squares, column, planes),
            (shifts[n, 0], shifts[n, 1], shifts[n, 2]),
            patch,
            distance,
            (depth, height, pitch),
            core,
            (lead, count),
            (scale, offset),
        )
    reach_z, reach_y = distance[0] + size_z // 2, distance[1] + size_y // 2
    left = lead + distance[2] + size_x // 2
    for z in range(core[0]):
        for y in range(core[1]):
            own = ((reach_z + z) * height + reach_y + y) * pitch + left
            sums = (z * core[1] + y) * pitch + left
            for x in range(result.shape[2]):
                # Every pixel is its own likeness too.
                trust = np.float32(1) if weight is None else weight[own + x]
                result[z, y, x] = (total[sums + x] + value[own + x]) / (mass[sums + x] + trust)


@compiled
def _add_pairs(
    images: tuple[Float32, Float32, Float32 | None],
    sums: tuple[Float32, Float32],
    scratch: tuple[Float32, Float32, Float32],
    shift: Triple,
    patch: Triple,
    distance: Triple,
    extent: Triple,
    core: tuple[int, int],
    columns: tuple[int, int],
    exponent: tuple[np.float32, np.float32],
) -> None:
    """Compare the pixels a shift apart, and add each to the other's sums.

    Patch sums are separable. Squared differences fill a ring of rows, whose sum is summed
    along the row into a ring of planes, whose sum is the distance of the patches: no array
    larger than a few planes of the block is ever written.
    """
    guide, value, weight = images
    squares, column, planes = scratch
    sz, sy, sx = shift
    size_z, size_y, size_x = patch
    depth, height, pitch = extent
    lead, count = columns
    plane = height * pitch
    ahead = sz * plane + sy * pitch + sx
    left = lead + distance[2] - max(sx, 0)
    centre = left + (size_x - 1) // 2
    # The patches of all pixels whose partner, or who as a partner, lie in the core.
    first = distance[0] - max(sz, 0)
    top, bottom = distance[1] - max(sy, 0), height - distance[1] - min(sy, 0)
    for z in range(first, depth - distance[0]):
        for y in range(top, bottom):
            here = z * plane + y * pitch + left
            _square(guide, here, here + ahead, squares, y % size_y * pitch, count)
            if y < top + size_y - 1:
                continue
            row = y * pitch
            _sum_rows(squares, 0, pitch, size_y, column, 0, count)
            _sum_rows(column, 0, 1, size_x, planes, z % size_z * plane + row, count)
            if z < first + size_z - 1:
                continue
            if size_z > 1:
                row = size_z * plane
                _sum_rows(planes, y * pitch, plane, size_z, planes, row, count)
            _weigh(planes, row, exponent[0], exponent[1], count)
            p, q = z - size_z // 2, y - size_y // 2
            here = p * plane + q * pitch + centre
            # As rows of the core, whose sums are all that is kept.
            p, q = p - distance[0] - size_z // 2, q - distance[1] - size_y // 2
            if 0 <= p < core[0] and 0 <= q < core[1]:
                to = (p * core[1] + q) * pitch + centre
                _collect(planes, row, value, weight, here + ahead, sums, to, count)
            if 0 <= p + sz < core[0] and 0 <= q + sy < core[1]:
                to = ((p + sz) * core[1] + q + sy) * pitch + centre + sx
                _collect(planes, row, value, weight, here, sums, to, count)


@compiled
def _filled_up(count: int) -> int:
    return (count + LANES - 1) // LANES * LANES


@compiled
def _extended(
    volume: Float32, index_z: Int64, index_y: Int64, index_x: Int64, lead: int, pitch: int
) -> Float32:
    """Copy a block with its surroundings, flat, in rows of `pitch` pixels after `lead` zeros."""
    block = aligned_zeros(len(index_z) * len(index_y) * pitch)
    row = 0
    for z in index_z:
        for y in index_y:
            gather(volume[z, y], index_x, block[row + lead : row + pitch])
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
    """Sum rows that lie `step` apart; five of them in one pass, or three."""
    a, out = source[start:], target[to:]
    done = 1
    if rows >= 5:
        b, c, d, e = a[step:], a[2 * step :], a[3 * step :], a[4 * step :]
        for x in range(count):
            out[x] = a[x] + b[x] + c[x] + d[x] + e[x]
        done = 5
    elif rows >= 3:
        b, c = a[step:], a[2 * step :]
        for x in range(count):
            out[x] = a[x] + b[x] + c[x]
        done = 3
    else:
        for x in range(count):
            out[x] = a[x]
    for k in range(done, rows):
        b = a[k * step :]
        for x in range(count):
            out[x] += b[x]


@compiled
def _weigh(squares: Float32, start: int, scale: np.float32, offset: np.float32, count: int) -> None:
    """Turn sums of squares into weights, in place.

    exp(-t) for t up to 5 is the 16th power of exp(-t / 16). The polynomial is the one of degree
    4 that is off by least, relative to exp, on that range; with the rounding of the power the
    weights are right to 3e-6.
    """
    alike = squares[start:]
    for x in range(count):
        t = max(alike[x] * scale - offset, np.float32(0))
        u = t * np.float32(1 / 16)
        power = np.float32(0.0357488)
        power = power * u - np.float32(0.16512977)
        power = power * u + np.float32(0.49983948)
        power = power * u - np.float32(0.9999947)
        power = power * u + np.float32(1)
        power *= power
        power *= power
        power *= power
        power *= power
        alike[x] = power if t <= np.float32(FARTHEST) else np.float32(0)


@compiled
def _collect(
    likeness: Float32,
    start: int,
    value: Float32,
    weight: Float32 | None,
    there: int,
    sums: tuple[Float32, Float32],
    to: int,
    count: int,
) -> None:
    """Add the pixels that begin at `there`, by likeness, to the sums that begin at `to`."""
    alike, values = likeness[start:], value[there:]
    total, mass = sums[0][to:], sums[1][to:]
    if weight is None:
        for x in range(count):
            total[x] += alike[x] * values[x]
            mass[x] += alike[x]
    else:
        weights = weight[there:]
        for x in range(count):
            total[x] += alike[x] * values[x]
            mass[x] += alike[x] * weights[x]
