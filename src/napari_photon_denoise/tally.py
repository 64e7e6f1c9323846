"""What a job saw on its way through an image, said once at the end."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32

SATURATED_SHARE = 1e-4  # of all pixels; fewer are hot pixels


class Tally:
    """What was seen on the way through the image, said once at the end."""

    def __init__(self, ceiling: float) -> None:
        self._ceiling = ceiling
        self._notes: dict[str, str] = {}
        self._pixels = self._full = self._beyond = 0
        self._low, self._high = np.inf, -np.inf

    def see(self, counts: NDArray[Any]) -> None:
        """Count saturated pixels of a tile's core, and keep its range."""
        self._pixels += counts.size
        self._full += int((counts >= self._ceiling).sum())
        self._low = min(self._low, float(counts.min()))
        self._high = max(self._high, float(counts.max()))

    def as_dtype(self, counts: Float32, dtype: np.dtype[Any]) -> NDArray[Any]:
        """Round to the image's own dtype; a value beyond its range takes the limit."""
        if dtype.kind == "f":
            return counts.astype(dtype)
        limits = np.iinfo(dtype)
        rounded = np.rint(counts.astype(np.float64))
        self._beyond += int(((rounded < limits.min) | (rounded > limits.max)).sum())
        # The largest 64-bit integers have no float of their own: stay below.
        top = np.nextafter(float(limits.max), 0) if dtype.itemsize == 8 else limits.max
        return np.clip(rounded, limits.min, top).astype(dtype)

    def add_note(self, kind: str, sentence: str) -> None:
        """Keep one sentence of its kind, the newest."""
        self._notes[kind] = sentence

    def notes(self) -> tuple[str, ...]:
        """Sentences for the user."""
        if self._low == self._high:
            self.add_note(
                "range",
                f"The image is constant (all pixels {self._low:g}): check that it is the right "
                "one.",
            )
        elif self._full > SATURATED_SHARE * self._pixels:
            self.add_note(
                "range",
                f"{100 * self._full / self._pixels:.2g} % of the pixels are saturated "
                f"({self._ceiling:g} counts): their photons are only a lower limit.",
            )
        if self._beyond:
            self.add_note(
                "beyond",
                f"{self._beyond} pixels lay beyond the range of the image's dtype and took its "
                "limit: keep photons (float32) to have them all.",
            )
        return tuple(self._notes.values())
