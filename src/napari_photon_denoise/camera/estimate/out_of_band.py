"""Noise from beyond the microscope's band: the power that no sharp structure can have.

A well-sampled image has no structure near the Nyquist frequency; what is there is noise.
Cut into tiles, the image gives noise variance against mean, and a line through it gives
gain and offset: PCFO, Heintzmann et al. 2016, arXiv:1611.05654. There the tiles are
mirrored; here they overlap by half and fade out at their borders, since the kinks of a
mirrored tile outweigh the little noise that smoothing leaves outside the band.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.camera.estimate.sampling import Window

Float64 = NDArray[np.float64]

# Radii in units of the Nyquist frequency; the corners of the spectrum lie at 1.41.
OUTSIDE = (0.9, 2.0)
EDGE, CORNERS = (0.8, 0.95), (1.05, 2.0)  # equal in white noise
FARTHEST = (1.2, 2.0)  # where structure as sharp as its pixels has least
MIDDLE = (0.25, 0.55)  # where structure shows first, and most
FALL = ((0.0, 0.5), (0.8, 1.0))  # along one axis, while the other is outside
# Where rounding hides the noise outside, as in smoothed images, bands further in.
BANDS = (OUTSIDE, (0.7, 0.9), (0.5, 0.7))
SATURATED = 0.01  # of a tile's pixels, beyond which its noise is cut off
FEW = 64  # px, edge of a plane below which its tiles share three quarters, to be enough
CROSS = 3  # px beside the axes of the spectrum, left out: borders and row noise lie there


@dataclass(frozen=True, eq=False)
class Tiles:
    """What was measured in each tile.

    Parameters
    ----------
    mean : (N,) float64, ADU
    bands : (N, len(BANDS)) float64, ADU²
        Power in each band.
    edge, corners : (N,) float64, ADU²
        Power just inside the band and in the corners: equal if there is white noise only.
    farthest : (N,) float64, ADU²
        Power in the very corners, of few frequencies.
    middle : (N,) float64, ADU²
        Power well inside the band: that of structure, where there is any.
    falls : (N, 4) float64, ADU²
        Power far out in x at low and at high frequency in y; the same with x and y swapped.
    channel : (N,) int
    zeros : (N,) float64
        Share of the pixels at zero, where nothing is below.
    """

    mean: Float64
    bands: Float64
    edge: Float64
    corners: Float64
    farthest: Float64
    middle: Float64
    falls: Float64
    channel: NDArray[np.int64]
    zeros: Float64

    def __len__(self) -> int:
        """Count the tiles."""
        return len(self.mean)

    def of(self, chosen: NDArray[np.bool_]) -> Tiles:
        """Choose some of the tiles."""
        return Tiles(*(getattr(self, entry.name)[chosen] for entry in fields(self)))


def tile_edge(shape: tuple[int, ...]) -> int:
    """Edge of a tile, px: small enough for many tiles, large enough for a spectrum."""
    shortest = min(shape)
    return 32 if shortest >= 128 else 16


def taper(edge: int) -> Float64:
    """Window that fades a tile out at its borders, ``(edge,)``."""
    return np.asarray(np.hanning(edge + 2)[1:-1], dtype=np.float64)


def measure_tiles(window: Window) -> Tiles:
    """Mean and out-of-band power of the tiles of a window; those with many full pixels left out.

    Parameters
    ----------
    window : Window

    Returns
    -------
    Tiles
        Variances in ADU²: white noise has its variance at every frequency.
    """
    from scipy.fft import rfft2

    edge = tile_edge(window.noise.shape)
    shared = 2 if min(window.noise.shape) >= FEW else 4
    window_1d = taper(edge)
    weight = (window_1d[:, None] * window_1d[None, :]) ** 2
    weight /= weight.sum()
    usable = cut(window.full, edge, shared).mean(axis=(1, 2)) < SATURATED
    # The mean has the weights that the power has, or shading would move the line.
    mean = np.einsum("nyx,yx->n", cut(window.mean, edge, shared)[usable], weight)
    noise = cut(window.noise, edge, shared)[usable].astype(np.float64)
    noise -= np.einsum("nyx,yx->n", noise, weight)[:, None, None]
    noise *= np.sqrt(weight)
    spectrum = np.abs(rfft2(noise, workers=2)) ** 2
    fy = 2 * np.abs(np.fft.fftfreq(edge))[:, None]
    fx = 2 * np.fft.rfftfreq(edge)[None, :]
    radius = np.hypot(fy, fx)
    cross = 2 * min(CROSS, edge // 16) / edge
    inside = (fy > cross) & (fx > cross)

    def power(chosen: NDArray[np.bool_]) -> Float64:
        return np.asarray(spectrum[:, chosen & inside].mean(axis=1), dtype=np.float64)

    def ring(band: tuple[float, float]) -> Float64:
        return power((radius >= band[0]) & (radius < band[1]))

    return Tiles(
        mean=mean,
        bands=np.stack([ring(band) for band in BANDS], axis=1),
        edge=ring(EDGE),
        corners=ring(CORNERS),
        farthest=ring(FARTHEST),
        middle=ring(MIDDLE),
        falls=np.stack(
            [
                power((far >= OUTSIDE[0]) & (along >= low) & (along < high))
                for far, along in ((fx, fy), (fy, fx))
                for low, high in FALL
            ],
            axis=1,
        ),
        channel=np.full(len(mean), window.channel),
        zeros=np.einsum("nyx,yx->n", cut(_at_zero(window), edge, shared)[usable], weight),
    )


def _at_zero(window: Window) -> Float64:
    """Tell the pixels at zero, 1, from the others; none are where values go below zero."""
    plane = window.mean
    return np.asarray(plane == 0 if plane.min() == 0 else np.zeros(plane.shape), np.float64)


def cut(plane: NDArray[Any], edge: int, shared: int = 2) -> NDArray[Any]:
    """Cut ``(Y, X)`` into tiles, ``(N, edge, edge)``, each starting at a part of the last.

    Half of each is shared with the next, or more; a plane smaller than a tile has none.
    """
    from numpy.lib.stride_tricks import sliding_window_view

    if min(plane.shape) < edge:
        return np.empty((0, edge, edge), plane.dtype)
    step = edge // shared
    tiles = sliding_window_view(plane, (edge, edge))[::step, ::step]
    return tiles.reshape(-1, edge, edge)


def join(tables: Sequence[Tiles]) -> Tiles:
    """Put the tiles of all windows together."""
    return Tiles(
        *(
            np.concatenate([getattr(table, entry.name) for table in tables])
            for entry in fields(Tiles)
        )
    )
