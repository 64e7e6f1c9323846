"""Lone pixels far above all around them: hot pixels of the camera, hits of cosmic rays.

A network keeps them, or takes what stands around them for a hole. No microscope makes them: of
the light of a point, however it lies on the pixels, the neighbours get their part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32

FAR = 8.0  # standard deviations above all around
# Of its own excess, what three of its four nearest neighbours have at most: the sharpest point
# that is drawn (SD 0.35 px, with the pixels' own width) gives them 0.27, any other one more.
SPILL = 0.25
SHARP = 1.0  # what points of an SD of 0.65 px give them
OTHERS = 2  # of those around that may be as far above them
SPREAD = 5.0  # standard deviations that lie between the lowest and the highest of the others
SURE = 2.0  # standard deviations by which the neighbours are darker than a point makes them
REACH = 2  # px to each side that are looked at
SMALLEST = 1e-6  # variance, so that what is constant has none far above it

NEAREST = ((-1, 0), (1, 0), (0, -1), (0, 1))
TOUCHING = tuple((y, x) for y in (-1, 0, 1) for x in (-1, 0, 1) if (y, x) != (0, 0))
ALL = tuple(
    (y, x) for y in range(-REACH, REACH + 1) for x in range(-REACH, REACH + 1) if (y, x) != (0, 0)
)


@dataclass(frozen=True, eq=False)
class Lone:
    """Pixels that stand far above all around them.

    Parameters
    ----------
    hot : (..., Y, X) bool
        Whose neighbours have no part of their light.
    heights, sharp : (N,) and (M,) float32
        How far these are above what is around, and others, whose neighbours have as little of
        their light as those of the sharpest points do.
    """

    hot: NDArray[np.bool_]
    heights: Float32
    sharp: Float32


def find_lone(values: Float32, shot: float, floor: float | Float32) -> Lone:
    """Find hot pixels.

    Parameters
    ----------
    values : (..., Y, X) float32, e- or ADU
        Planes, each looked at by itself.
    shot : float
        Variance of the noise for a value of one: 1 for e-, 0 for noise that does not grow.
    floor : float or (Y, X) float32
        Variance at zero.
    """
    shape, values = values.shape, values.reshape(-1, *values.shape[-2:])
    hot = np.zeros(values.shape, bool)
    at = _candidates(values, shot, floor)
    if not len(at[0]):
        nothing = np.empty(0, dtype=np.float32)
        return Lone(hot.reshape(shape), nothing, nothing)
    own, least = values[at], _at(floor, values.shape, at)
    near = np.sort(_neighbours(values, at, ALL), axis=0)
    around = near[len(near) // 2]
    excess = own - around
    far = excess > FAR * np.sqrt(_variance(own, shot, least))
    # Two more may be hot, or one get most of the light of a point between two pixels.
    uneven = near[-1 - OTHERS] - near[0]
    spill = np.sort(_neighbours(values, at, NEAREST), axis=0)[:3].sum(axis=0) - 3 * around
    noise = _variance(around, shot, least)
    alone = spill + SURE * np.sqrt(3 * noise + shot * np.maximum(spill, 0)) < SPILL * excess
    alone &= uneven - SPREAD * np.sqrt(noise) < SPILL * excess
    hot[at] = far & alone
    sharp = far & ~alone & (spill > 0) & (spill < SHARP * excess)
    return Lone(hot.reshape(shape), excess[far & alone], excess[sharp])


def mend(counts: NDArray[Any], hot: NDArray[np.bool_]) -> NDArray[Any]:
    """Return planes with the hot pixels replaced by the median of those that touch them.

    Parameters
    ----------
    counts : (..., Y, X) any real dtype
        Not changed.
    hot : (..., Y, X) bool
    """
    if not hot.any():
        return counts
    result = counts.reshape(-1, *counts.shape[-2:]).copy()
    at = np.nonzero(hot.reshape(result.shape))
    near = np.sort(_neighbours(result, at, TOUCHING), axis=0)
    result[at] = near[len(near) // 2]  # a value that is there, whatever the dtype
    return result.reshape(counts.shape)


def _candidates(
    values: Float32, shot: float, floor: float | Float32
) -> tuple[NDArray[np.intp], ...]:
    """Find pixels far above a neighbour to the left or right, and one above or below."""
    # The least step that noise forbids anywhere: a pixel is at least as bright as its step is
    # high, d > FAR sqrt(shot d + floor). Most pixels are ruled out by that.
    half = FAR**2 * shot / 2
    least = half + float(np.sqrt(half**2 + FAR**2 * (float(np.min(floor)) + SMALLEST)))
    step = np.diff(values, axis=-1)
    above = np.zeros(values.shape, bool)
    above[..., 1:] = step > least
    above[..., :-1] |= step < -least
    at = np.unravel_index(np.flatnonzero(above), values.shape)
    own = values[at]
    noise = np.sqrt(_variance(own, shot, _at(floor, values.shape, at)))
    limit: NDArray[np.floating] = own - FAR * noise
    for steps in (NEAREST[2:], NEAREST[:2]):
        still = limit > _neighbours(values, at, steps).min(axis=0)
        limit, at = limit[still], tuple(side[still] for side in at)
    return at


def _variance(values: Float32, shot: float, floor: Float32) -> Float32:
    return np.asarray(shot * np.maximum(values, 0) + floor + SMALLEST, dtype=np.float32)


def _at(
    floor: float | Float32, shape: tuple[int, ...], at: tuple[NDArray[np.intp], ...]
) -> Float32:
    return np.asarray(np.broadcast_to(np.float32(floor), shape)[at])


def _neighbours(
    values: NDArray[Any], at: tuple[NDArray[np.intp], ...], steps: tuple[tuple[int, int], ...]
) -> NDArray[Any]:
    """Values around some pixels, ``(steps, pixels)``; mirrored beyond the edges of the plane.

    There a pixel is beside itself: of a point outside, the last row sees one flank only.
    """
    plane, y, x = at
    height, width = values.shape[-2:]
    return np.stack(
        [values[plane, _inside(y + dy, height), _inside(x + dx, width)] for dy, dx in steps]
    )


def _inside(place: NDArray[np.intp], size: int) -> NDArray[np.intp]:
    mirrored = np.where(place < 0, -1 - place, place)
    mirrored = np.where(mirrored >= size, 2 * size - 1 - mirrored, mirrored)
    return np.asarray(np.clip(mirrored, 0, size - 1))
