"""Values along a line, averaged across it, and how far noise alone lets them vary.

Between pixels they are interpolated linearly, as scikit-image's `profile_line` does. Here
every value also knows how many independent pixels it is the mean of, which is what makes
an error of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.curves import columns_as_csv

Float64 = NDArray[np.float64]

LONGEST = 1_000_000  # px; a line that leaves the image so far was not meant
NO_LENGTH = "The line has no length: drag one of its ends."


@dataclass(frozen=True, eq=False)
class Sampling:
    """Pixels that a line passes, and their weights in each value of its profile.

    Parameters
    ----------
    distance : (N,) float64, the unit of the pixel size
        From the line's beginning.
    rows, columns : (N, K) int
        Pixels of each value; one may be named twice.
    weights : (N, K) float64
        Their shares; the sum is 1, or 0 where the line is outside the image.
    """

    distance: Float64
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    weights: Float64

    def average(self, values: ArrayLike) -> Float64:
        """Weigh pixels.

        Parameters
        ----------
        values : (N, K), or what fits it
            Of the pixels `rows`, `columns`.

        Returns
        -------
        (N,) float64
            NaN outside the image, and where a pixel that counts is NaN.
        """
        # A pixel that does not count may be NaN.
        kept = np.where(self.weights > 0, values, 0)
        means: Float64 = (self.weights * kept).sum(axis=1, dtype=np.float64)
        means[~self.inside] = np.nan
        return means

    @cached_property
    def inside(self) -> NDArray[np.bool_]:
        """``(N,)``: whether a value lies in the image."""
        return np.asarray(self.weights.any(axis=1))

    @cached_property
    def pixels(self) -> Float64:
        """``(N,)``: number of pixels whose plain mean would be as precise; 0 outside.

        The width for a line along rows or columns; more for an oblique one, whose values
        are interpolated between pixels.
        """
        count, most = self.rows.shape
        spots = self.rows * (self.columns.max(initial=0) + 1) + self.columns
        order = np.argsort(spots, axis=1)
        spots = np.take_along_axis(spots, order, axis=1)
        first = np.ones(spots.shape, bool)
        first[:, 1:] = spots[:, 1:] != spots[:, :-1]
        starts = np.flatnonzero(first)
        # What a pixel is worth in all, and the squares of that: they add up for noise.
        shares = np.add.reduceat(np.take_along_axis(self.weights, order, axis=1).ravel(), starts)
        squares = np.bincount(starts // most, shares**2, minlength=count)
        return np.divide(1, squares, out=np.zeros(count), where=squares > 0)


@dataclass(frozen=True, eq=False)
class Profile:
    """Values along a line.

    Parameters
    ----------
    name : str
        Of the image.
    unit : str
        Of the values, such as "photons".
    distance : (N,) float64, `length_unit`
        From the line's beginning.
    values : (N,) float64, `unit`
        NaN outside the image.
    pixels : (N,) float64
        Number of independent pixels that each value is the mean of.
    sd : (N,) float64, `unit`, optional
        One standard deviation of the noise of each value; None where it isn't known.
    length_unit : str
        Of the distance: "µm", or "px".
    """

    name: str
    unit: str
    distance: Float64
    values: Float64
    pixels: Float64
    sd: Float64 | None = None
    length_unit: str = "µm"


def sample_line(
    vertices: ArrayLike,
    shape: tuple[int, int],
    width: int = 1,
    pixel_size: ArrayLike = (1.0, 1.0),
) -> Sampling:
    """Find the pixels under a line, with the weights of linear interpolation.

    Values lie about one pixel apart along the line, and one pixel apart across it. Across
    is at right angles to the line in µm, which for pixels that are not square differs from
    right angles in pixels.

    Parameters
    ----------
    vertices : (V, 2) float, px
        Row and column of the line's ends, and of its corners in between.
    shape : tuple of int
        Height and width of the image.
    width : int
        Number of values across the line that are averaged.
    pixel_size : (2,) float, µm
        Height and width of a pixel. Or ``(2, 2)``, where pixels are no upright rectangles:
        in its columns, where one pixel along rows' and columns' axes leads.

    Raises
    ------
    PhotonDenoiseError
        If the line has no length or is longer than a million pixels, or the width is
        below 1.
    """
    if width < 1:
        raise PhotonDenoiseError(f"The width of a line must be 1 px or more, not {width}.")
    steps = np.asarray(pixel_size, dtype=np.float64)
    steps = np.diag(steps) if steps.ndim == 1 else steps
    points, along, distance = _walk(np.asarray(vertices, dtype=np.float64), steps)
    across = _across(along, steps)
    places = np.arange(width) - (width - 1) / 2
    at = points[:, np.newaxis] + places[:, np.newaxis] * across[:, np.newaxis]
    return _interpolated(distance, at, shape)


def line_profile(
    image: Float32,
    vertices: ArrayLike,
    width: int = 1,
    pixel_size: ArrayLike = (1.0, 1.0),
    name: str = "image",
) -> Profile:
    """Read an image along a line.

    With square pixels the values equal those of ``skimage.measure.profile_line(image, start,
    end, linewidth=width, order=1)``, as long as the line with its width is in the image.

    Parameters
    ----------
    image : (Y, X) float32, e-
    vertices : (V, 2) float, px
        Row and column of the line's ends, and of its corners in between.
    width : int, px
        Number of values across the line that are averaged.
    pixel_size : (2,) or (2, 2) float, µm
        See `sample_line`.
    name : str
        Of the image.

    Raises
    ------
    PhotonDenoiseError
        If the image has not two dimensions, or what `sample_line` refuses.
    """
    if image.ndim != 2:
        raise PhotonDenoiseError(
            f"A line profile needs one plane, (Y, X); the image has {image.ndim} dimensions."
        )
    sampling = sample_line(vertices, (image.shape[0], image.shape[1]), width, pixel_size)
    values = sampling.average(image[sampling.rows, sampling.columns])
    return Profile(name, "photons", sampling.distance, values, sampling.pixels)


def profile_noise(photons: ArrayLike, read_noise: ArrayLike, pixels: ArrayLike) -> Float64:
    """Noise of means of raw data: ``√((photons + read_noise²) / pixels)``.

    A negative number of photons counts as none.

    Parameters
    ----------
    photons : (N,) float, e-
        The profile of the raw data.
    read_noise : float or (N,), e- rms
    pixels : (N,) float
        Number of independent pixels, as `Sampling.pixels`.

    Returns
    -------
    (N,) float64, e-, one standard deviation
        NaN where there are no pixels.
    """
    variance = np.maximum(photons, 0) + np.square(read_noise, dtype=np.float64)
    count = np.asarray(pixels, dtype=np.float64)
    ratio = np.divide(variance, count, out=np.full(count.shape, np.nan), where=count > 0)
    return np.asarray(np.sqrt(ratio))


def profiles_as_csv(profiles: Sequence[Profile]) -> str:
    """Write profiles as a table, with units in its header.

    Profiles of equal distances share a column of them.

    Parameters
    ----------
    profiles : sequence of Profile

    Returns
    -------
    str
        Comma-separated; empty cells where there is no value.
    """
    columns: list[tuple[str, ArrayLike]] = []
    before: Float64 | None = None
    for profile in profiles:
        if before is None or not np.array_equal(profile.distance, before):
            columns.append((f"distance ({profile.length_unit})", profile.distance))
            before = profile.distance
        columns.append((f"{profile.name} ({profile.unit})", profile.values))
        if profile.sd is not None:
            columns.append((f"{profile.name} noise SD ({profile.unit})", profile.sd))
    return columns_as_csv(columns)


def _walk(vertices: Float64, steps: Float64) -> tuple[Float64, Float64, Float64]:
    """Go along a line: points (px), directions (px) and distances (µm), pixel by pixel."""
    moves = np.diff(vertices, axis=0)
    moves = moves[np.any(moves != 0, axis=1)]  # corners that were clicked twice
    lengths = np.hypot(*moves.T)
    total = float(lengths.sum())
    if not np.isfinite(total) or total == 0:
        raise PhotonDenoiseError(NO_LENGTH)
    if total > LONGEST:
        raise PhotonDenoiseError(
            f"The line is {total:.0f} px long, {LONGEST} at most can be shown: make it shorter."
        )
    ends = np.concatenate([[0.0], np.cumsum(lengths)])
    corners = vertices[0] + np.concatenate([np.zeros((1, 2)), np.cumsum(moves, axis=0)])
    covered = np.concatenate([[0.0], np.cumsum(np.hypot(*(steps @ moves.T)))])
    walked = np.linspace(0, ends[-1], ceil(total + 1))
    points = np.stack([np.interp(walked, ends, corner) for corner in corners.T], axis=1)
    segment = np.clip(np.searchsorted(ends, walked, side="right") - 1, 0, len(moves) - 1)
    return points, (moves / lengths[:, np.newaxis])[segment], np.interp(walked, ends, covered)


def _across(along: Float64, steps: Float64) -> Float64:
    """Directions of one pixel's length, at right angles to `along` in µm."""
    forward = along @ steps.T
    sideways = np.stack([forward[:, 1], -forward[:, 0]], axis=1)
    across = np.asarray(np.linalg.solve(steps, sideways.T).T, dtype=np.float64)
    return np.asarray(across / np.hypot(*across.T)[:, np.newaxis])


def _interpolated(distance: Float64, at: Float64, shape: tuple[int, int]) -> Sampling:
    """Weights of the four pixels around each of ``(N, width, 2)`` points."""
    last = np.array(shape) - 1
    # A pixel reaches half a pixel further than its centre.
    valid = np.all((at >= -0.5) & (at <= last + 0.5), axis=2)
    low = np.floor(at).astype(np.intp)
    part = at - low
    rows, columns, weights = [], [], []
    for y, x in ((0, 0), (0, 1), (1, 0), (1, 1)):
        near = np.clip(low + np.array([y, x]), 0, last)
        share = np.abs(1 - y - part[..., 0]) * np.abs(1 - x - part[..., 1]) * valid
        rows.append(near[..., 0])
        columns.append(near[..., 1])
        weights.append(share)
    total = np.maximum(valid.sum(axis=1), 1)[:, np.newaxis]
    return Sampling(
        distance,
        np.concatenate(rows, axis=1),
        np.concatenate(columns, axis=1),
        np.concatenate(weights, axis=1) / total,
    )
