"""Which resolutions an image has: how many pixels each takes together; no files."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from napari_photon_denoise.axes import AXES

PLANE = 512  # px, what a plane of the smallest resolution fits into
VOLUME_BYTES = 2**26  # viewers load all of the smallest volume

Spans = tuple[int, ...]


def plan_spans(
    sizes: Mapping[str, int], itemsize: int, pixel_size: Mapping[str, float]
) -> tuple[Spans, ...]:
    """Choose the resolutions of an image.

    From one to the next, those of z, y and x are halved whose pixels are smaller than twice the
    smallest ones, so that voxels become about as deep as they are wide, and stay so. Where sizes
    are not known they are taken as equal. There are as many resolutions as it takes until a plane
    fits into 512 × 512 px, and a volume into 64 MiB.

    Parameters
    ----------
    sizes : mapping of axis letter to int
        Of the image, in the order of its axes.
    itemsize : int
        Bytes of a value.
    pixel_size : mapping
        Of "Z", "Y", "X" in µm, where it is known.

    Returns
    -------
    tuple of tuple of int
        For each resolution, the full one first, how many of the image's pixels one of its pixels
        spans along each axis.
    """
    spans = [dict.fromkeys(sizes, 1)]
    lengths = {axis: sizes[axis] for axis in sizes if axis in AXES[2:]}
    known = all(axis in pixel_size for axis in lengths)
    steps = {axis: pixel_size[axis] if known else 1.0 for axis in lengths}
    while (
        max(lengths["Y"], lengths["X"]) > PLANE or prod(lengths.values()) * itemsize > VOLUME_BYTES
    ):
        long = {axis: steps[axis] for axis in lengths if lengths[axis] > 1}
        halved = [axis for axis, step in long.items() if step < 2 * min(long.values())]
        for axis in halved:
            lengths[axis] = -(-lengths[axis] // 2)
            steps[axis] *= 2
        spans.append({axis: span * (1 + (axis in halved)) for axis, span in spans[-1].items()})
    return tuple(tuple(one.values()) for one in spans)
