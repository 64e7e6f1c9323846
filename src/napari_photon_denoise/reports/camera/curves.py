"""Curves of the report: photon transfer with its residuals, and the light frame by frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.camera.transfer import CameraReport, LevelReport
from napari_photon_denoise.camera.transfer.traces import Trace
from napari_photon_denoise.reports.camera.words import short
from napari_photon_denoise.reports.drawing import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    RED,
    SMALL,
    dress,
    dress_legend,
    ink,
    new_figure,
    to_svg,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

Float64 = NDArray[np.float64]

MOST_TRACES = 12
COLUMNS = (4, 5, 3)  # the first that leaves the fewest places empty
LEAST_SPAN, MOST_SPAN = 2.0, 100.0  # %, of the residuals' axis


def draw_transfer(report: CameraReport) -> str:
    """Draw the photon transfer curve with its fits, over the residuals from ours: SVG."""
    figure = new_figure(6.4)
    curve, rest = figure.subplots(2, 1, sharex=True, height_ratios=(5, 2))
    used = np.zeros(len(report.points), bool)
    used[list(report.transfer.used)] = True
    _draw_points(curve, report, used)
    _draw_lines(curve, report)
    _draw_residuals(rest, report, used)
    for axis in (curve, rest):
        _mark_range(axis, report)
    dress(curve, ylabel="variance above the dark (ADU²)")
    dress(rest, xlabel="signal above the dark (ADU)", ylabel="off the fit (%)")
    gain = report.gain
    top = curve.secondary_xaxis("top", functions=(lambda x: x * gain, lambda x: x / gain))
    top.set_xlabel("signal (e-)")
    top.tick_params(which="both", colors=INK, labelsize=SMALL)
    ink([top.xaxis.label], SMALL + 1)
    for axis in (curve.xaxis, curve.yaxis, top.xaxis):
        _plain_ticks(axis)
    dress_legend(curve.legend(loc="upper left", fontsize=SMALL))
    for side in top.spines.values():
        side.set_visible(False)
    figure.align_ylabels([curve, rest])
    return to_svg(figure, "transfer", "Photon transfer curve: variance against mean signal")


def _plain_ticks(axis: Axis) -> None:
    """Name 1, 2 and 5 of each decade, without exponents."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    axis.set_minor_formatter(NullFormatter())


def _draw_points(axis: Axes, report: CameraReport, used: NDArray[np.bool_]) -> None:
    points, levels = report.points, report.level_points
    seen = (points.signal > 0) & (points.variance > 0)
    axis.set(xscale="log", yscale="log")
    axis.plot(
        levels.signal, levels.variance, "x", color=ORANGE, markersize=8, label="levels as EMVA 1288"
    )
    for which, fill, label in ((used, BLUE, "in the fit"), (~used, "none", "not in the fit")):
        shown = seen & which
        if shown.any():
            axis.plot(
                points.signal[shown], points.variance[shown], "o", color=BLUE,
                markerfacecolor=fill, markersize=5, label=label,
            )  # fmt: skip


def _draw_lines(axis: Axes, report: CameraReport) -> None:
    transfer, legs = report.transfer, report.legs
    levels = report.level_points
    low = 0.7 * float(levels.signal[levels.signal > 0].min())
    end = 1.3 * float(levels.signal.max())
    x = np.geomspace(low, min(end, legs.break_at) if legs else end, 100)
    sd = report.gain_precision * 100
    axis.plot(
        x, transfer.line.slope * x, color=BLUE, linewidth=1.2,
        label=f"fit: {report.gain:.4g} e-/ADU (± {sd:.2g} %)",
    )  # fmt: skip
    if np.isfinite(transfer.emva.slope):
        axis.plot(
            x, transfer.emva.slope * x, "--", color=ORANGE, linewidth=1,
            label=f"EMVA 1288, to 70 %: {1 / transfer.emva.slope:.4g} e-/ADU",
        )  # fmt: skip
    if legs:
        x = np.geomspace(legs.break_at, end, 100)
        axis.plot(
            x, legs.high_intercept + legs.high_slope * x, color=GREEN, linewidth=1.2,
            label=f"second leg: {1 / legs.high_slope:.4g} e-/ADU",
        )  # fmt: skip


