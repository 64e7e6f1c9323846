"""From an image to its denoised photons, tile by tile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any, Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.denoiser import Denoiser, Filter, Method, Prepared
from napari_photon_denoise.errors import PhotonDenoiseError, TooLarge
from napari_photon_denoise.job import Job, Progress
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.tally import Seen, say_coarse, say_seen
from napari_photon_denoise.tile_task import TileRunner, TileTask, run_here
from napari_photon_denoise.tile_words import say_place
from napari_photon_denoise.tiles import (
    SMALLEST_TILE,
    DepthAxis,
    TileQueue,
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
    camera : Calibration, optional
        Through which the image was seen.
    method : Method, optional
        With everything decided, where the device decided something.
    """

    data: Any
    notes: tuple[str, ...]
    extras: Mapping[str, Any] = field(default_factory=dict)
    camera: Calibration | None = None
    method: Method | None = None


@dataclass(frozen=True)
class RegionProgress(Progress):
    """Progress of a region, with what was done last.

    Parameters
    ----------
    place : tuple of slice, one an axis
        Where in the image it belongs; empty before the first tile.
    image : array, optional
        float32 photons (e-), or grey values in the image's own dtype.
    """

    place: tuple[slice, ...] = ()
    image: NDArray[Any] | None = None


@dataclass(frozen=True)
class TileProgress(Progress):
    """How many tiles are done: what comes before, such as loading, is no measure of the time."""


