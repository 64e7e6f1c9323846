"""The part of a layer that the user sees, and its denoised pixels alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod, sqrt
from typing import Any

import numpy as np
from napari.layers import Image

from napari_photon_denoise.block_task import in_memory
from napari_photon_denoise.denoiser import Filter
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Job, relabelled
from napari_photon_denoise.pipeline import Denoised, denoise_region_job
from napari_photon_denoise.widgets.parts.layers import full_data
from napari_photon_denoise.widgets.parts.task import Task

MOST_PIXELS = 2**20  # what a screen shows; enough to judge by, and soon done
TILE = 512  # px; small enough that a preview that is out of date stops soon

Region = tuple[slice, ...]


def camera_of(viewer: Any) -> Any:
    """Return the viewer's camera, which moved to its scene in napari 0.9."""
    return viewer.scene.camera if hasattr(viewer, "scene") else viewer.camera


def visible_region(viewer: Any, layer: Image, most: int = MOST_PIXELS) -> Region:
    """Pixels of a layer that are on the screen; if they are too many, those around its centre.

    Parameters
    ----------
    viewer : napari.Viewer
    layer : Image
    most : int
        Pixels, which are not exceeded.

    Returns
    -------
    tuple of slice, one a dimension
        Of length 1 along dimensions that are not displayed.

    Raises
    ------
    PhotonDenoiseError
        If the view is 3-D, or shows another place than the layer's.
    """
    if viewer.dims.ndisplay != 2:
        raise PhotonDenoiseError("The preview shows one plane: leave the 3-D view for it.")
    shape = full_data(layer).shape
    ahead = viewer.dims.ndim - len(shape)
    displayed = [dim - ahead for dim in viewer.dims.displayed if dim >= ahead]
    if len(displayed) != 2:
        raise PhotonDenoiseError("The preview needs two dimensions of the image on the screen.")
    coarse = np.asarray(layer.corner_pixels, dtype=float)
    # A pixel of a coarse level covers several: to the first of one, from the last of the other.
    low, high = coarse[0] * _magnification(layer), (coarse[1] + 1) * _magnification(layer) - 1
    point = list(viewer.dims.point)
    for dim, centre in zip(viewer.dims.displayed, camera_of(viewer).center[-2:], strict=True):
        point[dim] = centre
    at = np.rint(layer.world_to_data(point)).astype(int)
    region = [slice(index, index + 1) for index in at]
    for dim, side in zip(displayed, _sides(low, high, shape, displayed, most), strict=True):
        region[dim] = _around(at[dim], side, low[dim], high[dim], shape[dim])
    if not all(0 <= part.start < size for part, size in zip(region, shape, strict=True)):
        raise PhotonDenoiseError("The image is not on the screen here: move to one of its planes.")
    return tuple(region)


def region_job(task: Task, region: Region, function: Filter) -> Job[Denoised]:
    """Denoise a region of a task's layer, to the same values as the whole would have there.

    The halo around it is read too. Each step is a `RegionProgress`, with the tile that is done.

    Parameters
    ----------
    task : Task
        That is resolved.
    region : tuple of slice
    function : Filter
        What the task's method prepared for the whole image.

    Returns
    -------
    Denoised
        Of the region's shape: float32 photons (e-), or grey values of the image's dtype, as
        the task says; with what the method has to say about the image.
    """
    # Once, for all tiles: of chunks that are many planes deep, each would read the same again.
    photons = in_memory(task.photons, task.denoiser, region)
    job = denoise_region_job(photons, task.denoiser, region, function, units=task.units, tile=TILE)
    return relabelled(job, lambda step: replace(step, text="Computing the preview"))


def missing_parts(region: Region, known: Region) -> list[Region]:
    """Cut what a region has beyond another one into as few regions as it takes."""
    both = [
        slice(max(one.start, other.start), min(one.stop, other.stop))
        for one, other in zip(region, known, strict=True)
    ]
    if any(part.start >= part.stop for part in both):
        return [region]
    parts, rest = [], list(region)
    for dim, (part, side) in enumerate(zip(both, region, strict=True)):
        for start, stop in ((side.start, part.start), (part.stop, side.stop)):
            if start < stop:
                parts.append((*rest[:dim], slice(start, stop), *rest[dim + 1 :]))
        rest[dim] = part
    return parts


def size_of(region: Region) -> int:
    """Return how many pixels a region has."""
    return prod(part.stop - part.start for part in region)


def _magnification(layer: Image) -> Any:
    """Pixels at full resolution for one at the level that is shown."""
    if not layer.multiscale:
        return np.ones(layer.ndim)
    return np.asarray(layer.downsample_factors[layer.data_level])


def _sides(
    low: Any, high: Any, shape: Sequence[int], displayed: Sequence[int], most: int
) -> list[int]:
    """Height and width of the region: what is visible, shrunk alike if that is too much."""
    seen = [min(shape[dim], int(high[dim] - low[dim]) + 1) for dim in displayed]
    shrink = min(1.0, sqrt(most / (seen[0] * seen[1])))
    return [max(1, int(side * shrink)) for side in seen]


def _around(centre: int, side: int, low: float, high: float, size: int) -> slice:
    """Range of a length around a centre, as far as it fits into what is visible."""
    last = min(size, int(high) + 1) - side
    start = max(int(low), min(centre - side // 2, last))
    start = max(0, min(start, size - side))
    return slice(start, start + side)
