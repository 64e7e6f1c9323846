"""The images of the report, and where they disagree with their photons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.evaluation.plane import Line, Plane
from napari_photon_denoise.metrics.consistency import z_map
from napari_photon_denoise.metrics.flags import INVENTED, OVER_SMOOTHED, Flags, find_flags
from napari_photon_denoise.reports.denoised.panels import Colours, Panel, block_of, draw_panels
from napari_photon_denoise.reports.drawing import ORANGE, block_means

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RAW, TRUTH = "Raw", "Truth"
MAGENTA = "#e34fd0"  # of invented places: no colour of the maps
TAILS = 0.1, 99.8  # percentiles at the ends of the contrast
LOUD = 4.0  # standard deviations at the ends of the z-map
LEVELS = 16  # colours of the z-map
DETAIL = 128  # px, edge of the part that is shown larger


def draw_images(plane: Plane, flags: Mapping[str, Flags], line: Line | None) -> str:
    """Draw raw image, denoised ones and truth with one contrast, flagged places outlined: SVG."""
    return _draw(plane, flags, line, (slice(None), slice(None)), "images")


def draw_detail(plane: Plane, line: Line | None) -> str:
    """Draw the surroundings of the line larger, with nothing over them: SVG.

    Empty where the whole is as small.
    """
    height, width = plane.raw.shape
    if max(height, width) <= 2 * DETAIL:
        return ""
    centre = (height / 2, width / 2) if line is None else np.mean(line, axis=0)
    place = tuple(
        _around(float(at), size) for at, size in zip(centre, (height, width), strict=True)
    )
    return _draw(plane, {}, line, (place[0], place[1]), "detail")


def draw_consistency(plane: Plane, flags: Mapping[str, Flags]) -> str:
    """Draw what was removed, in units of its expected noise, flagged places outlined: SVG."""
    block = block_of(plane.raw.shape)
    panels = []
    for name, image in plane.denoised.items():
        z = z_map(plane.raw, image, plane.read_noise)
        # A mean of noise is quieter; times the edge of its block, its standard deviation is 1.
        blocks = np.float32(block) * block_means(z, block)
        panels.append(Panel(name, blocks, _outline(flags.get(name))))
    colours = Colours(
        "RdBu_r", -LOUD, LOUD, "(raw − denoised) / noise (SD)", block, LEVELS, is_light=True
    )
    label = "Raw minus denoised image in units of the expected noise"
    return draw_panels(panels, colours, plane.pixel_size, "consistency", label)


def flags_of(plane: Plane) -> dict[str, Flags]:
    """Look for places that photons contradict, in every denoised image."""
    return {
        name: find_flags(plane.raw, image, plane.read_noise)
        for name, image in plane.denoised.items()
    }


def contrast(plane: Plane) -> tuple[float, float]:
    """Return the ends of a contrast that shows structure, e-: the raw image's noise is cut."""
    shown = [*plane.denoised.values(), *([] if plane.truth is None else [plane.truth])]
    ends = np.array([np.percentile(image, TAILS) for image in shown or [plane.raw]])
    # One method may ring, or keep a hot pixel: it must not decide for all.
    low, high = float(np.median(ends[:, 0])), float(np.median(ends[:, 1]))
    return low, high if high > low else low + 1


def _draw(
    plane: Plane,
    flags: Mapping[str, Flags],
    line: Line | None,
    place: tuple[slice, slice],
    key: str,
) -> str:
    corner = place[0].start or 0, place[1].start or 0
    named: dict[str, Float32] = {RAW: plane.raw, **plane.denoised}
    if plane.truth is not None:
        named[TRUTH] = plane.truth
    block = block_of(plane.raw[place].shape)
    panels = []
    for number, (name, image) in enumerate(named.items()):
        marks = [_outline(flags.get(name), place)]
        if number == 0 and line is not None:
            marks.append(_trace(line, corner))
        panels.append(Panel(name, block_means(image[place], block), _all(marks)))
    low, high = contrast(plane)
    label = "Raw image, denoised images and truth in photons"
    return draw_panels(
        panels, Colours("gray", low, high, plane.quantity, block), plane.pixel_size, key, label
    )


def _around(at: float, size: int) -> slice:
    length = min(DETAIL, size)
    start = int(np.clip(round(at - length / 2), 0, size - length))
    return slice(start, start + length)


def _all(marks: list[Callable[[Axes], None]]) -> Callable[[Axes], None]:
    def over(axis: Axes) -> None:
        for mark in marks:
            mark(axis)

    return over


def _outline(
    flags: Flags | None, place: tuple[slice, slice] = (slice(None), slice(None))
) -> Callable[[Axes], None]:
    """Return what draws the borders of flagged places."""

    def over(axis: Axes) -> None:
        if flags is None:
            return
        for kind, colour in ((OVER_SMOOTHED, ORANGE), (INVENTED, MAGENTA)):
            found = (flags.kind[place] == kind).astype(np.float32)
            if found.any():
                padded = np.pad(found, 1)  # or a place at the rim has no closed border
                rows, columns = (np.arange(size) - 1 for size in padded.shape)
                axis.contour(columns, rows, padded, levels=[0.5], colors=[colour], linewidths=1)

    return over


def _trace(line: Line, corner: tuple[int, int]) -> Callable[[Axes], None]:
    """Return what draws the line of the profile."""

    def over(axis: Axes) -> None:
        points = np.asarray(line) - np.asarray(corner)
        axis.plot(points[:, 1], points[:, 0], color="#ffd23f", linewidth=1.2)
        axis.plot(points[:1, 1], points[:1, 0], "o", color="#ffd23f", markersize=3)

    return over