def denoise_job(
    photons: Photons,
    denoiser: Denoiser,
    *,
    device: str = "auto",
    tile: int | None = None,
    units: Units = "photons",
    out: Writable | None = None,
    extra_out: Callable[[str], Writable] | None = None,
    run_tiles: TileRunner | None = None,
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
    run_tiles : TileRunner, optional
        Who runs the tiles; None is this thread.

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
    check_wishes(units, tile)
    result = _empty(photons.shape, result_dtype(photons, units)) if out is None else out
    denoiser = denoiser.resolved(photons)
    prepared = Prepared.of((yield from denoiser.prepare(photons, device)))
    make = extra_out or (lambda _: _empty(photons.shape, np.dtype(np.float32)))
    extras = {name: make(name) for name in prepared.extras}
    said = yield from orientation_notes_job(photons)

    depth = denoiser.depth_axis
    queue = tiles_of(photons, whole(photons.shape), denoiser, tile)
    task = TileTask(photons, prepared.results, depth, _grey(photons, units))
    first, seen = queue.size, Seen()
    yield _tile_progress(queue, photons, depth)
    for done in (run_tiles or run_here)(task, queue):
        result[done.place] = done.image
        for name, values in zip(extras, done.extras, strict=True):
            extras[name][done.place] = values
        seen += done.seen
        if len(queue):
            yield _tile_progress(queue, photons, depth)
    yield TileProgress("Done", queue.total, queue.total)
    if queue.size != first:
        said.append(
            "The GPU ran out of memory, so tiles were made smaller, "
            f"{queue.size[1]}×{queue.size[2]} px in the end; the result is the same."
        )
    said += say_seen(seen, photons.ceiling)
    said += say_coarse(seen, float(np.mean(photons.calibration.offset)), _grey(photons, units))
    notes = (*prepared.notes, *said)
    return Denoised(result, notes, extras, photons.calibration, prepared.method)


def denoise_region_job(
    photons: Photons,
    denoiser: Denoiser,
    region: tuple[slice, ...],
    function: Filter,
    *,
    units: Units = "photons",
    tile: int | None = None,
) -> Job[Denoised]:
    """Denoise a region from its middle outwards, to the values that the whole image would have.

    Each step is a `RegionProgress` that brings the tile.

    Parameters
    ----------
    photons : Photons
        The image; of it the region is read, and the halo around.
    denoiser : Denoiser
        That is resolved.
    region : tuple of slice
        One an axis, with start and stop.
    function : Filter
        What the method prepared for the whole image.
    units, tile
        As for `denoise_job`.

    Returns
    -------
    Denoised
        Of the region's shape, with what the method has to say about the image; no extras.

    Raises
    ------
    PhotonDenoiseError
        As `denoise_job`.
    """
    prepared = Prepared.of(function)
    shape = tuple(part.stop - part.start for part in region)
    result = np.empty(shape, result_dtype(photons, units))
    queue = tiles_of(photons, region, denoiser, tile)
    queue.begin_in_the_middle()
    task = TileTask(photons, prepared.function, denoiser.depth_axis, _grey(photons, units))
    yield RegionProgress("Denoising the region", 0, queue.total)
    for done in run_here(task, queue):
        result[relative(done.place, region)] = done.image
        number = queue.total - len(queue)
        yield RegionProgress("Denoising the region", number, queue.total, done.place, done.image)
    return Denoised(result, prepared.notes)


def _tile_progress(queue: TileQueue, photons: Photons, depth: DepthAxis) -> TileProgress:
    text = f"Denoising {say_place(queue.next(), photons.sizes, depth)}"
    return TileProgress(text, queue.total - len(queue), queue.total)


def check_wishes(units: Units, tile: int | None) -> None:
    """Refuse units that there are not, and a tile that can't be.

    Raises
    ------
    PhotonDenoiseError
    """
    if units not in get_args(Units):
        raise PhotonDenoiseError(f"There are no units '{units}': choose photons or counts.")
    if tile is not None and tile < SMALLEST_TILE:
        raise PhotonDenoiseError(f"The tile must be at least {SMALLEST_TILE} px, not {tile}.")


def check_answered(photons: Photons, denoiser: Denoiser) -> None:
    """Refuse to look across planes of which nobody said what they are.

    Raises
    ------
    PhotonDenoiseError
    """
    planes = photons.sizes.get(denoiser.depth_axis, 1)
    if photons.unanswered and denoiser.halo[0] > 0 and planes > 1:
        raise PhotonDenoiseError(
            "Nothing tells what the planes of the image are, and the method looks from one to the "
            "next: name the axes first, such as TZYX."
        )


def tiles_of(
    photons: Photons, region: tuple[slice, ...], denoiser: Denoiser, edge: int | None
) -> TileQueue:
    """Cut a region of an image into the tiles that are done one by one.

    Parameters
    ----------
    photons : Photons
    region : tuple of slice
        One an axis, with start and stop.
    denoiser : Denoiser
        That is resolved.
    edge : int, optional
        Of a tile in y and x, px; None chooses.

    Raises
    ------
    PhotonDenoiseError
        If the method looks across planes of which nobody said what they are.
    """
    check_answered(photons, denoiser)
    return TileQueue.of(photons.sizes, region, denoiser.halo, denoiser.depth_axis, edge)


def pixels_read(
    photons: Photons,
    denoiser: Denoiser,
    tile: int | None = None,
    region: tuple[slice, ...] | None = None,
) -> int:
    """Return the pixels of all tiles with what is read around them: what the time goes with.

    Parameters
    ----------
    photons, tile
        As for `denoise_job`.
    denoiser : Denoiser
        That is resolved.
    region : tuple of slice, optional
        One an axis; None is all of the image.
    """
    sides = dict(zip(photons.axes, region or whole(photons.shape), strict=True))
    # One frame is cut like another.
    inside = (denoiser.depth_axis, "Y", "X")
    frames = prod(side.stop - side.start for axis, side in sides.items() if axis not in inside)
    first = tuple(
        side if axis in inside else slice(side.start, side.start + 1)
        for axis, side in sides.items()
    )
    queue = tiles_of(photons, first, denoiser, tile)
    pixels = 0
    while len(queue):
        _, part = queue.take()
        pixels += prod(side.stop - side.start for side in part.read)
    return int(frames * pixels)


def whole(shape: tuple[int, ...]) -> tuple[slice, ...]:
    """Return the region that is all of an image."""
    return tuple(slice(0, size) for size in shape)


def relative(place: tuple[slice, ...], region: tuple[slice, ...]) -> tuple[slice, ...]:
    """Return where in a region a place of the image is."""
    return tuple(
        slice(side.start - part.start, side.stop - part.start)
        for side, part in zip(place, region, strict=True)
    )


def orientation_notes_job(photons: Photons) -> Job[list[str]]:
    """Say so where a camera's maps fit a film only when they are turned."""
    from napari_photon_denoise.camera.orientation import FEWEST_FRAMES, orientation_job

    has_map = isinstance(photons.calibration.read_noise, np.ndarray)
    if not has_map or photons.sizes.get("T", 1) < FEWEST_FRAMES:
        return []
    found = yield from orientation_job(photons.data, photons.axes, photons.calibration)
    return [found.sentence] if found.wrong else []


def _grey(photons: Photons, units: Units) -> np.dtype[Any] | None:
    """Return the dtype of grey values, where they are wanted."""
    return None if units == "photons" else result_dtype(photons, units)


def result_dtype(photons: Photons, units: Units) -> np.dtype[Any]:
    """Return float32 for photons, the image's own dtype for counts."""
    return np.dtype(np.float32 if units == "photons" else photons.data.dtype)


def _empty(shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Room for the result, refused while there is still memory to say so."""
    import psutil

    needed = prod(shape) * dtype.itemsize
    available = psutil.virtual_memory().available
    if needed > 0.9 * available:
        raise TooLarge(
            f"The result needs {needed / 1e9:.1f} GB and {available / 1e9:.1f} GB of memory are "
            "free"
        )
    return np.empty(shape, dtype)
