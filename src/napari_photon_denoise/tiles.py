"""Cutting a volume into tiles: a plan of slices, no pixels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from napari_photon_denoise.errors import OutOfMemory

Box3 = tuple[slice, slice, slice]
Size3 = tuple[int, int, int]

PLANE_TILE = 1024  # px; a tile of 4 MB, large enough that its halo costs little
VOLUME_TILE = (32, 256, 256)  # Z, Y, X px; 8 MB, seconds for the slowest method
SMALLEST_TILE = 32  # px; a device that can't hold this is of no use


@dataclass(frozen=True)
class Tile:
    """A block of a ``(Z, Y, X)`` volume: the core that is written, what is read for it."""

    core: Box3
    read: Box3

    @property
    def inner(self) -> Box3:
        """Where the core lies within what was read."""
        z, y, x = (
            slice(core.start - read.start, core.stop - read.start)
            for core, read in zip(self.core, self.read, strict=True)
        )
        return z, y, x


def tile_size(halo: tuple[int, int, int], edge: int | None) -> tuple[int, int, int]:
    """Largest core ``(z, y, x)``: planes one by one, unless the method looks across planes."""
    if halo[0] == 0:
        edge = edge or PLANE_TILE
        return 1, edge, edge
    depth, height, width = VOLUME_TILE
    return depth, edge or height, edge or width


def split(
    box: Box3, shape: tuple[int, int, int], tile: tuple[int, ...], halo: tuple[int, ...]
) -> Iterator[Tile]:
    """Cut a box of a volume into abutting tiles with a halo.

    Parameters
    ----------
    box : three slices with start and stop
    shape : ``(Z, Y, X)`` of the volume, where halos end
    tile : largest core, px
    halo : what is read around a core, px
    """
    starts = [range(side.start, side.stop, step) for side, step in zip(box, tile, strict=True)]
    for corner in product(*starts):
        core = tuple(
            slice(start, min(start + step, side.stop))
            for start, step, side in zip(corner, tile, box, strict=True)
        )
        read = tuple(
            slice(max(0, side.start - reach), min(size, side.stop + reach))
            for side, reach, size in zip(core, halo, shape, strict=True)
        )
        yield Tile(core, read)  # type: ignore[arg-type]  # three slices each, from three ranges


def halved(size: Size3, part: Tile) -> Size3:
    """Half the longest side of the tile that did not fit."""
    held = [min(limit, side.stop - side.start) for limit, side in zip(size, part.core, strict=True)]
    longest = max(range(3), key=held.__getitem__)
    if held[longest] <= SMALLEST_TILE:
        raise OutOfMemory(
            f"The device has not even memory for a tile of {SMALLEST_TILE} px: close other "
            "programs that use it, or choose the device 'cpu'."
        )
    held[longest] = -(-held[longest] // 2)
    return held[0], held[1], held[2]


def frame_index(axes: str, frame: dict[str, int], box: Box3) -> tuple[slice, ...]:
    """Slices, one an axis, of a (z, y, x) box in one time and channel; singletons are kept."""
    place = dict(zip("ZYX", box, strict=True))
    place |= {axis: slice(at, at + 1) for axis, at in frame.items()}
    return tuple(place[axis] for axis in axes)
