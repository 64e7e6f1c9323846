"""A block of an image in memory, which is read as the whole image would be.

What is done to an image, tile by tile, is done to its blocks in the same words: by the places
that they have in the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.counts import LazyArray, read_counts
from napari_photon_denoise.errors import PhotonDenoiseError


@dataclass(frozen=True, eq=False)
class Held:
    """A block of an image that knows its place; a `counts.LazyArray` of the whole's shape.

    Parameters
    ----------
    block : array, any real dtype, ADU
        What is in memory.
    start : tuple of int
        Where the block begins in the whole, one an axis.
    shape : tuple of int
        Of the whole.

    Raises
    ------
    PhotonDenoiseError
        If the block does not lie in the whole.
    """

    block: NDArray[Any]
    start: tuple[int, ...]
    shape: tuple[int, ...]

    def __post_init__(self) -> None:
        """Refuse a block that has no place in the whole."""
        same = len(self.block.shape) == len(self.start) == len(self.shape)
        if not same or any(
            first < 0 or first + size > total
            for first, size, total in zip(self.start, self.block.shape, self.shape, strict=True)
        ):
            raise PhotonDenoiseError(
                f"A block of the shape {self.block.shape} at {self.start} is no part of an image "
                f"of the shape {self.shape}: read it anew."
            )

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of a value."""
        return self.block.dtype

    def __getitem__(self, index: tuple[slice, ...]) -> NDArray[Any]:
        """Return what lies at a place of the whole, one slice an axis: a view.

        Raises
        ------
        PhotonDenoiseError
            If not all of it is in memory.
        """
        inner = []
        sides = zip(index, self.start, self.block.shape, self.shape, strict=True)
        for part, first, size, total in sides:
            start, stop, step = part.indices(total)
            if step != 1 or start < first or stop > first + size:
                raise PhotonDenoiseError(
                    f"Of the image of the shape {self.shape}, only the block of the shape "
                    f"{self.block.shape} at {self.start} is in memory, not {index}: read more "
                    "around it."
                )
            inner.append(slice(start - first, max(start, stop) - first))
        return self.block[tuple(inner)]


def read_around(
    data: LazyArray, region: Sequence[slice], halo: Sequence[int], shape: tuple[int, ...]
) -> Held:
    """Read a region with what lies around it.

    Parameters
    ----------
    data : array, any real dtype, ADU
    region : sequence of slice
        One slice an axis, with start and stop.
    halo : sequence of int
        How much around it is read, one an axis, px; less where the image ends.
    shape : tuple of int
        Of the whole image.

    Raises
    ------
    PhotonDenoiseError
        As `counts.read_counts`.
    """
    wide = tuple(
        slice(max(0, side.start - reach), min(size, side.stop + reach))
        for side, reach, size in zip(region, halo, shape, strict=True)
    )
    return Held(read_counts(data, wide), tuple(side.start for side in wide), tuple(shape))
