"""Colour and dashes of every image's curve, the same in all plots of a report."""

from __future__ import annotations

from napari_photon_denoise.evaluation.plane import Plane
from napari_photon_denoise.reports.drawing import BLUE, GREEN, INK, ORANGE, RED

CURVES = (BLUE, ORANGE, GREEN, RED, "#8e5bd0", "#17a3a3")
DASHES = ("-", "--", ":")  # where colours are used up


def styles(plane: Plane) -> dict[str, tuple[str, str]]:
    """Return colour and line style by name; the truth is in ink, dashed."""
    found = {
        name: (CURVES[number % len(CURVES)], DASHES[number // len(CURVES) % len(DASHES)])
        for number, name in enumerate(plane.denoised)
    }
    return {**found, "Raw": (INK, "-"), "Truth": (INK, "--")}
