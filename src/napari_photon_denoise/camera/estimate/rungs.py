"""How much an image tells of its camera: the rungs of a ladder, each a result with its errors.

The variance at each brightness is what denoising needs, and every rung has it. What they differ
in is whether photon numbers can be told from it: they need the brightness at which the noise
would vanish, and an image without dark and bright parts does not reach so far.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from napari_photon_denoise.camera.estimate.fit import Fit
from napari_photon_denoise.camera.estimate.line import Float64, Line
from napari_photon_denoise.camera.estimate.measured import Measured
from napari_photon_denoise.camera.estimate.result import Interval, Rung

SPAN = 2.0  # brightest over darkest tile, in signal, for the zero to be told
SURE = 2.0  # standard deviations by which the slope must exceed nothing
GROWTH = 0.1  # of the variance over the image; less is one level of noise
LEVEL = 0.02  # of the variance that is left to photons where there is one level of noise
SHARP = 0.05  # of the power outside the band that is structure's, beyond which smooth parts told
COUNTED = 0.2  # of the pixels that must be empty where photons are counted
EMPTY = 0.2  # of the middle variance that may be left at zero counts, where photons are counted
SYSTEMATIC = 0.02  # relative error of the slope that no resampling shows
LEAK_COST = 0.5  # relative error of the slope for the share of structure's power that was taken off


@dataclass(frozen=True)
class Told:
    """A rung: the line of the true variance, with its errors.

    Parameters
    ----------
    rung : str
    line : Line
    spread : float
        Relative standard deviation of the slope.
    zero_interval : tuple of float, ADU
        Of where the noise would vanish, 95 %.
    floor : float or None, ADU
        Where the photons of a relative estimate start, below the darkest pixels; None where
        they start at the zero.
    """

    rung: Rung
    line: Line
    spread: float
    zero_interval: Interval
    floor: float | None = None


def climb(measured: Measured, fit: Fit) -> Told:
    """Find the highest rung that the image reaches."""
    if _counted(measured, fit):
        return _count(measured)
    brightest = float(np.quantile(measured.tiles.mean, 0.98))
    growth = fit.floor.slope * (brightest - fit.floor.darkest)
    slopes = np.array([floor.slope for floor in fit.drawn])
    spread = float(slopes.std()) / max(fit.floor.slope, 1e-30)
    if growth <= GROWTH * fit.floor.level:
        middle = 0.5 * (fit.floor.darkest + brightest)
        least = 1e-12 * max(abs(middle), 1e-12) ** 2
        variance = max(float(fit.floor.at(middle)), least)
        darkest = min(fit.floor.darkest, measured.steps.low + float(np.sqrt(variance)))
        return one_level(variance, darkest, brightest)
    line = fit.floor.line
    errors = (
        spread,
        SYSTEMATIC,
        fit.correlation.inflation_sd / fit.correlation.inflation,
        LEAK_COST * fit.leak,
    )
    total = float(np.linalg.norm(errors))
    darkest = float(np.quantile(measured.tiles.mean, 0.02))
    zeros = [floor.line.zero for floor in fit.drawn if floor.slope > 0]
    low, high = (float(end) for end in np.quantile(zeros, [0.025, 0.975]))
    if SURE * spread > 1 or brightest - line.zero < SPAN * (darkest - line.zero):
        return Told("slope", line, total, (low, high), _below(fit, line, measured.steps.low))
    # A relative error of the slope at the darkest tile moves the zero by this much.
    reach = 1.96 * float(np.linalg.norm(errors[1:])) * abs(darkest - line.zero)
    rung: Rung = "regions" if fit.leak > SHARP else "line"
    near, far = abs(low - line.zero), abs(high - line.zero)
    interval = (line.zero - float(np.hypot(near, reach)), line.zero + float(np.hypot(far, reach)))
    return Told(rung, line, total, interval)


def through(offset: float, read_noise: float, mean: Float64, variance: Float64) -> Line:
    """Draw the line through an offset (ADU) and a read noise (e- rms) that are known."""
    signal, total = float(mean.mean()) - offset, float(variance.mean())
    # variance = K * signal + K² * read_noise², solved for K.
    square = read_noise**2
    slope = 2 * total / (signal + (signal**2 + 4 * square * total) ** 0.5)
    return Line(slope, offset - slope * square)


def _counted(measured: Measured, fit: Fit) -> bool:
    """Tell if single photons were counted: empty pixels, and no noise where there is no light."""
    if measured.zeros < COUNTED or measured.cut_off or not fit.correlation.white:
        return False
    middle = float(np.median(fit.floor.at(measured.tiles.mean)))
    # Beyond zero on either side it is a line of its own: of an offset, or of read noise.
    return abs(float(fit.floor.level - fit.floor.slope * fit.floor.darkest)) < EMPTY * middle


def _count(measured: Measured) -> Told:
    """Variance over mean of all tiles: nothing is trimmed, for lone photons are what tells."""
    mean, power = measured.tiles.mean, measured.tiles.bands[:, 0]
    slope = float(power.sum() / mean.sum())
    spread = float(np.sqrt(np.square(power - slope * mean).sum())) / float(power.sum())
    return Told("counted", Line(slope, 0.0), float(np.hypot(spread, SYSTEMATIC)), (0.0, 0.0))


def one_level(variance: float, darkest: float, brightest: float) -> Told:
    """One level of noise: read noise, with a little left to the photons for a gain to exist."""
    middle = 0.5 * (darkest + brightest)
    floor = darkest - variance**0.5
    slope = LEVEL * variance / (brightest - floor)
    line = Line(slope, middle - variance / slope)
    return Told("level", line, 1.0, (line.zero, line.zero), floor)


def _below(fit: Fit, line: Line, low: float) -> float:
    """Brightness (ADU) from which photons are counted: below the darkest, above the zero.

    Single dark pixels count too: below it there are no photons, and their structure is lost.
    """
    return max(line.zero, min(low, fit.floor.darkest - float(np.sqrt(fit.floor.level))))
