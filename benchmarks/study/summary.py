"""From cells to the page's numbers: improvements, slopes, paired differences."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from napari_photon_denoise.metrics import SignalImprovement, fit_signal_improvement

Row = dict[str, Any]
Ratio = Callable[[Row, str], float]
CONFIDENCE = 0.95
LEAST_RATIO = 1e-3


def mse(row: Row, method: str) -> float:
    """Return how many times smaller the squared error is, without the truth's own noise."""
    return _figure(row, "raw", "mse_true") / _figure(row, method, "mse_true")


def ssim(row: Row, method: str) -> float:
    """Return how many times larger the structural similarity is."""
    return _figure(row, method, "ssim") / _figure(row, "raw", "ssim")


def ks(row: Row, method: str) -> float:
    """Return how many times smaller the Kolmogorov-Smirnov distance is."""
    return _figure(row, "raw", "ks") / _figure(row, method, "ks")


RATIOS: dict[str, Ratio] = {"MSE": mse, "SSIM": ssim, "KS": ks}


def having(rows: Iterable[Row], method: str) -> list[Row]:
    """Return the rows that a method and the raw image are measured in."""
    return [row for row in rows if {"raw", method} <= row["cells"].keys()]


def present(rows: Iterable[Row]) -> list[str]:
    """Return the methods of some rows, in the order of the first row that has most."""
    longest: Row = max(rows, key=lambda row: len(row["cells"]), default={"cells": {}})
    return list(longest["cells"])


def average(rows: Iterable[Row], method: str, ratio: Ratio) -> float:
    """Geometric mean of a ratio over images; NaN without any."""
    found = [ratio(row, method) for row in having(rows, method)]
    # An SSIM below zero counts as the least ratio; to leave it out would reward it.
    good = [max(one, LEAST_RATIO) for one in found if np.isfinite(one)]
    return float(np.exp(np.mean(np.log(good)))) if good else float("nan")


def mean_figure(rows: Iterable[Row], method: str, name: str) -> float:
    """Arithmetic mean of a figure over images; NaN without any."""
    found = [_figure(row, method, name) for row in having(rows, method)]
    return float(np.mean(found)) if found else float("nan")


def slope(rows: Iterable[Row], method: str) -> SignalImprovement | None:
    """Fit the signal improvement over scenes and exposures; None for fewer than two."""
    found = having(rows, method)
    if len(found) < 2:
        return None
    return fit_signal_improvement(
        [_figure(row, "raw", "j") for row in found], [_figure(row, method, "j") for row in found]
    )


def best_slope(rows: Iterable[Row]) -> float:
    """Return the slope that the truth behind a noisy truth would have; infinite for a clean one."""
    found = having(rows, "raw")
    floor = np.array([row["j_floor"] for row in found])
    if not floor.any():
        return float("inf")
    before = np.array([_figure(row, "raw", "j") for row in found])
    return float(before @ floor / (floor @ floor))


@dataclass(frozen=True)
class Paired:
    """How many times larger one method's squared error is than another's on the same images.

    Parameters
    ----------
    factor, low, high : float
        Geometric mean, and its 95 % confidence interval over scenes.
    scenes : int
    """

    factor: float
    low: float
    high: float
    scenes: int

    @property
    def decided(self) -> bool:
        """Whether the interval leaves out 1."""
        return self.low > 1 or self.high < 1


def paired(rows: Iterable[Row], method: str, reference: str) -> Paired | None:
    """Compare two methods; a scene's exposures are averaged first, for they resemble each other.

    Student's t over scenes, of the logarithms; None for fewer than two scenes.
    """
    from scipy.stats import t as student

    logs: dict[str, list[float]] = {}
    for row in rows:
        if {method, reference} <= row["cells"].keys():
            ratio = _figure(row, method, "mse_true") / _figure(row, reference, "mse_true")
            logs.setdefault(row["scene"], []).append(float(np.log(ratio)))
    of_scenes = np.array([np.mean(one) for one in logs.values()])
    count = len(of_scenes)
    if count < 2:
        return None
    middle = float(of_scenes.mean())
    error = float(of_scenes.std(ddof=1) / np.sqrt(count))
    reach = error * float(student.ppf((1 + CONFIDENCE) / 2, count - 1))
    low, factor, high = (float(np.exp(x)) for x in (middle - reach, middle, middle + reach))
    return Paired(factor, low, high, count)


def exposures(rows: Iterable[Row]) -> list[float]:
    """Return the exposures of some rows, ascending."""
    return sorted({float(row["exposure"]) for row in rows})


def at(rows: Iterable[Row], **facts: Any) -> list[Row]:
    """Return the rows with these facts."""
    return [row for row in rows if all(row.get(name) == value for name, value in facts.items())]


def _figure(row: Row, method: str, name: str) -> float:
    return float(row["cells"][method][name])
