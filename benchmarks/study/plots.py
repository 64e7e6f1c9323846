"""Figures over many images: training, exposure, slopes, sampling, classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from benchmarks.study import style
from benchmarks.study.content import CLASSES
from benchmarks.study.methods import TITLES
from benchmarks.study.nets import OF_CLASS, PLAIN_OF_CLASS
from benchmarks.study.sampling import PER_AREA, PER_PIXEL
from benchmarks.study.summary import (
    RATIOS,
    Row,
    at,
    average,
    exposures,
    having,
    mse,
    present,
    slope,
)
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

AXES = {"MSE": "MSE of raw / MSE", "SSIM": "SSIM / SSIM of raw", "KS": "KS of raw / KS"}
FITTED = ("nlm", "resunet-2d", "resunet", "resunet-plain", "rcan", "u-net")
ROWS = {**{f"{name} only": net for name, net in OF_CLASS.items()}, "all kinds": "resunet"}
PLAIN_ROWS = {
    **{f"{name} only": net for name, net in PLAIN_OF_CLASS.items()},
    "all kinds": "resunet-plain",
}


def training(curves: dict[str, dict[str, list[float]]]) -> Figure:
    """Draw the held-out error of each network over its steps."""
    figure = style.new_figure(7.5, 4.6)
    axes = figure.add_subplot()
    for name, curve in curves.items():
        axes.plot(curve["steps"], curve["held_out"], label=TITLES[name], **style.look(name))
    axes.set(xlabel="step", ylabel="held-out squared error over noise variance, dB")
    axes.grid(alpha=0.3)
    figure.legend(loc="outside right upper", fontsize=8)
    return figure


def over_exposure(rows: list[Row], methods: list[str], label: str) -> Figure:
    """Draw the three improvements over exposure, geometric means of scenes."""
    figure = style.new_figure(10, 4.2)
    panels = figure.subplots(1, len(RATIOS))
    for axes, (title, ratio) in zip(panels, RATIOS.items(), strict=True):
        for name in methods:
            levels = exposures(having(rows, name))
            values = [average(at(rows, exposure=level), name, ratio) for level in levels]
            axes.plot(levels, values, label=TITLES[name], **style.look(name))
        axes.axhline(1, color=style.GREY, linewidth=0.8)
        axes.set(xlabel=label, ylabel=AXES[title], xscale="log", title=title)
        if title == "MSE":  # it spans decades
            axes.set_yscale("log")
            few_ticks(axes.yaxis)
        axes.grid(alpha=0.3)
        plain_ticks(axes, exposures(rows))
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=5)
    return figure


def slopes(rows: list[Row], methods: list[str]) -> Figure:
    """Draw J of the raw image over J of the result, and the slopes with their intervals."""
    figure = style.new_figure(10, 4.6)
    left, right = figure.subplots(1, 2)
    for name in (one for one in FITTED if one in methods):
        found = having(rows, name)
        after, before = ([row["cells"][method]["j"] for row in found] for method in (name, "raw"))
        looks = style.look(name)
        left.plot(after, before, **{**looks, "linestyle": "none"}, label=TITLES[name])
        fitted = slope(rows, name)
        if fitted is not None:
            reach = np.array([min(after), max(after)])
            line = {key: looks[key] for key in ("color", "linestyle")}
            left.plot(reach, fitted.factor * reach, linewidth=1, **line)
    left.set(xlabel="J of the result, nats a pixel", ylabel="J of the raw image, nats a pixel")
    left.set(xscale="log", yscale="log")
    few_ticks(left.xaxis)
    few_ticks(left.yaxis)
    left.grid(alpha=0.3)
    _forest(right, rows, methods)
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=6)
    return figure


def _forest(axes: Axes, rows: list[Row], methods: list[str]) -> None:
    fits = {name: slope(rows, name) for name in methods if name != "raw"}
    shown = {name: fit for name, fit in fits.items() if fit is not None}
    for place, (name, fit) in enumerate(shown.items()):
        reach = [[fit.factor - fit.low], [fit.high - fit.factor]]
        looks = {**style.look(name), "linestyle": "none"}
        axes.errorbar([fit.factor], [place], xerr=reach, capsize=3, **looks)
    axes.set_yticks(range(len(shown)), [TITLES[name] for name in shown], fontsize=8)
    axes.invert_yaxis()
    axes.axvline(1, color=style.GREY, linewidth=0.8)
    axes.set(xlabel="signal improvement s, 95 % interval")
    axes.grid(alpha=0.3, axis="x")


def over_omega(rows: list[Row], methods: list[str]) -> Figure:
    """Draw the improvement of the squared error over Ω of a voxel, for both doses."""
    figure = style.new_figure(9, 4.4)
    panels = figure.subplots(1, 2, sharey=True)
    titles = {PER_PIXEL: "same photons a pixel", PER_AREA: "same photons a µm²"}
    for axes, (dose, title) in zip(panels, titles.items(), strict=True):
        there = at(rows, dose=dose)
        for name in (one for one in methods if one != "raw"):
            levels = sorted({row["omega"] for row in having(there, name)})
            values = [average(at(there, omega=level), name, mse) for level in levels]
            axes.plot(levels, values, label=TITLES[name], **style.look(name))
        axes.set(xlabel="Ω, volume of a voxel over that of the PSF", title=title)
        axes.set(xscale="log", yscale="log")
        axes.axhline(1, color=style.GREY, linewidth=0.8)
        axes.grid(alpha=0.3)
    panels[0].set_ylabel(AXES["MSE"])
    for axes in panels:
        few_ticks(axes.xaxis)
        few_ticks(axes.yaxis)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=5)
    return figure


def matrices(rows: list[Row]) -> Figure:
    """Draw what networks of one class do on another: MSE improvement, both forms."""
    figure = style.new_figure(9, 3.9)
    panels = figure.subplots(1, 2)
    tables = [matrix(rows, ROWS), matrix(rows, PLAIN_ROWS)]
    known = np.concatenate([table[np.isfinite(table)] for table in tables])
    low, high = (float(f(np.log10(known))) if known.size else 0.0 for f in (np.min, np.max))
    for axes, table, title in zip(panels, tables, ("stabilised", "plain"), strict=True):
        logs = np.log10(table)
        image = axes.imshow(logs, cmap="cividis", vmin=low, vmax=high, aspect="auto")
        axes.set_xticks(range(len(CLASSES)), CLASSES)
        axes.set_yticks(range(len(ROWS)), list(ROWS))
        axes.set(xlabel="tried on", ylabel="trained on", title=f"RESUNET, {title}")
        for (y, x), value in np.ndenumerate(table):
            dark = logs[y, x] < (low + high) / 2
            shown = f"{value:.2f}" if np.isfinite(value) else "–"
            axes.text(x, y, shown, ha="center", va="center", color="w" if dark else "k")
    bar = figure.colorbar(image, ax=panels, ticks=[low, high])
    bar.ax.set_yticklabels([f"{10**low:.2g}", f"{10**high:.2g}"])
    bar.set_label(AXES["MSE"])
    return figure


def matrix(rows: list[Row], of: dict[str, str]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return MSE improvements, networks by classes."""
    known = present(rows)
    return np.array(
        [
            [
                average(at(rows, **{"class": name}), net, mse) if net in known else np.nan
                for name in CLASSES
            ]
            for net in of.values()
        ]
    )


def plain_ticks(axes: Axes, levels: list[float]) -> None:
    """Write numbers of a logarithmic axis as people do."""
    axes.set_xticks(levels, [f"{level:g}" for level in levels])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.tick_params(labelsize=8)


def few_ticks(axis: Axis) -> None:
    """Mark 1, 2, 5, 10 and so on a logarithmic axis, as plain numbers."""
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_locator(NullLocator())
