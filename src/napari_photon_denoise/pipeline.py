"""From an image to its denoised photons, tile by tile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Float32
from napari_photon_denoise.denoiser import Denoiser, Filter, Prepared
from napari_photon_denoise.errors import OutOfMemory, PhotonDenoiseError, TooLarge
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.tally import Tally
from napari_photon_denoise.tiles import (
    SMALLEST_TILE,
    DepthAxis,
    Frame,
    Tile,
    TileQueue,
    frame_index,
    frames,
)

Units = Literal["photons", "counts"]


class Writable(Protocol):
    """What a result is written into: numpy, memory-mapped and zarr arrays do."""

    def __setitem__(self, index: tuple[slice, ...], value: NDArray[Any], /) -> None:
        """Write a block."""


@dataclass(frozen=True)
class Denoised:
    """What a job returns.

    Parameters
    ----------
    data : array of the image's shape
        float32 photons (e-), or grey values in the image's own dtype.
    notes : tuple of str
        What the user should know, a sentence each.
    extras : mapping of str to array
        What the method gives beside, float32 photons (e-), by name.
    """

    data: Any
    notes: tuple[str, ...]
    extras: Mapping[str, Any] = field(default_factory=dict)


def denoise_job(
    photons: Photons,
    denoiser: Denoiser,
    *,
    device: str = "auto",
    tile: int | None = None,
    units: Units = "photons",
    out: Writable | None = None,
    extra_out: Callable[[str], Writable] | None = None,
) -> Job[Denoised]:
    """Denoise an image; times and channels one by one, memory bounded by the tile.

    Parameters
    ----------
    photons : Photons
        The image and its camera.
    denoiser : Denoiser
        The method and its parameters.
    device : {"auto", "cpu", "cuda", "mps"}
        Where to compute; "auto" takes what is fastest for the method.
    tile : int, optional
        Edge of a tile in y and x, px, rounded up to a multiple of 16; None chooses.
    units : {"photons", "counts"}
        float32 photons, or grey values rounded to the image's own dtype.
    out : writable array of the image's shape, optional
        Where the result goes, such as a memory-mapped file; None makes an array.
    extra_out : function of a name, optional
        Returns where an extra result goes; None makes arrays.

    Returns
    -------
    Denoised
        Through the generator's return value.

    Raises
    ------
    PhotonDenoiseError
        For NaN in the image, and a tile that can't be.
    TooLarge
        If the result does not fit in memory and no `out` was given.
    OutOfMemory
        If the device can't hold even the smallest tile.
    """
    if tile is not None and tile < SMALLEST_TILE:
        raise PhotonDenoiseError(f"The tile must be at least {SMALLEST_TILE} px, not {tile}.")
    result = _empty(photons.shape, result_dtype(photons, units)) if out is None else out
    denoiser = denoiser.resolved(photons)
    function = yield from denoiser.prepare(photons, device)
    extras = _make_extras(function, photons, extra_out)

    depth = denoiser.depth_axis
    shape = (photons.sizes.get(depth, 1), photons.sizes["Y"], photons.sizes["X"])
    queue = TileQueue(frames(photons.sizes, depth), shape, denoiser.halo, tile)
    tally = Tally(photons.ceiling)
    if isinstance(function, Prepared):
        for number, sentence in enumerate(function.notes):
            tally.add_note(f"method {number}", sentence)
    yield from _check_orientation(photons, tally)
    while queue:
        done = queue.total - len(queue)
        yield Progress(f"Denoising tile {done + 1} of {queue.total}", done, queue.total)
        frame, part = queue.take()
        try:
            clean = _denoise_tile(photons, function, frame, part, tally, depth)
        except OutOfMemory:
            queue.halve(frame, part)
            tally.add_note(
                "memory",
                "The GPU ran out of memory, so tiles were made smaller, "
                f"{queue.size[1]}×{queue.size[2]} px in the end; the result is the same.",
            )
            continue
        target = frame_index(photons.axes, frame, part.core, depth)
        clean, *others = clean.reshape(-1, *(side.stop - side.start for side in target))
        for name, values in zip(extras, others, strict=True):
            extras[name][target] = values
        if units == "counts":
            grey = photons.calibration.to_counts(clean, target[-2], target[-1])
            result[target] = tally.as_dtype(grey, result_dtype(photons, units))
        else:
            result[target] = clean
    yield Progress("Done", queue.total, queue.total)
    return Denoised(result, tally.notes(), extras)


def _make_extras(
    function: Filter, photons: Photons, extra_out: Callable[[str], Writable] | None
) -> dict[str, Writable]:
    """Room for what the method gives beside the denoised image, by name."""
    names = function.extras if isinstance(function, Prepared) else ()
    if extra_out is not None:
        return {name: extra_out(name) for name in names}
    return {name: _empty(photons.shape, np.dtype(np.float32)) for name in names}


def _check_orientation(photons: Photons, tally: Tally) -> Job[None]:
    """Say so where a camera's maps fit a film only when they are turned."""
    from napari_photon_denoise.camera.orientation import FEWEST_FRAMES, orientation_job

    has_map = isinstance(photons.calibration.read_noise, np.ndarray)
    if has_map and photons.sizes.get("T", 1) >= FEWEST_FRAMES:
        found = yield from orientation_job(photons.data, photons.axes, photons.calibration)
        if found.wrong:
            tally.add_note("orientation", found.sentence)


def result_dtype(photons: Photons, units: Units) -> np.dtype[Any]:
    """Return float32 for photons, the image's own dtype for counts."""
    return np.dtype(np.float32 if units == "photons" else photons.data.dtype)


def _denoise_tile(
    photons: Photons,
    function: Filter,
    frame: Frame,
    part: Tile,
    tally: Tally,
    depth: DepthAxis,
) -> Float32:
    """Core of one tile, ``(Z, Y, X)`` or with extras ``(1 + extras, Z, Y, X)`` float32, e-."""
    index = frame_index(photons.axes, frame, part.read, depth)
    counts = photons.counts(index)
    counts = counts.reshape([side.stop - side.start for side in part.read])
    block = photons.calibration.to_photons(counts, index[-2], index[-1])
    if isinstance(function, Prepared) and function.all_results is not None:
        function = function.all_results
    clean = function(block, photons.read_noise(index))[(..., *part.inner)]
    tally.see(counts[part.inner])
    return clean


def _empty(shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Room for the result, refused while there is still memory to say so."""
    import psutil

    needed = prod(shape) * dtype.itemsize
    available = psutil.virtual_memory().available
    if needed > 0.9 * available:
        raise TooLarge(
            f"The result needs {needed / 1e9:.1f} GB and {available / 1e9:.1f} GB of memory are "
            "free: use the command line, 'photon-denoise denoise IN -o OUT.ome.tif', which "
            "writes to disk tile by tile."
        )
    return np.empty(shape, dtype)
