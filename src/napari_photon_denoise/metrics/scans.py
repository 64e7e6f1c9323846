"""Windows laid around every pixel of a plane: which of them depart from their photons.

Each scan returns the pixels of the windows that depart by more than `limit` standard deviations.
They go from small windows to large ones, and what a small window has found is left out of the
larger ones, with a rim as wide as a third of them: these would only find it again, and blur its
place. Of a large window, only pixels that depart with their neighbours are marked.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.metrics.support import coarse
from napari_photon_denoise.metrics.windows import (
    LINES,
    SQUARES,
    Float64,
    Window,
    box_sum,
    far_deviations,
)

Mask = NDArray[np.bool_]

FORGIVEN = 0.03  # of a window's photons: a bias that is no structure
WITH_GAIN = 0.1  # of the residual's variance, that an error of the gain explains
UNSUPPORTED = 0.5  # of fine contrast, that must be shown by the photons
LIVELY = (Window(17), Window(31))  # of the residual's variance
TEXTURE = (Window(9), Window(17), Window(31))  # of the fine contrast
TESTS = 2 * len(SQUARES + LINES) + len(LIVELY + TEXTURE)  # a pixel; sums have two signs
NEAR = 5  # px; neighbours that must depart alike
LIVELIER, AROUND = 1.35, 9  # than noise, px; a pixel's neighbourhood in a lively window
GRAIN = 1.0  # px; a blur that takes the grain of left-over noise out of the contrast
REACH = 3  # px, the narrowest rim around what smaller squares found
LEAST = 0.01  # e-², of a pixel's variance


def scan_sums(noisy: Float64, denoised: Float64, extra: Float64, limit: float) -> Mask:
    """Find windows whose photons, counted, are not those that the denoised image has.

    Parameters
    ----------
    noisy, denoised : (Y, X) float64, e-
    extra : (Y, X) float64, e-²
        Read noise squared.
    limit : float
    """
    found = np.zeros(noisy.shape, bool)
    for windows in ((SQUARES[0],), LINES, *((square,) for square in SQUARES[1:])):
        edge = windows[0].edge
        # Lines go on where the smallest squares found only pieces of a filament.
        seen = _with_rim(found, 1 if windows is LINES else max(REACH, edge // 3))
        images = [np.where(seen, 0, image) for image in (noisy, denoised, extra)]
        sums = [box_sum(image, edge) for image in images]
        for window in windows:
            number, mean, read = (window.thread(total) for total in sums)
            forgiven = FORGIVEN * np.abs(mean)
            nearest = np.clip(number, mean - forgiven, mean + forgiven)
            far = far_deviations(number, nearest, read, limit)
            for sign in (1, -1):
                if (sign * far > 0).any():
                    found |= window.cover(sign * far > 0) & _leans(images, window, sign)
    return found


def scan_residual(
    noisy: Float64, denoised: Float64, extra: Float64, limit: float, found: Mask
) -> Mask:
    """Find windows in which the residual is livelier than noise, besides those `found`.

    The mean square is compared by Wilson and Hilferty's cube root (1931,
    doi:10.1073/pnas.17.12.684), with as many degrees of freedom as photons leave it.
    """
    photons = np.maximum(denoised, 0)
    variance = photons + extra
    floored = np.maximum(variance, LEAST)
    spread = (2 * variance**2 + photons) / floored**2  # of the square, if noise
    for window in LIVELY:
        pixel = variance / floored
        # Left out is what has the mean square of noise.
        seen = _with_rim(found, window.edge // 3)
        square = np.where(seen, pixel, (noisy - denoised) ** 2 / floored)
        expected = np.maximum(window.sum(pixel), LEAST) * (1 + WITH_GAIN)
        degrees = 2 * expected**2 / np.maximum(window.sum(spread), LEAST)
        third = 2 / (9 * degrees)
        ratio = np.maximum(window.sum(square), 0) / expected
        far = (np.cbrt(ratio) - 1 + third) / np.sqrt(third) > limit
        if far.any():
            near = box_sum(square, AROUND) > LIVELIER * box_sum(pixel, AROUND)
            found = found | (window.cover(far) & near)
    return found


def scan_contrast(
    noisy: Float64, denoised: Float64, extra: Float64, limit: float, found: Mask
) -> Mask:
    """Find windows whose fine contrast the photons do not follow, besides those `found`.

    Few photons scatter unlike a Gaussian; Bernstein's inequality holds for any number. No photon
    moves the sum further than the darkest contrast in its window.
    """
    from scipy.ndimage import minimum_filter

    variance = np.maximum(np.maximum(denoised, 0) + extra, LEAST)
    whole = fine_contrast(denoised)
    for window in TEXTURE:
        # Not weighted by the noise: a single photon where it is dark would weigh too much.
        contrast = np.where(_with_rim(found, window.edge // 3), 0, whole)
        power = contrast**2
        strong = window.sum(power)
        # The slope of the photons' contrast is 1 plus that of the residual's.
        shown = window.sum(contrast * (noisy - denoised))
        short = np.maximum(-shown - (1 - UNSUPPORTED) * strong, 0)
        largest = -np.minimum(minimum_filter(contrast, window.edge), 0)
        bound = np.maximum(window.sum(power * variance), 0) + largest * short / 3
        far = short > limit * np.sqrt(np.maximum(bound, LEAST**2))
        if far.any():
            near = box_sum(power, 3) / 9 > strong / window.edge**2
            found = found | (window.cover(far) & near)
    return found


def fine_contrast(denoised: Float64) -> Float64:
    """Fine contrast of a plane, without the grain of left-over noise."""
    from scipy.ndimage import gaussian_filter

    contrast: Float64 = gaussian_filter(denoised - coarse(denoised), GRAIN)
    return contrast


def _with_rim(found: Mask, rim: int) -> Mask:
    """Widen what was found by `rim` px, so that windows do not see its faint border."""
    from scipy.ndimage import maximum_filter

    if not found.any():
        return found
    wide: Mask = maximum_filter(found, 2 * rim + 1)
    return wide


def _leans(images: Sequence[Float64], window: Window, sign: int) -> Mask:
    """Where the nearest neighbours depart to the same side; the smallest window is its own."""
    if window == SQUARES[0]:
        return np.ones(images[0].shape, bool)
    noisy, denoised, extra = (box_sum(image, min(window.edge, NEAR)) for image in images)
    leans: Mask = sign * (noisy - denoised) > np.sqrt(np.maximum(noisy + extra, 0))
    return leans
