"""What a training by percentiles knows of each pair: its limits, and what is background in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.networks.learning.pairs.images import Pair
from napari_photon_denoise.networks.percentiles import HIGH, HIGHS, LOW, LOWS, read_planes

STEPS = 9  # percentiles that are taken of a range; between them it is interpolated
BRIGHT, BRIGHTEST = 0.4, 99.9  # of that percentile of the clean image


@dataclass(frozen=True, eq=False)
class Percentiles:
    """Of each pair, by its number.

    Parameters
    ----------
    lows, highs : (pairs, steps) float64, e-
        Percentiles of the noisy image, over `LOWS` and `HIGHS`.
    usual : (float, float), e-
        2nd and 99.8th, the median over the pairs.
    bright : (pairs,) float64, e-
        A patch of the clean image that reaches this in its middle is no background.
    """

    lows: NDArray[np.float64]
    highs: NDArray[np.float64]
    usual: tuple[float, float]
    bright: NDArray[np.float64]

    def draw(self, pair: int, rng: np.random.Generator) -> Float32:
        """Return limits as a network in use may meet them, (2,), e-."""
        low, high = (
            np.interp(rng.random(), np.linspace(0, 1, STEPS), side[pair])
            for side in (self.lows, self.highs)
        )
        return np.array([low, high], np.float32)

    def is_background(self, pair: int, clean: Float32) -> bool:
        """Whether a patch of the clean image, ([Z,] Y, X), e-, holds nothing bright.

        As the published code has it: the brightest pixel of its inner half counts, so that
        structure is not only at its border.
        """
        middle = tuple(
            slice(size // 4, size - size // 4) if size > 1 else slice(None) for size in clean.shape
        )
        return bool(clean[middle].max() <= self.bright[pair])


def percentiles_job(pairs: Sequence[Pair]) -> Job[Percentiles]:
    """Look at whole images.

    Returns
    -------
    Percentiles
        Through the generator's return value.
    """
    wanted = (*np.linspace(*LOWS, STEPS), *np.linspace(*HIGHS, STEPS), LOW, HIGH)
    found, bright = [], []
    for number, pair in enumerate(pairs):
        yield Progress(f"Percentiles of {pair.name}", number, len(pairs))
        found.append(np.percentile(read_planes(pair.noisy), wanted))
        bright.append(BRIGHT * float(np.percentile(read_planes(pair.clean), BRIGHTEST)))
    table = np.array(found)
    low, high = np.median(table[:, -2:], axis=0)
    return Percentiles(
        table[:, :STEPS],
        table[:, STEPS : 2 * STEPS],
        (float(low), float(high)),
        np.array(bright),
    )
