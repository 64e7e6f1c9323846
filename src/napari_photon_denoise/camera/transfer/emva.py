"""The camera in the figures of the EMVA 1288 standard, release 3.1 (doi:10.5281/zenodo.10951558).

The standard states the overall system gain K in ADU/e-, takes all pixels and doesn't
normalise frames; our own figures stand beside these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2, sqrt

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.camera.transfer.fit import Line
from napari_photon_denoise.camera.transfer.levels import Dark, Flat
from napari_photon_denoise.camera.transfer.points import Saturation
from napari_photon_denoise.camera.transfer.sums import row_bands

ROUNDING = 1 / 12  # ADU², of a converter
LEAST_DARK = 0.24  # ADU²; below it rounding hides the dark noise


@dataclass(frozen=True)
class EmvaFigures:
    """EMVA 1288 figures; None where the frames don't tell.

    Parameters
    ----------
    system_gain : float, ADU/e-
        K.
    system_gain_sd : float, ADU/e-
    dark_noise : float, e- rms
        Rounding taken away; an upper bound if the dark variance is below 0.24 ADU².
    dark_noise_is_bound : bool
    dsnu : float, e-
        Spread of the offset between pixels (DSNU1288).
    dsnu_counts : float, ADU
    prnu : float or None
        Spread of the response (PRNU1288), a share; of the level nearest half saturation.
    linearity : (float, float) or None
        Lowest and highest relative deviation from linearity, 5 to 95 % of saturation; needs
        the exposures.
    saturation : float or None, e-
        Saturation capacity.
    snr_max : float or None
    dynamic_range : float or None
        Saturation over the least detectable signal.
    """

    system_gain: float
    system_gain_sd: float
    dark_noise: float
    dark_noise_is_bound: bool
    dsnu: float
    dsnu_counts: float
    prnu: float | None
    linearity: tuple[float, float] | None
    saturation: float | None
    snr_max: float | None
    dynamic_range: float | None

    @property
    def dynamic_range_bits(self) -> float | None:
        """Dynamic range as a power of two."""
        return log2(self.dynamic_range) if self.dynamic_range else None


def emva_figures(
    darks: Sequence[Dark],
    pooled: Dark,
    flats: Sequence[Flat],
    line: Line,
    saturation: Saturation,
    exposures: Sequence[float] | None = None,
) -> EmvaFigures:
    """Compute the figures.

    Parameters
    ----------
    darks : sequence of Dark
        One a flat.
    pooled : Dark
        All of them.
    flats : sequence of Flat
    line : Line
        The EMVA line of the photon transfer curve.
    saturation : Saturation
    exposures : sequence of float, optional
        Exposure time or photons of each flat, in any unit.
    """
    gain = line.slope
    dark_variance = _dark_variance(darks, pooled, exposures)
    noise = sqrt(max(dark_variance - ROUNDING, 0.0)) / gain
    spread = sqrt(max(0.0, _spatial(pooled)))
    full = saturation.signal / gain if saturation.signal is not None else None
    least = sqrt(noise**2 + ROUNDING / gain**2 + 0.25) + 0.5
    return EmvaFigures(
        system_gain=gain,
        system_gain_sd=line.slope_sd,
        dark_noise=noise if dark_variance >= LEAST_DARK else 0.40 / gain,
        dark_noise_is_bound=dark_variance < LEAST_DARK,
        dsnu=spread / gain,
        dsnu_counts=spread,
        prnu=_prnu(darks, flats, saturation),
        linearity=_linearity(darks, flats, saturation, exposures),
        saturation=full,
        snr_max=sqrt(full) if full else None,
        dynamic_range=full / least if full else None,
    )


def _dark_variance(darks: Sequence[Dark], pooled: Dark, exposures: Sequence[float] | None) -> float:
    """Temporal dark variance, ADU²; brought to no exposure where a series allows it."""
    if exposures is None or len({id(dark) for dark in darks}) < 6:
        return pooled.trace.pair_variance
    values = [dark.trace.pair_variance for dark in darks]
    start = float(np.polyfit(exposures, values, 1)[1])
    return start if start > 0 else pooled.trace.pair_variance


def _spatial(dark: Dark) -> float:
    """Spatial variance of the mean image, its temporal noise taken away, ADU²."""
    noise = float(dark.variance.mean(dtype=np.float64)) / dark.frames
    return _spread(dark.offset) - noise


def _spread(image: Float32) -> float:
    """Variance between the pixels of an image, on little memory."""
    mean = float(image.mean(dtype=np.float64))
    squares = (
        ((image[rows] - mean).astype(np.float64) ** 2).sum() for rows in row_bands(image.shape)
    )
    return float(sum(squares)) / image.size


def _prnu(darks: Sequence[Dark], flats: Sequence[Flat], saturation: Saturation) -> float | None:
    full = saturation.signal
    inside = [
        (flat, dark)
        for flat, dark in zip(flats, darks, strict=True)
        if full is None or flat.trace.mean - dark.trace.mean < 0.95 * full
    ]
    if not inside:
        return None
    # The most frames first: two are too few for spatial figures.
    most = max(flat.frames for flat, _ in inside)
    middle = 0.5 * (full if full else max(f.trace.mean - d.trace.mean for f, d in inside))
    flat, dark = min(
        ((flat, dark) for flat, dark in inside if flat.frames == most),
        key=lambda pair: abs(pair[0].trace.mean - pair[1].trace.mean - middle),
    )
    variance = (
        _spread(flat.signal + dark.offset) - flat.trace.pair_variance / flat.frames - _spatial(dark)
    )
    return sqrt(max(0.0, variance)) / float(flat.signal.mean(dtype=np.float64))


def _linearity(
    darks: Sequence[Dark],
    flats: Sequence[Flat],
    saturation: Saturation,
    exposures: Sequence[float] | None,
) -> tuple[float, float] | None:
    if exposures is None:
        return None
    signal = np.array([f.trace.mean - d.trace.mean for f, d in zip(flats, darks, strict=True)])
    light = np.asarray(exposures, np.float64)
    full = saturation.signal if saturation.signal is not None else signal.max() / 0.95
    inside: NDArray[np.bool_] = (signal >= 0.05 * full) & (signal <= 0.95 * full)
    if inside.sum() < 3:
        return None
    x, y = light[inside], signal[inside]
    # Relative deviations count alike at all levels.
    slope, start = np.polyfit(x, y, 1, w=1 / y)
    fitted = start + slope * x
    off = (y - fitted) / fitted
    return float(off.min()), float(off.max())
