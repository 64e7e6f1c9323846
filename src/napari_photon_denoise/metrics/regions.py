"""Region by region: whether what the denoiser removed there is noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.metrics.checks import check_labels
from napari_photon_denoise.metrics.consistency import SMALLEST_VARIANCE, Consistency, z_map

ALPHA = 0.01  # chance that any region of a true image is called inconsistent
WITH_GAIN = 0.05  # of the variance, that an error of the gain explains
UNSEEN = 0.05  # of a pixel's noise, a shift of the mean that nobody sees


@dataclass(frozen=True)
class RegionConsistency:
    """The z-map of one region, beside what the truth would give.

    Parameters
    ----------
    label : int
    pixels : int
    found : Consistency
        NaN in it where the region has no noise to expect, or no neighbours along an axis.
    """

    label: int
    pixels: int
    found: Consistency


def measure_region_consistency(
    noisy: Float32,
    denoised: Float32,
    read_noise: float | Float32 = 0.0,
    labels: NDArray[Any] | None = None,
) -> tuple[RegionConsistency, ...]:
    """Measure the residual of each region as `measure_consistency` does of the whole image.

    Parameters
    ----------
    noisy, denoised : (..., Y, X) float32, e-
    read_noise : float or array that fits the image, e- rms
    labels : (..., Y, X) integers or bool, optional
        0 or False belongs to no region. Without labels, tiles of 64 px: see `tile_labels`.

    Returns
    -------
    tuple of RegionConsistency
        One a label, ascending.

    Raises
    ------
    PhotonDenoiseError
        If the shapes differ, a pixel is not finite, read noise is negative, or the labels
        hold no region.
    """
    z = z_map(noisy, denoised, read_noise).astype(np.float64)
    regions = tile_labels(noisy.shape) if labels is None else np.asarray(labels)
    check_labels(regions, noisy.shape)
    names, index = number_labels(regions)
    found = _Sums(z, denoised, read_noise, index, len(names))
    return tuple(
        RegionConsistency(name, int(found.pixels[at]), found.consistency(at))
        for at, name in enumerate(names)
        if name
    )


def tile_labels(shape: tuple[int, ...], edge: int = 64) -> NDArray[np.int32]:
    """Make labels that number the square tiles of every plane from 1, row by row.

    Parameters
    ----------
    shape : tuple of int
    edge : int, px
        A rest of less than half an edge joins the last tile.

    Returns
    -------
    array of `shape`, int32
    """
    rows, columns = (max(1, round(size / edge)) for size in shape[-2:])
    y, x = (
        np.minimum(np.arange(size) // edge, count - 1)
        for size, count in zip(shape[-2:], (rows, columns), strict=True)
    )
    plane = (y[:, None] * columns + x + 1).astype(np.int32)
    planes = np.arange(int(np.prod(shape[:-2], dtype=np.int64)), dtype=np.int32)
    numbered = planes[:, None, None] * (rows * columns) + plane
    return numbered.reshape(shape).astype(np.int32)


def tile_place(label: int, shape: tuple[int, ...], edge: int = 64) -> tuple[slice, ...]:
    """Return where the tile of a label of `tile_labels` lies; one slice an axis.

    Parameters
    ----------
    label : int
    shape : tuple of int
    edge : int, px
    """
    rows, columns = (max(1, round(size / edge)) for size in shape[-2:])
    plane, tile = divmod(label - 1, rows * columns)
    at = np.unravel_index(plane, shape[:-2]) if len(shape) > 2 else ()
    sides = (
        slice(number * edge, size if number == count - 1 else (number + 1) * edge)
        for number, size, count in zip(
            divmod(tile, columns), shape[-2:], (rows, columns), strict=True
        )
    )
    return (*(slice(int(i), int(i) + 1) for i in at), *sides)


def number_labels(labels: NDArray[Any]) -> tuple[list[int], NDArray[np.intp]]:
    """Names of labels, ascending, and the place of each pixel's among them.

    Parameters
    ----------
    labels : array of any shape, integers or bool

    Returns
    -------
    names : list of int
    index : array of the same shape, intp
    """
    low, high = int(labels.min()), int(labels.max())
    if high - low >= labels.size or labels.dtype == np.uint64:  # too far apart to count them
        names, index = np.unique(labels, return_inverse=True)
        return names.tolist(), index.reshape(labels.shape)
    above = labels.astype(np.intp) - low
    present = np.bincount(above.ravel()) > 0
    index = (np.cumsum(present) - 1)[above]
    return [low + at for at in np.flatnonzero(present).tolist()], index


def find_inconsistent(regions: tuple[RegionConsistency, ...]) -> tuple[int, ...]:
    """Labels of regions whose residual is more than noise, beyond what chance does to one of all.

    The mean is off, or the variance too large. Of true images, at most one in a hundred has
    any such region. Forgiven are errors of the gain up to 5 %, and shifts of the mean up to 5 % of
    a pixel's noise.
    """
    from scipy.special import ndtri

    limit = float(-ndtri(ALPHA / (4 * max(1, len(regions)))))
    return tuple(
        region.label
        for region in regions
        if abs(region.found.mean) > UNSEEN + limit * region.found.mean_error
        or region.found.variance > 1 + WITH_GAIN + limit * region.found.variance_error
    )


class _Sums:
    """Sums over every region at once."""

    def __init__(
        self,
        z: NDArray[np.float64],
        denoised: Float32,
        read_noise: float | Float32,
        index: NDArray[np.intp],
        regions: int,
    ) -> None:
        self._index, self._regions = index, regions
        photons = np.maximum(denoised.astype(np.float64), 0)
        variance = photons + np.square(read_noise, dtype=np.float64)
        floored = np.maximum(variance, SMALLEST_VARIANCE)
        expected = variance / floored
        self.pixels = np.bincount(index.ravel(), minlength=regions)
        with np.errstate(invalid="ignore", divide="ignore"):
            self._mean = self._sum(z) / self.pixels
            self._share = self._sum(expected) / self.pixels
            centred = z - self._mean[index]
            self._power = self._sum(centred**2) / self.pixels
            self._spread = self._sum((2 * variance**2 + photons) / floored**2) / self.pixels
            self._pairs = [self._neighbours(centred, expected, axis) for axis in range(z.ndim)]

    def consistency(self, at: int) -> Consistency:
        """Return the figures of one region."""
        pixels, share = self.pixels[at], self._share[at]
        with np.errstate(invalid="ignore", divide="ignore"):
            return Consistency(
                mean=float(self._mean[at]),
                mean_error=float(np.sqrt(share / pixels)),
                variance=float(self._power[at] / share),
                variance_error=float(np.sqrt(self._spread[at] / pixels) / share),
                autocorrelation=tuple(float(value[at]) for value, _ in self._pairs),
                autocorrelation_error=tuple(float(error[at]) for _, error in self._pairs),
            )

    def _sum(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(self._index.ravel(), values.ravel(), self._regions).astype(np.float64)

    def _neighbours(
        self, z: NDArray[np.float64], expected: NDArray[np.float64], axis: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Correlation of neighbours within each region along `axis`, and its expected error."""
        here, there = ([slice(None)] * z.ndim for _ in range(2))
        here[axis], there[axis] = slice(0, -1), slice(1, None)
        first, second = tuple(here), tuple(there)
        index = self._index[first]
        inside = index == self._index[second]

        def of_pairs(values: NDArray[np.float64]) -> NDArray[np.float64]:
            pairs = (values[first] * values[second])[inside]
            return np.bincount(index[inside], pairs, self._regions).astype(np.float64)

        count = np.bincount(index[inside], minlength=self._regions)
        noise = np.sqrt(of_pairs(expected) / count / count)
        return of_pairs(z) / count / self._power, noise / self._share
