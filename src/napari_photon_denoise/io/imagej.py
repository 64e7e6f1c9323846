"""What ImageJ and Fiji write into their TIFFs besides the pixels."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from napari_photon_denoise.io.ome import Described
from napari_photon_denoise.io.tiff_tags import is_printers, lengths, tag_sizes
from napari_photon_denoise.io.units import Sizes, Written, plain, read_sizes

_INCHES = ("in", "inch", "inches")
# What libraries write that only look like it; they leave out what they do not know, ImageJ
# leaves out a step of exactly 1.
_IMITATION = "1.11a"
# Where Fiji's Bio-Formats importer puts a plane, before the channel's name: "c:1/2 z:3/5 - DAPI".
_PLACE = re.compile(r"^(?:[czt]:\d+/\d+\s*)+(?:-\s*|$)", re.IGNORECASE)
_LONG_NAME = 80


def describe_imagej(said: Mapping[str, Any], series: Any, axes: str) -> Described:
    """Read sizes, interval and channel names of an image that ImageJ wrote.

    Parameters
    ----------
    said : mapping
        What tifffile finds as `imagej_metadata`.
    series : tifffile.TiffPageSeries
    axes : str
        One letter per dimension, those that the user names if there are any.
    """
    sizes, assumed = _sizes(said, series, axes)
    return Described(
        pixel_size=sizes.known,
        channel_names=_channel_names(said.get("Labels") or (), series),
        notes=(*sizes.notes, *assumed),
    )


def _sizes(said: Mapping[str, Any], series: Any, axes: str) -> tuple[Sizes, tuple[str, ...]]:
    """Read ImageJ's calibration: pixels per unit in tags, unit and spacing in the text."""
    unit = str(said.get("unit") or "")
    across, up = lengths(series.keyframe)
    written, notes = _interval(said, axes)
    if not unit:  # ImageJ, too, goes by the tags then
        tags = tag_sizes(series.keyframe)
        times = read_sizes(written)
        return Sizes(tags.known | times.known, (*tags.notes, *times.notes)), notes
    # 72 dots per inch, which ImageJ takes over from pictures for the screen.
    if plain(unit).lower() in _INCHES and is_printers(max(across, up), "inch"):
        return read_sizes(written), notes
    step = said.get("spacing")
    lacking = step is None and "Z" in axes and str(said.get("ImageJ")) != _IMITATION
    written |= {
        "Z": Written(_positive(1.0 if lacking else step), said.get("zunit", unit)),
        "Y": Written(up or None, said.get("yunit", unit)),
        "X": Written(across or None, unit),
    }
    sizes = read_sizes(written, length="")
    if lacking and "Z" in sizes.known and "X" in sizes.known:
        notes += (
            f"The file names no step between its planes, which to ImageJ means 1 {plain(unit)}: "
            "it is taken so.",
        )
    return sizes, notes


def _interval(said: Mapping[str, Any], axes: str) -> tuple[dict[str, Written], tuple[str, ...]]:
    """Return the interval between frames, or else the inverse of the frame rate."""
    interval, rate = said.get("finterval"), said.get("fps")
    if interval:
        return {"T": Written(interval, said.get("tunit", "s"))}, ()
    if "T" not in axes or not isinstance(rate, int | float) or rate <= 0:
        return {}, ()
    return {"T": Written(1 / rate, "s")}, (
        f"The file names no interval between frames, only the {rate:g} frames per second at which "
        f"ImageJ plays them: {1 / rate:g} s are taken as interval.",
    )


def _positive(step: Any) -> Any:
    """Return a step upwards: ImageJ's is negative where the stage moved down."""
    return abs(step) if isinstance(step, int | float) else step


def _channel_names(labels: Sequence[Any], series: Any) -> tuple[str, ...]:
    """Return the names of channels where all planes of each are labelled alike.

    Labels are also used for times, positions and file names: what differs between the planes of a
    channel, and what is the same for all channels, is not its name.
    """
    axes = series.axes.partition("Y")[0]
    sizes = dict(zip(series.axes, series.shape, strict=True))
    channels = int(sizes.get("C", 1))
    planes = 1
    for letter in axes:
        planes *= int(sizes[letter])
    if channels < 2 or len(labels) != planes or planes % channels:
        return ()
    inner = 1  # how many planes of one channel stand side by side
    for letter in axes.partition("C")[2]:
        inner *= int(sizes[letter])
    found: list[set[str]] = [set() for _ in range(channels)]
    for plane, label in enumerate(labels):
        found[plane // inner % channels].add(_name(str(label)))
    if any(len(names) != 1 for names in found):
        return ()
    names = tuple(name for (name,) in found)
    return names if any(names) and len(set(names)) > 1 else ()


def _name(label: str) -> str:
    """Return the first line of a label, without the place of the plane."""
    lines = label.strip().splitlines() or [""]
    name = _PLACE.sub("", lines[0]).strip()
    return name if len(name) <= _LONG_NAME else ""
