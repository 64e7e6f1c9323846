"""Cutting a volume into tiles: a plan of slices, no pixels."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product, takewhile
from math import dist
from typing import Literal

from napari_photon_denoise.errors import OutOfMemory

Box3 = tuple[slice, slice, slice]
Size3 = tuple[int, int, int]
Frame = dict[str, int]
DepthAxis = Literal["Z", "T"]

PLANE_TILE = 1024  # px; a tile of 4 MB, large enough that its halo costs little
VOLUME_TILE = (32, 256, 256)  # Z, Y, X px; 8 MB, seconds for the slowest method
# Where pixels see far, as networks do: a narrow tile would be nearly all halo.
WIDE_TILE, WIDE_HALO, DEEPEST = (16, 1024, 1024), 64, 4  # px; for halos up to this many planes
SMALLEST_TILE = 32  # px; a device that can't hold this is of no use
# Where tiles may begin. A network that pools sees its image in such steps, and gives the same
# in tiles as in the whole only if its steps are those of the whole.
STEP = (8, 16, 16)  # Z, Y, X px


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


def frames(
    sizes: Mapping[str, int],
    depth_axis: DepthAxis = "Z",
    region: Mapping[str, slice] | None = None,
) -> Iterator[Frame]:
    """Every place along the axes that are done one by one, as indices by axis.

    Parameters
    ----------
    sizes : mapping of axis letter to int
        Of the image, in the order of its axes.
    depth_axis : {"Z", "T"}
        Whose planes are a block's depth.
    region : mapping of axis letter to slice, optional
        That is wanted; None is all of the image.
    """
    loops = [axis for axis in sizes if axis not in (depth_axis, "Y", "X")]
    spans = [range(sizes[axis])[region[axis] if region else slice(None)] for axis in loops]
    for place in product(*spans):
        yield dict(zip(loops, place, strict=True))


def tile_size(halo: Size3, edge: int | None) -> Size3:
    """Largest core ``(z, y, x)``: planes one by one, unless the method looks across planes.

    Parameters
    ----------
    halo : how far a pixel sees, px
    edge : int, optional
        Edge in y and x, px, which is rounded up to a multiple of `STEP`; None chooses.
    """
    if halo[0] == 0:
        depth, height, width = 1, PLANE_TILE, PLANE_TILE
    else:
        is_wide = halo[1] > WIDE_HALO and halo[0] <= DEEPEST
        depth, height, width = WIDE_TILE if is_wide else VOLUME_TILE
    return depth, _rounded_up(edge or height, STEP[1]), _rounded_up(edge or width, STEP[2])


def split(box: Box3, shape: Size3, tile: Size3, halo: Size3) -> Iterator[Tile]:
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


def split_region(region: Box3, shape: Size3, tile: Size3, halo: Size3) -> Iterator[Tile]:
    """Cut a region of a volume into tiles that give what tiles of the whole give there.

    Parameters
    ----------
    region : three slices with start and stop
    shape : ``(Z, Y, X)`` of the volume, where halos end
    tile : largest core, px
    halo : what is read around a core, px; multiples of `STEP` of a method that pools, for
        which more is read, so that tiles begin and end where those of the whole may
    """
    z, y, x = (
        in_steps(side, size, reach, step)
        for side, size, reach, step in zip(region, shape, halo, STEP, strict=True)
    )
    for part in split((z, y, x), shape, tile, halo):
        core_z, core_y, core_x = (
            slice(max(core.start, side.start), min(core.stop, side.stop))
            for core, side in zip(part.core, region, strict=True)
        )
        yield Tile((core_z, core_y, core_x), part.read)


def in_steps(side: slice, size: int, reach: int, step: int) -> slice:
    """Widen a side of a region so that tiles begin and end where those of the whole may.

    Parameters
    ----------
    side : slice
    size : int
        Of the whole.
    reach : int
        The halo; a multiple of the step only of a method that pools.
    step : int
        Of `STEP`.
    """
    if not reach or reach % step:
        return side
    return slice(side.start - side.start % step, min(size, _rounded_up(side.stop, step)))


@dataclass(frozen=True)
class Next:
    """Where the next tile of an image lies.

    Parameters
    ----------
    frame : dict
        Indices of the axes that are done one by one.
    planes : slice
        Of the frame.
    number, total : int
        Which of the tiles of these planes it is, from 1, and how many they are.
    """

    frame: Frame
    planes: slice
    number: int
    total: int


class TileQueue:
    """Tiles of an image that are still to be done.

    Parameters
    ----------
    frames : sequence of dict
        Every combination of time and channel, as indices by axis.
    shape : ``(Z, Y, X)`` of one frame
    halo : how far a pixel sees, px
    edge : int, optional
        Edge of a tile in y and x, px, which is rounded up to a multiple of `STEP`; None
        chooses.
    region : three slices, optional
        Of each frame, that is wanted; None is all of it.
    """

    def __init__(
        self,
        frames: Iterable[Frame],
        shape: Size3,
        halo: Size3,
        edge: int | None,
        region: Box3 | None = None,
    ) -> None:
        wanted = region or (slice(0, shape[0]), slice(0, shape[1]), slice(0, shape[2]))
        self._shape, self._halo = shape, halo
        self.size = tile_size(halo, edge)
        self._waiting = deque(
            (frame, part)
            for frame in frames
            for part in split_region(wanted, shape, self.size, halo)
        )
        self._taken = 0
        self._middle = [(side.start + side.stop) / 2 for side in wanted]
        self._slab: object = None  # the planes that were worked on last, and tiles taken of them
        self._of_slab = 0

    @classmethod
    def of(
        cls,
        sizes: Mapping[str, int],
        region: Sequence[slice],
        halo: Size3,
        depth_axis: DepthAxis,
        edge: int | None,
    ) -> TileQueue:
        """Cut a region of an image.

        Parameters
        ----------
        sizes : mapping of axis letter to int
            Of the image, in the order of its axes.
        region : sequence of slice
            One an axis, with start and stop.
        halo, edge
            As for the class.
        depth_axis : {"Z", "T"}
            Whose planes are a tile's depth.
        """
        place = dict(zip(sizes, region, strict=True))
        box = (place.get(depth_axis, slice(0, 1)), place["Y"], place["X"])
        shape = (sizes.get(depth_axis, 1), sizes["Y"], sizes["X"])
        return cls(frames(sizes, depth_axis, place), shape, halo, edge, box)

    def __len__(self) -> int:
        """Return how many tiles are still to be done."""
        return len(self._waiting)

    @property
    def total(self) -> int:
        """All tiles, done or not."""
        return self._taken + len(self._waiting)

    def begin_in_the_middle(self) -> None:
        """Do those first that are near the middle of a frame, where people look."""

        def away(part: Tile) -> float:
            centre = [(side.start + side.stop) / 2 for side in part.core]
            return dist(centre, self._middle)

        self._waiting = deque(sorted(self._waiting, key=lambda waiting: away(waiting[1])))

    def take(self) -> tuple[Frame, Tile]:
        """Return the next tile."""
        self._taken += 1
        frame, part = self._waiting.popleft()
        if (slab := _slab(frame, part)) != self._slab:
            self._slab, self._of_slab = slab, 0
        self._of_slab += 1
        return frame, part

    def next(self) -> Next:
        """Return where the next tile lies; there is one."""
        frame, part = self._waiting[0]
        slab = _slab(frame, part)
        taken = self._of_slab if slab == self._slab else 0
        left = sum(1 for _ in takewhile(lambda one: _slab(*one) == slab, self._waiting))
        return Next(frame, part.core[0], taken + 1, taken + left)

    def halve(self, frame: Frame, part: Tile) -> None:
        """Put a tile that did not fit back in halves, and cut those to come alike.

        Raises
        ------
        OutOfMemory
            If the tile is too small to be halved.
        """
        self.size = _halved(self.size, part)
        self._taken -= 1
        self._of_slab -= 1
        rest = [(frame, part), *self._waiting]
        # They would fail alike.
        self._waiting = deque(
            (at, small)
            for at, big in rest
            for small in split_region(big.core, self._shape, self.size, self._halo)
        )


def frame_index(
    axes: str, frame: Frame, box: Box3, depth_axis: DepthAxis = "Z"
) -> tuple[slice, ...]:
    """Slices, one an axis, of a (depth, y, x) box in one frame; singletons are kept.

    Parameters
    ----------
    axes : str
    frame : indices of the axes that are done one by one
    box : three slices
    depth_axis : {"Z", "T"}
        What a method that looks across planes takes for them.
    """
    place = dict(zip((depth_axis, "Y", "X"), box, strict=True))
    place |= {axis: slice(at, at + 1) for axis, at in frame.items()}
    return tuple(place[axis] for axis in axes)


def _slab(frame: Frame, part: Tile) -> tuple[object, ...]:
    """Tell which planes a tile is of."""
    return *frame.items(), part.core[0].start, part.core[0].stop


def _halved(size: Size3, part: Tile) -> Size3:
    """Half the longest side of the tile that did not fit; in steps, as every tile begins at one."""
    held = [min(limit, side.stop - side.start) for limit, side in zip(size, part.core, strict=True)]
    longest = max(range(3), key=held.__getitem__)
    if held[longest] <= SMALLEST_TILE:
        raise OutOfMemory(
            f"The device has not even memory for a tile of {SMALLEST_TILE} px: close other "
            "programs that use it, or choose the device 'cpu'."
        )
    held[longest] = -(-held[longest] // 2)
    # At most the old size: planes stay one by one.
    z, y, x = (
        min(limit, _rounded_up(side, step))
        for limit, side, step in zip(size, held, STEP, strict=True)
    )
    return z, y, x


def _rounded_up(length: int, step: int) -> int:
    return -(-length // step) * step
