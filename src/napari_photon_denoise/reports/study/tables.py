"""Rows and columns of a study: CSV, and text for page and terminal."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from io import StringIO
from math import isfinite

import numpy as np

from napari_photon_denoise.evaluation.study.job import Study, StudyRow
from napari_photon_denoise.evaluation.study.summary import (
    RATIOS,
    MethodSummary,
    exposures,
    first_rows,
    geometric_mean,
    mean,
    omega_of,
    omegas,
    signal_of,
)

SUMMARY = ("method", "MSE ×", "SSIM ×", "KS ×", "slope s (95 %)", "bias, %", "images")
UNKNOWN = "not known"
CSV = (
    "image", "method", "exposure", "mean photons (e-)", "omega",
    "MSE raw (e-²)", "MSE (e-²)", "MSE improvement", "noise of truth (e-²)",
    "PSNR raw (dB)", "PSNR (dB)",
    "SSIM raw", "SSIM", "SSIM improvement",
    "KS raw", "KS", "KS improvement",
    "J raw (nats/px)", "J (nats/px)", "signal improvement", "bias (e-)",
)  # fmt: skip

Header = list[str]
Lines = list[list[str]]
Figure = Callable[[list[StudyRow]], float]

# Of images of one exposure: the raw image's figure, and a result's.
ROBUSTNESS: dict[str, tuple[Figure, Figure]] = {
    "PSNR, dB": (
        lambda rows: mean(row.cell.psnr_in for row in rows),
        lambda rows: mean(row.cell.psnr_out for row in rows),
    ),
    "SSIM": (
        lambda rows: mean(row.cell.improvement.ssim_in for row in rows),
        lambda rows: mean(row.cell.improvement.ssim_out for row in rows),
    ),
}


def as_csv(study: Study) -> str:
    """Write a line an image and method; what is not known or not finite is empty."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV)
    for row in study.rows:
        numbers = [repr(x) if x is not None and isfinite(x) else "" for x in _numbers(row)]
        writer.writerow([row.image, row.method, *numbers])
    return text.getvalue()


def _numbers(row: StudyRow) -> list[float | None]:
    cell, found = row.cell, row.cell.improvement
    return [
        row.exposure, cell.mean, row.omega,
        cell.mse_in, cell.mse_out, cell.mse_ratio, cell.truth_noise,
        cell.psnr_in, cell.psnr_out,
        found.ssim_in, found.ssim_out, found.ssim,
        found.ks_in, found.ks_out, found.ks,
        float(np.mean(cell.j_in)), float(np.mean(cell.j_out)), signal_of([row]),
        cell.bias,
    ]  # fmt: skip


def number(value: float | None, digits: int = 3) -> str:
    """Write a number, or a dash where there is none."""
    if value is None or not isfinite(value):
        return "–"
    # No powers of ten, which are read wrongly in a table; zeros stay, they are digits too.
    large = abs(value) >= 10**digits
    return f"{value:.0f}" if large else f"{value:#.{digits}g}".rstrip(".")


def summary_rows(lines: Sequence[MethodSummary]) -> Lines:
    """Write the summary's lines as text, below `SUMMARY`."""
    rows = []
    for line in lines:
        slope = line.slope
        span = "–"
        if slope is not None:
            span = f"{number(slope.factor)} ({number(slope.low)} to {number(slope.high)})"
        figures = [number(value) for value in (line.mse, line.ssim, line.ks)]
        off = f"{line.bias:+.2f}" if isfinite(line.bias) else number(None)
        rows.append([line.method, *figures, span, off, str(line.images)])
    return rows


def exposure_table(study: Study) -> tuple[Header, Lines] | None:
    """Write each method's MSE improvement at each exposure; None where those are not known."""
    return _by_exposure(study, lambda rows: geometric_mean(map(RATIOS["MSE"], rows)))


def signal_table(study: Study) -> tuple[Header, Lines] | None:
    """Write each method's signal improvement at each exposure; None as above."""
    return _by_exposure(study, signal_of)


def omega_table(study: Study) -> tuple[Header, Lines] | None:
    """Write each method's signal improvement at each Ω; None where that is not known."""
    return _table(study, omegas(study.rows), omega_of, signal_of)


def robustness_table(study: Study, name: str) -> tuple[Header, Lines] | None:
    """Write PSNR or SSIM, of the raw image first, at each exposure; None as above."""
    before, after = ROBUSTNESS[name]
    made = _by_exposure(study, after)
    if made is None:
        return None
    header, lines = made
    images = first_rows(study)
    levels = exposures(images) or []
    raw = [before([row for row in images if row.exposure == level]) for level in levels]
    return header, [["raw", *map(number, raw)], *lines]


def image_table(study: Study) -> tuple[Header, Lines]:
    """Write the improvements of every cell."""
    header = ["image", "method", "e- a pixel", "Ω", *(f"{name} ×" for name in RATIOS), "s"]
    lines = [
        [
            row.image,
            row.method,
            number(row.cell.mean),
            UNKNOWN if row.omega is None else number(row.omega),
            *(number(ratio(row)) for ratio in RATIOS.values()),
            number(signal_of([row])),
        ]
        for row in study.rows
    ]
    return header, lines


def _by_exposure(study: Study, figure: Figure) -> tuple[Header, Lines] | None:
    return _table(study, exposures(study.rows), lambda row: row.exposure, figure)


def _table(
    study: Study,
    levels: list[float] | None,
    level_of: Callable[[StudyRow], float | None],
    figure: Figure,
) -> tuple[Header, Lines] | None:
    """Write a line a method with a column a level; None without levels."""
    if levels is None:
        return None
    lines = []
    for method in study.methods:
        rows = study.of(method)
        values = [figure([row for row in rows if level_of(row) == level]) for level in levels]
        lines.append([method, *map(number, values)])
    return ["method", *(f"{level:g}" for level in levels)], lines
