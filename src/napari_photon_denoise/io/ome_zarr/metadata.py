"""What OME-Zarr 0.4 and 0.5 say of an image: axes, sizes, resolutions, names, colours, contrast.

The models are yaozarrs': it knows both versions and checks what the specifications ask for, such
as the order of axes, and needs pydantic alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.io.image import About
from napari_photon_denoise.io.ome import NAMESPACE
from napari_photon_denoise.io.ome_carried import Result, carried
from napari_photon_denoise.io.ome_zarr.resolutions import Spans
from napari_photon_denoise.io.ome_zarr.store import Level

_UNITS = {"T": "second", "Z": "micrometer", "Y": "micrometer", "X": "micrometer"}
_KINDS = {"T": "time", "C": "channel"}
WHITE = "FFFFFF"
# Of channels whose input names none: green, magenta, cyan, yellow, red, blue.
COLOURS = ("00FF00", "FF00FF", "00FFFF", "FFFF00", "FF0000", "0000FF")
_LOOK = {"Z": 1, "Y": 2048, "X": 2048}
_SHARES = (0.1, 99.9)  # %, of the pixels: contrast that a few bright ones do not spoil


def describe(
    name: str, levels: Sequence[Level], spans: Sequence[Spans], about: About
) -> dict[str, Any]:
    """Return the OME attributes of an image.

    Parameters
    ----------
    name : str
        Of the image.
    levels : sequence of Level
        Its resolutions, written.
    spans : sequence of tuple of int
        For each, how many pixels of the image one of its pixels spans along each axis.
    about : About

    Returns
    -------
    dict
        Plain JSON, checked.
    """
    from yaozarrs import v04, v05

    said = {
        "multiscales": [_multiscale(name, levels, spans, about)],
        "omero": _omero(levels, about),
    }
    if levels[0].zarr_format == 2:
        return v04.Image.model_validate(said).model_dump(mode="json", exclude_none=True)
    checked = v05.Image.model_validate(said)
    return {"ome": checked.model_dump(mode="json", exclude_none=True)}


def _multiscale(
    name: str, levels: Sequence[Level], spans: Sequence[Spans], about: About
) -> dict[str, Any]:
    units = {axis: _UNITS[axis] for axis in about.pixel_size}
    return {
        "name": name,
        "axes": [
            {"name": axis.lower(), "type": _KINDS.get(axis, "space"), "unit": units.get(axis)}
            for axis in about.axes
        ],
        "datasets": [
            {"path": level.path.name, "coordinateTransformations": _transformations(span, about)}
            for level, span in zip(levels, spans, strict=True)
        ],
        "type": "mean",
        "metadata": {
            "method": f"{NAMESPACE}: mean of the pixels that one spans",
            "description": "The mean, not the sum: photons per pixel of the full resolution.",
        },
    }


def _transformations(span: Spans, about: About) -> list[dict[str, Any]]:
    """Return where a level lies: a pixel that spans several has its centre amid theirs."""
    steps = [about.pixel_size.get(axis, 1.0) for axis in about.axes]
    scale = [step * width for step, width in zip(steps, span, strict=True)]
    middle = [step * (width - 1) / 2 for step, width in zip(steps, span, strict=True)]
    return [
        {"type": "scale", "scale": scale},
        {"type": "translation", "translation": middle},
    ]


def _omero(levels: Sequence[Level], about: About) -> dict[str, Any]:
    sizes = dict(zip(about.axes, levels[0].grid.shape, strict=True))
    colours = channel_colours(about, sizes)
    names: Sequence[str | None] = about.channel_names or [None] * len(colours)
    return {
        "channels": [
            {
                "label": name,
                "color": colour,
                "window": _window(levels, about.axes, number),
                "active": True,
                "inverted": False,
                "coefficient": 1.0,
                "family": "linear",
            }
            for number, (name, colour) in enumerate(zip(names, colours, strict=True))
        ],
        "rdefs": {
            "model": "color" if len(colours) > 1 else "greyscale",
            "defaultT": sizes.get("T", 1) // 2,
            "defaultZ": sizes.get("Z", 1) // 2,
            "projection": "normal",
        },
    }


def channel_colours(about: About, sizes: dict[str, int]) -> list[str]:
    """Return the colour of each channel as six hexadecimal digits: that of the input, if it has it.

    Parameters
    ----------
    about : About
    sizes : dict
        Of the axes that the image has.
    """
    all_sizes = {letter: sizes.get(letter, 1) for letter in "TCZYX"}
    known = carried(about.ome, Result(all_sizes, about.channel_names)).channels
    channels = all_sizes["C"]
    usual = [COLOURS[number % len(COLOURS)] for number in range(channels)]
    said = [channel.get("Color") for channel in known] or [None] * channels
    plain = [WHITE] if channels == 1 else usual
    return [own if text is None else _hex(text) for own, text in zip(plain, said, strict=True)]


def _hex(colour: str) -> str:
    """Write a colour of OME-XML, a signed number of red, green, blue and opacity."""
    return f"{int(colour) % 2**32 >> 8:06X}"


def _window(levels: Sequence[Level], axes: str, channel: int) -> dict[str, float]:
    """Return the range of a channel's values, and the one that shows them well.

    The smallest resolution has all of the image in it, and the full one its brightest pixels: the
    middle of its middle plane will do.
    """
    seen = [_middle(levels[-1], axes, channel, {}), _middle(levels[0], axes, channel, _LOOK)]
    finite = [values[np.isfinite(values)] for values in seen]
    ranges = [np.percentile(values, (0, *_SHARES, 100)) for values in finite if values.size]
    ranges = ranges or [np.zeros(4)]
    least, low = (float(min(one[at] for one in ranges)) for at in (0, 1))
    high, most = (float(max(one[at] for one in ranges)) for at in (2, 3))
    high = high if high > low else low + 1
    return {"start": low, "end": high, "min": least, "max": max(most, high)}


def _middle(level: Level, axes: str, channel: int, most: Mapping[str, int]) -> NDArray[Any]:
    """Return a channel at the time point in the middle, and along other axes at most so much."""
    index: dict[str, int | slice] = {}
    for axis, size in zip(axes, level.grid.shape, strict=True):
        length = min(size, {"T": 1, **most}.get(axis, size))
        start = (size - length) // 2
        index[axis] = slice(start, start + length)
    index["C"] = channel
    return np.asarray(level.open()[tuple(index[axis] for axis in axes)])
