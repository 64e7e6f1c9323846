"""Histograms of the images, their cumulative curves, and the widest gap to the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_photon_denoise.evaluation.plane import Plane
from napari_photon_denoise.metrics.curves import Curves, common_edges, largest_gap, measure_curves
from napari_photon_denoise.reports.denoised.styles import styles
from napari_photon_denoise.reports.drawing import (
    INK,
    RED,
    SMALL,
    dress,
    dress_legend,
    new_figure,
    to_svg,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FAINT = 0.5  # opacity of the raw image's curve
LEAST = 1e-3  # % of the pixels, at the lower end of a logarithmic axis


def draw_histograms(plane: Plane) -> str:
    """Draw histograms and cumulative curves, and the KS line of the best image: SVG."""
    images = {"Raw": plane.raw, **plane.denoised}
    if plane.truth is not None:
        images["Truth"] = plane.truth
    step, phase = plane.steps or (None, 0.0)
    edges = common_edges(list(images.values()), step=step, phase=phase)
    curves = measure_curves(list(images.values()), edges, list(images))
    figure = new_figure(3.6)
    left, right = figure.subplots(1, 2)
    _draw_shares(left, curves, plane)
    _draw_cumulative(right, curves, plane)
    if plane.truth is not None and plane.denoised:
        _mark_gap(right, plane)
    handles, labels = right.get_legend_handles_labels()
    legend = figure.legend(handles, labels, loc="outside lower center", ncols=3)
    dress_legend(legend)
    return to_svg(figure, "histograms", "Histograms and cumulative curves of every image")


def _draw_shares(axis: Axes, curves: Curves, plane: Plane) -> None:
    drawn = styles(plane)
    for name, shares in zip(curves.names, curves.shares, strict=True):
        colour, dashes = drawn[name]
        axis.stairs(
            np.maximum(100 * shares, LEAST / 10), curves.edges, color=colour, linestyle=dashes,
            alpha=FAINT if name == "Raw" else 1, linewidth=1.2, baseline=None,
        )  # fmt: skip
    axis.set_yscale("log")
    axis.set_ylim(bottom=max(LEAST, 50 / plane.raw.size))
    dress(axis, "Histogram", plane.quantity, "pixels in a bin (%, logarithmic)")


def _draw_cumulative(axis: Axes, curves: Curves, plane: Plane) -> None:
    drawn = styles(plane)
    for name, share in zip(curves.names, curves.cumulative, strict=True):
        colour, dashes = drawn[name]
        axis.plot(
            curves.values, share, color=colour, linestyle=dashes, linewidth=1.5,
            alpha=FAINT if name == "Raw" else 1, label=name,
        )  # fmt: skip
    axis.set_ylim(-0.02, 1.02)
    dress(axis, "Cumulative", plane.quantity, "share of pixels at or below")


def _mark_gap(axis: Axes, plane: Plane) -> None:
    """Draw the widest gap between the best image's curve and the truth's."""
    assert plane.truth is not None  # who calls has checked it
    name, image = next(iter(plane.denoised.items()))
    gap = largest_gap(image, plane.truth)
    unit = "" if plane.relative else " e-"
    axis.plot([gap.at, gap.at], [gap.first, gap.second], color=RED, linewidth=2.4)
    axis.annotate(
        f"KS {gap.distance:.3g} at {gap.at:.3g}{unit}\n(truth and {name})",
        (gap.at, (gap.first + gap.second) / 2), xytext=(0.97, 0.06),
        textcoords="axes fraction", ha="right", va="bottom", fontsize=SMALL, color=INK,
        arrowprops={"arrowstyle": "-", "color": RED, "linewidth": 0.8},
    )  # fmt: skip
