"""What is done to a block of an image that someone else has read: its tiles are the whole's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.denoiser import Denoiser, Filter
from napari_photon_denoise.held import Held, read_around
from napari_photon_denoise.hot_pixels import REACH
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.tile_task import TileTask, run_here
from napari_photon_denoise.tiles import STEP, DepthAxis, Size3, TileQueue, in_steps


@dataclass(frozen=True, eq=False)
class BlockTask:
    """What is done to each block of an image, by whichever process has it.

    Parameters
    ----------
    axes : str
    shape : tuple of int
        Of the whole image.
    calibration : Calibration
        With the maps of the whole image.
    function : Filter
        What the method prepared for the whole image.
    halo : tuple of int
        How far a pixel sees in z, y and x, px.
    depth_axis : {"Z", "T"}
        The axis whose planes are a tile's depth.
    tile : int, optional
        Edge of a tile in y and x, px; None chooses.
    grey : dtype, optional
        Of grey values, if the result is to be in counts; None for photons.
    """

    axes: str
    shape: tuple[int, ...]
    calibration: Calibration
    function: Filter
    halo: Size3
    depth_axis: DepthAxis
    tile: int | None = None
    grey: np.dtype[Any] | None = None

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the result: float32 photons (e-), or grey values."""
        return np.dtype(np.float32) if self.grey is None else self.grey

    @property
    def sizes(self) -> dict[str, int]:
        """Of the whole image, by axis letter."""
        return dict(zip(self.axes, self.shape, strict=True))

    @property
    def reach(self) -> tuple[int, ...]:
        """How much around a block must be read, one an axis, px."""
        return _reach(self.axes, self.calibration, self.halo, self.depth_axis)

    def __call__(self, held: Held, region: Sequence[slice]) -> NDArray[Any]:
        """Denoise a block, to the values that the whole image has there.

        Parameters
        ----------
        held : Held
            The block with what is around it.
        region : sequence of slice
            The block, in the whole, one slice an axis; where the tiles of the whole begin.

        Raises
        ------
        PhotonDenoiseError
            For NaN in what is read.
        OutOfMemory
            If the device can't hold even the smallest tile.
        """
        photons = Photons(held, self.calibration, self.axes)
        queue = TileQueue.of(photons.sizes, region, self.halo, self.depth_axis, self.tile)
        result = np.empty([side.stop - side.start for side in region], self.dtype)
        for done in run_here(TileTask(photons, self.function, self.depth_axis, self.grey), queue):
            inside = tuple(
                slice(side.start - part.start, side.stop - part.start)
                for side, part in zip(done.place, region, strict=True)
            )
            result[inside] = done.image
        return result


def in_memory(photons: Photons, denoiser: Denoiser, region: Sequence[slice]) -> Photons:
    """Read the part of an image that the tiles of a region see; it is the whole image to them.

    Parameters
    ----------
    photons : Photons
    denoiser : Denoiser
        That is resolved.
    region : sequence of slice
        One an axis, with start and stop.
    """
    halo = _reach(photons.axes, photons.calibration, denoiser.halo, denoiser.depth_axis)
    inside = (denoiser.depth_axis, "Y", "X")
    steps = {axis: at for axis, *at in zip(inside, denoiser.halo, STEP, strict=True)}
    region = [
        in_steps(side, size, *steps.get(axis, (0, 1)))
        for axis, side, size in zip(photons.axes, region, photons.shape, strict=True)
    ]
    return replace(photons, data=read_around(photons.data, region, halo, photons.shape))


def _reach(
    axes: str, calibration: Calibration, halo: Size3, depth_axis: DepthAxis
) -> tuple[int, ...]:
    """Return how much around a region its tiles see, one an axis, px."""
    beside = REACH if calibration.mends_hot else 0
    depth, y, x = halo
    # Hot pixels are looked for in each plane by itself.
    around = {depth_axis: depth, "Y": y + beside, "X": x + beside}
    return tuple(around.get(axis, 0) for axis in axes)
