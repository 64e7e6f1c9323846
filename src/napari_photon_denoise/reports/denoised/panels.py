"""Several images side by side, with one colour bar and a scale bar in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import TYPE_CHECKING

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.reports.drawing import (
    SMALL,
    WIDTH,
    colour_bar,
    dress,
    new_figure,
    to_svg,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

GAP, TITLE, MARGIN = 0.14, 0.3, 0.05  # inches: between panels, above and around them
BAR = 1.0  # inches, for the colour bar and its numbers
WIDEST = 4.0  # inches, of an image
FLATTEST, TALLEST = 0.2, 2.0  # height over width; beyond, an image is not drawn to scale
SHARE = 0.25  # of an image's width, that a scale bar may have
MOST_COLUMNS = 3
SHARP = 512  # px, about the width of an image on the page
MOST_POINTS = 640  # px; larger images are reduced
INKS = ("white", "black"), ("black", "white")  # of a scale bar and its rim: on dark, on light


@dataclass(frozen=True, eq=False)
class Panel:
    """An image and what is drawn over it.

    Parameters
    ----------
    title : str
    image : (Y, X) float32
        Reduced to blocks, where it is large.
    over : function of matplotlib's axes, optional
        In pixels of the image that was not reduced.
    """

    title: str
    image: Float32
    over: Callable[[Axes], None] | None = None


@dataclass(frozen=True)
class Colours:
    """How values become colours.

    Parameters
    ----------
    name : str
        Matplotlib's, such as "gray".
    low, high : float
        Values at the ends.
    label : str
        Quantity and unit.
    block : int
        Pixels of the image along each edge of what a point of it stands for.
    levels : int
        Number of colours; few make noise a small file.
    is_light : bool
        Whether most of the image is light, and a scale bar dark.
    """

    name: str
    low: float
    high: float
    label: str
    block: int = 1
    levels: int = 256
    is_light: bool = False


def draw_panels(
    panels: Sequence[Panel],
    colours: Colours,
    pixel_size: tuple[float, float] | None,
    key: str,
    label: str,
) -> str:
    """Draw images with the same colours: SVG.

    Parameters
    ----------
    panels : sequence of Panel
        Of equal shape.
    colours : Colours
    pixel_size : tuple of float, µm, or None
        Height and width of a pixel; None gives scale bars in px.
    key, label : str
        Those of `to_svg`.
    """
    rows, columns = _layout(len(panels))
    height, width = (colours.block * length for length in panels[0].image.shape)
    size_y, size_x = pixel_size or (1.0, 1.0)
    ratio = float(np.clip(height * size_y / (width * size_x), FLATTEST, TALLEST))
    wide = min((WIDTH - BAR - 2 * MARGIN - (columns - 1) * GAP) / columns, WIDEST)
    tall = wide * ratio
    whole = rows * (tall + TITLE) + 2 * MARGIN
    broad = columns * wide + (columns - 1) * GAP + BAR + 2 * MARGIN
    figure = new_figure(whole, broad)
    # Placed by hand: automatic layouts don't know how wide an image to scale will be.
    figure.set_layout_engine("none")
    for number, panel in enumerate(panels):
        row, column = divmod(number, columns)
        left = MARGIN + column * (wide + GAP)
        bottom = whole - MARGIN - (row + 1) * (tall + TITLE)
        axis = figure.add_axes((left / broad, bottom / whole, wide / broad, tall / whole))
        drawn = _draw_panel(axis, panel, colours, (height, width))
        dress(axis, fitting(panel.title, wide), grid=False)
        _scale_bar(axis, (height, width), pixel_size, *INKS[colours.is_light])
        if number == min(columns, len(panels)) - 1:
            colour_bar(figure, drawn, axis, colours.label, extend="both")
    # A whole number of the picture's pixels for each of the image's: else noise shows a grid.
    points = panels[0].image.shape[1]
    return to_svg(figure, key, label, dpi=max(1, round(SHARP / points)) * points / wide)


def _draw_panel(axis: Axes, panel: Panel, colours: Colours, shape: tuple[int, int]) -> AxesImage:
    """Draw an image in pixels of the one that was not reduced."""
    from matplotlib import colormaps

    height, width = shape
    drawn = axis.imshow(
        panel.image, cmap=colormaps[colours.name].resampled(colours.levels), vmin=colours.low,
        vmax=colours.high, aspect="auto", extent=(-0.5, width - 0.5, height - 0.5, -0.5),
        interpolation="nearest",
    )  # fmt: skip
    axis.set(xticks=[], yticks=[])
    if panel.over is not None:
        panel.over(axis)
        axis.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))
    return drawn


def block_of(shape: tuple[int, ...]) -> int:
    """Edge, in pixels, of what a point of a picture stands for."""
    return max(1, -(-max(shape) // MOST_POINTS))


def fitting(title: str, width: float) -> str:
    """Shorten a title to a width in inches."""
    most = floor(width * 72 / (SMALL + 2) * 1.75)
    return title if len(title) <= most else f"{title[: most - 1]}…"


def _layout(number: int) -> tuple[int, int]:
    columns = 2 if number in (2, 4) else min(number, MOST_COLUMNS)
    return ceil(number / columns), columns


def round_length(most: float) -> float:
    """Return the largest of 1, 2, 5, 10, … that is not above `most`."""
    decade = 10.0 ** floor(log10(most))
    return decade * max(step for step in (1, 2, 5) if step * decade <= most * (1 + 1e-9))


def _scale_bar(
    axis: Axes,
    shape: tuple[int, ...],
    pixel_size: tuple[float, float] | None,
    ink: str,
    halo: str,
) -> None:
    """Draw a bar of a round length at the lower right."""
    from matplotlib.patches import Rectangle
    from matplotlib.patheffects import withStroke

    height, width = shape[-2:]
    unit, size = ("px", 1.0) if pixel_size is None else ("µm", pixel_size[1])
    length = round_length(width * size * SHARE)
    long, high = length / size, 0.018 * height
    left, top = width * 0.96 - long - 0.5, height * 0.945 - 0.5
    axis.add_patch(
        Rectangle((left, top), long, high, facecolor=ink, edgecolor=halo, linewidth=0.5, zorder=4)
    )
    axis.text(
        left + long / 2, top - 0.02 * height, f"{length:g} {unit}", color=ink, zorder=5,
        ha="center", va="bottom", fontsize=SMALL,
        path_effects=[withStroke(linewidth=2.2, foreground=halo)],
    )  # fmt: skip
