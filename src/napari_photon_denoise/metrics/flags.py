"""Places that should not be believed: structure taken away, and structure made up.

If the denoised image were the truth, the photons counted in any window would differ from the sum
of its denoised pixels by noise that is known. Windows of many shapes are laid around every pixel:
squares of 3 to 31 px, lines of 15 px in twelve directions. More photons than the image has is
structure that was smoothed away, fewer is structure that the photons do not support. Two more
tests see what cancels within a window: a residual that is too lively (texture smoothed away), and
fine contrast that the photons do not follow (texture made up).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.metrics.checks import check_pair, check_read_noise
from napari_photon_denoise.metrics.scans import (
    TESTS,
    fine_contrast,
    scan_contrast,
    scan_residual,
    scan_sums,
)
from napari_photon_denoise.metrics.windows import (
    Float64,
    Mask,
    Window,
    box_sum,
    deviation,
    far_deviations,
    widen,
)
from napari_photon_denoise.words import counted

OVER_SMOOTHED, INVENTED = 1, 2  # in `Flags.kind`
ALPHA = 0.01  # chance that a true image has any flagged place
CRUMB = 9  # px; of less than the smallest window, nothing is a place
FLANK = 31  # px; within which is looked for the cause
NOTABLE, MOVED = 2.0, 1 / 3  # standard errors of 3 × 3 px; share of light that is not moved
MAJORITY = 21  # px; of a neighbourhood that has one kind
APART = 7  # px; places nearer than that are one
HOT, QUIET, HOT_SHARE = 6.0, 3.0, 0.01  # of a hot pixel, of its neighbours; most of the pixels


@dataclass(frozen=True, eq=False)
class Flags:
    """Where a denoised image departs from its photons.

    Parameters
    ----------
    kind : (..., Y, X) uint8
        0 where nothing is wrong, 1 over-smoothed, 2 invented.
    over_smoothed, invented : int
        Places of each kind; pixels less than 7 px apart are one place.
    limit : float
        Standard deviations beyond which a window is flagged.
    hot_pixels : int
        Single pixels far above their neighbours, which a denoiser does well to remove and
        which are not flagged.
    """

    kind: NDArray[np.uint8]
    over_smoothed: int
    invented: int
    limit: float
    hot_pixels: int

    @property
    def flagged(self) -> NDArray[np.bool_]:
        """(..., Y, X) bool, True where either kind was found."""
        return self.kind > 0

    @property
    def share(self) -> float:
        """Flagged pixels of all."""
        return float(np.mean(self.kind > 0))

    @property
    def verdict(self) -> str:
        """What was found, in a sentence."""
        if not (self.over_smoothed or self.invented):
            return "No place departs from its photons by more than noise explains."
        found = [
            f"{counted(number, 'places')} {what}"
            for number, what in (
                (self.over_smoothed, "where structure was smoothed away"),
                (self.invented, "with structure that the photons do not support"),
            )
            if number
        ]
        return f"{' and '.join(found)}, {100 * self.share:.2g} % of the pixels."


def find_flags(noisy: Float32, denoised: Float32, read_noise: float | Float32 = 0.0) -> Flags:
    """Find places where a denoised image departs from its photons beyond noise.

    Sums are taken for Poisson counts with Gaussian read noise. The limit holds for all windows
    of all shapes together (Bonferroni): of images that are the truth itself, at most 1 in 100
    has any flagged place. A denoiser that has averaged the noise of the pixels themselves is
    further from the limit still. Departures of up to 3 % of a window's photons are forgiven, a
    residual up to 10 % too lively, and fine contrast of which the photons show at least half.
    Structure that is fainter than the noise of its windows can't be seen: no flag is no proof.

    Parameters
    ----------
    noisy, denoised : (..., Y, X) float32, e-
    read_noise : float or array that fits the image, e- rms

    Returns
    -------
    Flags

    Raises
    ------
    PhotonDenoiseError
        If the shapes differ, a pixel is not finite, or read noise is negative.
    """
    from scipy.special import ndtri

    check_pair(noisy, denoised, ("noisy image", "denoised"))
    check_read_noise(read_noise, noisy.shape)
    shape = noisy.shape if noisy.ndim > 1 else (1, *noisy.shape)
    limit = float(-ndtri(ALPHA / (TESTS * prod(shape))))
    extra = np.broadcast_to(np.square(read_noise, dtype=np.float64), noisy.shape)
    planes = (
        image.reshape(-1, *shape[-2:]).astype(np.float64) for image in (noisy, denoised, extra)
    )
    found = [_of_plane(a, b, c, limit) for a, b, c in zip(*planes, strict=True)]
    kind = np.stack([one for one, _ in found])
    return Flags(
        kind=kind.reshape(noisy.shape),
        over_smoothed=sum(_count(plane == OVER_SMOOTHED) for plane in kind),
        invented=sum(_count(plane == INVENTED) for plane in kind),
        limit=limit,
        hot_pixels=sum(hot for _, hot in found),
    )


def _of_plane(
    noisy: Float64, denoised: Float64, extra: Float64, limit: float
) -> tuple[NDArray[np.uint8], int]:
    """Kind of each pixel of one plane, and the number of hot pixels."""
    hot = _hot_pixels(noisy, denoised, extra)
    images = np.where(hot, denoised, noisy), denoised, extra
    found = scan_sums(*images, limit)
    found = scan_residual(*images, limit, found)
    found = scan_contrast(*images, limit, found)
    if not found.any():  # of most images that are right, and the rest is for nothing
        return np.zeros(noisy.shape, np.uint8), int(hot.sum())
    found &= ~_crumbs(found)
    return _name(found, _cause(*images)), int(hot.sum())


def _hot_pixels(noisy: Float64, denoised: Float64, extra: Float64) -> Mask:
    """Single pixels that the microscope can't have made, sharper than any spot."""
    hot: Mask = far_deviations(noisy, denoised, extra, HOT) > 0
    if not hot.any() or hot.mean() > HOT_SHARE:
        return np.zeros(noisy.shape, bool)
    around = ((box_sum(image, 3) - image)[hot] for image in (noisy, denoised, extra))
    hot[hot] = np.abs(deviation(*around)) < QUIET
    return hot


