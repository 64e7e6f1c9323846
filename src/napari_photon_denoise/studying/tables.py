"""Rows and columns of a study: CSV, and text for page and terminal."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from math import isfinite

import numpy as np

from napari_photon_denoise.studying.job import Study, StudyRow
from napari_photon_denoise.studying.summary import (
    RATIOS,
    MethodSummary,
    exposures,
    geometric_mean,
)

SUMMARY = ("method", "MSE ×", "SSIM ×", "KS ×", "slope s (95 %)", "images")
CSV = (
    "image", "method", "exposure", "mean photons (e-)", "omega",
    "MSE raw (e-²)", "MSE (e-²)", "MSE improvement",
    "SSIM raw", "SSIM", "SSIM improvement",
    "KS raw", "KS", "KS improvement",
    "J raw (nats/px)", "J (nats/px)",
)  # fmt: skip


def as_csv(study: Study) -> str:
    """Write a row an image and method; what is not known or not finite is empty."""
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
        found.mse_in, found.mse_out, found.mse,
        found.ssim_in, found.ssim_out, found.ssim,
        found.ks_in, found.ks_out, found.ks,
        float(np.mean(cell.j_in)), float(np.mean(cell.j_out)),
    ]  # fmt: skip


def number(value: float | None, digits: int = 3) -> str:
    """Write a number, or a dash where there is none."""
    return f"{value:.{digits}g}" if value is not None and isfinite(value) else "–"


def summary_rows(lines: Sequence[MethodSummary]) -> list[list[str]]:
    """Write the summary's lines as text, below `SUMMARY`."""
    rows = []
    for line in lines:
        slope = line.slope
        span = "–"
        if slope is not None:
            span = f"{number(slope.factor)} ({number(slope.low)} to {number(slope.high)})"
        figures = [number(value) for value in (line.mse, line.ssim, line.ks)]
        rows.append([line.method, *figures, span, str(line.images)])
    return rows


def exposure_table(study: Study) -> tuple[list[str], list[list[str]]] | None:
    """Write each method's MSE improvement at each exposure; None where those are not known."""
    levels = exposures(study.rows)
    if levels is None:
        return None
    rows = []
    for method in study.methods:
        found = study.of(method)
        means = [
            geometric_mean(RATIOS["MSE"](row) for row in found if row.exposure == level)
            for level in levels
        ]
        rows.append([method, *map(number, means)])
    return ["method", *(f"{level:g}" for level in levels)], rows


def image_table(study: Study) -> tuple[list[str], list[list[str]]]:
    """Write the improvements of every cell."""
    header = ["image", "method", "e- a pixel", "Ω", *(f"{name} ×" for name in RATIOS)]
    rows = [
        [
            row.image,
            row.method,
            number(row.cell.mean),
            number(row.omega),
            *(number(ratio(row)) for ratio in RATIOS.values()),
        ]
        for row in study.rows
    ]
    return header, rows
