"""What a job saw on its way through an image, said once at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.words import unit_for

SATURATED_SHARE = 1e-4  # of all pixels; fewer are hot pixels


@dataclass(frozen=True)
class Seen:
    """What was seen in one tile.

    Parameters
    ----------
    pixels, full, beyond, hot : int
        All, the saturated ones, those of the result that its dtype can't hold, and the hot ones
        that were mended.
    low, high : float, ADU
        Range of the counts.
    """

    pixels: int = 0
    full: int = 0
    beyond: int = 0
    hot: int = 0
    low: float = np.inf
    high: float = -np.inf

    def __add__(self, other: Seen) -> Seen:
        """Return what was seen in both."""
        return Seen(
            self.pixels + other.pixels,
            self.full + other.full,
            self.beyond + other.beyond,
            self.hot + other.hot,
            min(self.low, other.low),
            max(self.high, other.high),
        )


def see(counts: NDArray[Any], ceiling: float) -> Seen:
    """Count saturated pixels of a tile's core, and take its range."""
    full = int((counts >= ceiling).sum())
    return Seen(counts.size, full, low=float(counts.min()), high=float(counts.max()))


def as_dtype(counts: Float32, dtype: np.dtype[Any]) -> tuple[NDArray[Any], int]:
    """Round to a dtype; a value beyond its range takes the limit, and is counted."""
    if dtype.kind == "f":
        return counts.astype(dtype), 0
    limits = np.iinfo(dtype)
    rounded = np.rint(counts.astype(np.float64))
    beyond = int(((rounded < limits.min) | (rounded > limits.max)).sum())
    # The largest 64-bit integers have no float of their own: stay below.
    top = np.nextafter(float(limits.max), 0) if dtype.itemsize == 8 else limits.max
    return np.clip(rounded, limits.min, top).astype(dtype), beyond


def say_seen(seen: Seen, ceiling: float) -> list[str]:
    """Say what the user should know of it, a sentence each."""
    sentences = []
    if seen.low == seen.high:
        sentences.append(
            f"The image is constant (all pixels {seen.low:g}): check that it is the right one."
        )
    elif seen.full > SATURATED_SHARE * seen.pixels:
        sentences.append(
            f"{100 * seen.full / seen.pixels:.2g} % of the pixels are saturated ({ceiling:g} "
            "counts): their photons are only a lower limit."
        )
    if seen.beyond:
        sentences.append(
            f"{seen.beyond} pixels lay beyond the range of the image's dtype and took its limit: "
            "keep photons (float32) to have them all."
        )
    if seen.hot:
        sentences.append(
            f"{seen.hot} hot {unit_for(seen.hot, 'pixels')} (alone far above all around) "
            f"{'was' if seen.hot == 1 else 'were'} replaced by the median of the pixels beside "
            "before denoising: measure or name the camera to keep what it recorded there."
        )
    return sentences
