"""Stacks of frames from whatever holds them: arrays, lazy arrays, iterables, files, folders."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from math import prod
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.errors import PhotonDenoiseError, UnreadableFile
from napari_photon_denoise.labelled import is_labelled, planes_last

# An (N, Y, X) array, an iterable of (Y, X) frames, a file, a folder, or a list of files.
StackLike: TypeAlias = Any
Counts = NDArray[np.uint16]

BLOCK_BYTES = 8 * 2**20
# A camera's first frame after a pause is often darker or brighter; a longer series can
# spare it, in a shorter one each frame counts.
SPARES_FIRST = 4


@dataclass(eq=False)
class Stack:
    """Frames that can be read once, in order.

    Parameters
    ----------
    name : str
        For people: "dark", "flat 2".
    shape : tuple of int
        ``(Y, X)``.
    length : int or None
        Number of frames; None where only reading tells.
    frames : callable
        Makes an iterator over arrays ``(Y, X)`` or ``(F, Y, X)`` of any dtype.
    files : tuple of Path
        The files behind it.
    digests : dict
        SHA-256 of each file, filled in as the files are read.
    """

    name: str
    shape: tuple[int, int]
    length: int | None
    frames: Callable[[], Iterator[Any]]
    files: tuple[Path, ...] = ()
    digests: dict[str, str] = field(default_factory=dict)

    def blocks(self, drop_first: bool) -> Iterator[Counts]:
        """Read blocks ``(F, Y, X)`` uint16, ADU, of some 8 MB, each in the place of the last.

        Parameters
        ----------
        drop_first : bool
            Leave out the first frame, if there are at least four.

        Raises
        ------
        PhotonDenoiseError
            For frames of different shapes, and values that are no camera's counts.
        """
        frames = chain.from_iterable(self._planes(part) for part in self.frames())
        long = self.length is not None and self.length >= SPARES_FIRST
        if drop_first and long:
            next(frames, None)
        elif drop_first and self.length is None:
            opening = list(islice(frames, SPARES_FIRST))
            frames = chain(_emptying(opening, len(opening) == SPARES_FIRST), frames)
        buffer = np.empty((max(1, BLOCK_BYTES // (2 * prod(self.shape))), *self.shape), np.uint16)
        filled = 0
        for plane in frames:
            buffer[filled] = plane
            filled += 1
            if filled == len(buffer):
                yield buffer
                filled = 0
        if filled:
            yield buffer[:filled]

    def _planes(self, part: Any) -> Iterator[Counts]:
        array = np.asarray(part)
        if array.ndim == 2:
            array = array[np.newaxis]
        if array.shape[1:] != self.shape:
            raise PhotonDenoiseError(
                f"A frame of the {self.name} has the shape {array.shape[1:]}, the others "
                f"{self.shape}: take frames of one camera, region and binning."
            )
        yield from as_counts(array, self.name)


def open_stack(source: StackLike, name: str) -> Stack:
    """Make a stack of whatever holds frames; reads no pixels of arrays and files.

    Parameters
    ----------
    source : array, iterable, path or list of paths
        ``(N, Y, X)`` counts, ADU: a numpy, dask or zarr array, or one of xarray, whose
        dimensions are known by name; an iterable of ``(Y, X)``
        frames, which is read once; a multi-page file, a folder or pattern of files, or a
        list of files.
    name : str
        What errors call it.

    Raises
    ------
    PhotonDenoiseError
        If it is nothing of these.
    UnreadableFile
        If a file is missing or damaged.
    """
    if isinstance(source, Stack):
        return source
    if isinstance(source, (str, Path)):
        return _of_files([source], name)
    if isinstance(source, (list, tuple)) and source:
        if all(isinstance(item, (str, Path)) for item in source):
            return _of_files(source, name)
        return _of_frames(source, name, len(source))
    if is_labelled(source):
        return _of_array(planes_last(source), name)
    if hasattr(source, "shape") and hasattr(source, "dtype"):
        return _of_array(source, name)
    if isinstance(source, Iterable):
        return _of_frames(source, name, None)
    raise PhotonDenoiseError(
        f"The {name} is a {type(source).__name__}: give an (N, Y, X) array, frames, files or "
        "a folder."
    )


def is_list_of_stacks(source: StackLike) -> bool:
    """Tell a list of stacks from a list of frames or of files of one stack."""
    if not isinstance(source, (list, tuple)) or not source:
        return False
    if all(isinstance(item, (str, Path)) for item in source):
        return any(Path(item).is_dir() for item in source)
    return any(not hasattr(item, "ndim") or item.ndim != 2 for item in source)


def as_counts(array: NDArray[Any], name: str) -> Counts:
    """Return the array as uint16 counts, ADU, or say why it can't be a camera's.

    Raises
    ------
    PhotonDenoiseError
        For NaN, fractions, negative values and values beyond 16 bits.
    """
    if array.dtype == np.uint16:
        return array
    if array.dtype.kind not in "uif":
        raise PhotonDenoiseError(
            f"The {name} holds {array.dtype} values: calibration needs the camera's raw counts."
        )
    if array.dtype == np.uint8:
        return array.astype(np.uint16)
    if array.dtype.kind == "f":
        if not np.isfinite(array).all():
            raise PhotonDenoiseError(
                f"The {name} holds NaN or infinite values: take the raw frames as the camera "
                "wrote them."
            )
        if (array != np.rint(array)).any():
            raise PhotonDenoiseError(
                f"The {name} holds fractions of counts, so it was averaged or processed: take "
                "the raw frames, whose noise calibration measures."
            )
    low, high = array.min(), array.max()
    if low < 0:
        raise PhotonDenoiseError(
            f"The {name} holds negative counts ({low}): take the raw frames, without any "
            "background subtracted."
        )
    if high > 65535:
        raise PhotonDenoiseError(
            f"The {name} holds counts up to {high}, beyond 16 bits, so frames were summed or "
            "scaled: take the raw frames."
        )
    return array.astype(np.uint16)


def _of_array(array: Any, name: str) -> Stack:
    if len(array.shape) < 3 or 0 in array.shape:
        raise PhotonDenoiseError(
            f"The {name} has the shape {tuple(array.shape)}: give a stack (N, Y, X) of at least "
            "two frames taken alike."
        )
    leading = array.shape[:-2]
    count = int(np.prod(leading))
    shape = (int(array.shape[-2]), int(array.shape[-1]))
    step = max(1, BLOCK_BYTES // (2 * prod(shape)))

    def frames() -> Iterator[Any]:
        if len(leading) == 1:
            for start in range(0, count, step):
                yield _read(array[start : start + step])
        else:
            for place in np.ndindex(*leading):
                yield _read(array[place])

    return Stack(name, shape, count, frames)


def _of_frames(frames: Iterable[Any], name: str, length: int | None) -> Stack:
    iterator = (planes_last(frame) if is_labelled(frame) else frame for frame in frames)
    try:
        first = np.asarray(next(iterator))
    except StopIteration:
        raise PhotonDenoiseError(f"The {name} holds no frame: give at least two.") from None
    if first.ndim not in (2, 3):
        raise PhotonDenoiseError(
            f"A frame of the {name} has the shape {first.shape}: frames are (Y, X)."
        )
    if first.ndim == 3:
        length = None
    whole = chain(_emptying([first]), iterator)
    return Stack(name, (first.shape[-2], first.shape[-1]), length, lambda: whole)


def _of_files(sources: Sequence[str | Path], name: str) -> Stack:
    from napari_photon_denoise.io import find_images, read

    files = find_images(sources)
    with read(files[0]) as image:
        shape = (int(image.data.shape[-2]), int(image.data.shape[-1]))
        pages = int(np.prod(image.data.shape[:-2]))
    # What the other files hold, only reading tells; single planes are the rule.
    length = pages if len(files) == 1 else len(files) if pages == 1 else None
    digests: dict[str, str] = {}

    def frames() -> Iterator[Any]:
        for path in files:
            if not path.exists():
                raise UnreadableFile(
                    f"{path.name} of the {name} vanished while it was needed: put it back and "
                    "calibrate again."
                )
            with read(path) as image:
                part = _of_array(image.data, name) if image.data.ndim > 2 else None
                yield from part.frames() if part else [_read(image.data)]
            digests[str(path)] = _digest(path)

    return Stack(name, shape, length, frames, tuple(files), digests)


def missing_numbers(files: Sequence[Path]) -> list[int]:
    """Numbers that a numbered series of files leaves out."""
    numbers = [re.findall(r"\d+", path.stem) for path in files]
    if len(files) < 3 or any(not found for found in numbers):
        return []
    last = sorted({int(found[-1]) for found in numbers})
    if len(last) < len(files) or last[-1] - last[0] > 2 * len(last):
        return []
    return sorted(set(range(last[0], last[-1] + 1)) - set(last))


def _read(lazy: Any) -> NDArray[Any]:
    """Read part of an array; small parts of a dask array without its threads' overhead."""
    if hasattr(lazy, "dask") and lazy.nbytes <= BLOCK_BYTES:
        return np.asarray(lazy.compute(scheduler="synchronous"))
    return np.asarray(lazy)


def _digest(path: Path) -> str:
    """SHA-256 of a file; of a folder, nothing."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _emptying(items: list[Any], drop_first: bool = False) -> Iterator[Any]:
    """Yield from a list and let go of each item."""
    if drop_first:
        del items[0]
    while items:
        yield items.pop(0)
