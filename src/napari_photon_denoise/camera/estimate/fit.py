"""From the tables of an image to the floor of its noise: variance against mean, with errors."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from napari_photon_denoise.camera.estimate.blur import share_outside
from napari_photon_denoise.camera.estimate.correlation import (
    Correlation,
    find_lengths,
    modelled_inflation,
    or_white,
    weigh,
)
from napari_photon_denoise.camera.estimate.fall import length_further_in, measure_falls
from napari_photon_denoise.camera.estimate.filled_in import fit_filled_in
from napari_photon_denoise.camera.estimate.lattice import Kind
from napari_photon_denoise.camera.estimate.line import Float64
from napari_photon_denoise.camera.estimate.measured import Measured
from napari_photon_denoise.camera.estimate.out_of_band import BANDS, MIDDLE
from napari_photon_denoise.camera.estimate.smooth import UNEVEN, Smooth, fit_smooth
from napari_photon_denoise.camera.estimate.structure import CHOSEN, Floor, FloorFit
from napari_photon_denoise.camera.estimate.white import (
    fit_band,
    fit_white,
    structure_everywhere,
)

# px, how far noise is shared at most by what leaves a lattice.
LONGEST: dict[Kind, float] = {"green": 0.63, "red or blue": 0.84, "enlarged": 0.9}
FILLED_IN = ("green", "red or blue")
CLEARLY = 0.6  # of the variance of smooth regions, less than which the spectrum is believed
JPEG = 5.0  # variance of noise over what JPEG leaves of it outside the band: 2 to 7
JPEG_DOUBT = 0.4  # of the variance that is told so
REPEATED = 0.63  # px; of pixels that are each there twice, half of the neighbours are the same
SEEN = 2.0  # power of the noise in a band over that of the rounding, for the band to tell
SURELY_DENOISED = 1.95  # px, the same where structure is everywhere
DENOISED = 1.7  # px; in smooth regions, not even dense structure looks like noise shared so far
HALF = 0.5  # of the variance of smooth regions that may be structure's, to say that
DIRTY = 0.2  # of the power in a band that is structure's, for smooth regions to be asked
NOTHING = 1e-3  # of the power outside the band; less is no noise that smooth regions show
FEWEST_REGIONS = 36  # of a plane of 64 px


@dataclass(frozen=True)
class Fit:
    """Floor of the true variance.

    Parameters
    ----------
    floor : Floor
    drawn : tuple of Floor
        The same from resampled tiles.
    correlation : Correlation
    leak : float
        Share of the power outside the band that is structure's, and was taken off.
    even : bool
        Whether smooth regions of one brightness have about one variance, where they were asked.
    """

    floor: Floor
    drawn: tuple[Floor, ...]
    correlation: Correlation
    leak: float
    even: bool = True


def fit_noise(measured: Measured) -> Fit:
    """Fit the floor, and correct it for noise that neighbours share."""
    if len(measured.regions) < FEWEST_REGIONS:  # too little to tell what neighbours share
        few = fit_white(measured)
        return Fit(few.floor, few.drawn, Correlation(), few.leak)
    tiles, edge = measured.tiles, measured.edge
    falls = measure_falls(tiles, measured.rounding)
    if measured.lattice == "jpeg":
        return _from_jpeg(measured)
    if measured.lattice in LONGEST:
        fit = _from_smooth(measured)
        seen = float(fit.floor.at(tiles.mean).mean()) > NOTHING * measured.outside
        if seen and (fit.even or measured.lattice in FILLED_IN):
            return fit
    repeated = measured.lattice == "repeated"
    if falls.white or repeated or structure_everywhere(measured):
        white = fit_white(measured)
        found = Correlation(REPEATED, REPEATED) if repeated else Correlation()
        return Fit(white.floor, white.drawn, found, white.leak)
    outside = falls.lengths(edge)
    if not np.isfinite(outside).all():
        further_in = length_further_in(tiles, measured.rounding, edge)
        outside = further_in, further_in
    if np.isfinite(outside).all() and max(outside) > 0:
        return _shared(measured, outside)
    # What nobody can see is white: structure would be smeared as if it were shared noise.
    smooth = fit_smooth(measured.regions, measured.darkest)
    if smooth.clean or _denoised(smooth):
        return _from_smooth(measured)
    white = fit_white(measured)
    return Fit(white.floor, white.drawn, Correlation(), white.leak)


def _denoised(smooth: Smooth) -> bool:
    """Tell if what noise there is is shared further than by any camera."""
    length = min(smooth.length_y, smooth.length_x)
    return length > DENOISED if smooth.leak < HALF else length > SURELY_DENOISED


def _shared(measured: Measured, outside: tuple[float, float]) -> Fit:
    """Tell the variance from its part outside the band, with smooth regions as a witness."""
    edge, mean = measured.edge, measured.tiles.mean
    smooth = fit_smooth(measured.regions, measured.darkest)
    if _denoised(smooth):
        found = Correlation(smooth.length_y, smooth.length_x, 1.0, 0.1)
        return Fit(smooth.floor, smooth.drawn, found, smooth.leak)
    lengths = find_lengths(outside, smooth)
    fits = [_in_band(measured, band, lengths) for band in range(len(BANDS))]
    # Further in, an error of the length matters less, and structure more.
    doubts = [
        float(np.hypot(modelled_inflation(lengths, band, edge)[1], fit.leak))
        if fit.floor.at(mean).mean() > SEEN * measured.rounding
        else np.inf
        for band, fit in enumerate(fits)
    ]
    band = int(np.argmin(doubts))
    fit = fits[band]
    if fit.leak > DIRTY and smooth.floor.at(mean).sum() < _modelled(fit, lengths, band, edge, mean):
        inflation = float(smooth.floor.at(mean).sum() / max(fit.floor.at(mean).sum(), 1e-30))
        found = Correlation(*lengths, inflation, 0.3 * inflation)
        return Fit(smooth.floor, smooth.drawn, found, smooth.leak)
    found = weigh(lengths, band, edge, smooth, mean, fit.floor.at(mean))
    return _times(fit, found)


def _from_smooth(measured: Measured) -> Fit:
    """Believe smooth regions, where the spectrum outside the band does not show the noise.

    Where structure is everywhere, what the spectrum of filled-in pixels allows at most.
    """
    smooth = fit_smooth(measured.regions, measured.darkest)
    # Structure everywhere looks like noise that is shared far; filling in does not reach so far.
    longest = LONGEST.get(measured.lattice, np.inf)
    lengths = tuple(or_white(min(one, longest)) for one in (smooth.length_y, smooth.length_x))
    found = Correlation(lengths[0], lengths[1], 1.0, 0.1)
    best = Fit(smooth.floor, smooth.drawn, found, smooth.leak, smooth.scatter < UNEVEN)
    if measured.lattice not in FILLED_IN:
        return best
    mean = measured.tiles.mean
    least = CLEARLY * float(smooth.floor.at(mean).sum())
    kind, edge, rounding = measured.lattice, measured.edge, measured.rounding
    for fit in fit_filled_in(measured.tiles, kind, edge, measured.darkest, rounding):
        total = float(fit.floor.at(mean).sum())
        if total < least:
            least = total
            best = Fit(fit.floor, fit.drawn, replace(found, inflation_sd=0.2), fit.leak)
    return best


def _from_jpeg(measured: Measured) -> Fit:
    """Believe smooth regions at most what JPEG leaves of the noise outside the band.

    Where structure is everywhere, it is all that there is in them. What is left is called white:
    a network that is told a length takes JPEG's own pattern for noise, and more with it.
    """
    smooth, mean = fit_smooth(measured.regions, measured.darkest), measured.tiles.mean
    left = fit_band(measured, 0, CHOSEN)
    bound = Correlation(inflation=JPEG, inflation_sd=JPEG_DOUBT * JPEG)
    inside = Fit(smooth.floor, smooth.drawn, Correlation(inflation_sd=0.1), smooth.leak)
    return min(inside, _times(left, bound), key=lambda fit: float(fit.floor.at(mean).sum()))


def _modelled(
    fit: FloorFit, lengths: tuple[float, float], band: int, edge: int, mean: Float64
) -> float:
    """Variance of all tiles that the model makes of a band's power."""
    return modelled_inflation(lengths, band, edge)[0] * float(fit.floor.at(mean).sum())


def _in_band(measured: Measured, band: int, lengths: tuple[float, ...]) -> FloorFit:
    """Power of the noise in a band, without rounding, which is white whatever was done before."""
    shares = [
        share_outside(lengths[0], lengths[1], ring, measured.edge) for ring in (MIDDLE, BANDS[band])
    ]
    fit = fit_band(measured, band, CHOSEN * shares[0] / shares[1])
    floor, drawn = fit.floor.less(measured.rounding), fit.drawn
    return replace(fit, floor=floor, drawn=tuple(each.less(measured.rounding) for each in drawn))


def _times(fit: FloorFit, found: Correlation) -> Fit:
    floors = tuple(floor.times(found.inflation) for floor in (fit.floor, *fit.drawn))
    return Fit(floors[0], floors[1:], found, fit.leak)
