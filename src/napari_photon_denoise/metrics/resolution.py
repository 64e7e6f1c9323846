"""Fourier ring correlation: the finest detail that two independent images share.

The two are the halves of one image's photons (`metrics.thinning`), so that no second exposure
is needed. Noise has no phase in common, structure has, and where the correlation of the rings of
their spectra falls to 1/7, detail ends (Saxton & Baumeister 1982,
doi:10.1111/j.1365-2818.1982.tb00405.x; Nieuwenhuizen et al. 2013, doi:10.1038/nmeth.2448).

A denoiser is run on each half by itself, so the results share no noise. But they may share what
the denoiser does alike to both, its smoothing and its inventions: the figure after denoising says
how well the detail repeats, not whether it is true. Read it beside the flags. The halves have
half of the photons each; the whole image resolves at least as much.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.applicable import NotApplicable
from napari_photon_denoise.metrics.checks import check_pair

THRESHOLD = 1 / 7
SMALLEST = 32  # px; fewer rings than 16 make no curve
SMOOTHING = 3  # rings, over which the curve is averaged before it is read
NYQUIST = 0.5  # cycles/px

Float64: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RingCorrelation:
    """Correlation of two images' spectra, ring by ring.

    Parameters
    ----------
    frequency : (R,) float64, cycles/px
        Middle of each ring, up to 0.5.
    correlation : (R,) float64
        From -1 to 1.
    error : (R,) float64
        Standard error, from the number of independent values in the ring.
    """

    frequency: Float64
    correlation: Float64
    error: Float64


@dataclass(frozen=True)
class Resolution:
    """The finest detail that two halves of the photons share.

    Parameters
    ----------
    period, error : float, px
        Of the finest wave that both show: two pixels at best. And its standard error.
    at_limit : bool
        True if the pixels, not the noise, set the limit: the curve never falls to 1/7.
    pixel_size : float or None, µm
    """

    period: float
    error: float
    at_limit: bool
    pixel_size: float | None = None

    @property
    def micrometres(self) -> float | None:
        """`period` in µm; None where the pixel size is not known."""
        return None if self.pixel_size is None else self.period * self.pixel_size

    def describe(self) -> str:
        """Return a line for people."""
        length = self.micrometres
        size = "" if length is None else f" ({length:.3g} µm)"
        if self.at_limit:
            return f"2 px{size} or less: the pixels set the limit"
        return f"{self.period:.3g} ± {self.error:.2g} px{size}"


def ring_correlation(first: Float32, second: Float32) -> RingCorrelation:
    """Correlate the rings of two images' spectra; several planes are taken together.

    Each plane has its mean taken off and is faded out to its border by a Hann window. Rings are
    as wide as the spectrum of the shorter side is fine.

    Parameters
    ----------
    first, second : (..., Y, X) float32
        At least 32 px wide and high.

    Returns
    -------
    RingCorrelation

    Raises
    ------
    PhotonDenoiseError
        If the shapes differ, the images are too small, or a pixel is NaN or infinite.
    """
    from scipy.fft import fftfreq, rfft2, rfftfreq

    check_pair(first, second, ("first image", "second"))
    if first.ndim < 2 or min(first.shape[-2:]) < SMALLEST:
        raise PhotonDenoiseError(
            f"Fourier ring correlation needs images of at least {SMALLEST}×{SMALLEST} px."
        )
    height, width = first.shape[-2:]
    fade = np.hanning(height)[:, None] * np.hanning(width)
    radius = np.hypot(fftfreq(height)[:, None], rfftfreq(width))
    step = 1 / min(height, width)
    ring = np.rint(radius / step).astype(np.intp).ravel()
    # Columns that stand for their mirror images as well.
    twice = np.full(width // 2 + 1, 2.0)
    twice[0] = 1
    if width % 2 == 0:
        twice[-1] = 1
    weight = np.broadcast_to(twice, radius.shape).ravel()
    sums = np.zeros((4, int(ring.max()) + 1))
    for a, b in zip(*(i.reshape(-1, height, width) for i in (first, second)), strict=True):
        one, two = (rfft2((p - p.mean(dtype=np.float64)) * fade).ravel() for p in (a, b))
        products = (np.real(one * two.conj()), np.abs(one) ** 2, np.abs(two) ** 2)
        for row, values in zip(sums, (*products, np.ones(ring.size)), strict=True):
            row += np.bincount(ring, weight * values, len(row))
    return _curve(sums[:, 1 : int(NYQUIST / step) + 1], step)


def read_resolution(
    curve: RingCorrelation, pixel_size: float | None = None
) -> Resolution | NotApplicable:
    """Read off where the correlation first falls to 1/7.

    Parameters
    ----------
    curve : RingCorrelation
    pixel_size : float, µm, optional

    Returns
    -------
    Resolution or NotApplicable
        The latter if the images share nothing, not even coarse structure.
    """
    below = np.flatnonzero(~(curve.correlation > THRESHOLD))
    if below.size == 0:
        return Resolution(1 / NYQUIST, 0.0, True, pixel_size)
    at = int(below[0])
    if at == 0:
        return NotApplicable(
            "The halves of the photons share no structure above the noise: there is no detail "
            "whose end could be found; take more light."
        )
    (low, high), (left, right) = (
        values[at - 1 : at + 1] for values in (curve.frequency, curve.correlation)
    )
    slope = (left - right) / (high - low)
    frequency = float(low + (left - THRESHOLD) / slope)
    # The crossing moves by the curve's error over its slope, but by a ring at least.
    spread = max(float(curve.error[at] / slope), float(high - low) / np.sqrt(12))
    return Resolution(1 / frequency, spread / frequency**2, False, pixel_size)


def _curve(sums: Float64, step: float) -> RingCorrelation:
    """Correlation of each ring, averaged with its neighbours', from the sums of products."""
    cross, first, second, count = sums
    with np.errstate(invalid="ignore", divide="ignore"):
        rings = np.nan_to_num(cross / np.sqrt(first * second))
    # Of correlations, not of powers: those of coarse rings would drown those of fine ones.
    kernel = np.ones(SMOOTHING)
    counts = np.convolve(count, kernel, mode="same")
    correlation = np.convolve(count * rings, kernel, mode="same") / counts
    # Half of the values are mirror images, and the window makes each share with its
    # neighbours: 1.5 bins wide in both directions.
    independent = np.maximum(counts / 2 / 1.5**2, 1)
    return RingCorrelation(
        frequency=step * np.arange(1, sums.shape[1] + 1),
        correlation=correlation,
        error=(1 - correlation**2) / np.sqrt(independent),
    )
