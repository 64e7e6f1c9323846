"""What is done to a tile, and by whom: this thread, or whoever is handed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.denoiser import Filter
from napari_photon_denoise.errors import OutOfMemory
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.tally import Seen, as_dtype, see
from napari_photon_denoise.tiles import DepthAxis, Frame, Tile, TileQueue, frame_index


@dataclass(frozen=True)
class DoneTile:
    """What was made of a tile.

    Parameters
    ----------
    place : tuple of slice, one an axis
        Where it belongs.
    image : array
        float32 photons (e-), or grey values in the image's own dtype.
    extras : tuple of arrays, float32, e-
    seen : Seen
    """

    place: tuple[slice, ...]
    image: NDArray[Any]
    extras: tuple[Float32, ...]
    seen: Seen


@dataclass(frozen=True)
class TileTask:
    """What is done to each tile, by whoever runs it.

    Parameters
    ----------
    photons : Photons
    function : Filter
        Returns ``(Z, Y, X)``, or ``(1 + extras, Z, Y, X)``.
    depth : {"Z", "T"}
        The axis whose planes are a tile's depth.
    grey : dtype, optional
        Of grey values, if the result is to be in counts; None for photons.
    """

    photons: Photons
    function: Filter
    depth: DepthAxis
    grey: np.dtype[Any] | None = None

    def __call__(self, frame: Frame, part: Tile) -> DoneTile:
        """Read a tile with its halo, denoise it, and keep its core."""
        photons = self.photons
        index = frame_index(photons.axes, frame, part.read, self.depth)
        shape = [side.stop - side.start for side in part.read]
        counts, hot = photons.mended(index)
        counts = counts.reshape(shape)
        block = photons.calibration.to_photons(counts, index[-2], index[-1])
        clean = self.function(block, photons.read_noise(index))[(..., *part.inner)]
        place = frame_index(photons.axes, frame, part.core, self.depth)
        image, *extras = clean.reshape(-1, *(side.stop - side.start for side in place))
        seen = see(counts[part.inner], photons.ceiling, frame.get("C", 0))
        if hot is not None:
            seen = replace(seen, hot=int(hot.reshape(shape)[part.inner].sum()))
        if self.grey is not None:
            counts = photons.calibration.to_counts(image, place[-2], place[-1])
            image, beyond = as_dtype(counts, self.grey)
            seen = replace(seen, beyond=beyond)
        return DoneTile(place, image, tuple(extras), seen)


# Takes tiles from the queue until it is empty, and yields each as it is done, in any order.
TileRunner: TypeAlias = Callable[[TileTask, TileQueue], Iterator[DoneTile]]


def run_here(task: TileTask, queue: TileQueue) -> Iterator[DoneTile]:
    """Run tiles one by one in this thread; where memory is short, in smaller ones."""
    while len(queue):
        frame, part = queue.take()
        try:
            done = task(frame, part)
        except OutOfMemory:
            queue.halve(frame, part)
            continue
        yield done
