"""A region of an image, and what a method reads around it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.evaluation.method_run import Runnable
from napari_photon_denoise.metrics.thinning import Thinned
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.tiles import STEP

Region = tuple[slice, ...]


def check_region(photons: Photons, region: Region) -> None:
    """Refuse a region that does not lie within the image.

    Raises
    ------
    PhotonDenoiseError
    """
    inside = len(region) == len(photons.shape) and all(
        0 <= part.start < part.stop <= size
        for part, size in zip(region, photons.shape, strict=True)
    )
    if not inside:
        raise PhotonDenoiseError(
            f"The region does not lie within the image of {photons.shape} pixels: move the view "
            "to the image."
        )


def surroundings(photons: Photons, region: Region, method: Runnable) -> Region:
    """Return what must be read for a region to come out as it does in the whole image.

    That is the region and the method's halo; more where the method pools, whose blocks begin
    and end at multiples of `STEP`.

    Parameters
    ----------
    photons : Photons
        The whole image.
    region : tuple of slice
    method : Denoiser, or function ``(photons, read_noise) -> photons``
        A function sees the region alone.
    """
    if callable(method):
        return region
    lengths = (method.depth_axis, "Y", "X")
    reach = dict(zip(lengths, method.halo, strict=True))
    steps = dict(zip(lengths, STEP, strict=True))
    return tuple(
        _widened(part, size, reach.get(axis, 0), steps.get(axis, 1))
        for part, (axis, size) in zip(region, photons.sizes.items(), strict=True)
    )


def hull(regions: Iterable[Region]) -> Region:
    """Return the smallest region that holds all of them."""
    return tuple(
        slice(min(part.start for part in parts), max(part.stop for part in parts))
        for parts in zip(*regions, strict=True)
    )


def within(inner: Region, outer: Region) -> Region:
    """Return a region as seen from the first pixel of one that holds it."""
    return tuple(
        slice(part.start - whole.start, part.stop - whole.start)
        for part, whole in zip(inner, outer, strict=True)
    )


def cut(photons: Photons, region: Region) -> Photons:
    """Read a region of an image, with its part of the camera's maps.

    Raises
    ------
    PhotonDenoiseError
        If it holds NaN or infinite values.
    """
    y, x = region[-2], region[-1]
    camera = photons.calibration.crop(y.start, x.start, y.stop - y.start, x.stop - x.start)
    return replace(photons, data=photons.counts(region), calibration=camera)


def cut_thinned(thinned: Thinned, region: Region) -> Thinned:
    """Return a region of an image whose photons were sorted into two."""
    return replace(
        thinned,
        kept=thinned.kept[region],
        held=thinned.held[region],
        read_noise=_cut_map(thinned.read_noise, region),
        extra=_cut_map(thinned.extra, region),
    )


def stack_thinned(parts: Sequence[Thinned]) -> Thinned:
    """See several drawings of the same image as one: figures of it are means over them."""
    return replace(
        parts[0],
        kept=np.stack([part.kept for part in parts]),
        held=np.stack([part.held for part in parts]),
    )


def _widened(part: slice, size: int, reach: int, step: int) -> slice:
    start, stop = part.start, part.stop
    if reach and reach % step == 0:
        start, stop = start - start % step, -(-stop // step) * step
    return slice(max(0, start - reach), min(size, stop + reach))


def _cut_map(values: Any, region: Region) -> Any:
    """Cut what is one number or one for each pixel of a plane."""
    return values[region[-2:]] if isinstance(values, np.ndarray) and values.ndim else values
