"""Pictures as SVG inside the page, in the page's own text colour: legible light, dark, printed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from io import StringIO
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from napari_photon_denoise.calibration import Float32

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend

Extend = Literal["neither", "both"]

INK = "#010203"  # stands for the text colour of the page
BLUE, ORANGE, GREEN, RED = "#3b82d6", "#e07b1a", "#2f9e62", "#d64545"
SMALL = 8  # pt
WIDTH = 10.0  # inches, the width of the page


def new_figure(height: float, width: float = WIDTH) -> Figure:
    """Make an empty figure, inches; `width` is the page's unless the picture is narrower."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def dress(
    axis: Axes,
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    *,
    grid: bool = True,
) -> None:
    """Set labels, and draw frame, ticks and text in ink."""
    axis.set(title=title, xlabel=xlabel, ylabel=ylabel, facecolor="none")
    axis.tick_params(which="both", colors=INK, labelsize=SMALL)
    for side in axis.spines.values():
        side.set(color=INK, alpha=0.5, linewidth=0.7)
    ink([axis.xaxis.label, axis.yaxis.label], SMALL + 1)
    ink([axis.title], SMALL + 2)
    if grid:
        axis.grid(color=INK, alpha=0.12, linewidth=0.6)
        axis.set_axisbelow(True)


def ink(texts: Iterable[Any], size: float = SMALL) -> None:
    """Colour and size texts."""
    for text in texts:
        text.set(color=INK, fontsize=size)


def dress_legend(legend: Legend) -> None:
    """Draw a legend in ink, without a frame."""
    legend.set_frame_on(False)
    ink(legend.get_texts())


def colour_bar(
    figure: Figure,
    drawn: Any,
    axis: Axes,
    label: str,
    ticks: Sequence[float] | None = None,
    extend: Extend = "neither",
) -> None:
    """Draw a colour bar beside an image; arrows where values lie beyond its ends."""
    # Inside the axes' own frame, so that it is as high as the image.
    place = axis.inset_axes((1.03, 0.0, 0.05, 1.0))
    shape = None if ticks is None else "%g"
    bar = figure.colorbar(drawn, cax=place, ticks=ticks, format=shape, extend=extend)
    bar.outline.set(edgecolor=INK, alpha=0.5, linewidth=0.7)
    bar.minorticks_off()
    bar.ax.tick_params(which="both", colors=INK, labelsize=SMALL)
    bar.set_label(label)
    ink([bar.ax.yaxis.label, bar.ax.yaxis.get_offset_text()], SMALL + 1)


def block_means(values: Float32, size: int) -> Float32:
    """Means of square blocks; an incomplete rim is left out."""
    if size == 1:
        return values
    rows, columns = (length // size or 1 for length in values.shape)
    cut = values[: rows * size, : columns * size]
    high, wide = cut.shape[0] // rows, cut.shape[1] // columns
    return np.asarray(cut.reshape(rows, high, columns, wide).mean(axis=(1, 3)), np.float32)


def to_svg(figure: Figure, key: str, label: str, dpi: float = 144) -> str:
    """Turn a figure into an SVG element of an HTML page.

    Parameters
    ----------
    figure : Figure
    key : str
        Keeps the names inside this picture apart from those of others.
    label : str
        What it shows, for those who can't see it.
    dpi : float
        Of the images in it, pixels an inch.
    """
    buffer = StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    figure.savefig(buffer, format="svg", transparent=True, dpi=dpi, metadata=nothing)
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    width, height = figure.get_size_inches() * 72
    text = re.sub(
        r"<svg[^>]*>",
        f'<svg viewBox="0 0 {width:.6g} {height:.6g}" role="img" aria-label="{escape(label)}" '
        f'style="max-width:{100 * width / 72 / WIDTH:.4g}%">',
        text,
        count=1,
    )
    text = re.sub(r'(\sid="|href="#|url\(#)', rf"\1{key}-", text.replace("xlink:href", "href"))
    return text.replace(INK, "currentColor")
