"""The smaller resolutions of an image, each made from the stored one below, block by block.

A pixel is the mean of those that it spans, so that it is photons per pixel of the full resolution
on all levels: contrast limits hold on all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.io.ome_zarr.container import Container
from napari_photon_denoise.job import Job, Progress

MAKING = "Making smaller resolutions"


def pyramid_job(container: Container) -> Job[None]:
    """Make all levels but the full one, which is written; doing it again changes nothing.

    Parameters
    ----------
    container : Container

    Yields
    ------
    Progress
        After each shard.
    """
    shards = [
        (level, number)
        for level in range(1, len(container.levels))
        for number in range(len(container.levels[level].grid))
    ]
    for done, (level, number) in enumerate(shards):
        yield Progress(MAKING, done, len(shards))
        write_coarse(container, level, number)


def write_coarse(container: Container, level: int, number: int) -> None:
    """Make a shard of a level from the level below, and write it.

    Holds the shard in memory, and what is below one of its chunks.

    Parameters
    ----------
    container : Container
    level : int
        1 or more.
    number : int
        Of the shard.
    """
    upper, lower = container.levels[level], container.levels[level - 1]
    by = [a // b for a, b in zip(container.spans[level], container.spans[level - 1], strict=True)]
    below = lower.open()
    region = upper.grid.region(number)
    values = np.empty([side.stop - side.start for side in region], upper.dtype)
    for block in _blocks(region, upper.grid.chunk):
        fine = tuple(
            slice(side.start * times, min(side.stop * times, size))
            for side, times, size in zip(block, by, lower.grid.shape, strict=True)
        )
        inside = tuple(
            slice(side.start - whole.start, side.stop - whole.start)
            for side, whole in zip(block, region, strict=True)
        )
        values[inside] = mean_of(below[fine], by)
    upper.write(number, values)


def mean_of(values: NDArray[Any], by: Sequence[int]) -> NDArray[Any]:
    """Take pixels together; at an odd end, those that there are.

    Parameters
    ----------
    values : array
        Of any integer or float dtype.
    by : sequence of {1, 2}
        How many, along each axis.

    Returns
    -------
    array of the same dtype
        Integers are rounded.
    """
    kind = np.result_type(values.dtype, np.float32)
    mean = values
    for axis, times in enumerate(by):
        if times == 1:
            continue
        first = mean[_every_other(axis, 0)].astype(kind)
        second = mean[_every_other(axis, 1)]
        pairs = first[(slice(None),) * axis + (slice(second.shape[axis]),)]
        pairs += second
        pairs *= 0.5
        mean = first
    return (
        mean.astype(values.dtype)
        if values.dtype.kind == "f"
        else np.rint(mean).astype(values.dtype)
    )


def _every_other(axis: int, start: int) -> tuple[slice, ...]:
    return (slice(None),) * axis + (slice(start, None, 2),)


def _blocks(region: Sequence[slice], chunk: Sequence[int]) -> Iterator[tuple[slice, ...]]:
    """Cut a region into its chunks."""
    sides = [
        [slice(at, min(at + part, side.stop)) for at in range(side.start, side.stop, part)]
        for side, part in zip(region, chunk, strict=True)
    ]
    return product(*sides)
