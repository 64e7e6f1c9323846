"""The columns of a comparison, declared once: for the table in napari, the page, and CSV."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor, isfinite, log10
from typing import Literal

from napari_photon_denoise.evaluation.methods.rows import Figure, Row, TruthFigures
from napari_photon_denoise.metrics.applicable import NotApplicable
from napari_photon_denoise.metrics.held_out import Difference, HeldOutScore

THREE = "#.3g"  # digits, zeros at the end included
UNDEFINED = "It has no value here."


@dataclass(frozen=True)
class Column:
    """A figure of every row.

    Parameters
    ----------
    title, unit, help : str
        Of the header; the unit is empty for a pure number.
    best : {"low", "high", "zero", ""}
        Which values are better; empty where none are.
    value : function of a Row
        A finite number, or why there is none.
    digits : str
        How a number is written, a format such as ".3g".
    error : function of a Row, optional
        Standard error of the value.
    needs_truth : bool
    """

    title: str
    unit: str
    help: str
    best: Literal["low", "high", "zero", ""]
    value: Callable[[Row], Figure]
    digits: str
    error: Callable[[Row], float] | None = None
    needs_truth: bool = False

    @property
    def header(self) -> str:
        """Title and unit, such as "MSE (e-²)"."""
        return f"{self.title} ({self.unit})" if self.unit else self.title

    def text(self, row: Row) -> str:
        """Write the value for people; "n/a" where there is none."""
        value = self.value(row)
        if isinstance(value, NotApplicable):
            return "n/a"
        if self.error is None:
            return _number(value, self.digits)
        return _with_error(value, self.error(row), self.digits)

    def cost(self, row: Row) -> float | None:
        """Return what is the lower the better; None where there is no value, or no better."""
        value = self.value(row)
        if not self.best or isinstance(value, NotApplicable):
            return None
        return {"low": value, "high": -value, "zero": abs(value)}[self.best]


def best_names(column: Column, rows: Sequence[Row]) -> frozenset[str]:
    """Names of the rows that are best in a column; of several where they are equal."""
    costs = {row.name: cost for row in rows if (cost := column.cost(row)) is not None}
    if not costs:
        return frozenset()
    least = min(costs.values())
    return frozenset(name for name, cost in costs.items() if cost == least)


def _number(value: float, digits: str) -> str:
    """Write a number; a large one in full, where three digits would need an exponent."""
    if value == 0:
        return "0"
    return f"{value:.0f}" if digits == THREE and abs(value) >= 1000 else format(value, digits)


def _with_error(value: float, error: float, digits: str) -> str:
    """Write a value and its error, both to the error's second digit."""
    if not error > 0:  # NaN as well
        return _number(value, digits)
    decimals = max(0, 1 - floor(log10(error)))
    return f"{value:.{decimals}f} ± {error:.{decimals}f}"


def _finite(value: Figure) -> Figure:
    if isinstance(value, NotApplicable):
        return value
    return float(value) if isfinite(value) else NotApplicable(UNDEFINED)


def _held_out(pick: Callable[[HeldOutScore], float]) -> Callable[[Row], Figure]:
    def value(row: Row) -> Figure:
        score = row.held_out
        return score if isinstance(score, NotApplicable) else _finite(pick(score))

    return value


def _error(pick: Callable[[HeldOutScore], float]) -> Callable[[Row], float]:
    def error(row: Row) -> float:
        return pick(row.held_out) if isinstance(row.held_out, HeldOutScore) else float("nan")

    return error


def _behind(row: Row) -> Figure:
    return row.behind if isinstance(row.behind, NotApplicable) else _finite(row.behind.mse)


def _behind_error(row: Row) -> float:
    return row.behind.mse_error if isinstance(row.behind, Difference) else float("nan")


def of_truth(pick: Callable[[TruthFigures], Figure]) -> Callable[[Row], Figure]:
    """Return the value of a column that needs a truth."""

    def value(row: Row) -> Figure:
        figures = row.truth
        return figures if isinstance(figures, NotApplicable) else _finite(pick(figures))

    return value


COLUMNS = (
    Column(
        "Held-out MSE",
        "e-²",
        "Mean squared error to the truth, estimated from photons that the method has not seen, "
        "± its standard error; the lower the better. Needs no truth.",
        "low",
        _held_out(lambda score: score.mse),
        THREE,
        _error(lambda score: score.mse_error),
    ),
    Column(
        "Behind best",
        "e-²",
        "How much larger the held-out error is than that of the first, ± its standard error. Both "
        "are judged by the same photons, so this tells methods apart that their own errors do "
        "not: at more than twice its error, the first one is better.",
        "",
        _behind,
        THREE,
        _behind_error,
    ),
    Column(
        "Supported",
        "%",
        "How much of the result's fine contrast photons that the method has not seen show as "
        "well: 100 % if all of it is real, less where noise is left or structure invented, more "
        "where contrast was lost.",
        "",
        _held_out(lambda score: 100 * score.support),
        ".0f",
    ),
    Column(
        "MSE",
        "e-²",
        "Mean squared error to the truth layer; the lower the better.",
        "low",
        of_truth(lambda figures: figures.mse),
        THREE,
        needs_truth=True,
    ),
    Column(
        "PSNR",
        "dB",
        "Peak signal-to-noise ratio: the truth's range (maximum minus minimum, in this region) "
        "over the root-mean-square error; the higher the better.",
        "high",
        of_truth(lambda figures: figures.psnr),
        ".2f",
        needs_truth=True,
    ),
    Column(
        "SSIM",
        "",
        "Structural similarity to the truth layer, windows of 11×11 px, range of the truth; 1 is "
        "equal.",
        "high",
        of_truth(lambda figures: figures.ssim),
        ".3f",
        needs_truth=True,
    ),
    Column(
        "KS",
        "",
        "Kolmogorov-Smirnov distance: widest gap between the cumulative histograms of image and "
        "truth; 0 is equal, 1 the most.",
        "low",
        of_truth(lambda figures: figures.ks),
        ".3f",
        needs_truth=True,
    ),
    Column(
        "Bias",
        "e-",
        "Mean photons too many, or (negative) too few, in a pixel, beside the truth.",
        "zero",
        of_truth(lambda figures: figures.bias),
        "z.3f",
        needs_truth=True,
    ),
    Column(
        "Time",
        "s",
        "Computing time for this region, loading and training included.",
        "",
        lambda row: row.seconds,
        ".2g",
    ),
)
