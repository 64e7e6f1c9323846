"""What an image told, beside what is true."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import numpy as np
from benchmarks.blind.case import Case, Truth
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.estimate import NoEstimate, NoiseEstimate, estimate_job
from napari_photon_denoise.job import run

PERCENTILES = (10, 50, 95)  # of brightness
AROUND = 2.5  # percent of the pixels, on both sides
WITHIN = 0.2
LEVEL = 100  # pixels

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Told:
    """What an image told of its noise.

    Parameters
    ----------
    estimate : NoiseEstimate or None
        None if it was refused.
    sentence : str
        Why it was, or the first that was said.
    ratios : tuple of float
        Variance that was told over that which is true, at three brightnesses; empty if it was
        refused, or nothing is known.
    seconds : float
    """

    estimate: NoiseEstimate | None
    sentence: str
    ratios: tuple[float, ...]
    seconds: float

    @property
    def within(self) -> bool:
        """Whether the variance is right at all three."""
        return bool(self.ratios) and all(abs(ratio - 1) <= WITHIN for ratio in self.ratios)


def ask(case: Case) -> Told:
    """Estimate the noise of an image from itself alone."""
    start = perf_counter()
    try:
        estimate = run(estimate_job(case.image, case.axes))
    except NoEstimate as error:
        return Told(None, str(error), (), perf_counter() - start)
    seconds = perf_counter() - start
    said = estimate.sentences[0] if estimate.sentences else ""
    ratios = compare(estimate.calibration(), case.truth) if case.truth is not None else ()
    return Told(estimate, said, ratios, seconds)


def compare(camera: Calibration, truth: Truth) -> tuple[float, ...]:
    """Return told over true variance around each of `PERCENTILES` of brightness."""
    mean, true = levels(truth)
    told = said_variance(camera, mean)
    ratios = []
    for percent in PERCENTILES:
        low, high = (round((percent + side) / 100 * len(mean)) for side in (-AROUND, AROUND))
        ratios.append(_ratio(float(told[low:high].mean()), float(true[low:high].mean())))
    return tuple(ratios)


def levels(truth: Truth) -> tuple[Float64, Float64]:
    """Mean (ADU) and variance (ADU²) of the pixels, level by level of brightness.

    The mean of a pixel over a few repeats is itself noisy; that of a hundred is not.
    """
    known = np.isfinite(truth.mean) if truth.valid is None else truth.valid
    key = truth.mean if truth.expected is None else truth.expected
    order = np.argsort(key[known], kind="stable")
    order = order[: len(order) // LEVEL * LEVEL].reshape(-1, LEVEL)
    mean, variance = (
        image[known][order].mean(axis=1, dtype=np.float64) for image in (truth.mean, truth.variance)
    )
    return mean, variance


def said_variance(camera: Calibration, mean: Float64) -> Float64:
    """Variance (ADU²) that a camera says pixels of these expected counts (ADU) have."""
    gain = float(np.median(camera.gain))
    photons = np.maximum((mean - np.median(camera.offset)) * gain, 0)
    return np.asarray((photons + np.median(camera.read_noise) ** 2) / gain**2)


def _ratio(told: float, true: float) -> float:
    if true > 0:
        return told / true
    return np.inf if told > 0 else 1.0
