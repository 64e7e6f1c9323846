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

from napari_photon_denoise.metrics.support import blur, coarse
from napari_photon_denoise.metrics.windows import (
    LINES,
    SQUARES,
    Float64,
    Mask,
    Window,
    box_sum,
    far_deviations,
    widen,
)

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
NOTHING = 1e-6  # e-²; below is what rounding leaves where all pixels are left out


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
        images = [_without(seen, image) for image in (noisy, denoised, extra)]
        sums = [box_sum(image, edge) for image in images]
        leaning = None
        for window in windows:
            number, mean, read = (window.thread(total) for total in sums)
            far = far_deviations(number, mean, read, limit, FORGIVEN)
            if not far.any():
                continue
            if leaning is None:  # all lines share it
                leaning = _leaning(images, sums, edge)
            for sign, places in ((1, far > 0), (-1, far < 0)):
                if places.any():
                    covered = window.cover(places)
                    if window is not SQUARES[0]:  # which is its own neighbourhood
                        covered &= leaning == sign
                    found |= covered
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
    pixel, whole = variance / floored, (noisy - denoised) ** 2 / floored
    for window in LIVELY:
        # Left out is what has the mean square of noise.
        square = _without(_with_rim(found, window.edge // 3), whole, pixel)
        expected = np.maximum(window.sum(pixel), LEAST) * (1 + WITH_GAIN)
        # Of 2 expected² / spread degrees of freedom, the cube root's variance is 2 ninths of one.
        ninth = np.maximum(window.sum(spread), LEAST) / (9 * expected**2)
        # Cubing the limit is faster than the root of every ratio.
        most = 1 - ninth + limit * np.sqrt(ninth)
        far = window.sum(square) > expected * most * most * most
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
    whole, residual = fine_contrast(denoised), noisy - denoised
    for window in TEXTURE:
        # Not weighted by the noise: a single photon where it is dark would weigh too much.
        contrast = _without(_with_rim(found, window.edge // 3), whole)
        power = contrast**2
        strong = window.sum(power)
        # The slope of the photons' contrast is 1 plus that of the residual's.
        shown = window.sum(contrast * residual)
        short = np.maximum(-shown - (1 - UNSUPPORTED) * strong, 0)
        bound = np.maximum(window.sum(power * variance), 0)
        if (short > limit * np.sqrt(np.maximum(bound, LEAST**2))).any():
            # What is not far without this is not far with it.
            largest = -np.minimum(minimum_filter(contrast, window.edge), 0)
            bound += largest * short / 3
            far = short > limit * np.sqrt(np.maximum(bound, LEAST**2))
            near = box_sum(power, 3) / 9 > strong / window.edge**2
            found = found | (window.cover(far) & near)
    return found


def fine_contrast(denoised: Float64) -> Float64:
    """Fine contrast of a plane, without the grain of left-over noise."""
    return blur(denoised - coarse(denoised), GRAIN)


def _with_rim(found: Mask, rim: int) -> Mask:
    """Widen what was found by `rim` px, so that windows do not see its faint border."""
    return widen(found, 2 * rim + 1) if found.any() else found


def _without(seen: Mask, image: Float64, instead: Float64 | float = 0.0) -> Float64:
    """Image with something else where something was seen."""
    return np.where(seen, instead, image) if seen.any() else image


def _leaning(images: Sequence[Float64], sums: Sequence[Float64], edge: int) -> NDArray[np.int8]:
    """Side to which the nearest neighbours depart, 1 or -1, and 0 where they do not."""
    if edge > NEAR:
        sums = [box_sum(image, NEAR) for image in images]
    noisy, denoised, extra = sums
    apart = noisy - denoised
    leans = np.abs(apart) > np.sqrt(np.maximum(noisy + extra, NOTHING))
    return (np.sign(apart) * leans).astype(np.int8)
