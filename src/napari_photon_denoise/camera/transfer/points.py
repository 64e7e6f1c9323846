"""Points of the photon transfer curve, and which of them may be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.camera.transfer.levels import Dark, Flat
from napari_photon_denoise.camera.transfer.traces import FULL

Float64 = NDArray[np.float64]

BINS = 8  # of illumination, within one level
SMALLEST_BIN = 256  # pixels
NEAR = 0.8  # of the ceiling
UNEVEN = 1.3  # 95th over 5th percentile of the illumination
SMOOTHING = 15  # px
_COLUMNS = dict.fromkeys(("level", "pixels", "total", "frames", "dark_frames"), int)


@dataclass(frozen=True, eq=False)
class Points:
    """Points of the curve, one entry each: sums over the pixels of a level or of a part of it.

    Parameters
    ----------
    level : int
        Which flat, counted from 0.
    pixels, frames, dark_frames : int
    total : int
        Pixels before those that touched 0 or the ceiling were dropped.
    signal : float, ADU
        Mean above the dark.
    variance : float, ADU²
        Temporal variance less that of the dark.
    dark_variance : float, ADU²
    signal_square, signal_dark, dark_square : float
        Means over the pixels of signal², signal × dark variance, dark variance²: what the
        error of `variance` follows from, whatever the spread of the pixels.
    """

    level: NDArray[np.int64]
    pixels: NDArray[np.int64]
    total: NDArray[np.int64]
    frames: NDArray[np.int64]
    dark_frames: NDArray[np.int64]
    signal: Float64
    variance: Float64
    dark_variance: Float64
    signal_square: Float64
    signal_dark: Float64
    dark_square: Float64

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.signal)

    def take(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> Points:
        """Select points."""
        return Points(**{field.name: getattr(self, field.name)[which] for field in fields(self)})

    def error(self, slope: float) -> Float64:
        """Predict the SD of the variances, ADU², for a slope in ADU/e-.

        The variance of N samples has a relative SD of √(2/(N-1)); what the higher moments of
        Poisson noise add, the subtracted mean takes away again.
        """
        flat = slope**2 * self.signal_square + 2 * slope * self.signal_dark + self.dark_square
        return np.asarray(np.sqrt(2 * flat / (self.frames - 1) / self.pixels))

    def dark_error(self) -> Float64:
        """Part of the SD, ADU², that the dark variance adds; shared by the points."""
        return np.asarray(np.sqrt(2 * self.dark_square / (self.dark_frames - 1) / self.pixels))


@dataclass(frozen=True)
class Saturation:
    """Where the camera is full.

    Parameters
    ----------
    signal : float or None
        Mean above the dark at which the variance turns down, ADU; None if no flat came so
        far.
    code : int or None
        Code that pixels stop at, ADU.
    """

    signal: float | None
    code: int | None


def find_saturation(flats: Sequence[Flat], dark: Dark, given: float | None = None) -> Saturation:
    """Find the ceiling: the code that counts pile up at, and the peak of the variance.

    Parameters
    ----------
    flats : sequence of Flat
    dark : Dark
    given : float, optional
        What the user knows, ADU.
    """
    code = int(given) if given is not None else _piled_code(flats)
    order = sorted(flats, key=lambda flat: flat.trace.mean)
    variances = np.array([flat.trace.pair_variance for flat in order])
    peak = int(variances.argmax())
    falls = (variances[peak:] < 0.8 * variances[peak]).any()
    turn = order[peak].trace.mean - dark.trace.mean
    if code is None:
        return Saturation(turn if falls else None, None)
    top = code - dark.trace.mean
    # Where levels are far apart, the last before the ceiling says little of the turn.
    return Saturation(turn if falls and turn > NEAR * top else top, code)


def _piled_code(flats: Sequence[Flat]) -> int | None:
    """Return the largest code, if counts pile up at it as at no code below."""
    codes = np.sum([flat.trace.codes for flat in flats], axis=0)
    top = int(np.flatnonzero(codes)[-1])
    below = int(codes[max(0, top - 8) : top].max(initial=0))
    piled = codes[top] > 10 * below + 10
    # A maker's full scale needs less evidence than any other code.
    piled = piled or (top in FULL and codes[top] > 2 * below + 2)
    return top if piled else None


def usable_pixels(flat: Flat, good: NDArray[np.bool_], saturation: Saturation) -> NDArray[np.bool_]:
    """Pixels whose every count lay between 0 and the ceiling: (Y, X) bool."""
    usable: NDArray[np.bool_] = good & np.isfinite(flat.variance)
    if saturation.code is not None:
        usable &= flat.highest < saturation.code
    return usable


def make_points(
    flats: Sequence[Flat],
    darks: Sequence[Dark],
    good: NDArray[np.bool_],
    saturation: Saturation,
) -> Points:
    """Make the points: one a level, or several where the illumination is uneven.

    Parameters
    ----------
    flats : sequence of Flat
    darks : sequence of Dark
        One a flat.
    good : (Y, X) bool
        Pixels without defects.
    saturation : Saturation
    """
    rows = []
    for number, (flat, dark) in enumerate(zip(flats, darks, strict=True)):
        usable = usable_pixels(flat, good, saturation)
        parts = _parts(flat.signal, good)
        rows += [_point(number, flat, dark, part, usable) for part in parts]
    table = [row for row in rows if row["pixels"] > 0]
    columns: dict[str, Any] = {
        field.name: np.array([row[field.name] for row in table], _COLUMNS.get(field.name, float))
        for field in fields(Points)
    }
    return Points(**columns)


def emva_points(flats: Sequence[Flat], darks: Sequence[Dark]) -> Points:
    """Make one point a level as EMVA 1288 does: all pixels, variance of differences of frames."""
    signal = np.array([f.trace.mean - d.trace.mean for f, d in zip(flats, darks, strict=True)])
    dark = np.array([dark.trace.pair_variance for dark in darks])
    count = np.full(len(flats), flats[0].signal.size)
    return Points(
        level=np.arange(len(flats)),
        pixels=count,
        total=count,
        frames=np.array([flat.trace.frames for flat in flats]),
        dark_frames=np.array([dark.frames for dark in darks]),
        signal=signal,
        variance=np.array([flat.trace.pair_variance for flat in flats]) - dark,
        dark_variance=dark,
        signal_square=signal**2,
        signal_dark=signal * dark,
        dark_square=dark**2,
    )


def _parts(signal: Float32, good: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """Cut a level by its illumination, if that is uneven.

    The illumination is smoothed first: to sort pixels by their own noise would tilt the line.
    """
    from scipy.ndimage import uniform_filter

    if good.sum() < 2 * SMALLEST_BIN:
        return [good]
    smooth = uniform_filter(np.where(good, signal, np.median(signal[good])), SMOOTHING)
    low, high = np.percentile(smooth[good], (5, 95))
    if low <= 0 or high / low < UNEVEN:
        return [good]
    bins = min(BINS, int(good.sum()) // SMALLEST_BIN)
    edges = np.percentile(smooth[good], np.linspace(0, 100, bins + 1))[1:-1]
    which = np.digitize(smooth, edges)
    return [good & (which == number) for number in range(bins)]


def _point(
    number: int,
    flat: Flat,
    dark: Dark,
    part: NDArray[np.bool_],
    usable: NDArray[np.bool_],
) -> dict[str, float]:
    mask = part & usable
    count = int(mask.sum())
    point: dict[str, float] = {
        "level": number,
        "pixels": count,
        "total": int(part.sum()),
        "frames": flat.frames,
        "dark_frames": dark.frames,
    }
    if not count:
        return point
    signal, dark_variance, variance = (
        values[mask] for values in (flat.signal, dark.variance, flat.variance)
    )
    net = _mean(variance) - flat.dark_share * _mean(dark_variance)
    return point | {
        "signal": _mean(signal),
        "variance": net / flat.shot_share,
        "dark_variance": _mean(dark_variance),
        "signal_square": _mean(signal * signal),
        "signal_dark": _mean(signal * dark_variance),
        "dark_square": _mean(dark_variance * dark_variance),
    }


def _mean(values: Float32) -> float:
    return float(values.mean(dtype=np.float64))
