"""Shards one by one in this process, what is looked at first; without Qt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from napari_photon_denoise.io.ome_zarr.grid import Grid
from napari_photon_denoise.shards.task import ShardStep, ShardTask, run_shards_here
from napari_photon_denoise.widgets.on_disk.growing import Growing
from napari_photon_denoise.widgets.on_disk.lazy import Box

AT_A_TIME = 4  # overviews of shards that others made, after each shard: nobody waits for them


class Eye:
    """What of an image is on the screen: told by the window, asked by the worker."""

    def __init__(self, box: Box | None = None) -> None:
        self.box = box
        """Pixels at full resolution; None where nobody knows, or all is seen."""


class SeenFirst:
    """A `ShardRunner` that takes the shard next that somebody looks at.

    Parameters
    ----------
    growing : Growing
        Shown meanwhile.
    eye : Eye
    """

    def __init__(self, growing: Growing, eye: Eye) -> None:
        self._growing, self._eye = growing, eye

    def __call__(self, task: ShardTask, numbers: Sequence[int]) -> Iterator[ShardStep]:
        """Do shards, and let them be seen."""
        left = [*numbers]
        self._growing.begin(set(range(self._growing.total)) - set(left))
        grid = task.levels[0].grid
        while left:
            number = left.pop(next_of(left, grid, self._eye.box))
            for step in run_shards_here(task, [number]):
                if step.seen is not None:
                    self._growing.add(number)
                yield step
            self._growing.catch_up(AT_A_TIME)


def next_of(numbers: Sequence[int], grid: Grid, box: Box | None) -> int:
    """Choose the shard that comes next: what is seen, from its middle outwards; then the nearest.

    Parameters
    ----------
    numbers : sequence of int
        Of which one is chosen.
    grid : Grid
    box : tuple of slice or None
        What is seen; None takes the first.

    Returns
    -------
    int
        Its place in `numbers`.
    """
    if box is None:
        return 0
    places = np.stack(np.unravel_index(np.asarray(numbers), grid.counts), axis=-1)
    shard = np.asarray(grid.shard)
    first = np.array([side.start for side in box]) // shard
    last = (np.array([side.stop for side in box]) - 1) // shard
    middle = np.array([(side.start + side.stop - 1) / 2 for side in box]) / shard - 0.5
    beyond = np.maximum(np.maximum(first - places, places - last), 0).sum(axis=-1)
    apart = np.abs(places - middle).sum(axis=-1)
    return int(np.lexsort((apart, beyond))[0])