def _mark_range(axis: Axes, report: CameraReport) -> None:
    line, full = report.transfer.line, report.saturation.signal
    # Little wider than the points, so that a single level has a range too.
    axis.axvspan(0.9 * line.low, 1.1 * line.high, color=BLUE, alpha=0.07, linewidth=0)
    if full is not None:
        axis.axvline(full, color=RED, linewidth=1, linestyle=":")
        place = axis.get_xaxis_transform()
        text = axis.text(full, 0.03, "full ", transform=place, ha="right", fontsize=SMALL)
        text.set_color(RED)


def _draw_residuals(axis: Axes, report: CameraReport, used: NDArray[np.bool_]) -> None:
    points, slope = report.points, report.transfer.line.slope
    model = slope * points.signal
    seen = points.signal > 0
    off = 100 * (points.variance / np.where(seen, model, 1) - 1)
    error = np.hypot(points.error(slope), points.dark_error()) / np.where(seen, model, 1) * 100
    for which, fill in ((used, BLUE), (~used, "none")):
        shown = seen & which
        axis.errorbar(
            points.signal[shown], off[shown], error[shown], fmt="o", color=BLUE,
            markerfacecolor=fill, markersize=4, linewidth=0.8, capsize=2,
        )  # fmt: skip
    axis.axhline(0, color=INK, linewidth=0.8, alpha=0.6)
    widest = float(np.max(np.abs(off[used]) + error[used], initial=0.0))
    span = float(np.clip(1.3 * widest, LEAST_SPAN, MOST_SPAN))
    axis.set_ylim(-span, span)


def draw_traces(report: CameraReport) -> str:
    """Draw the mean of each dark frame, and the light of each flat frame: SVG."""
    levels = _chosen(report.levels)
    panels = len(levels) + 1
    columns = min(COLUMNS, key=lambda count: -panels % count)
    rows = -(-panels // columns)
    figure = new_figure(1.9 * rows)
    grid = figure.subplots(rows, columns, squeeze=False)
    first, *others = grid.ravel()
    trace = report.dark
    dropped = report.settings.drop_first
    _draw_trace(first, trace, trace.means - trace.mean, dropped, BLUE)
    dress(first, title=f"dark ({short(trace.mean)} ADU)", ylabel="change (ADU)", xlabel="frame")
    span = 1.1 * max([0.05, *(float(np.abs(_light(level)).max()) for level in levels)])
    for axis, level in zip(others, levels, strict=False):
        _draw_trace(axis, level.trace, _light(level), dropped, GREEN)
        axis.set_ylim(-span, span)
        dress(axis, f"{level.trace.name} ({short(level.signal)} ADU)", "frame", "light (%)")
    for axis in others[len(levels) :]:
        axis.set_axis_off()
    for axis in (first, *others[: len(levels)]):
        ink([axis.title], SMALL + 1)
        ink([axis.xaxis.label, axis.yaxis.label])
    return to_svg(figure, "traces", "Mean of each frame of the dark and of the flats")


def _chosen(levels: tuple[LevelReport, ...]) -> list[LevelReport]:
    """Levels with something to see; of many, some from dim to bright."""
    most = MOST_TRACES - 1
    seen = [level for level in levels if level.trace.frames >= 3 and level.at_ceiling < 0.5]
    if len(seen) <= most:
        return seen
    order = sorted(seen, key=lambda level: level.signal)
    return [order[i] for i in np.linspace(0, len(order) - 1, most).round().astype(int)]


def _light(level: LevelReport) -> Float64:
    """Light of each frame off its mean, %."""
    return np.asarray(100 * (level.lights / level.lights.mean() - 1))


def _draw_trace(axis: Axes, trace: Trace, values: Float64, dropped: bool, colour: str) -> None:
    from matplotlib.ticker import MaxNLocator

    # A first frame that was left out is counted, so that numbers are those of the file.
    number = np.arange(len(values)) + (2 if dropped and len(values) >= 4 else 1)
    few = len(values) <= 30
    axis.plot(number, values, color=colour, linewidth=0.8, marker="o" if few else "", markersize=3)
    odd = sorted({*trace.odd, *trace.left_out})
    axis.plot(number[odd], values[odd], "o", color=RED, markersize=4)
    axis.axhline(0, color=INK, linewidth=0.6, alpha=0.4)
    axis.xaxis.set_major_locator(MaxNLocator(5, integer=True))
