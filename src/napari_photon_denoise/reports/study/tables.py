"""Rows and columns of a study: CSV, and text for page and terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import isfinite
from typing import Any

import numpy as np

from napari_photon_denoise.evaluation.figure import Figure, finite
from napari_photon_denoise.evaluation.numbers import NONE, number
from napari_photon_denoise.evaluation.study.cells import STUDIED
from napari_photon_denoise.evaluation.study.job import Study, StudyRow
from napari_photon_denoise.evaluation.study.summary import (
    RATIOS,
    MethodSummary,
    exposures,
    first_rows,
    mean,
    mean_ratio,
    omega_of,
    omegas,
    signal_of,
)
from napari_photon_denoise.io.text import as_csv

UNKNOWN = "not known"
SUMMARY = (
    "method", *(figure.improvement_header for figure in RATIOS), "slope s (95 %)", "bias, %",
    "images",
)  # fmt: skip
# Likenesses and decibels: what falls where light gets scarce.
ROBUSTNESS: dict[str, Figure[Any]] = {
    f"{figure.title}, {figure.unit}".removesuffix(", "): figure
    for figure in STUDIED
    if figure.better == "higher"
}

Header = list[str]
Lines = list[list[str]]
Value = Callable[[list[StudyRow]], float]
Cells = Iterator[tuple[str, float | None]]


def study_as_csv(study: Study) -> str:
    """Write a line an image and method; what is not known or not finite is empty."""
    lines = [dict(_cells(row)) for row in study.rows]
    names = [(row.image, row.method) for row in study.rows]
    return as_csv(
        ["image", "method", *lines[0]],
        [[*name, *map(finite, line.values())] for name, line in zip(names, lines, strict=True)],
    )


def _cells(row: StudyRow) -> Cells:
    """List a row's numbers below their headers."""
    cell = row.cell
    yield from (
        ("exposure", row.exposure), ("mean photons (e-)", cell.mean), ("omega", row.omega),
    )  # fmt: skip
    for figure in (one for one in STUDIED if one.improves):
        found, unit = cell[figure.key], figure.header.removeprefix(figure.title)
        yield from ((f"{figure.title} raw{unit}", found.before), (figure.header, found.value))
        if figure in RATIOS:
            yield f"{figure.title} improvement", found.improvement
        if figure.key == "mse":
            yield "noise of truth (e-²)", cell.truth_noise
    yield "J raw (nats/px)", float(np.mean(cell.j_in))
    yield "J (nats/px)", float(np.mean(cell.j_out))
    yield "signal improvement", signal_of([row])
    for figure in (one for one in STUDIED if not one.improves):
        yield figure.header, cell[figure.key].value


def summary_rows(lines: Sequence[MethodSummary]) -> Lines:
    """Write the summary's lines as text, below `SUMMARY`."""
    rows = []
    for line in lines:
        slope = line.slope
        span = NONE
        if slope is not None:
            span = f"{number(slope.factor)} ({number(slope.low)} to {number(slope.high)})"
        figures = map(number, line.ratios.values())
        off = f"{line.bias:+.2f}" if isfinite(line.bias) else NONE
        rows.append([line.method, *figures, span, off, str(line.images)])
    return rows


def exposure_table(study: Study) -> tuple[Header, Lines] | None:
    """Write each method's MSE improvement at each exposure; None where those are not known."""
    return _by_exposure(study, lambda rows: mean_ratio(RATIOS[0], rows))


def signal_table(study: Study) -> tuple[Header, Lines] | None:
    """Write each method's signal improvement at each exposure; None as above."""
    return _by_exposure(study, signal_of)


def omega_table(study: Study) -> tuple[Header, Lines] | None:
    """Write each method's signal improvement at each Ω; None where that is not known."""
    return _table(study, omegas(study.rows), omega_of, signal_of)


def robustness_table(study: Study, name: str) -> tuple[Header, Lines] | None:
    """Write PSNR or SSIM, of the raw image first, at each exposure; None as above."""
    key = ROBUSTNESS[name].key
    made = _by_exposure(study, lambda rows: mean(row.cell[key].value for row in rows))
    if made is None:
        return None
    header, lines = made
    images = first_rows(study)
    levels = exposures(images) or []
    raw = [mean(row.cell[key].before for row in images if row.exposure == x) for x in levels]
    return header, [["raw", *map(number, raw)], *lines]


def image_table(study: Study) -> tuple[Header, Lines]:
    """Write the improvements of every cell."""
    titles = [figure.improvement_header for figure in RATIOS]
    header = ["image", "method", "e- a pixel", "Ω", *titles, "s"]
    lines = [
        [
            row.image,
            row.method,
            number(row.cell.mean),
            UNKNOWN if row.omega is None else number(row.omega),
            *(number(row.cell[figure.key].improvement) for figure in RATIOS),
            number(signal_of([row])),
        ]
        for row in study.rows
    ]
    return header, lines


def _by_exposure(study: Study, value: Value) -> tuple[Header, Lines] | None:
    return _table(study, exposures(study.rows), lambda row: row.exposure, value)


def _table(
    study: Study,
    levels: list[float] | None,
    level_of: Callable[[StudyRow], float | None],
    value: Value,
) -> tuple[Header, Lines] | None:
    """Write a line a method with a column a level; None without levels."""
    if levels is None:
        return None
    lines = []
    for method in study.methods:
        rows = study.of(method)
        values = [value([row for row in rows if level_of(row) == level]) for level in levels]
        lines.append([method, *map(number, values)])
    return ["method", *(f"{level:g}" for level in levels)], lines
