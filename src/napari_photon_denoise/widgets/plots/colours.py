"""Colours of curves: those of the layers where they have one of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from napari.layers import Image

from napari_photon_denoise.widgets.parts.canvas import PALETTE

DARKEST = 0.35  # luminance that is legible on napari's dark theme


def colours_of(layers: Sequence[Image]) -> list[str]:
    """Choose a colour for each layer, such as "#56b4e9".

    A channel keeps the colour in which it is shown; grey layers, and a second layer of one
    colour, get one of a palette.

    Parameters
    ----------
    layers : sequence of Image
    """
    chosen: list[str] = []
    for layer in layers:
        own = None if layer.rgb else _own_colour(layer.colormap.colors)
        if own is None or own in chosen:
            free = [colour for colour in PALETTE if colour not in chosen]
            own = free[0] if free else PALETTE[len(chosen) % len(PALETTE)]
        chosen.append(own)
    return chosen


def _own_colour(stops: Any) -> str | None:
    """Return the colour of a map from black to one colour; None for greys and rainbows."""
    stops = np.asarray(stops)[:, :3]
    top = stops[-1]
    if len(stops) != 2 or stops[0].any() or np.ptp(top) < 0.3:
        return None
    luminance = float(top @ (0.21, 0.72, 0.07))
    if luminance < DARKEST:
        mixed = (DARKEST - luminance) / (1 - luminance)
        top = top + mixed * (1 - top)
    return "#" + "".join(f"{round(255 * part):02x}" for part in top)
