"""A part of an image that is read when it is wanted, without a graph and without a cache.

napari cuts a level of several twice before it reads: first what is on the screen, then the plane.
An array that reads at once would read all planes for it. dask would do, but napari keeps what dask
has read, and what is shown here changes while it is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

Box = tuple[slice, ...]


class Lazy:
    """An array that is cut by indexing, and read by `numpy.asarray`.

    Parameters
    ----------
    read : function
        Reads a box, one slice an axis with start and stop, of all that there is.
    shape : sequence of int
        Of all that there is.
    dtype : dtype
    sides : sequence of slice or int, optional
        Which part this is; None is all.
    """

    def __init__(
        self,
        read: Callable[[Box], NDArray[Any]],
        shape: Sequence[int],
        dtype: np.dtype[Any],
        sides: Sequence[slice | int] | None = None,
    ) -> None:
        self._read, self._whole, self.dtype = read, tuple(shape), np.dtype(dtype)
        self._sides = tuple(slice(0, size) for size in shape) if sides is None else tuple(sides)
        self.shape = tuple(
            side.stop - side.start for side in self._sides if isinstance(side, slice)
        )
        self.ndim = len(self.shape)
        self.size = prod(self.shape)

    def __len__(self) -> int:
        """Return the length of the first axis."""
        return self.shape[0]

    def __getitem__(self, index: Any) -> Any:
        """Cut a part; what is cut by more than numbers and plain slices is read."""
        parts = self._full(index)
        if parts is None:
            return np.asarray(self)[index]
        sides = list(self._sides)
        axes = [at for at, side in enumerate(sides) if isinstance(side, slice)]
        for at, part in zip(axes, parts, strict=True):
            sides[at] = _cut(sides[at], part)
        return Lazy(self._read, self._whole, self.dtype, sides)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Read it."""
        box = tuple(
            side if isinstance(side, slice) else slice(side, side + 1) for side in self._sides
        )
        found = self._read(box)
        inside = tuple(slice(None) if isinstance(side, slice) else 0 for side in self._sides)
        return np.asarray(found[inside], dtype=dtype)

    def _full(self, index: Any) -> list[Any] | None:
        """Return a number or slice for each axis; None if that can't be."""
        parts = list(index) if isinstance(index, tuple) else [index]
        kinds = [part for part in parts if part is not Ellipsis]
        if not all(isinstance(one, slice | int | np.integer) for one in kinds):
            return None
        if any(isinstance(one, slice) and one.step not in (None, 1) for one in kinds):
            return None
        missing = [slice(None)] * (self.ndim - len(kinds))
        if len(kinds) == len(parts):
            return parts + missing
        at = next(place for place, part in enumerate(parts) if part is Ellipsis)
        return parts[:at] + missing + parts[at + 1 :] if len(kinds) == len(parts) - 1 else None


def _cut(side: slice | int, part: slice | int) -> slice | int:
    """Cut a side of a box."""
    assert isinstance(side, slice)
    size = side.stop - side.start
    if isinstance(part, slice):
        start, stop, _ = part.indices(size)
        return slice(side.start + start, side.start + max(start, stop))
    number = int(part) + (size if part < 0 else 0)
    if not 0 <= number < size:
        raise IndexError(f"{part} is not in an axis of length {size}")
    return int(side.start) + number
