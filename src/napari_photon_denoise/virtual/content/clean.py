"""Which real images are clean enough to be taken for the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32

SMALLEST = 64  # px, edge of an image
FEWEST_LEVELS = 40  # grey levels between background and bright
MOST_SATURATED = 0.002  # share of the pixels
VISIBLE_NOISE = 0.02  # of the signal: from here on an image is made smaller
MOST_NOISE = 0.04  # of the signal: what is left of it when it is made smaller
DOUBT = 0.35  # the least part of an image's unrest that is taken for noise


def fault(image: NDArray[Any]) -> str | None:
    """Say why a plane is no clean fluorescence image, or None.

    Parameters
    ----------
    image : (Y, X) array, ADU
        As it is in the file: what files were cut, stretched or compressed by shows in
        their grey values.
    """
    if image.ndim != 2 or min(image.shape) < SMALLEST:
        return "too small"
    if not np.isfinite(image).all():
        return "not finite"
    low, middle, bright, top = (float(q) for q in np.percentile(image, [1, 50, 99.5, 99.9]))
    values = np.unique(image)
    if bright - low <= 0 or len(values) < FEWEST_LEVELS:
        return "few grey levels"
    if np.count_nonzero((values >= low) & (values <= bright)) < FEWEST_LEVELS:
        return "few grey levels"
    if _is_stepped(image, low + 0.3 * (bright - low)):
        return "a label image"
    if (middle - low) / (bright - low) > 0.42:
        return "brightfield or inverted"
    if np.mean(image == values[-1]) > MOST_SATURATED:
        return "saturated"
    if values[-1] - low > 15 * max(top - low, 1e-9):
        return "hot pixels"
    if image.dtype == np.uint8 and _blockiness(image) > 1.25:
        return "compressed"
    return None


def noise_share(image: Float32, background: float) -> float:
    """Estimate the noise as a share of the signal.

    White noise is halved where squares of 2 × 2 px are averaged; the steps of blurred
    structure grow, 1.6 times at least. Two sizes of the image tell them apart.

    Parameters
    ----------
    image : (Y, X) float32
    background : float

    Returns
    -------
    float
        0 for none, 1 where nothing can be said.
    """
    fine, coarse = _unrest(image, background), _unrest(halved(image), background)
    if coarse >= 1:
        return fine
    growth = 1.6**2
    noise = np.sqrt(max(0.0, (growth * fine**2 - coarse**2) / (growth - 0.25)))
    return float(max(noise, DOUBT * fine))


def _unrest(image: NDArray[Any], background: float) -> float:
    """Measure what alternates from pixel to pixel, as a share of the signal.

    Parameters
    ----------
    image : (Y, X) array
    background : float

    Returns
    -------
    float
        The larger of the noise of bright places over their signal, and of the noise of
        dark places over the bright signal. Judged by the calmest fifth of the bright
        places: noise is everywhere, fine structure is not.
    """
    even = image[: image.shape[0] // 8 * 8, : image.shape[1] // 8 * 8].astype(np.float64)
    a, b, c, d = even[::2, ::2], even[::2, 1::2], even[1::2, ::2], even[1::2, 1::2]
    alternating = np.sqrt(_in_fours(((a - b - c + d) / 2) ** 2))
    mean = _in_fours((a + b + c + d) / 4) - background
    bright = float(np.percentile(mean, 99))
    is_bright = mean > 0.3 * bright
    if bright <= 0 or not is_bright.any() or is_bright.all():
        return 1.0
    within = float(np.quantile(alternating[is_bright] / mean[is_bright], 0.2))
    outside = float(np.median(alternating[~is_bright])) / bright
    return max(within, outside)


def _in_fours(image: NDArray[Any]) -> NDArray[Any]:
    """Average squares of 4 × 4."""
    y, x = image.shape
    return np.asarray(image.reshape(y // 4, 4, x // 4, 4).mean(axis=(1, 3)))


def halved(image: Float32) -> Float32:
    """Average squares of 2 × 2 px in each plane: half of white noise, half of the size."""
    y, x = image.shape[-2] // 2 * 2, image.shape[-1] // 2 * 2
    even = image[..., :y, :x]
    parts = even.reshape(*image.shape[:-2], y // 2, 2, x // 2, 2)
    return np.asarray(parts.mean(axis=(-3, -1)), dtype=np.float32)


def _is_stepped(image: NDArray[Any], level: float) -> bool:
    """Tell whether most bright pixels equal their neighbour: labels, masks, upscaled images."""
    bright = image[:, 1:] > level
    return bool(bright.any() and np.mean((image[:, 1:] == image[:, :-1])[bright]) > 0.5)


def _blockiness(image: NDArray[Any]) -> float:
    """Compare steps at the borders of 8 × 8 px blocks with those elsewhere."""
    worst = 1.0
    for turned in (image, image.T):
        steps = np.abs(np.diff(turned.astype(np.int32), axis=1)).mean(axis=0)
        by_phase = np.array([steps[phase::8].mean() for phase in range(8)])
        middle = float(np.median(by_phase))
        if middle > 0:
            worst = max(worst, float(by_phase.max()) / middle)
    return worst
