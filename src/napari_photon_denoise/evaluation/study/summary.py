"""From cells to a line a method: mean improvements, and the slope of the divergences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.study.job import Study, StudyRow
from napari_photon_denoise.metrics.signal_improvement import (
    SignalImprovement,
    fit_signal_improvement,
)

LEAST_RATIO = 1e-3
RATIOS: dict[str, Callable[[StudyRow], float]] = {
    "MSE": lambda row: row.cell.mse_ratio,
    "SSIM": lambda row: row.cell.improvement.ssim,
    "KS": lambda row: row.cell.improvement.ks,
}


@dataclass(frozen=True)
class MethodSummary:
    """What a method does on the images of a study.

    Parameters
    ----------
    method : str
    mse, ssim, ks : float
        Geometric means of the improvements; above 1 is better, NaN where none is defined.
    slope : SignalImprovement or None
        Over planes and images; None for fewer than two, or for perfect results.
    images : int
    bias : float, %
        Mean of the photons too many, of those that the truth has; NaN where it is not known.
    """

    method: str
    mse: float
    ssim: float
    ks: float
    slope: SignalImprovement | None
    images: int
    bias: float


def summarise(study: Study) -> list[MethodSummary]:
    """Return a line a method, in the order they were given."""
    found = []
    for method in study.methods:
        rows = study.of(method)
        mse, ssim, ks = (geometric_mean(map(ratio, rows)) for ratio in RATIOS.values())
        bias = mean(row.cell.bias_percent for row in rows)
        found.append(MethodSummary(method, mse, ssim, ks, slope_of(rows), len(rows), bias))
    return found


def geometric_mean(ratios: Iterable[float]) -> float:
    """Geometric mean of improvements; those that are not finite are left out.

    A ratio of zero or below, which an SSIM below zero makes, counts as 0.001: to leave it out
    would reward it.

    Returns
    -------
    float
        NaN without any.
    """
    good = [max(ratio, LEAST_RATIO) for ratio in ratios if np.isfinite(ratio)]
    return float(np.exp(np.mean(np.log(good)))) if good else float("nan")


def mean(values: Iterable[float]) -> float:
    """Mean of those that are finite, such as decibels; NaN without any."""
    good = [value for value in values if np.isfinite(value)]
    return float(np.mean(good)) if good else float("nan")


def slope_of(rows: Sequence[StudyRow]) -> SignalImprovement | None:
    """Fit the signal improvement over all planes of some rows; None where it can't be."""
    before, after = _divergences(rows)
    try:
        return fit_signal_improvement(before, after)
    except PhotonDenoiseError:
        return None


def signal_of(rows: Sequence[StudyRow]) -> float:
    """Signal improvement over all planes of some rows; of a single plane the mere ratio.

    Returns
    -------
    float
        NaN without rows, or for perfect results.
    """
    fit = slope_of(rows)
    if fit is not None:
        return fit.factor
    before, after = _divergences(rows)
    return before[0] / after[0] if len(after) == 1 and after[0] > 0 else float("nan")


def exposures(rows: Iterable[StudyRow]) -> list[float] | None:
    """Return the exposures of some rows, ascending; None if one's is not known."""
    return _levels([row.exposure for row in rows])


def omegas(rows: Iterable[StudyRow]) -> list[float] | None:
    """Return the Ω of some rows, ascending, as `omega_of` rounds; None if one's is not known."""
    return _levels([omega_of(row) for row in rows])


def omega_of(row: StudyRow) -> float | None:
    """Ω of a row to three digits: pixel sizes of two files differ in the seventh."""
    return None if row.omega is None else float(f"{row.omega:.3g}")


def first_rows(study: Study) -> list[StudyRow]:
    """Return a row of each image, for what is the same with all methods."""
    return list({row.image: row for row in study.rows}.values())


def _levels(values: Sequence[float | None]) -> list[float] | None:
    known = {value for value in values if value is not None}
    return None if None in values or not known else sorted(known)


def _divergences(rows: Sequence[StudyRow]) -> tuple[list[float], list[float]]:
    before = [value for row in rows for value in row.cell.j_in]
    return before, [value for row in rows for value in row.cell.j_out]
