"""Whether a calibration's maps lie on the image the way they were measured.

Programs differ in whether rows or columns come first, and cameras can flip their images.
Where an image is dim, the noise of a pixel over time is its read noise, so the map of read
noise must be seen in it; in one of eight orientations it fits best.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.axes import check_array, check_axes
from napari_photon_denoise.calibration import Calibration, Float32
from napari_photon_denoise.counts import LazyArray
from napari_photon_denoise.errors import CalibrationMismatch, PhotonDenoiseError
from napari_photon_denoise.job import Job, Progress

AS_IT_IS = "as it is"
# (transpose first, then flip rows, then flip columns)
ORIENTATIONS: Mapping[str, tuple[bool, bool, bool]] = MappingProxyType(
    {
        AS_IT_IS: (False, False, False),
        "flipped up-down": (False, True, False),
        "flipped left-right": (False, False, True),
        "turned by 180°": (False, True, True),
        "transposed": (True, False, False),
        "transposed and flipped up-down": (True, True, False),
        "transposed and flipped left-right": (True, False, True),
        "transposed and turned by 180°": (True, True, True),
    }
)
FEWEST_FRAMES = 10
MOST_FRAMES = 200
MOST_PIXELS = 2**27  # over all frames; a second or two
DIM = 0.3  # of the pixels: the darkest
SIGNIFICANT = 6.0  # standard deviations of a correlation of nothing
CLEAR = 0.05  # by which the best must exceed the next


@dataclass(frozen=True)
class Orientation:
    """How a calibration's maps lie on an image.

    Parameters
    ----------
    best : str or None
        One of `ORIENTATIONS`; None where the image can't tell.
    correlations : mapping of str to float
        Of the logarithms of read variance and of the image's variance over time, by
        orientation; those that the shapes forbid are left out.
    sentence : str
    """

    best: str | None
    correlations: Mapping[str, float]
    sentence: str

    @property
    def wrong(self) -> bool:
        """True if the maps must be turned."""
        return self.best not in (None, AS_IT_IS)


def turn(calibration: Calibration, orientation: str) -> Calibration:
    """Turn a calibration's maps.

    Parameters
    ----------
    calibration : Calibration
    orientation : str
        One of `ORIENTATIONS`.
    """
    if orientation == AS_IT_IS:
        return calibration

    def turned(value: float | Float32) -> float | Float32:
        return _turned(value, orientation) if isinstance(value, np.ndarray) else value

    return replace(
        calibration,
        gain=turned(calibration.gain),
        offset=turned(calibration.offset),
        read_noise=turned(calibration.read_noise),
        # Where the region lies on a sensor that is turned, nobody knows.
        roi=None,
        path=None,
    )


def orientation_job(data: LazyArray, axes: str, calibration: Calibration) -> Job[Orientation]:
    """Find the orientation in which the read noise map fits a movie.

    Parameters
    ----------
    data : array of the image's shape, ADU
        A movie with dim parts; at most some hundred frames are read.
    axes : str
        A letter of "TCZYX" a dimension, T among them.
    calibration : Calibration
        With a map of read noise.

    Returns
    -------
    Orientation
        Through the generator's return value.

    Raises
    ------
    PhotonDenoiseError
        If there are too few frames, or no map of read noise.
    CalibrationMismatch
        If the maps don't have the image's size in any orientation.
    """
    check_array(data.shape, data.dtype)
    check_axes(axes, data.shape)
    if not isinstance(calibration.read_noise, np.ndarray):
        raise PhotonDenoiseError("The calibration has no map of read noise: nothing can be turned.")
    count = data.shape[axes.index("T")] if "T" in axes else 1
    if count < FEWEST_FRAMES:
        raise PhotonDenoiseError(
            f"The image has {count} time points: its orientation is checked against movies of at "
            f"least {FEWEST_FRAMES} frames."
        )
    dark = np.asarray((calibration.read_noise / calibration.gain) ** 2)
    shape = (data.shape[-2], data.shape[-1])
    candidates = {
        name: turned for name in ORIENTATIONS if (turned := _turned(dark, name)).shape == shape
    }
    if not candidates:
        raise CalibrationMismatch(
            f"The calibration's maps are {dark.shape[0]}×{dark.shape[1]} pixels, the image "
            f"{shape[0]}×{shape[1]}: they fit in no orientation."
        )
    enough = max(FEWEST_FRAMES, MOST_PIXELS // (shape[0] * shape[1]))
    frames = min(count, MOST_FRAMES, enough)
    mean, variance = yield from _over_time(data, axes, frames)
    return _judge(mean, variance, candidates)


def _over_time(
    data: LazyArray, axes: str, count: int
) -> Job[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Mean (ADU) and variance (ADU²) of each pixel over time, from successive differences."""
    total = squares = np.zeros((data.shape[-2], data.shape[-1]))
    previous: NDArray[Any] | None = None
    for time in range(count):
        yield Progress(f"Reading frame {time + 1} of {count}", time, count)
        index = tuple(
            slice(time, time + 1) if axis == "T" else slice(None) if axis in "YX" else slice(0, 1)
            for axis in axes
        )
        frame = np.asarray(data[index], dtype=np.float64).reshape(total.shape)
        total = total + frame
        if previous is not None:
            # The frame's own drift is no noise of its pixels.
            difference = frame - previous
            squares = squares + (difference - np.median(difference)) ** 2
        previous = frame
    return total / count, squares / (2 * (count - 1))


def _judge(
    mean: NDArray[np.float64],
    variance: NDArray[np.float64],
    candidates: Mapping[str, NDArray[Any]],
) -> Orientation:
    """Compare the orientations and say what was found."""
    dim = (mean <= np.quantile(mean, DIM)) & (variance > 0) & np.isfinite(variance)
    seen = np.log(variance[dim])
    correlations = {
        name: _correlate(seen, np.log(np.maximum(dark[dim], 1e-6)))
        for name, dark in candidates.items()
    }
    ranked = sorted(correlations, key=lambda name: correlations[name], reverse=True)
    best, value = ranked[0], correlations[ranked[0]]
    next_best = correlations[ranked[1]] if len(ranked) > 1 else 0.0
    if value < SIGNIFICANT / max(len(seen), 1) ** 0.5 or value - next_best < CLEAR:
        return Orientation(
            None,
            MappingProxyType(correlations),
            "The map of read noise can't be seen in the image in any orientation: it is too "
            "bright, was processed, or comes from another camera or region.",
        )
    figures = f"correlation {value:.2f}, next best {next_best:.2f}"
    if best == AS_IT_IS:
        sentence = f"The calibration's maps lie on the image as they should ({figures})."
    else:
        sentence = (
            f"The calibration's maps fit the image only {best} ({figures}; as it is "
            f"{correlations.get(AS_IT_IS, float('nan')):.2f}): turn them, 'photon-denoise convert "
            f'CAMERA -o TURNED.tif --turn "{best}"\'.'
        )
    return Orientation(best, MappingProxyType(correlations), sentence)


def _correlate(one: NDArray[Any], other: NDArray[Any]) -> float:
    if len(one) < 3 or one.std() == 0 or other.std() == 0:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def _turned(plane: NDArray[Any], orientation: str) -> NDArray[Any]:
    transpose, rows, columns = ORIENTATIONS[orientation]
    turned = plane.T if transpose else plane
    return turned[:: -1 if rows else 1, :: -1 if columns else 1]
