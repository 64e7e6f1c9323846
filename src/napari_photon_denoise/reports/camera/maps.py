"""Maps of the report: pixels seen as images, their histograms, and the noise by frequency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.camera.transfer import CameraReport, Defect
from napari_photon_denoise.reports.camera.words import short
from napari_photon_denoise.reports.drawing import (
    BLUE,
    GREEN,
    ORANGE,
    RED,
    SMALL,
    WIDTH,
    block_means,
    colour_bar,
    dress,
    dress_legend,
    new_figure,
    to_svg,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = 512  # px; larger maps are reduced
EDGE = 3.3  # inches, width of a map; with what surrounds it:
LEFT, ABOVE, BELOW = 0.62, 0.32, 0.6
FLATTEST, TALLEST = 0.3, 1.6  # height over width; beyond, a map is not drawn to scale
# The worse covers the less bad, where a pixel or a reduced block has several faults.
FAULTS = (
    (Defect.NOISY, "noisy", BLUE),
    (Defect.TELEGRAPH, "telegraph", GREEN),
    (Defect.HOT, "hot", ORANGE),
    (Defect.DEAD, "dead", RED),
)
WIDEST = 100.0  # robust SD, that a histogram reaches from the median
BINS = 120
LEAST_SPAN = 1e-6  # of a value; a map may be constant


@dataclass(frozen=True, eq=False)
class _Quantity:
    title: str
    unit: str
    values: Float32
    colours: str
    centre: float | None = None


def draw_maps(report: CameraReport) -> str:
    """Draw the maps of offset, read noise, response and defects: SVG."""
    shown = _quantities(report)
    height, width = report.mask.shape
    tall = EDGE * float(np.clip(height / width, FLATTEST, TALLEST))
    cell = tall + ABOVE + BELOW
    rows = -(-(len(shown) + 1) // 2)
    figure = new_figure(cell * rows)
    # Placed by hand: automatic layouts don't know how wide an image to scale will be.
    figure.set_layout_engine("none")
    whole = cell * rows
    places = [
        (WIDTH / 2 * column + LEFT, whole - cell * (row + 1) + BELOW)
        for row in range(rows)
        for column in range(2)
    ]
    axes = [
        figure.add_axes((x / WIDTH, y / whole, EDGE / WIDTH, tall / whole))
        for x, y in places[: len(shown) + 1]
    ]
    for axis, quantity in zip(axes, shown, strict=False):
        _draw_map(figure, axis, quantity)
    _draw_faults(axes[-1], report.mask)
    return to_svg(figure, "maps", "Maps of offset, read noise, response and masked pixels")


def _quantities(report: CameraReport) -> list[_Quantity]:
    offset = np.asarray(report.calibration.offset, np.float32)
    noise = np.asarray(report.calibration.read_noise, np.float32)
    maps = [
        _Quantity("offset", "ADU", offset, "viridis"),
        _Quantity("read noise", "e- rms", noise, "magma"),
    ]
    if report.response is not None:
        percent = np.float32(100) * (report.response.relative - np.float32(1))
        maps.append(_Quantity("relative response", "% off the mean", percent, "RdBu_r", 0.0))
    return maps


def block(shape: tuple[int, ...]) -> int:
    """Edge, in pixels, of what one element of a picture stands for."""
    return max(1, -(-max(shape) // SHOWN))


def _draw_map(figure: Figure, axis: Axes, quantity: _Quantity) -> None:
    seen = block_means(quantity.values, block(quantity.values.shape))
    low, high = np.percentile(seen, (1, 99)).tolist()
    if quantity.centre is not None:
        reach = max(abs(low - quantity.centre), abs(high - quantity.centre))
        low, high = quantity.centre - reach, quantity.centre + reach
    drawn = axis.imshow(
        seen, cmap=quantity.colours, vmin=low, vmax=max(high, low + LEAST_SPAN),
        aspect=_aspect(seen), extent=_extent(quantity.values.shape), interpolation="nearest",
    )  # fmt: skip
    dress(axis, grid=False, title=quantity.title, xlabel="x (px)", ylabel="y (px)")
    colour_bar(figure, drawn, axis, quantity.unit, extend="both")


def _draw_faults(axis: Axes, mask: NDArray[np.uint8]) -> None:
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    worst = np.zeros(mask.shape, np.float32)
    for number, (bit, _, _) in enumerate(FAULTS):
        worst[(mask & bit) > 0] = number + 1
    seen = _strongest(worst, block(mask.shape))
    colours = ListedColormap(["#00000000", *(colour for _, _, colour in FAULTS)])
    axis.imshow(
        seen, cmap=colours, vmin=-0.5, vmax=len(FAULTS) + 0.5, aspect=_aspect(seen),
        extent=_extent(mask.shape), interpolation="nearest",
    )  # fmt: skip
    share = 100 * float(np.mean(mask > 0))
    title = f"masked pixels ({share:.2g} %)"
    dress(axis, grid=False, title=title, xlabel="x (px)", ylabel="y (px)")
    handles = [
        Patch(color=colour, label=f"{name}: {int(((mask & bit) > 0).sum())}")
        for bit, name, colour in FAULTS
    ]
    drawn = axis.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(1.0, 1.02), handlelength=1,
        handletextpad=0.5, fontsize=SMALL,
    )  # fmt: skip
    dress_legend(drawn)


def _strongest(values: Float32, size: int) -> Float32:
    """Maxima of square blocks, so that a single pixel is not lost."""
    if size == 1:
        return values
    rim = [(0, -length % size) for length in values.shape]
    padded = np.pad(values, rim)
    rows, columns = (length // size for length in padded.shape)
    return np.asarray(padded.reshape(rows, size, columns, size).max(axis=(1, 3)), np.float32)


def _extent(shape: tuple[int, ...]) -> tuple[float, float, float, float]:
    return 0, shape[1], shape[0], 0


def _aspect(values: Float32) -> Literal["equal", "auto"]:
    high, wide = values.shape
    return "equal" if FLATTEST <= high / wide <= TALLEST else "auto"


def draw_histograms(report: CameraReport) -> str:
    """Draw how many pixels have which offset, read noise, response and gain: SVG."""
    gain = _Quantity("gain of each pixel, raw", "e-/ADU", report.pixels.raw, "")
    shown = [*_quantities(report), gain]
    figure = new_figure(2.6)
    for axis, quantity in zip(figure.subplots(1, len(shown), squeeze=False)[0], shown, strict=True):
        _draw_histogram(axis, quantity)
    return to_svg(figure, "histograms", "Histograms of the maps, with logarithmic counts")


def _draw_histogram(axis: Axes, quantity: _Quantity) -> None:
    values = quantity.values.ravel().astype(np.float64)
    median = float(np.median(values))
    spread = 1.4826 * float(np.median(np.abs(values - median))) or 1e-6
    low = max(float(values.min()), median - WIDEST * spread)
    high = min(float(values.max()), median + WIDEST * spread)
    outside = int(((values < low) | (values > high)).sum())
    counts, edges = np.histogram(
        values, BINS, (low, max(high, low + LEAST_SPAN * max(1, abs(low))))
    )
    axis.stairs(counts, edges, fill=True, color=BLUE, alpha=0.75)
    axis.set_yscale("log")
    axis.set_ylim(0.7, 2.0 * max(1, int(counts.max())))
    axis.axvline(median, color=ORANGE, linewidth=1)
    title = f"{quantity.title}\nmedian {short(median)}" + (f", {outside} beyond" if outside else "")
    dress(axis, title=title, xlabel=quantity.unit, ylabel="pixels")
    axis.title.set_fontsize(SMALL + 1)


def draw_spectra(report: CameraReport) -> str | None:
    """Draw the noise of the dark and of the brightest flat by frequency: SVG; None without."""
    used = [level.trace for level in report.levels if level.used]
    traces = [report.dark, *sorted(used, key=lambda trace: trace.mean)[-1:]]
    shown = [
        (trace.name, trace.whiteness.spectrum)
        for trace in traces
        # Frames smaller than a tile have none.
        if trace.whiteness is not None and np.ptp(trace.whiteness.spectrum) > 0
    ]
    if not shown:
        return None
    from matplotlib.colors import LogNorm

    figure = new_figure(3.1, WIDTH * 0.36 * len(shown))
    for axis, (name, spectrum) in zip(
        figure.subplots(1, len(shown), squeeze=False)[0], shown, strict=True
    ):
        drawn = axis.imshow(
            spectrum, cmap="RdBu_r", norm=LogNorm(0.5, 2), extent=(-0.5, 0.5, 0.5, -0.5),
            interpolation="nearest",
        )  # fmt: skip
        dress(axis, name, "along x (cycles/px)", "along y (cycles/px)", grid=False)
        colour_bar(figure, drawn, axis, "power; white noise: 1", ticks=[0.5, 1, 2])
    return to_svg(figure, "spectra", "Power of the noise by spatial frequency")
