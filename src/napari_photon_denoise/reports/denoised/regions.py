"""The report's table of regions: those whose residual is least like noise."""

from __future__ import annotations

from typing import Any

from napari_photon_denoise.evaluation.image.measured import Measured
from napari_photon_denoise.evaluation.numbers import FOUR, with_error
from napari_photon_denoise.reports.page import section
from napari_photon_denoise.reports.tables import table

MOST = 12  # rows; all are in the JSON file
HEADER = (
    "rows", "columns", "mean", "variance", "correlation y", "correlation x",
    "photons gained (e-)", "what it says",
)  # fmt: skip


def regions_section(report: Measured) -> str:
    """Make the section about tiles of 64 px; empty where there are no photons to judge by."""
    regions = sorted(report.regions(), key=_suspicion, reverse=True)
    if not regions:
        return ""
    some = f"The {MOST} least like noise of {len(regions)}; all" if len(regions) > MOST else "All"
    stacked = any(region["plane"] for region in regions)
    header = ("plane", *HEADER) if stacked else HEADER
    lines = [_line(region, stacked=stacked) for region in regions[:MOST]]
    return section(
        "Region by region",
        "Residual and photons of tiles of 64 × 64 pixels, beside what noise allows: mean 0, "
        "variance 1, no correlation, no photons gained or lost beyond their error. "
        f"{some} are in the figures as JSON.",
        table(header, lines, ("",) * (len(header) - 6) + ("number",) * 5 + ("",)),
    )


def _suspicion(region: dict[str, Any]) -> tuple[bool, float]:
    """Return how far a region is from noise: first those beyond chance, then by deviations.

    A variance below 1 is none: a denoiser that has seen the pixel leaves it.
    """
    beyond = region["inconsistent"] or region["unbalanced"]
    departures = (
        (abs(region["residual_mean"]), region["residual_mean_error"]),
        (_above_one(region["residual_variance"]), region["residual_variance_error"]),
        (abs(region["photons_gained"]), region["photons_error"]),
    )
    return beyond, max(value / error if error else 0.0 for value, error in departures)


def _above_one(variance: float | None) -> float:
    return 0.0 if variance is None else max(0.0, variance - 1)


def _line(region: dict[str, Any], *, stacked: bool) -> list[str]:
    plane = [", ".join(map(str, region["plane"]))] if stacked else []
    places = ["{}:{}".format(*region[axis]) for axis in "yx"]
    keys = ("residual_mean", "residual_variance", "correlation_y", "correlation_x")
    figures = [with_error(region[key], region[f"{key}_error"], FOUR) for key in keys]
    figures.append(with_error(region["photons_gained"], region["photons_error"], FOUR))
    return [*plane, *places, *figures, _said(region)]


def _said(region: dict[str, Any]) -> str:
    said = (
        ("more than noise was removed", region["inconsistent"]),
        ("photons are not conserved", region["unbalanced"]),
        ("smoothed away in places", region["over_smoothed_pixels"]),
        ("invented in places", region["invented_pixels"]),
    )
    return "; ".join(text for text, true in said if true)
