"""Sums over windows of a plane, and how unlikely they are for photons of a given mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Mask = NDArray[np.bool_]

BOXES = (3, 5, 9, 17, 31)  # px, edges of square windows
BEAD = 3  # px, edge of the boxes that a line is threaded from
BEADS = 5  # of a line, 15 to 21 px long
# Steps from bead to bead: twelve directions, half a turn, no two beads overlapping.
STEPS = (
    (0, 3), (1, 3), (2, 3), (3, 3), (3, 2), (3, 1),
    (3, 0), (3, -1), (3, -2), (3, -3), (2, -3), (1, -3),
)  # fmt: skip

SMALLEST = 0.05  # e-; no window expects fewer photons
STEPS_OF_NEWTON, LOWEST = 30, -30.0  # of t; where e^t is nothing


@dataclass(frozen=True, eq=False)
class Window:
    """Windows of one shape around every pixel of a plane.

    Parameters
    ----------
    edge : int
        Of a square, px; `BEAD` for a line.
    step : (dy, dx) or None
        From bead to bead of a line; None for a square.
    """

    edge: int
    step: tuple[int, int] | None = None

    def sum(self, image: Float64) -> Float64:
        """Sum over the window around each pixel; what lies outside of the plane counts 0."""
        return self.thread(box_sum(image, self.edge))

    def thread(self, boxes: Float64) -> Float64:
        """Sum over the window from the sums of its boxes, which lines share."""
        from napari_photon_denoise.kernels.windows import sum_beads

        return boxes if self.step is None else sum_beads(boxes, self.step, BEADS)

    def cover(self, places: Mask) -> Mask:
        """Mark every pixel of the windows around marked places."""
        from napari_photon_denoise.kernels.windows import sum_beads

        # A line is its own mirror image: the windows over a pixel are those around it.
        centres = places if self.step is None else sum_beads(places, self.step, BEADS) > 0
        return widen(centres, self.edge)


def box_sum(image: Float64, edge: int) -> Float64:
    """Sum over a square around each pixel; what lies outside of the plane counts 0."""
    from napari_photon_denoise.kernels.windows import sum_boxes

    return sum_boxes(image, edge)


def widen(places: Mask, edge: int) -> Mask:
    """Mark every pixel of the squares around marked places."""
    from napari_photon_denoise.kernels.windows import sum_boxes

    wide: Mask = sum_boxes(places, edge) > 0
    return wide


SQUARES = tuple(Window(edge) for edge in BOXES)
LINES = tuple(Window(BEAD, step) for step in STEPS)


def deviation(counted: Float64, mean: Float64, extra: Float64) -> Float64:
    """How many standard deviations a sum of photons lies off its mean, skewness allowed for.

    The sum is Poisson of `mean` plus Gaussian read noise of the variance `extra`, whose cumulant
    generating function is ``K(t) = m (e^t - 1) + extra t² / 2``. With t solving ``K'(t) = n``,
    the signed root ``± √(2 (t n - K(t)))`` has a Gaussian's chances far out, at few photons as
    well, where ``(n - m) / √(m + extra)`` is far from them (Lugannani & Rice 1980,
    doi:10.2307/1426607). The count is drawn half a photon towards the mean, as whole numbers
    need.

    Parameters
    ----------
    counted, mean, extra : (N,) float64, e- and e-²
        A mean below 0, which read noise can leave in a dark window, shifts the count.
    """
    dark = np.minimum(mean, 0)
    counted, mean = counted - dark, np.maximum(mean, SMALLEST)
    apart = counted - mean
    drawn = mean + np.sign(apart) * np.maximum(np.abs(apart) - 0.5, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Both starts lie beyond the root of a convex function: Newton's steps go down to it.
        t = (drawn - mean) / (mean + extra)
        t = np.where(drawn > mean, np.minimum(t, np.log(drawn / mean)), t)
    for _ in range(STEPS_OF_NEWTON):
        grown = mean * np.exp(t)
        t = np.maximum(t - (grown + extra * t - drawn) / (grown + extra), LOWEST)
    root = t * drawn - mean * np.expm1(t) - extra * t**2 / 2
    return np.asarray(np.sign(apart) * np.sqrt(np.maximum(2 * root, 0)))


def far_deviations(
    counted: Float64, mean: Float64, extra: Float64, limit: float, forgiven: float = 0.0
) -> Float64:
    """Signed `deviation` where it is beyond `limit`, and 0 elsewhere; arrays of any one shape.

    A share `forgiven` of the mean is taken off the distance. Solving takes long and is seldom
    needed: a deviation is at most √2 times the plain ratio ``(n - m) / √(m + extra)``, which is
    where it ends for dark windows below the mean.
    """
    from napari_photon_denoise.kernels.windows import select_far

    sums = counted.ravel(), mean.ravel(), extra.ravel()
    near = np.flatnonzero(select_far(*sums, forgiven, limit**2 / 2, SMALLEST))
    far = np.zeros(counted.size)
    if near.size:
        number, expected, read = (image[near] for image in sums)
        spared = forgiven * np.abs(expected)
        nearest = np.clip(number, expected - spared, expected + spared)
        far[near] = deviation(number, nearest, read)
        far[np.abs(far) <= limit] = 0
    return far.reshape(counted.shape)
