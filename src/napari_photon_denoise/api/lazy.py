"""A result that is made when it is read: a dask array, to the bit the one that is made at once."""

from __future__ import annotations

from collections.abc import Callable
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
from napari_photon_denoise.held import Held, read_around
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

BLOCK = 2**22  # px; what is smaller has more tiles: a frame of 2048 × 2048, which has no seams
DEEPEST = 2**24  # px, of planes and frames that are stored together; more are parted

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
        As the image is cut already; of axes that are done one by one, blocks have as many, so
        that what is stored together is read once.
    """
    sides, reach = _tile_sides(task), dict(zip(task.axes, task.reach, strict=True))
    left = DEEPEST // prod(min(side, task.sizes[axis]) for axis, side in sides.items())
    blocks: dict[str, tuple[int, ...]] = {}
    for axis, now in reversed(list(zip(task.axes, chunks, strict=True))):
        if axis not in sides:
            most = max(1, left)
            blocks[axis] = tuple(part for many in now if many for part in _cut(many, most, 0))
            left //= max(blocks[axis])
    sides = _widened(sides, prod(max(parts) for parts in blocks.values()), task)
    blocks |= {axis: _cut(task.sizes[axis], side, reach[axis]) for axis, side in sides.items()}
    return tuple(blocks[axis] for axis in task.axes)


def _tile_sides(task: BlockTask) -> dict[str, int]:
    """Return the least sides of a block along the axes that tiles have.

    They are of whole tiles, and as long as a halo: a block that is narrower than what is read
    around it would need more than its neighbours.
    """
    depth, height, width = tile_size(task.halo, task.tile)
    tile = {"Y": height, "X": width} | ({task.depth_axis: depth} if task.halo[0] else {})
    reach = dict(zip(task.axes, task.reach, strict=True))
    return {
        axis: side * max(1, -(-reach[axis] // side))
        for axis, side in tile.items()
        if axis in task.axes
    }


def _widened(sides: dict[str, int], frames: int, task: BlockTask) -> dict[str, int]:
    """Have more tiles side by side, while the block is small: fewer seams."""
    while True:
        short = [axis for axis in "YX" if sides[axis] < task.sizes[axis]]
        pixels = frames * prod(min(side, task.sizes[axis]) for axis, side in sides.items())
        if not short or 2 * pixels > BLOCK:
            return sides
        wider = min(short, key=sides.__getitem__)
        sides = sides | {wider: 2 * sides[wider]}


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

    if type(data) is np.ndarray:
        # In pieces: a cluster would send all of it to each worker.
        data = da.from_array(data, block_chunks(_stored(data), task), name=False)
    # Pieces of the graph of their own, which a cluster sends to each worker once.
    whole = dask.delayed(task, traverse=False)
    work: Callable[..., NDArray[Any]]
    if is_dask(data):
        given, chunks = _with_halo(data, task)
        work = denoise_block
    else:
        given, chunks = dask.delayed(data, traverse=False), block_chunks(_stored(data), task)
        work = read_and_denoise_block
    empty = np.empty((0,) * len(chunks), task.dtype)
    return da.map_blocks(
        work, given, whole, token="denoise", chunks=chunks, dtype=task.dtype, meta=empty
    )


def _stored(data: LazyArray) -> Chunks:
    """Return how an array is cut in its file; where it isn't, planes are by themselves."""
    chunks = getattr(data, "chunks", None)
    if chunks is None or not all(isinstance(side, int) for side in chunks):
        chunks = (1,) * len(data.shape)
    return tuple(_cut(size, side, 0) for size, side in zip(data.shape, chunks, strict=True))


def _with_halo(image: Any, task: BlockTask) -> tuple[Any, Chunks]:
    """Return a dask array in blocks with what is around them, and what they are without."""
    import dask.array as da

    chunks = block_chunks(image.chunks, task)
    # Not by exchange over a cluster's disks, which would hold all of the image.
    image = image.rechunk(chunks, method="tasks")
    parted = [len(parts) > 1 for parts in chunks]
    depth = {axis: task.reach[axis] * is_parted for axis, is_parted in enumerate(parted)}
    return da.overlap.overlap(image, depth, "none", allow_rechunk=False), chunks


Info = dict[None, dict[str, Any]]


def denoise_block(
    block: NDArray[Any], task: BlockTask, block_info: Info | None = None
) -> NDArray[Any]:
    """Denoise a block of a dask array; what dask calls.

    Parameters
    ----------
    block : array
        With what is around it, as far as there is an image.
    task : BlockTask
    block_info : dict
        Where dask says which block of the result this is.
    """
    region = _region(block_info)
    start = tuple(
        max(0, side.start - reach) for side, reach in zip(region, task.reach, strict=True)
    )
    return task(Held(block, start, task.shape), region)


def read_and_denoise_block(
    data: LazyArray, task: BlockTask, block_info: Info | None = None
) -> NDArray[Any]:
    """Read a block with what is around it and denoise it; what dask calls.

    Parameters
    ----------
    data : array, any real dtype, ADU
        In a file: nobody keeps what is read until a neighbour needs it, too.
    task, block_info
        As for `denoise_block`.
    """
    region = _region(block_info)
    return task(read_around(data, region, task.reach, task.shape), region)


def _region(block_info: Info | None) -> tuple[slice, ...]:
    if block_info is None:
        raise TypeError("dask did not say which block this is")
    return tuple(slice(start, stop) for start, stop in block_info[None]["array-location"])
