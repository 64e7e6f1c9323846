"""Figures of single images: line profiles, cumulative histograms, pictures."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from benchmarks.study import style
from benchmarks.study.methods import TITLES
from benchmarks.study.runs import crop_path
from benchmarks.study.summary import Row
from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLUMNS = 4
SHOWN = (
    "raw",
    "gaussian",
    "nlm",
    "resunet-2d",
    "resunet",
    "resunet-plain-kl",
    "rcan",
    "u-net",
    "autoencoder",
    "dncnn",
)


def profiles(row: Row) -> Figure:
    """Draw the same line through the truth and each result, with the shot noise's band."""
    shown = [name for name in SHOWN if name in row["cells"]]
    figure, panels = _panels(shown, 2.1)
    truth = np.array(row["truth"]["profile"])
    place = np.arange(len(truth))
    noise = np.sqrt(np.maximum(truth, 0) + row["truth"]["read_noise"] ** 2)
    for axes, name in zip(panels, shown, strict=True):
        axes.fill_between(
            place,
            truth - noise,
            truth + noise,
            color="#DDDDDD",
            label="truth ± noise of this exposure",
        )
        (seen,) = axes.plot(
            place, row["cells"][name]["profile"], color=style.RED, linewidth=1.1, label="image"
        )
        seen.set_zorder(3)
        axes.plot(place, truth, color=style.BLACK, linewidth=0.9, label="truth", zorder=2)
        axes.set_title(TITLES[name], fontsize=9)
    _label(panels, "place on the line, px", "photons, e-")
    # Noise may leave the frame; what matters is near the truth.
    panels[0].set_ylim(float((truth - 2.5 * noise).min()), float((truth + 2.5 * noise).max()))
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def histograms(row: Row) -> Figure:
    """Draw cumulative histograms beside the truth's; the widest gap is marked."""
    shown = [name for name in SHOWN if name in row["cells"]]
    figure, panels = _panels(shown, 2.1)
    true = row["truth"]["cumulative"]
    for axes, name in zip(panels, shown, strict=True):
        found = row["cells"][name]["cumulative"]
        steps = {"drawstyle": "steps-post"}
        axes.plot(
            true["grid"], true["share"], color=style.BLACK, linewidth=1, label="truth", **steps
        )
        axes.plot(
            found["grid"], found["share"], color=style.RED, linewidth=1.1, label="image", **steps
        )
        ends = [found["ks_from"], found["ks_to"]]
        axes.plot(
            [found["ks_at"]] * 2,
            ends,
            color=style.BLUE,
            linewidth=2,
            marker="_",
            label="KS distance",
        )
        axes.set_title(f"{TITLES[name]}, KS {found['ks']:.3f}", fontsize=8)
    _label(panels, "photons, e-", "share of pixels")
    grid = np.array(true["grid"])
    near = grid[np.array(true["share"]) < 0.99]
    panels[0].set_xlim(float(grid[0]), float(near[-1] if near.size else grid[-1]))
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def pictures(row: Row, folder: Path, image: str) -> Figure:
    """Show a piece of the truth and of each result, all on one scale of photons."""
    names = ["truth", *(name for name in SHOWN if name in row["cells"])]
    columns = math.ceil(len(names) / 2)
    figure = style.new_figure(1.75 * columns + 0.6, 4)
    panels = figure.subplots(2, columns).ravel()
    pieces = [np.load(crop_path(folder, image, name)).astype(np.float32) for name in names]
    low, high = (float(np.quantile(pieces[0], share)) for share in (0.005, 0.997))
    for axes in panels:
        axes.set_axis_off()
    for axes, name, piece in zip(panels, names, pieces, strict=False):
        shown = axes.imshow(piece, cmap="gray", vmin=low, vmax=high, interpolation="nearest")
        axes.set_title(TITLES.get(name, "Truth"), fontsize=8)
    figure.colorbar(shown, ax=panels, label="photons, e-", shrink=0.8)
    return figure


def _panels(names: list[str], height: float) -> tuple[Figure, list[Axes]]:
    rows = math.ceil(len(names) / COLUMNS)
    figure = style.new_figure(10, height * rows + 0.5)
    panels = list(figure.subplots(rows, COLUMNS, sharex=True, sharey=True, squeeze=False).ravel())
    for axes in panels[len(names) :]:
        axes.set_axis_off()
    return figure, panels[: len(names)]


def _label(panels: list[Axes], below: str, beside: str) -> None:
    for place, axes in enumerate(panels):
        axes.grid(alpha=0.25)
        axes.tick_params(labelsize=8, labelbottom=True)
        if place + COLUMNS >= len(panels):
            axes.set_xlabel(below, fontsize=8)
        if place % COLUMNS == 0:
            axes.set_ylabel(beside, fontsize=8)
