"""Smooth regions: where an image shows noise and nothing else.

Regions are chosen by scales above about 6 px, and the noise is measured at smaller ones,
so that the choice hardly biases the measurement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.camera.estimate.line import Float64
from napari_photon_denoise.camera.estimate.sampling import Window

SCALE = 3.0  # px, sigma that parts smooth regions (above) from noise (below)
BLOCK = 8  # px, edge of a region
ALIKE = 0.7  # of neighbours with light that must be alike in masks and labels
LAGS = ((0, 1), (1, 0), (0, 2), (2, 0), (1, 1))  # (y, x) px


@dataclass(frozen=True, eq=False)
class Regions:
    """What was measured in each region.

    Parameters
    ----------
    mean : (N,) float64, ADU
    roughness : (N,) float64, ADU²
        Mean squared gradient at the large scale.
    covariance : (N, 1 + len(LAGS)) float64, ADU²
        Of what is left below that scale, with itself and with itself shifted by each lag.
    """

    mean: Float64
    roughness: Float64
    covariance: Float64

    def __len__(self) -> int:
        """Count the regions."""
        return len(self.mean)

    def of(self, chosen: NDArray[np.generic]) -> Regions:
        """Choose some of the regions, by index or mask."""
        return Regions(self.mean[chosen], self.roughness[chosen], self.covariance[chosen])


def measure_regions(window: Window) -> Regions:
    """Measure roughness and covariance of the regions of a window, borders left out."""
    if min(window.noise.shape) < 3 * BLOCK:  # nothing but border
        return Regions(np.empty(0), np.empty(0), np.empty((0, 1 + len(LAGS))))
    regions = Regions(_blocks(window.mean), *measure_noise(window.noise))
    # Constant regions, as of pixels cut off at zero, say nothing of noise.
    usable = (_blocks(window.full.astype(np.float32)) == 0) & (regions.covariance[:, 0] > 0)
    return regions.of(usable)


@dataclass(frozen=True)
class Steps:
    """How pixels between the darkest and the brightest go over into their neighbours.

    Parameters
    ----------
    alike, all : int
        Pairs of neighbours of one value, and pairs altogether.
    single : int
        Pairs that differ by one grey value.
    low, high : float, ADU
        Of the window.
    """

    alike: int
    all: int
    single: int
    low: float
    high: float

    def __add__(self, other: Steps) -> Steps:
        """Put two parts of an image together."""
        return Steps(
            self.alike + other.alike,
            self.all + other.all,
            self.single + other.single,
            min(self.low, other.low),
            max(self.high, other.high),
        )

    @property
    def constant(self) -> bool:
        """True if all pixels have one value."""
        return self.low == self.high

    @property
    def labels(self) -> bool:
        """True if the image is made of parts of one value each, with steps between them."""
        different = self.all - self.alike
        return self.alike >= ALIKE * self.all and self.single <= different / 2


def measure_steps(window: Window) -> Steps:
    """Count the steps of a window; empty and saturated pixels say nothing."""
    plane = window.mean if window.mean.shape[1] > 1 else window.mean.T
    low, high = float(plane.min()), float(plane.max())
    between = (plane > low) & (plane < high)
    lit = between[:, :-1] | between[:, 1:]
    steps = np.abs(np.diff(plane, axis=1))[lit]
    return Steps(
        int(np.count_nonzero(steps == 0)), len(steps), int(np.count_nonzero(steps == 1)), low, high
    )


def measure_zeros(window: Window) -> float:
    """Share of pixels at zero where there is some light; none where values go below zero."""
    plane = window.mean
    if plane.min() < 0:
        return 0.0
    edge = min(2 * BLOCK, *plane.shape)
    y, x = (size // edge for size in plane.shape)
    empty = plane[: y * edge, : x * edge].reshape(y, edge, x, edge) == 0
    shares = empty.mean(axis=(1, 3))
    # What is empty altogether was masked, or filled in when the image was turned or shifted.
    return float(shares[shares < 1].mean()) if (shares < 1).any() else 0.0


def measure_noise(noise: Float32) -> tuple[Float64, Float64]:
    """Roughness and covariances (ADU²) of the regions of ``(Y, X)`` float32, ADU."""
    from scipy.ndimage import gaussian_filter

    slow = gaussian_filter(noise, SCALE, mode="reflect")
    fast = noise - slow
    gradient = np.gradient(slow)
    roughness = _blocks(gradient[0] ** 2 + gradient[1] ** 2)
    products = [fast * fast, *(fast * np.roll(fast, (-y, -x), (0, 1)) for y, x in LAGS)]
    return roughness, np.stack([_blocks(product) for product in products], axis=1)


def join_regions(parts: Sequence[Regions]) -> Regions:
    """Put the regions of all windows together."""
    return Regions(
        np.concatenate([part.mean for part in parts]),
        np.concatenate([part.roughness for part in parts]),
        np.concatenate([part.covariance for part in parts]),
    )


def _blocks(plane: Float32) -> Float64:
    """Mean of each region of ``(Y, X)``, flat, without the regions at the border."""
    y, x = (size // BLOCK for size in plane.shape)
    whole = plane[: y * BLOCK, : x * BLOCK].reshape(y, BLOCK, x, BLOCK)
    return np.asarray(whole.mean(axis=(1, 3), dtype=np.float64)[1:-1, 1:-1].ravel())
