"""What napari knows of a layer's dimensions, as axes and µm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from napari_photon_denoise.axes import guess_axes

WORDS: Mapping[str, str] = {
    **dict.fromkeys(("t", "time", "frame", "frames"), "T"),
    **dict.fromkeys(("c", "ch", "channel", "channels"), "C"),
    **dict.fromkeys(("z", "plane", "planes", "depth", "slice"), "Z"),
    **dict.fromkeys(("y", "row", "rows", "height"), "Y"),
    **dict.fromkeys(("x", "column", "columns", "col", "width"), "X"),
}

LABELS: Mapping[str, str] = {"T": "time", "C": "channel", "Z": "z", "Y": "y", "X": "x"}
"""What we call the axes of a layer."""


def is_named(labels: Sequence[str], ndim: int) -> bool:
    """Whether a layer's labels are names of axes, and not the numbers that napari gives."""
    return len(labels) == ndim and all(label.strip().lower() in WORDS for label in labels)


def axes_of(labels: Sequence[str], ndim: int) -> str:
    """Axes from a layer's labels, or a guess where they are no names of axes.

    Parameters
    ----------
    labels : sequence of str
        Such as ``("t", "y", "x")`` or ``("time", "row", "column")``.
    ndim : int
        Dimensions of the image.

    Raises
    ------
    PhotonDenoiseError
        For more than five dimensions without names.
    """
    if is_named(labels, ndim):
        return "".join(WORDS[label.strip().lower()] for label in labels)
    return guess_axes(ndim)


def pixel_size_of(scale: Sequence[float], units: Sequence[Any], axes: str) -> dict[str, float]:
    """Sizes in µm (of "T" in seconds), for those axes whose unit is a length or a time.

    Parameters
    ----------
    scale : sequence of float
        Of the layer, one number a dimension.
    units : sequence of pint.Unit
        Of the layer.
    axes : str
        One letter a dimension.
    """
    sizes = {}
    for axis, step, unit in zip(axes, scale, units, strict=True):
        target = "second" if axis == "T" else "micrometer"
        if axis != "C" and unit.is_compatible_with(target):
            sizes[axis] = abs(float((float(step) * unit).to(target).magnitude))
    return sizes