def _cause(noisy: Float64, denoised: Float64, extra: Float64) -> Float64:
    """Tell smoothing, above 0, from invention, below 0, around each pixel.

    Where structure was taken away, light is missing; where it was made up, there is too much.
    Where light was only moved, smoothing leaves a residual that looks like the structure itself,
    and sharpening its negative.
    """
    around, residual = Window(FLANK), noisy - denoised
    near = box_sum(residual, 3)
    error = np.sqrt(box_sum(np.maximum(denoised, 0) + extra, 3))
    near[np.abs(near) < NOTABLE * error] = 0
    missing, surplus = (around.sum(np.maximum(sign * near, 0)) for sign in (1, -1))
    balance = (missing - surplus) / np.maximum(missing + surplus, 1e-9)
    cause: Float64 = np.where(
        np.abs(balance) > MOVED, balance, around.sum(fine_contrast(denoised) * residual)
    )
    return cause


def _name(found: Mask, cause: Float64) -> NDArray[np.uint8]:
    """Name the kind of each flagged pixel by the cause around it, one for a neighbourhood."""
    votes = box_sum(np.sign(cause) * found, MAJORITY)
    kind = np.where(votes >= 0, OVER_SMOOTHED, INVENTED).astype(np.uint8)
    kind[~found] = 0
    return kind


def _crumbs(places: Mask) -> Mask:
    """Pixels of large windows that no neighbours confirm."""
    from scipy.ndimage import label

    names, _ = label(places, np.ones((3, 3)))
    small: Mask = np.bincount(names.ravel())[names] < CRUMB
    return small & places


def _count(places: Mask) -> int:
    """Count places; gaps of a few pixels do not part them."""
    from scipy.ndimage import label

    if not places.any():
        return 0
    return int(label(widen(places, APART), np.ones((3, 3)))[1])
