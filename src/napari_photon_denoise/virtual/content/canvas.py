"""What structures are drawn on, and the points that most of them are made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32


@dataclass(frozen=True)
class Canvas:
    """A plane or a volume to draw on.

    Parameters
    ----------
    shape : ``(Y, X)`` or ``(Z, Y, X)``
    z_step : float
        Distance between planes, px of the plane: lengths are given in px and divided by
        this along z.
    """

    shape: tuple[int, ...]
    z_step: float = 1.0

    @property
    def plane(self) -> tuple[int, int]:
        """``(Y, X)``."""
        return self.shape[-2], self.shape[-1]

    @property
    def is_volume(self) -> bool:
        """Whether there is a z."""
        return len(self.shape) == 3

    @property
    def area(self) -> float:
        """Area of the plane in units of 256 × 256 px: counts of objects scale with it."""
        return self.plane[0] * self.plane[1] / 256**2

    @property
    def depth(self) -> float:
        """Extent along z, px; 0 in a plane."""
        return self.shape[0] * self.z_step if self.is_volume else 0.0

    @property
    def spacing(self) -> tuple[float, ...]:
        """Distance between neighbours along each axis, px."""
        return (self.z_step, 1.0, 1.0)[-len(self.shape) :]

    def anywhere(self, count: int, rng: np.random.Generator) -> Float32:
        """Draw places at random: ``(count, ndim)`` float32, in index coordinates."""
        places = rng.random((count, len(self.shape)), dtype=np.float32)
        return places * np.asarray(self.shape, dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Points:
    """Points of light, each owned by an object that moves and blinks as one.

    Parameters
    ----------
    places : (N, ndim) float32, in index coordinates
    weights : (N,) float32
    owners : (N,) integer
        0 to the number of objects - 1.
    """

    places: Float32
    weights: Float32
    owners: NDArray[Any]

    def inside(self, mask: Float32) -> Points:
        """Weigh the points by a mask of the canvas: ``(..., Y, X)`` float32."""
        from scipy.ndimage import map_coordinates

        share = map_coordinates(mask, self.places.T, order=1, mode="nearest")
        return replace(self, weights=self.weights * share)


def splat(shape: tuple[int, ...], places: Float32, weights: Float32) -> Float32:
    """Add points to an image, each shared linearly between its nearest pixels.

    Parameters
    ----------
    shape : tuple of int
    places : (N, ndim) float32, in index coordinates
        Those outside are lost.
    weights : (N,) float32

    Returns
    -------
    array of `shape` float32
    """
    size = np.asarray(shape)
    inside = np.all((places > -1) & (places < size), axis=1)
    places, weights = places[inside], weights[inside]
    low = np.floor(places).astype(np.intp)
    share = places - low
    # One pixel more on each side takes what falls half outside.
    wide = tuple(int(n) + 2 for n in shape)
    image = np.zeros(int(np.prod(wide)))
    for corner in np.ndindex(*(2,) * len(shape)):
        at = np.ravel_multi_index(tuple((low + 1 + np.asarray(corner)).T), wide)
        part = np.prod(np.where(corner, share, 1 - share), axis=1) * weights
        image += np.bincount(at, part, minlength=image.size)
    middle = tuple(slice(1, -1) for _ in shape)
    return image.reshape(wide)[middle].astype(np.float32)


def log_uniform(low: float, high: float, rng: np.random.Generator) -> float:
    """Draw a number whose logarithm is uniform."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))
