"""The plots of a study, in the page's own text colour."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_photon_denoise.evaluation.figure import Figure, Reading
from napari_photon_denoise.evaluation.study.job import Study, StudyRow
from napari_photon_denoise.evaluation.study.summary import (
    RATIOS,
    exposures,
    first_rows,
    geometric_mean,
    mean,
    mean_ratio,
    omega_of,
    omegas,
    signal_of,
    slope_of,
)
from napari_photon_denoise.reports.drawing import INK, dress, dress_legend, new_figure
from napari_photon_denoise.reports.study.tables import ROBUSTNESS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure as Picture

# Okabe and Ito's colours, safe for colour-blind readers and legible on light and dark; who
# shares one has another marker and dash.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9")
MARKERS = "os^Dv*"
DASHES = ("-", "--", ":", "-.")
RAW_LOOK: dict[str, Any] = {
    "color": INK,
    "alpha": 0.6,
    "marker": "x",
    "linestyle": ":",
    "label": "raw",
}
SIGNAL = "signal improvement s"
PANEL = 3.4  # inches
LONGEST = 18  # letters of an image's name
FEW = 6  # values that an axis can name each


def look(number: int) -> dict[str, Any]:
    """Return colour, dash and marker of the method with that number."""
    colour, again = number % len(COLOURS), number // len(COLOURS)
    return {
        "color": COLOURS[colour],
        "linestyle": DASHES[again % len(DASHES)],
        "marker": MARKERS[(colour + again) % len(MARKERS)],
        "markersize": 4,
        "linewidth": 1.4,
    }


def improvements(study: Study, exposure_label: str) -> Picture:
    """Draw the three improvements over exposure, or image by image where that is not known."""
    figure = new_figure(PANEL + 0.6)
    panels = figure.subplots(1, len(RATIOS))
    levels = exposures(study.rows)
    for axis, shown in zip(panels, RATIOS, strict=True):
        for count, method in enumerate(study.methods):
            rows = study.of(method)
            if levels is None:
                _over_images(axis, study, rows, shown, look(count) | {"linestyle": "none"})
            else:
                _over_exposure(axis, rows, shown, look(count))
        axis.axhline(1, color=INK, alpha=0.5, linewidth=0.8)
        dress(axis, shown.title, "" if levels is None else exposure_label, _ratio_in_words(shown))
        if shown.key == "mse":  # it spans decades
            axis.set_yscale("log")
            plain(axis.yaxis)
        if levels is not None:
            axis.set_xscale("log")
            plain(axis.xaxis)
    _legend(figure, panels[0])
    return figure


def _ratio_in_words(figure: Figure[Any]) -> str:
    title = figure.title
    return f"{title} of raw / {title}" if figure.better == "lower" else f"{title} / {title} of raw"


def _over_exposure(
    axis: Axes, rows: list[StudyRow], shown: Figure[Any], looks: dict[str, Any]
) -> None:
    levels = exposures(rows) or []
    means = [mean_ratio(shown, [row for row in rows if row.exposure == x]) for x in levels]
    axis.plot(levels, means, label=rows[0].method, **looks)


def _over_images(
    axis: Axes, study: Study, rows: list[StudyRow], shown: Figure[Any], looks: dict[str, Any]
) -> None:
    images = study.images
    places = [images.index(row.image) for row in rows]
    axis.plot(
        places,
        [mean([row.cell[shown.key].improvement]) for row in rows],
        label=rows[0].method,
        **looks,
    )
    short = short_names(images)
    # Names stay legible up to about twenty; above, every so many is written.
    step = -(-len(images) // 20)
    axis.set_xticks(range(0, len(images), step), short[::step], rotation=90)


def short_names(names: list[str]) -> list[str]:
    """Leave out the end that long names share, such as ".ome.tif", and middles of the rest."""
    if max(map(len, names)) <= LONGEST:
        return names
    tail = 0
    while len(names) > 1 and len({name[-tail - 1 :] for name in names}) == 1:
        tail += 1
    own = [name[: len(name) - tail] or name for name in names]
    half = LONGEST // 2
    short = [name if len(name) <= LONGEST else f"{name[:half]}…{name[-half:]}" for name in own]
    return short if len(set(short)) == len(short) else own


def slopes(study: Study) -> Picture:
    """Draw J of the raw image over J of the result, plane by plane, with the fitted lines."""
    figure = new_figure(PANEL + 0.8, 6.4)
    axis = figure.add_subplot()
    for count, method in enumerate(study.methods):
        rows, looks = study.of(method), look(count)
        after = np.array([value for row in rows for value in row.cell.j_out])
        before = np.array([value for row in rows for value in row.cell.j_in])
        axis.plot(after, before, **{**looks, "linestyle": "none"}, label=method)
        fit = slope_of(rows)
        if fit is not None:
            reach = np.array([after[after > 0].min(), after.max()])
            axis.plot(reach, fit.factor * reach, color=looks["color"], linewidth=1)
    axis.set(xscale="log", yscale="log")
    # A line of a steep slope would take most of the picture to itself.
    raw = [value for row in study.rows for value in row.cell.j_in if value > 0]
    if raw:
        axis.set_ylim(min(raw) / 2, max(raw) * 2)
    dress(axis, "", "J of the result, nats a pixel", "J of the raw image, nats a pixel")
    plain(axis.xaxis)
    plain(axis.yaxis)
    _legend(figure, axis)
    return figure


def signals(study: Study, exposure_label: str) -> Picture | None:
    """Draw the signal improvement over exposure and over Ω; None if neither takes two values."""
    panels: list[tuple[str, list[float], Callable[[StudyRow], float | None]]] = []
    times, ratios = exposures(study.rows), omegas(study.rows)
    if times is not None and len(times) > 1:
        panels.append((exposure_label, times, lambda row: row.exposure))
    if ratios is not None and len(ratios) > 1:
        panels.append(("Ω, voxel / point-spread function", ratios, omega_of))
    if not panels:
        return None
    figure = new_figure(PANEL + 0.6, 5.2 * len(panels))
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for axis, (label, levels, level_of) in zip(axes, panels, strict=True):
        for count, method in enumerate(study.methods):
            rows = study.of(method)
            values = [signal_of([row for row in rows if level_of(row) == x]) for x in levels]
            axis.plot(levels, values, label=method, **look(count))
        axis.axhline(1, color=INK, alpha=0.5, linewidth=0.8)
        axis.set(xscale="log", yscale="log")
        dress(axis, "", label, SIGNAL)
        plain(axis.xaxis)
        plain(axis.yaxis)
        if level_of is omega_of and len(levels) <= FEW:
            axis.set_xticks(levels, [f"{x:g}" for x in levels])
            axis.xaxis.minorticks_off()
    _legend(figure, axes[0])
    return figure


def robustness(study: Study) -> Picture:
    """Draw PSNR and SSIM over the mean photons of a pixel, for the raw images and each method."""
    figure = new_figure(PANEL + 0.6)
    panels = figure.subplots(1, len(ROBUSTNESS))
    for axis, (name, shown) in zip(panels, ROBUSTNESS.items(), strict=True):
        _over_photons(axis, first_rows(study), shown.key, attrgetter("before"), RAW_LOOK)
        for count, method in enumerate(study.methods):
            looks = look(count) | {"label": method}
            _over_photons(axis, study.of(method), shown.key, attrgetter("value"), looks)
        axis.set_xscale("log")
        dress(axis, "", "mean photons a pixel, e-", name)
        plain(axis.xaxis)
    _legend(figure, panels[0])
    return figure


def _over_photons(
    axis: Axes,
    rows: list[StudyRow],
    key: str,
    side: Callable[[Reading], float | None],
    looks: dict[str, Any],
) -> None:
    """Draw means of each exposure, or every image as a point where those are not known."""
    levels = exposures(rows)
    if levels is None:
        groups, looks = [[row] for row in rows], looks | {"linestyle": "none"}
    else:
        groups = [[row for row in rows if row.exposure == level] for level in levels]
    means = [geometric_mean(row.cell.mean for row in group) for group in groups]
    axis.plot(means, [mean(side(row.cell[key]) for row in group) for group in groups], **looks)


def plain(axis: Axis) -> None:
    """Mark a logarithmic axis with plain numbers, few of them."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def _legend(figure: Picture, axis: Axes) -> None:
    handles, labels = axis.get_legend_handles_labels()
    dress_legend(figure.legend(handles, labels, loc="outside lower center", ncols=4))
