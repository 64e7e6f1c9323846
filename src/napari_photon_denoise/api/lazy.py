"""A result that is made when it is read: a dask array, to the bit the one that is made at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.arrays import is_dask
from napari_photon_denoise.block_task import BlockTask
from napari_photon_denoise.counts import LazyArray
from napari_photon_denoise.denoiser import Denoiser, Prepared
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.held import Held
from napari_photon_denoise.io.grey import OneOfEqual
from napari_photon_denoise.job import Job
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import (
    Denoised,
    Units,
    check_answered,
    check_wishes,
    orientation_notes_job,
    result_dtype,
)
from napari_photon_denoise.tiles import tile_size

BLOCK = 2**22  # px, at most, unless one tile has more: a frame of 2048 × 2048, which has no seams

Chunks = tuple[tuple[int, ...], ...]


def lazy_job(
    photons: Photons,
    denoiser: Denoiser,
    *,
    device: str = "auto",
    tile: int | None = None,
    units: Units = "photons",
) -> Job[Denoised]:
    """Prepare the denoising of an image, which is done block by block when the result is read.

    A method that learns from the image does so now, once.

    Parameters
    ----------
    photons, denoiser, device, tile, units
        As for `pipeline.denoise_job`.

    Returns
    -------
    Denoised
        Its data a dask array; its notes those that are known before pixels are read.

    Raises
    ------
    PhotonDenoiseError
        If image or method can't be used.
    """
    check_wishes(units, tile)
    if isinstance(photons.data, OneOfEqual):
        raise PhotonDenoiseError(
            "The image is saved as colour, and each of its values would have to be looked at to "
            "know that it is grey: for a lazy result give one channel, such as image[..., 0]."
        )
    denoiser = denoiser.resolved(photons)
    check_answered(photons, denoiser)
    prepared = Prepared.of((yield from denoiser.prepare(photons, device)))
    said = yield from orientation_notes_job(photons)
    task = BlockTask(
        photons.axes,
        photons.shape,
        replace(photons.calibration, report=None),  # which no block needs
        prepared.function,
        denoiser.halo,
        denoiser.depth_axis,
        tile,
        None if units == "photons" else result_dtype(photons, units),
    )
    made = _in_blocks(photons.data, task)
    notes = (*prepared.notes, *said)
    return Denoised(made, notes, camera=photons.calibration, method=prepared.method)


def block_chunks(chunks: Chunks, task: BlockTask) -> Chunks:
    """Cut an image into blocks: of whole tiles, where the whole's begin.

    Parameters
    ----------
    chunks : tuple of tuple of int
        As the image is cut already; of axes that are done one by one, blocks have as many.
    """
    sides = _sides(task)
    reach = dict(zip(task.axes, task.reach, strict=True))
    left = BLOCK // prod(
        min(side, size) for axis, size in _sizes(task) if (side := sides.get(axis)) is not None
    )
    blocks: dict[str, tuple[int, ...]] = {}
    for (axis, size), now in reversed(list(zip(_sizes(task), chunks, strict=True))):
        if axis in sides:
            blocks[axis] = _cut(size, sides[axis], reach[axis])
        else:
            most = max(1, left)
            blocks[axis] = tuple(part for many in now if many for part in _cut(many, most, 0))
            left //= max(blocks[axis])
    return tuple(blocks[axis] for axis in task.axes)


def _sizes(task: BlockTask) -> list[tuple[str, int]]:
    return list(zip(task.axes, task.shape, strict=True))


def _sides(task: BlockTask) -> dict[str, int]:
    """Return the sides of a block along the axes that tiles have: whole tiles, as long as a halo.

    A block that is narrower than what is read around it would need more than its neighbours.
    """
    depth, height, width = tile_size(task.halo, task.tile)
    tile = {"Y": height, "X": width} | ({task.depth_axis: depth} if task.halo[0] else {})
    reach, sizes = dict(zip(task.axes, task.reach, strict=True)), dict(_sizes(task))
    sides = {
        axis: side * max(1, -(-reach[axis] // side)) for axis, side in tile.items() if axis in sizes
    }
    while True:
        short = [axis for axis in "YX" if sides[axis] < sizes[axis]]
        longest = {axis: min(side, sizes[axis]) for axis, side in sides.items()}
        if not short or 2 * prod(longest.values()) > BLOCK:
            return sides
        sides[min(short, key=sides.__getitem__)] *= 2


def _cut(size: int, side: int, least: int) -> tuple[int, ...]:
    """Cut a length; a rest that is too short belongs to the part before."""
    parts = [side] * (size // side)
    rest = size - sum(parts)
    if not rest:
        return tuple(parts)
    if rest < least and parts:
        return (*parts[:-1], side + rest)
    return (*parts, rest)


def _in_blocks(data: LazyArray, task: BlockTask) -> Any:
    """Return the result as a dask array."""
    import dask
    import dask.array as da

    image: Any = data if is_dask(data) else _as_dask(data, task)
    chunks = block_chunks(image.chunks, task)
    # Not by exchange over the cluster's disks, which would hold all of the image.
    image = image.rechunk(chunks, method="tasks")
    parted = [len(parts) > 1 for parts in chunks]
    depth = {axis: task.reach[axis] * is_parted for axis, is_parted in enumerate(parted)}
    around = da.overlap.overlap(image, depth, "none", allow_rechunk=False)
    return da.map_blocks(
        denoise_block,
        around,
        dask.delayed(task, traverse=False),  # one piece of the graph: it goes to each worker once
        token="denoise",
        chunks=chunks,
        dtype=task.dtype,
        meta=np.empty((0,) * len(chunks), task.dtype),
    )


def _as_dask(data: LazyArray, task: BlockTask) -> Any:
    """See an array as one of dask; one in a file in its own chunks, each of which is read once."""
    import dask.array as da

    stored: Sequence[int] = getattr(data, "chunks", None) or (1,) * len(task.shape)
    sides = _sides(task)
    chunks = [
        min(size, max(1, sides.get(axis, 1) // side) * side)
        for (axis, size), side in zip(_sizes(task), stored, strict=True)
    ]
    # dask would copy all of a memory-mapped file.
    plain = type(data) is np.ndarray or not hasattr(data, "copy")
    return da.from_array(data if plain else _Read(data), chunks, name=False)


class _Read:
    """An array of which only blocks are read."""

    def __init__(self, data: LazyArray) -> None:
        self._data = data
        self.shape, self.dtype, self.ndim = data.shape, data.dtype, len(data.shape)

    def __getitem__(self, index: tuple[slice, ...]) -> NDArray[Any]:
        return np.asarray(self._data[index])


def denoise_block(
    block: NDArray[Any], task: BlockTask, block_info: dict[None, dict[str, Any]] | None = None
) -> NDArray[Any]:
    """Denoise a block; what dask calls.

    Parameters
    ----------
    block : array
        With what is around it, as far as there is an image.
    task : BlockTask
    block_info : dict
        Where dask says which block of the result this is.
    """
    if block_info is None:
        raise TypeError("dask did not say which block this is")
    region = [slice(start, stop) for start, stop in block_info[None]["array-location"]]
    start = tuple(
        max(0, side.start - reach) for side, reach in zip(region, task.reach, strict=True)
    )
    return task(Held(block, start, task.shape), region)
