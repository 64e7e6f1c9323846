"""What a job saw on its way through an image, said once at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SATURATED_SHARE = 1e-4  # of all pixels; fewer are hot pixels


@dataclass(frozen=True)
class Seen:
    """What was seen in one tile.

    Parameters
    ----------
    pixels, full, beyond : int
        All, the saturated ones, and those of the result that its dtype can't hold.
    low, high : float, ADU
        Range of the counts.
    """

    pixels: int = 0
    full: int = 0
    beyond: int = 0
    low: float = np.inf
    high: float = -np.inf

    def __add__(self, other: Seen) -> Seen:
        """Return what was seen in both."""
        return Seen(
            self.pixels + other.pixels,
            self.full + other.full,
            self.beyond + other.beyond,
            min(self.low, other.low),
            max(self.high, other.high),
        )


def see(counts: NDArray[Any], ceiling: float) -> Seen:
    """Count saturated pixels of a tile's core, and take its range."""
    full = int((counts >= ceiling).sum())
    return Seen(counts.size, full, low=float(counts.min()), high=float(counts.max()))


def as_dtype(counts: NDArray[np.float64], dtype: np.dtype[Any]) -> tuple[NDArray[Any], int]:
    """Round to a dtype; a value beyond its range takes the limit, and is counted."""
    if dtype.kind == "f":
        return counts.astype(dtype), 0
    limits = np.iinfo(dtype)
    rounded = np.rint(counts)
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
    return sentences
