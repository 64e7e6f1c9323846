"""What a job saw on its way through an image, said once at the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.saturation import Highest, exceeds, find_full, together
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
    highest : mapping of int to Highest
        Values of each channel, which may have a camera of its own.
    """

    pixels: int = 0
    full: int = 0
    beyond: int = 0
    hot: int = 0
    low: float = np.inf
    high: float = -np.inf
    highest: Mapping[int, Highest] = field(default_factory=dict)

    def __add__(self, other: Seen) -> Seen:
        """Return what was seen in both."""
        return Seen(
            self.pixels + other.pixels,
            self.full + other.full,
            self.beyond + other.beyond,
            self.hot + other.hot,
            min(self.low, other.low),
            max(self.high, other.high),
            {
                channel: together(one.highest.get(channel, Highest()) for one in (self, other))
                for channel in {**self.highest, **other.highest}
            },
        )


def see(counts: NDArray[Any], ceiling: float, channel: int = 0) -> Seen:
    """Count saturated pixels of a tile's core, and take its range."""
    low, high = float(counts.min()), float(counts.max())
    full = int(np.count_nonzero(counts >= ceiling)) if high >= ceiling else 0
    return Seen(counts.size, full, low=low, high=high, highest={channel: Highest.of(counts)})


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
    else:
        sentences += _say_full(seen, ceiling)
    if seen.beyond:
        sentences.append(
            f"{seen.beyond} pixels lay beyond the range of the image's dtype and took its limit: "
            "keep photons (float32) to have them all."
        )
    if seen.hot:
        sentences.append(
            f"{seen.hot} hot {unit_for(seen.hot, 'pixels')} (alone far above all around) "
            f"{'was' if seen.hot == 1 else 'were'} replaced by the median of the neighbours "
            "before denoising: measure or name the camera to keep what it recorded there."
        )
    return sentences


def say_coarse(seen: Seen, offset: float, grey: np.dtype[Any] | None) -> list[str]:
    """Say that grey values lie too far from the offset for photons, which are float32.

    Parameters
    ----------
    offset : float, ADU
    grey : dtype or None
        Of the grey values that the result has; None of photons.
    """
    farthest = max(abs(seen.low - offset), abs(seen.high - offset))
    if grey is None or grey.itemsize < 4 or grey == np.float32 or not farthest < np.inf:
        return []
    step = float(np.spacing(np.float32(farthest)))
    if step < 1:  # rounding gives each value back
        return []
    return [
        f"Grey values reach {seen.high:g} with an offset of {offset:g}, so far apart that the "
        f"result is right to {step:g} counts only: check the offset."
    ]


def _say_full(seen: Seen, ceiling: float) -> list[str]:
    """Say how much is saturated, and that a camera can't have given what is brighter still."""
    sentences = []
    if exceeds(seen.high, ceiling):
        sentences.append(
            f"Counts reach {seen.high:g}, while the camera is full at {ceiling:g}: the image was "
            "taken in another mode, or its values were summed or scaled; name the camera that "
            "fits."
        )
    full = find_full(ceiling, seen.full, seen.highest.values())
    if full.number > SATURATED_SHARE * seen.pixels:
        values = " and ".join(f"{value:g}" for value in full.values)
        piled = ", where they pile up" if full.piled else ""
        sentences.append(
            f"{100 * full.number / seen.pixels:.2g} % of the pixels are saturated ({values} "
            f"counts{piled}): their photons are only a lower limit."
        )
    return sentences
