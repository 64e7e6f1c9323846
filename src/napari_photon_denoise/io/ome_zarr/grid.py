"""How a stored image is cut: into chunks, which are read, and shards, which are written; no pixels.

A shard is a file, and is written at once by one writer. It is made of whole tiles, so that who
computes it computes the tiles that the whole image would be cut into, to the bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import lcm, prod

from napari_photon_denoise.errors import PhotonDenoiseError

SHARD_BYTES = 2**28  # as many are held in memory at once, and a few times more while it is encoded
VOLUME_CHUNK = {"Z": 16, "Y": 256, "X": 256}
PLANE_CHUNK = {"Y": 512, "X": 512}
# What a shard grows along first. Channels are apart, since people look at one.
_GROWTH = "XYZT"


@dataclass(frozen=True)
class Grid:
    """An image's cut.

    Parameters
    ----------
    shape, chunk, shard : tuple of int
        One length an axis; a shard is made of whole chunks.
    """

    shape: tuple[int, ...]
    chunk: tuple[int, ...]
    shard: tuple[int, ...]

    @property
    def counts(self) -> tuple[int, ...]:
        """Shards along each axis."""
        return tuple(-(-size // part) for size, part in zip(self.shape, self.shard, strict=True))

    def __len__(self) -> int:
        """Return how many shards there are."""
        return prod(self.counts)

    def place(self, number: int) -> tuple[int, ...]:
        """Return which shard it is along each axis, the last axis first."""
        place = []
        for count in reversed(self.counts):
            number, at = divmod(number, count)
            place.append(at)
        return tuple(reversed(place))

    def region(self, number: int) -> tuple[slice, ...]:
        """Return the pixels of a shard; the last ones along an axis may be smaller."""
        return tuple(
            slice(at * part, min((at + 1) * part, size))
            for at, part, size in zip(self.place(number), self.shard, self.shape, strict=True)
        )

    def regions(self) -> Iterator[tuple[slice, ...]]:
        """Yield the pixels of each shard."""
        return map(self.region, range(len(self)))

    def number_at(self, pixel: Sequence[int]) -> int:
        """Return the shard that a pixel lies in."""
        number = 0
        for at, part, count in zip(pixel, self.shard, self.counts, strict=True):
            number = number * count + min(at // part, count - 1)
        return number

    def chunks_of(self, number: int) -> Iterator[tuple[int, ...]]:
        """Yield the chunks of a shard, as their numbers along each axis."""
        sides = [
            range(side.start // chunk, -(-side.stop // chunk))
            for side, chunk in zip(self.region(number), self.chunk, strict=True)
        ]
        return product(*sides)


def plan_grid(
    sizes: Mapping[str, int],
    itemsize: int,
    tile: Mapping[str, int],
    *,
    chunk: Sequence[int] | None = None,
    shard_bytes: int = SHARD_BYTES,
) -> Grid:
    """Choose chunks and shards.

    Parameters
    ----------
    sizes : mapping of axis letter to int
        Of the image, in the order of its axes.
    itemsize : int
        Bytes of a value.
    tile : mapping of axis letter to int
        Of which shards are made; 1 where none is named.
    chunk : sequence of int, optional
        One length an axis; None chooses.
    shard_bytes : int
        At most so many, unless a single tile, or the chunks that it touches, has more.

    Raises
    ------
    PhotonDenoiseError
        If the chunk is none.
    """
    usual = VOLUME_CHUNK if sizes.get("Z", 1) > 1 else PLANE_CHUNK
    lengths = [usual.get(axis, 1) for axis in sizes] if chunk is None else [*chunk]
    if len(lengths) != len(sizes) or any(length < 1 for length in lengths):
        axes, example = "".join(sizes), ",".join(str(usual.get(axis, 1)) for axis in sizes)
        raise PhotonDenoiseError(
            f"A chunk has one length for each of the axes {axes}, 1 or more: such as {example}."
        )
    chunks = {axis: min(length, sizes[axis]) for axis, length in zip(sizes, lengths, strict=True)}
    if chunk is None:
        # Tiles of a film whose planes are one by one are deep in time, and would be in z as well.
        while (
            chunks.get("Z", 1) > tile.get("Z", 1)
            and prod(_units(sizes, chunks, tile).values()) * itemsize > shard_bytes
        ):
            chunks["Z"] = -(-chunks["Z"] // 2)
    shard = _units(sizes, chunks, tile)
    for axis in (axis for axis in _GROWTH if axis in shard):
        held = prod(shard.values()) * itemsize
        shard[axis] *= _times(-(-sizes[axis] // shard[axis]), max(1, shard_bytes // held))
    return Grid(tuple(sizes.values()), tuple(chunks.values()), tuple(shard.values()))


def _units(
    sizes: Mapping[str, int], chunks: Mapping[str, int], tile: Mapping[str, int]
) -> dict[str, int]:
    """Return the sides of the smallest shard: whole chunks and whole tiles, or all of the image."""
    return {
        axis: min(lcm(chunk, tile.get(axis, 1)), -(-sizes[axis] // chunk) * chunk)
        for axis, chunk in chunks.items()
    }


def _times(needed: int, most: int) -> int:
    """Return how many units a shard has along an axis, so that all shards have about as many."""
    if needed <= most:
        return needed
    return -(-needed // -(-needed // most))
