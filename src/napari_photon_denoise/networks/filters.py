"""The classical filters as torch operations, for CUDA and MPS.

They compute what `kernels` computes on the CPU: same borders, same medians, sums that differ by
rounding alone. Convolutions are avoided: cuDNN would round their input to 10 bits, and the taps
are few. Work that needs scratch memory is cut into slabs of rows.
"""

from __future__ import annotations

import torch

from napari_photon_denoise.kernels.borders import reflected
from napari_photon_denoise.kernels.comparators import (
    MAXIMUM,
    MINIMUM,
    MedianNetwork,
    median_network,
)
from napari_photon_denoise.kernels.neighbours import FARTHEST, half_of_shifts

Triple = tuple[int, int, int]

# Pixels of scratch memory at a time, over all of a filter's temporary arrays: 1 GB.
SCRATCH = 2**28

# Arrays of the size of a slab that non-local means holds at once.
NONLOCAL_MEANS_ARRAYS = 10


def correlate(
    volume: torch.Tensor, taps_z: torch.Tensor, taps_y: torch.Tensor, taps_x: torch.Tensor
) -> torch.Tensor:
    """Correlate a volume with symmetric taps along each axis.

    Parameters
    ----------
    volume : `(Z, Y, X)` float32
    taps_z, taps_y, taps_x : `(2 r + 1,)` float32
        Symmetric; a single tap of one leaves its axis untouched.

    Returns
    -------
    `(Z, Y, X)` float32
        In the volume's unit.
    """
    result = volume.clone()
    for axis, taps in enumerate((taps_z, taps_y, taps_x)):
        weights = taps.tolist()
        if weights == [1.0]:
            continue
        length = volume.shape[axis]
        extended = _extended(result, axis, -(len(weights) // 2), length + len(weights) // 2)
        torch.mul(extended.narrow(axis, 0, length), weights[0], out=result)
        for k, weight in enumerate(weights[1:], start=1):
            result.add_(extended.narrow(axis, k, length), alpha=weight)
    return result


def median(volume: torch.Tensor, size_z: int, size_y: int, size_x: int) -> torch.Tensor:
    """Replace every pixel by the median of the box around it.

    Parameters
    ----------
    volume : `(Z, Y, X)` float32
        Without NaN.
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
    result = torch.empty_like(volume)
    depth, height, width = volume.shape
    extended = _extended(volume, 0, -(size_z // 2), depth + size_z // 2)
    extended = _extended(extended, 2, -(size_x // 2), width + size_x // 2)
    band = max(1, SCRATCH // (network.rows * depth * width))
    for top in range(0, height, band):
        bottom = min(top + band, height)
        slab = _extended(extended, 1, top - size_y // 2, bottom + size_y // 2)
        rows = [
            slab[i : i + depth, j : j + bottom - top] for i in range(size_z) for j in range(size_y)
        ]
        result[:, top:bottom] = _run(network, rows)
    return result


def _run(network: MedianNetwork, inputs: list[torch.Tensor]) -> torch.Tensor:
    """Run a network on arrays that share their shape."""
    rows: list[torch.Tensor] = inputs + inputs[:1] * (network.rows - network.inputs)
    for kind, row_a, offset_a, row_b, offset_b, low, high in network.steps.tolist():
        a, b = rows[row_a][..., offset_a:], rows[row_b][..., offset_b:]
        width = min(a.shape[-1], b.shape[-1])
        a, b = a[..., :width], b[..., :width]
        if kind != MAXIMUM:
            rows[low] = torch.minimum(a, b)
        if kind != MINIMUM:
            rows[high] = torch.maximum(a, b)
    return rows[network.median]


def nonlocal_means(
    guide: torch.Tensor,
    value: torch.Tensor,
    weight: torch.Tensor | None,
    *,
    patch: Triple,
    distance: Triple,
    h: float,
    sigma: float = 1.0,
) -> torch.Tensor:
    """Average `value` over the pixels whose patches look alike in `guide`.

    See `kernels.nonlocal_means.nonlocal_means`.

    Parameters
    ----------
    guide, value : `(Z, Y, X)` float32
    weight : `(Z, Y, X)` float32 or None
        Trust in each value, positive; None trusts all alike.
    patch : three int
        Size of the patch along Z, Y, X.
    distance : three int
        Search radius along Z, Y, X.
    h, sigma : float
        Tolerated difference, and standard deviation of the noise, in the guide's unit.

    Returns
    -------
    `(Z, Y, X)` float32
        In the unit of `value`.
    """
    result = torch.empty_like(value)
    depth, height, width = value.shape
    reach = [size // 2 + d for size, d in zip(patch, distance, strict=True)]
    across = (depth + 2 * reach[0]) * (width + 2 * reach[2])
    band = max(1, SCRATCH // (NONLOCAL_MEANS_ARRAYS * across) - 2 * reach[1])

    def surroundings(volume: torch.Tensor, top: int, bottom: int) -> torch.Tensor:
        slab = _extended(volume, 1, top - reach[1], bottom + reach[1])
        slab = _extended(slab, 0, -reach[0], depth + reach[0])
        return _extended(slab, 2, -reach[2], width + reach[2])

    for top in range(0, height, band):
        bottom = min(top + band, height)
        result[:, top:bottom] = _average_slab(
            surroundings(guide, top, bottom),
            surroundings(value, top, bottom),
            None if weight is None else surroundings(weight, top, bottom),
            patch,
            distance,
            h * h,
            2 * sigma * sigma,
        )
    return result


def _average_slab(
    guide: torch.Tensor,
    value: torch.Tensor,
    weight: torch.Tensor | None,
    patch: Triple,
    distance: Triple,
    h2: float,
    bias: float,
) -> torch.Tensor:
    """Non-local means of the core of a slab that holds its surroundings."""
    if weight is not None:
        value = value * weight
    total = value.clone()
    mass = torch.ones_like(value) if weight is None else weight.clone()
    for shift in half_of_shifts(distance).tolist():
        # The patches of all pixels whose partner, or who as a partner, lie in the core.
        bounds = [
            (d - max(s, 0), length - d - min(s, 0))
            for d, s, length in zip(distance, shift, guide.shape, strict=True)
        ]
        here = tuple(slice(a, b) for a, b in bounds)
        there = tuple(slice(a + s, b + s) for (a, b), s in zip(bounds, shift, strict=True))
        alike = _likeness((guide[here] - guide[there]).square_(), patch, h2, bias)
        here, there = _centres(here, patch), _centres(there, patch)
        for mine, theirs in ((here, there), (there, here)):
            total[mine].addcmul_(alike, value[theirs])
            if weight is None:
                mass[mine].add_(alike)
            else:
                mass[mine].addcmul_(alike, weight[theirs])
    core = tuple(
        slice(d + size // 2, length - d - size // 2)
        for d, size, length in zip(distance, patch, guide.shape, strict=True)
    )
    return total[core] / mass[core]


def _centres(box: tuple[slice, ...], patch: Triple) -> tuple[slice, ...]:
    """Shrink a box to the pixels whose whole patch lies in it."""
    return tuple(
        slice(s.start + (size - 1) // 2, s.stop - size // 2)
        for s, size in zip(box, patch, strict=True)
    )


def _likeness(squares: torch.Tensor, patch: Triple, h2: float, bias: float) -> torch.Tensor:
    """Weight of each patch, from the squared differences of its pixels."""
    mean = torch.nn.functional.avg_pool2d(squares[:, None], patch[1:], stride=1)[:, 0]
    if patch[0] > 1:
        planes = mean.shape[0] - patch[0] + 1
        mean = sum((mean[k : k + planes] for k in range(1, patch[0])), mean[:planes]) / patch[0]
    exponent = mean.sub_(bias).clamp_(min=0).div_(h2)
    return torch.where(exponent <= FARTHEST, torch.exp(-exponent), 0.0)


def _extended(volume: torch.Tensor, axis: int, start: int, stop: int) -> torch.Tensor:
    """Positions `start` to `stop` of an axis, reflected where they lie outside."""
    index = torch.from_numpy(reflected(volume.shape[axis], start, stop))
    return volume.index_select(axis, index.to(volume.device))
