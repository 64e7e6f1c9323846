"""Flat frames brought to one light: a flickering or drifting lamp must not look like noise."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.camera.transfer.sums import row_bands
from napari_photon_denoise.kernels.threads import each, usable_cpus

Counts = NDArray[np.uint16]
Float64 = NDArray[np.float64]

# A frame this much darker or brighter than the first was taken by a closed shutter or the
# like; scaled up it would be noise.
DARKEST, BRIGHTEST = 0.5, 2.0
SEEN = 30.0  # dark noises that the light must exceed
FEW_FULL = 0.001  # share of pixels


@dataclass(eq=False)
class LightSums:
    """Sums of frames, each scaled to the light of the first: ``y' = o + (y - o) / s``.

    ``s`` is the light of a frame's good pixels over that of the first frame's. To subtract a
    frame's mean difference from every pixel alike, as EMVA 1288's formula does, leaves an
    error where the illumination is not even; this does not.

    Parameters
    ----------
    offset : (Y, X) float32, ADU
    good : (Y, X) bool
        Pixels that the light is measured by.
    dark_noise : float
        Noise of the sum of the good pixels in the dark, ADU.
    """

    offset: Float32
    good: NDArray[np.bool_]
    dark_noise: float = 0.0
    lights: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make room for the sums."""
        self._good = np.asarray(self.good, np.bool_)
        self._total = np.zeros(self.offset.shape, np.float64)
        self._square = np.zeros(self.offset.shape, np.float64)
        self._first: Counts | None = None
        self._dark = 0.0

    def add(self, block: Counts, first: Counts) -> None:
        """Add frames.

        Parameters
        ----------
        block : (F, Y, X) uint16, ADU
        first : (Y, X) uint16, ADU
            The first frame of all; kept, not copied.
        """
        from napari_photon_denoise.kernels.sums import add_light, add_normalised, bands

        if self._first is None:
            self._first = first
            full = first == first.max()
            if FEW_FULL < full.mean() < 1:
                self._good = self._good & ~full  # they don't follow the lamp
            self._dark = float(self.offset.sum(dtype=np.float64, where=self._good))
        parts = bands(block.shape[1], usable_cpus())
        light = np.zeros((len(parts), len(block)), np.int64)
        each(
            lambda p: add_light(block, self._good.view(np.uint8), *parts[p], light[p]),
            range(len(parts)),
        )
        self.lights += (light.sum(axis=0) - self._dark).tolist()
        factor = self.factors()[-len(block) :]
        each(
            lambda part: add_normalised(
                block, first, self.offset, factor, *part, self._total, self._square
            ),
            parts,
        )

    def relative(self) -> Float64:
        """Light of each frame over that of the first: (N,) float64."""
        lights = np.array(self.lights, np.float64)
        if lights[0] <= SEEN * self.dark_noise:
            return np.ones_like(lights)  # too dark to tell
        return np.asarray(lights / lights[0])

    def factors(self) -> Float64:
        """Return what each frame is multiplied by: (N,) float64, 0 to leave a frame out."""
        relative = self.relative()
        usable = (relative > DARKEST) & (relative < BRIGHTEST)
        return np.where(usable, 1 / np.where(usable, relative, 1), 0)

    @property
    def pixels(self) -> int:
        """Number of pixels that the light is measured by."""
        return int(self._good.sum())

    def signal(self) -> Float32:
        """Mean above the dark: (Y, X) float32, ADU."""
        assert self._first is not None
        used = self.factors() > 0
        scale = float(self.relative()[used].mean())
        out = np.empty(self.offset.shape, np.float32)
        for rows in row_bands(out.shape):
            mean = self._total[rows] / used.sum()
            out[rows] = scale * (self._first[rows] - self.offset[rows] + mean)
        return out

    def variance(self) -> Float32:
        """Temporal variance at the mean light: (Y, X) float32, ADU²."""
        used = self.factors() > 0
        count, scale = int(used.sum()), float(self.relative()[used].mean())
        out = np.empty(self.offset.shape, np.float32)
        for rows in row_bands(out.shape):
            total, square = self._total[rows], self._square[rows]
            out[rows] = scale**2 * (square - total * total / count) / (count - 1)
        return out

    def shares(self) -> tuple[float, float]:
        """How much scaling frames to one light has raised the shot noise and the dark noise.

        Both are 1 for a steady lamp, and rise with the square of its flicker.
        """
        relative = self.relative()[self.factors() > 0]
        mean = float(relative.mean())
        return mean * float((1 / relative).mean()), mean**2 * float((1 / relative**2).mean())
