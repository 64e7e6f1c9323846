"""Blocks of an image as they are read: what can't be counts of a camera is refused here.

Whoever reads pixels, to denoise or to look at the noise, reads them by `read_counts`: what an
array says of itself before (its dtype) does not tell what will come.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import LARGEST
from napari_photon_denoise.errors import PhotonDenoiseError

MEND = "replace them first, for example by the median of their neighbours"


class LazyArray(Protocol):
    """What an image must offer: numpy, dask, zarr and h5py arrays do."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Size of each axis."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of a value."""

    def __getitem__(self, index: tuple[slice, ...], /) -> Any:
        """Read a block."""


def read_counts(data: LazyArray, index: Sequence[slice]) -> NDArray[Any]:
    """Read a block of grey values.

    Parameters
    ----------
    data : array, any real dtype, ADU
    index : sequence of slice
        One slice an axis.

    Returns
    -------
    array in the image's own dtype, ADU

    Raises
    ------
    PhotonDenoiseError
        If the block holds NaN, infinite or masked values, or some that squared in single
        precision, in which photons are, would be infinite.
    """
    found = data[tuple(index)]
    # dask's own way to a NumPy array loses the mask.
    found = found.compute() if hasattr(found, "compute") else found
    if np.ma.is_masked(found):
        raise masked(int(np.ma.getmaskarray(found).sum()))
    block = np.asarray(found)
    if block.dtype.kind != "f":
        return block
    # One look tells of NaN and infinity, too: they compare as False.
    if not (np.abs(block) <= LARGEST).all():
        raise _wrong(block)
    return block


def masked(count: int) -> PhotonDenoiseError:
    """Make the error of an array in which values are masked."""
    return PhotonDenoiseError(
        f"The image holds masked values ({count} in the block read), which no method can leave "
        f"out: {MEND}, and give the array without its mask."
    )


def _wrong(block: NDArray[Any]) -> PhotonDenoiseError:
    """Make the error of NaN, infinity, and values beyond `LARGEST`."""
    count = int(block.size - np.isfinite(block).sum())
    if count:
        return PhotonDenoiseError(
            f"The image holds NaN or infinite values ({count} in the block read): {MEND}."
        )
    farthest = float(max(block.min(), block.max(), key=abs))
    return PhotonDenoiseError(
        f"The image's values reach {farthest:.2g}, further than any camera's: divide them all by "
        f"one number, so that they stay below {LARGEST:.0e}, or replace those that are wrong."
    )
