"""Several rows as a table: in napari, in the terminal, on the page and as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from napari_photon_denoise.evaluation.figure import Figure, Reading, finite
from napari_photon_denoise.evaluation.figures import (
    BEHIND_BEST,
    HELD_OUT,
    SECONDS,
    SUPPORTED,
    WITH_NOISY_TRUTH,
    WITH_TRUTH,
)
from napari_photon_denoise.evaluation.methods.rows import RAW, SAME_EXPOSURE, Row
from napari_photon_denoise.evaluation.numbers import NONE
from napari_photon_denoise.io.text import as_csv

FIRST: Figure[Any] = HELD_OUT[0]  # rows are sorted by it


def columns(*, with_truth: bool) -> list[Figure[Any]]:
    """Return the figures of the table; those that need a truth only with one."""
    beside = [figure for figure in WITH_TRUTH if with_truth and not figure.further]
    return [FIRST, BEHIND_BEST, SUPPORTED, *beside, SECONDS]


def details(rows: Sequence[Row], *, with_truth: bool) -> list[Figure[Any]]:
    """Return the further figures; none without a truth, which all of them need."""
    asked = any(row[one.key].reason != SAME_EXPOSURE for row in rows for one in WITH_NOISY_TRUTH)
    beside = (*WITH_TRUTH, *(WITH_NOISY_TRUTH if asked else ()))
    return [figure for figure in beside if with_truth and figure.further]


def all_columns(rows: Sequence[Row], *, with_truth: bool) -> list[Figure[Any]]:
    """Return the figures of the table, and the further ones."""
    return [*columns(with_truth=with_truth), *details(rows, with_truth=with_truth)]


def improved(rows: Sequence[Row], *, with_truth: bool) -> list[Figure[Any]]:
    """Return the figures that have an improvement over the raw image."""
    return [figure for figure in all_columns(rows, with_truth=with_truth) if figure.improves]


def improvement_rows(rows: Sequence[Row], *, with_truth: bool) -> list[list[str]]:
    """Write the improvements of all rows but the raw image's, below their headers."""
    figures = improved(rows, with_truth=with_truth)
    return [
        [row.name, *(_gain(row[figure.key]) for figure in figures)]
        for row in rows
        if row.name != RAW and row.clean is not None
    ]


def best_names(figure: Figure[Any], rows: Sequence[Row]) -> frozenset[str]:
    """Names of the rows that are best in a figure; of several where they are equal."""
    costs = {row.name: cost for row in rows if (cost := _cost(row[figure.key])) is not None}
    if not costs:
        return frozenset()
    least = min(costs.values())
    return frozenset(name for name, cost in costs.items() if cost == least)


def rows_as_text(rows: Sequence[Row], *, with_truth: bool) -> str:
    """Write the table as plain text, units in the header and columns aligned.

    Parameters
    ----------
    rows : sequence of Row
    with_truth : bool
        Whether there are columns for figures that need a truth.
    """
    figures = columns(with_truth=with_truth)
    table = [["", *(figure.header for figure in figures)]]
    table += [[row.name, *(row[figure.key].text for figure in figures)] for row in rows]
    wide = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ([cells[0].ljust(wide[0]), *(map(str.rjust, cells[1:], wide[1:]))] for cells in table)
    return "\n".join("  ".join(line).rstrip() for line in lines)


def rows_as_csv(rows: Sequence[Row], *, with_truth: bool) -> str:
    """Write rows as CSV, units in the header; what can't be given is empty, and said at the end.

    Parameters
    ----------
    rows : sequence of Row
    with_truth : bool
        Whether there are columns for figures that need a truth.
    """
    figures = all_columns(rows, with_truth=with_truth)
    ratios = improved(rows, with_truth=with_truth)
    header = ["Method"]
    for figure in figures:
        header.append(figure.header)
        if figure.error is not None:
            header.append(f"{figure.title} standard error ({figure.unit})")
    header += [
        f"{figure.title} improvement ({'times' if figure.is_ratio else 'dB'})" for figure in ratios
    ]
    lines = []
    for row in rows:
        cells: list[Any] = [row.name]
        reasons = dict.fromkeys(row.notes)
        for figure in figures:
            found = row[figure.key]
            cells.append(found.value)
            if figure.error is not None:
                cells.append(found.error)
            if found.reason:
                reasons[found.reason] = None
        cells += [finite(row[figure.key].improvement) for figure in ratios]
        lines.append([*cells, " ".join(reasons)])
    return as_csv([*header, "Notes"], lines)


def _cost(reading: Reading) -> float | None:
    """Return what is the lower the better; None where there is no value, or no better."""
    value, better = reading.value, reading.figure.better
    if value is None or better not in ("lower", "higher", "zero"):
        return None
    return {"lower": value, "higher": -value, "zero": abs(value)}[better]


def _gain(reading: Reading) -> str:
    """Write an improvement below a header that has its unit."""
    found = finite(reading.improvement)
    if found is None:
        return NONE
    return f"{found:.3g}" if reading.figure.is_ratio else f"{found:+.2f}"
