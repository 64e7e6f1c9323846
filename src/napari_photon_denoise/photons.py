"""Counts seen as photons: a lazy view of an image through its camera's calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.axes import check_array, check_axes
from napari_photon_denoise.calibration import Calibration, Float32
from napari_photon_denoise.counts import LazyArray, read_counts
from napari_photon_denoise.hot_pixels import REACH, find_lone, mend


@dataclass(frozen=True, eq=False)
class Photons:
    """An image in counts, seen as photons; a block is converted when it is read.

    Parameters
    ----------
    data : array, any real dtype, ADU
        numpy, dask, zarr or h5py; read block by block, never changed.
    calibration : Calibration
        The camera that took it.
    axes : str
        One letter of "TCZYX" a dimension, in that order.
    pixel_size : mapping
        µm for "Z", "Y" and "X", where known.
    unanswered : bool
        True where nobody said what the planes are, and the axes are a guess by which no method
        may look from one to the next.

    Raises
    ------
    PhotonDenoiseError
        If the axes do not fit, the image is empty or has no usable dtype.
    CalibrationMismatch
        If the calibration's maps do not fit the image.
    """

    data: LazyArray
    calibration: Calibration
    axes: str
    pixel_size: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    unanswered: bool = False

    def __post_init__(self) -> None:
        """Refuse what can't be a grey image of photons."""
        check_array(self.data.shape, self.data.dtype)
        check_axes(self.axes, self.data.shape)
        self.calibration.check_image((self.data.shape[-2], self.data.shape[-1]))

    @property
    def shape(self) -> tuple[int, ...]:
        """Size of each axis."""
        return tuple(self.data.shape)

    @property
    def sizes(self) -> dict[str, int]:
        """Size by axis letter."""
        return dict(zip(self.axes, self.shape, strict=True))

    def counts(self, index: Sequence[slice]) -> NDArray[Any]:
        """Read a block of the camera's grey values, hot pixels mended if the camera asks for it.

        Parameters
        ----------
        index : sequence of slice
            One slice an axis.

        Returns
        -------
        array in the image's own dtype, ADU

        Raises
        ------
        PhotonDenoiseError
            If the block holds NaN, infinite or masked values, or some beyond all cameras'.
        """
        return self.mended(index)[0]

    def mended(self, index: Sequence[slice]) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
        """Read a block as `counts` does, and tell which pixels were mended; None for no search.

        What is beside the block is looked at too, so that blocks give what the whole would.
        """
        if not self.calibration.mends_hot:
            return read_counts(self.data, index), None
        wide, inner = _widened(index, self.shape)
        counts = read_counts(self.data, wide)
        y, x = wide[-2:]
        planes = self.calibration.to_photons(counts, y, x)
        floor = np.square(self.calibration.at(y, x)[2], dtype=np.float32)
        hot = find_lone(planes, 1, floor).hot
        return mend(counts, hot)[inner], hot[inner]

    def read(self, index: Sequence[slice]) -> Float32:
        """Read a block as photons.

        Parameters
        ----------
        index : sequence of slice
            One slice an axis.

        Returns
        -------
        float32, e-
        """
        y, x = index[-2], index[-1]
        return self.calibration.to_photons(self.counts(index), y, x)

    def read_noise(self, index: Sequence[slice]) -> float | Float32:
        """Read noise of a block: one number or ``(Y, X)`` float32, e- rms."""
        return self.calibration.at(index[-2], index[-1])[2]

    @property
    def ceiling(self) -> float:
        """Counts (ADU) at which a pixel is taken to be saturated; infinite if unknown."""
        known, dtype = self.calibration.saturation, np.dtype(self.data.dtype)
        most = float(np.iinfo(dtype).max) if dtype.kind in "iu" else float("inf")
        return most if known is None else min(known, most)


def _widened(
    index: Sequence[slice], shape: tuple[int, ...]
) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Return a block with what lies around it in y and x, and where in that it is."""
    wide, inner = list(index[:-2]), [slice(None)] * (len(index) - 2)
    for part, size in zip(index[-2:], shape[-2:], strict=True):
        start, stop, _ = part.indices(size)
        first = max(0, start - REACH)
        wide.append(slice(first, min(size, stop + REACH)))
        inner.append(slice(start - first, stop - first))
    return tuple(wide), tuple(inner)
