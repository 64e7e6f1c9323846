"""From cells to a line a method: mean improvements, and the slope of the divergences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.figure import Figure, finite
from napari_photon_denoise.evaluation.study.cells import STUDIED
from napari_photon_denoise.evaluation.study.job import Study, StudyRow
from napari_photon_denoise.metrics.signal_improvement import (
    SignalImprovement,
    fit_signal_improvement,
)

LEAST_RATIO = 1e-3
RATIOS = tuple(figure for figure in STUDIED if figure.is_ratio)


@dataclass(frozen=True)
class MethodSummary:
    """What a method does on the images of a study.

    Parameters
    ----------
    method : str
    ratios : mapping of key to float
        Geometric means of the improvements of `RATIOS`; above 1 is better, NaN where none is
        defined.
    slope : SignalImprovement or None
        Over planes and images; None for fewer than two, or for perfect results.
    images : int
    bias : float, %
        Mean of the photons too many, of those that the truth has; NaN where it is not known.
    """

    method: str
    ratios: Mapping[str, float]
    slope: SignalImprovement | None
    images: int
    bias: float

    @property
    def mse(self) -> float:
        """Of the mean squared error."""
        return self.ratios["mse"]

    @property
    def ssim(self) -> float:
        """Of the structural similarity."""
        return self.ratios["ssim"]

    @property
    def ks(self) -> float:
        """Of the distance of the histograms."""
        return self.ratios["ks"]


def summarise(study: Study) -> list[MethodSummary]:
    """Return a line a method, in the order they were given."""
    found = []
    for method in study.methods:
        rows = study.of(method)
        ratios = {figure.key: mean_ratio(figure, rows) for figure in RATIOS}
        bias = mean(row.cell.bias_percent for row in rows)
        found.append(MethodSummary(method, ratios, slope_of(rows), len(rows), bias))
    return found


def mean_ratio(figure: Figure[Any], rows: Iterable[StudyRow]) -> float:
    """Geometric mean of the improvement of a figure."""
    return geometric_mean(row.cell[figure.key].improvement for row in rows)


def geometric_mean(ratios: Iterable[float | None]) -> float:
    """Geometric mean of improvements; those that are unknown or not finite are left out.

    A ratio of zero or below, which an SSIM below zero makes, counts as 0.001: to leave it out
    would reward it.

    Returns
    -------
    float
        NaN without any.
    """
    good = [max(ratio, LEAST_RATIO) for ratio in map(finite, ratios) if ratio is not None]
    return float(np.exp(np.mean(np.log(good)))) if good else float("nan")


def mean(values: Iterable[float | None]) -> float:
    """Mean of those that are known and finite, such as decibels; NaN without any."""
    good = [value for value in map(finite, values) if value is not None]
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
