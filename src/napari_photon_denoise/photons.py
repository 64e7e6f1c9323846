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
        """Read a block of the camera's grey values.

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
        return read_counts(self.data, index)

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
