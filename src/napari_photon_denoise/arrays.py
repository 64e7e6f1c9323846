"""What Python hands over as an image, as an array whose blocks can be read.

Nothing is read that is not in memory already, but one plane of what may be colour.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np

from napari_photon_denoise.axes import check_array, looks_like_colour
from napari_photon_denoise.counts import LazyArray, masked
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.grey import GREY, OneOfEqual

Index = tuple[slice, ...]


@dataclass(frozen=True, eq=False)
class Handed:
    """An array that was handed over, as an image.

    Parameters
    ----------
    data : array, any real dtype, ADU
    notes : tuple of str
        What was done to see it as one, a sentence each.
    trailing : bool
        Whether a last axis of length 1 was taken off, and belongs to a result, too.
    """

    data: LazyArray
    notes: tuple[str, ...] = ()
    trailing: bool = False


class WithoutChannel:
    """An array without its last axis of length 1, still there to be read."""

    def __init__(self, data: LazyArray) -> None:
        self._data = data
        self.shape = tuple(data.shape[:-1])
        self.ndim = len(self.shape)
        self.dtype = np.dtype(data.dtype)

    def __getitem__(self, index: Index) -> Any:
        """Read a block."""
        return self._data[(*index, slice(0, 1))][..., 0]


def as_image(given: Any, axes: str | None) -> Handed:
    """See what was handed over as an image.

    Arrays of any library are taken, lists of numbers, and tensors of torch; a last axis of length
    1 that no letter names is a channel, as programs that learn keep it; of colour, whose channels
    are equal, one is taken.

    Parameters
    ----------
    given : any
    axes : str or None
        What the user says of its axes.

    Raises
    ------
    PhotonDenoiseError
        If it is no array and can't be made one, holds masked values, or can't be a grey image.
    """
    data = _array_of(given)
    check_array(data.shape, data.dtype)
    named = len(data.shape) if axes is None else len(axes)
    if len(data.shape) > 2 and data.shape[-1] == 1 and (axes is None or named < len(data.shape)):
        lazy: Any = data
        seen = lazy[..., 0] if is_dask(data) else WithoutChannel(data)
        return Handed(seen, trailing=True)
    if axes is None and looks_like_colour(data.shape):
        last = len(data.shape) - 1
        grey = OneOfEqual(data.__getitem__, data.shape, np.dtype(data.dtype), last, "The image")
        if grey.is_grey():
            return Handed(grey, (f"The image {GREY}",))
    return Handed(data)


def is_dask(data: Any) -> bool:
    """Tell if an array is one of dask, which is not imported for that."""
    return type(data).__module__.startswith("dask.array.")


def _array_of(given: Any) -> LazyArray:
    if np.ma.isMaskedArray(given):
        if np.ma.is_masked(given):
            raise masked(int(np.ma.getmaskarray(given).sum()))
        return np.asarray(given)
    if _is_array(given):
        found: LazyArray = given
        if is_dask(found) and any(np.isnan(found.shape)):
            raise PhotonDenoiseError(
                "The size of the dask array is not known: call its compute_chunk_sizes() first."
            )
        return found
    many = isinstance(given, list | tuple)
    if many and any(isinstance(one, str | os.PathLike) for one in given):
        raise PhotonDenoiseError("The image is a list of files: give one file at a time.")
    if many and any(np.ma.is_masked(one) for one in given):
        raise masked(sum(int(np.ma.getmaskarray(one).sum()) for one in given))
    if not many and not hasattr(given, "__array__") and not hasattr(given, "__array_interface__"):
        raise _no_array(given)
    try:
        return np.asarray(given)
    except (TypeError, ValueError, RuntimeError) as error:
        raise _no_array(given, str(error)) from None


def _is_array(given: Any) -> bool:
    """Tell what can be read block by block: not torch's, whose dtypes are its own, nor sparse."""
    if not all(hasattr(given, name) for name in ("shape", "dtype", "__getitem__")):
        return False
    return _is_dtype(given.dtype) and not hasattr(given, "nnz")


def _is_dtype(dtype: Any) -> bool:
    try:
        np.dtype(dtype)
    except TypeError:
        return False
    return True


def _no_array(given: Any, reason: str = "") -> PhotonDenoiseError:
    lines = reason.strip().splitlines()
    brief = f", which can't be turned into an array ({lines[0].rstrip('.')})" if lines else ""
    return PhotonDenoiseError(
        f"The image is of the type {type(given).__name__}{brief}: give a NumPy array, or the path "
        "of a file."
    )
