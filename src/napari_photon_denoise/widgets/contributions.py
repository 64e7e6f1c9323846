"""What the manifest names besides the widget: reader, writer and sample images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from napari.utils.notifications import show_warning

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io import ImageFile, read, write_image
from napari_photon_denoise.io.readers import find_reader, images_of
from napari_photon_denoise.virtual.samples import SCENES, make_sample
from napari_photon_denoise.widgets.parts.units import LABELS, axes_of, pixel_size_of

LayerData = tuple[Any, dict[str, Any], str]

COLOURS = ("green", "magenta", "cyan", "yellow", "red", "blue")
LARGE = 2**30  # bytes; of what is smaller, napari finds the contrast limits itself
LOOKED = 1024  # px of a side, of the plane that is seen first
IN_PHOTONS = Calibration(gain=1, offset=0, read_noise=0)


def get_reader(path: str | Sequence[str]) -> Callable[[Any], list[LayerData]] | None:
    """Return the reader of one file or folder; None for a list, and for what is no image."""
    is_one = isinstance(path, str) and find_reader(Path(path)) is not None
    return read_layers if is_one else None


def read_layers(path: str) -> list[LayerData]:
    """Open a file as image layers, one a position and channel; pixels are read when shown.

    Raises
    ------
    UnreadableFile
        If the file is missing, damaged, or holds no grey image.
    """
    file = Path(path)
    return [layer for image in images_of(file)[file] for layer in _layers(image)]


def _layers(path: Path) -> list[LayerData]:
    with read(path) as image:
        for note in image.notes:
            show_warning(f"{image.name}: {note}")
        levels = [image.data, *image.coarser()]
        if "C" not in image.axes:
            return [_layer(image, levels, image.axes, image.name, {})]
        dim = image.axes.index("C")
        axes = image.axes.replace("C", "")
        layers = []
        for channel in range(image.data.shape[dim]):
            data = [level[(slice(None),) * dim + (channel,)] for level in levels]
            name = image.channel_names[channel] if image.channel_names else f"channel {channel}"
            extra = {"channel": channel} if image.data.shape[dim] > 1 else {}
            part = replace(image, ome=image.ome and replace(image.ome, channels=(channel,)))
            layer = _layer(part, data, axes, f"{image.name} {name}", extra)
            if extra:
                colour = COLOURS[channel % len(COLOURS)]
                layer[1].update(colormap=colour, blending="additive")
            layers.append(layer)
        return layers


def write_layer(path: str, data: Any, meta: dict[str, Any]) -> list[str]:
    """Write an image layer as a file, with its pixel size, name and recipe.

    Parameters
    ----------
    path : str
        Replaced if it is there: napari's dialog has asked.
    data : array
        Of the layer; of a multiscale layer the full resolution is written.
    meta : dict
        The layer's attributes.

    Raises
    ------
    PhotonDenoiseError
        If the file can't be written or the layer does not fit into one.
    """
    if meta.get("rgb"):
        raise PhotonDenoiseError(
            f"'{meta['name']}' is an RGB colour image: save it with napari's own writer."
        )
    pixels = data[0] if meta.get("multiscale") else data
    axes = axes_of(meta.get("axis_labels") or (), pixels.ndim)
    channels = pixels.shape[axes.index("C")] if "C" in axes else 1
    sizes = pixel_size_of(meta["scale"], meta["units"], axes) if meta.get("units") else {}
    written = write_image(
        path,
        pixels,
        axes,
        pixel_size=sizes,
        channel_names=(meta["name"],) if channels == 1 else (),
        recipe=meta.get("metadata", {}).get("recipe"),
        ome=meta.get("metadata", {}).get("ome"),
        overwrite=True,
    )
    return [str(written)]


def open_sample(key: str) -> list[LayerData]:
    """Make a sample: the camera's counts, and what it should have seen, hidden."""
    sample = make_sample(key)
    title = SCENES[key].title.split(" ")[0].lower()
    shared = _place(sample.axes, sample.pixel_size)
    truth = {
        "name": f"{title} truth (photons)",
        "metadata": {"calibration": IN_PHOTONS},
        "visible": False,
        "contrast_limits": _range(sample.truth),
    }
    counts = {
        "name": title,
        "metadata": {"calibration": sample.calibration},
        "contrast_limits": _range(sample.counts),
    }
    return [(sample.counts, shared | counts, "image"), (sample.truth, shared | truth, "image")]


filaments = partial(open_sample, "filaments")
nuclei = partial(open_sample, "nuclei")
membranes = partial(open_sample, "membranes")
stack = partial(open_sample, "stack")
timelapse = partial(open_sample, "timelapse")


def _layer(
    image: ImageFile, levels: list[Any], axes: str, name: str, metadata: dict[str, Any]
) -> LayerData:
    """Describe a layer; one of several resolutions shows each where it will do."""
    if image.ome is not None:
        metadata["ome"] = image.ome
    if image.recipe is not None:
        metadata["recipe"] = image.recipe
        if image.recipe.get("units") == "photons":
            relative = replace(IN_PHOTONS, relative=True)
            metadata["calibration"] = relative if _is_relative(image.recipe) else IN_PHOTONS
    attributes = {"name": name, "metadata": metadata, **_place(axes, image.pixel_size)}
    attributes |= _contrast(levels)
    if len(levels) > 1:
        return levels, attributes | {"multiscale": True}, "image"
    return levels[0], attributes, "image"


def _contrast(levels: Sequence[Any]) -> dict[str, Any]:
    """Return contrast limits of what is too large for napari to find them at once.

    It would read three whole planes, and of a file whose chunks are many planes deep those, too.
    """
    if prod(levels[0].shape) * levels[0].dtype.itemsize < LARGE:
        return {}
    window = [slice(size // 2, size // 2 + 1) for size in levels[-1].shape]
    for dim in (-2, -1):
        middle = levels[-1].shape[dim] // 2
        window[dim] = slice(max(0, middle - LOOKED // 2), middle + LOOKED // 2)
    pixels = np.asarray(levels[-1][tuple(window)])
    low, high = np.nanmin(pixels), np.nanmax(pixels)
    # Where there is nothing in the middle, napari may find more.
    return {"contrast_limits": _range(pixels)} if low < high else {}


def _is_relative(recipe: dict[str, Any]) -> bool:
    """Whether the photons of a result are proportional numbers only, as its recipe says."""
    calibration = recipe.get("calibration")
    facts = calibration.get("facts") if isinstance(calibration, dict) else None
    return isinstance(facts, dict) and facts.get("relative") is True


def _place(axes: str, pixel_size: dict[str, float]) -> dict[str, Any]:
    """Scale, units and labels of a layer, as far as they are known."""
    units = {"T": "second"}
    return {
        "scale": [pixel_size.get(axis, 1.0) for axis in axes],
        "units": [
            units.get(axis, "micrometer") if axis in pixel_size else "pixel" for axis in axes
        ],
        "axis_labels": [LABELS[axis] for axis in axes],
    }


def _range(pixels: Any) -> list[float]:
    """Contrast limits that a few hot pixels do not spoil."""
    low, high = np.nanpercentile(pixels, (0.1, 99.9))
    least = 1 if np.asarray(pixels).dtype.kind in "iu" else 1e-6 * max(abs(float(low)), 1e-30)
    return [float(low), float(max(high, low + least))]
