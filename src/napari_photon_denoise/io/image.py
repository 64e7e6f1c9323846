"""What a file holds: pixels that are read when they are needed, and what is known of them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from napari_photon_denoise.axes import AXES
from napari_photon_denoise.errors import PhotonDenoiseError, UnreadableFile
from napari_photon_denoise.io.layout import layout
from napari_photon_denoise.io.plausible import check_announced
from napari_photon_denoise.io.stamp import Stamp, check_unchanged, stamp_of

# Planes up to this size are one block each: decoding a whole page is fastest.
BLOCK_BYTES = 64 * 2**20
DEEP_BYTES = 8 * 2**20  # of one that is many planes deep


def _nothing() -> None:
    """Let go of no file."""


@dataclass(frozen=True)
class OmeText:
    """The OME metadata of an image, as a file has it: date, objective, channels, planes."""

    xml: str = field(repr=False)
    image: int = 0
    """Which of the images in it."""
    axes_hold: bool = True
    """False where the user named other axes: then it says nothing of single planes."""
    channels: tuple[int, ...] | None = None
    """Which of its channels the image has; None of all."""


@dataclass(frozen=True, eq=False)
class ImageFile:
    """An image in a file, its pixels still there.

    Close it, or use it in a `with`, to let go of the file: Windows deletes no open file.
    Pixels asked for after that open it again.
    """

    data: Any
    """`(T, C, Z, Y, X)`, or those of them that `axes` names; dask array of any integer or
    float dtype, in the file's grey values."""
    axes: str
    """One letter of "TCZYX" per dimension, in that order."""
    pixel_size: dict[str, float]
    """Of "Z", "Y", "X" in µm and of "T" in seconds, where the file knows."""
    channel_names: tuple[str, ...]
    """One per channel, or empty."""
    name: str
    """The file's name without its ending."""
    path: Path
    """The file or the OME-Zarr folder."""
    recipe: dict[str, Any] | None = None
    """The recipe that `write_image` put into the file."""
    notes: tuple[str, ...] = ()
    """What it says and could not be understood, or not taken as it is; a sentence each."""
    ome: OmeText | None = None
    """Its own OME metadata, for `About.ome`."""
    axes_guessed: bool = False
    """True where "T" is a guess: the file is a bare stack of planes, which may be Z."""
    stamp: Stamp | None = None
    """Of the files before any pixel was read of them."""
    release: Callable[[], None] = field(default=_nothing, repr=False)
    """What `close` calls."""
    files: tuple[Path, ...] = ()
    """All that hold its pixels: more than one where it is a data set in several files."""
    coarser: Callable[[], tuple[Any, ...]] = field(default=tuple, repr=False)
    """Opens the smaller resolutions that the file has, the largest first; arrays like `data`."""

    def close(self) -> None:
        """Let go of the file."""
        self.release()

    def check_unchanged(self) -> None:
        """Refuse what was read of a file that was written to meanwhile.

        Raises
        ------
        UnreadableFile
        """
        if self.stamp is not None:
            check_unchanged(shown_name(self.path), self.files, self.stamp)

    def __enter__(self) -> Self:
        """Return the image itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of the file."""
        self.close()


@dataclass(frozen=True, eq=False)
class About:
    """What is written into a file beside the pixels."""

    axes: str
    """One letter of "TCZYX" per dimension, in that order."""
    pixel_size: Mapping[str, float] = field(default_factory=dict)
    """Of "Z", "Y", "X" in µm and of "T" in seconds."""
    channel_names: Sequence[str] = ()
    """One per channel."""
    recipe: dict[str, Any] | None = None
    """What `read` gives back as `recipe`; plain JSON."""
    ome: OmeText | None = None
    """Of the image that this was made of: what still holds of it is written, too."""


@dataclass(frozen=True, eq=False)
class Source:
    """What the reader of one format finds, before axes are settled and put in order."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    chunks: tuple[int, ...]
    """How the file stores the pixels, one length per dimension."""
    axes: str
    """What the file says, one letter per dimension; any letter."""
    pixels: Callable[[tuple[slice, ...]], Any]
    """Reads a block: slices in, array out."""
    pixel_size: dict[str, float] = field(default_factory=dict)
    channel_names: tuple[str, ...] = ()
    recipe: dict[str, Any] | None = None
    written_axes: str | None = None
    """The axes as our own writer got them, singletons included."""
    notes: tuple[str, ...] = ()
    ome: OmeText | None = None
    release: Callable[[], None] = _nothing
    files: tuple[Path, ...] = ()
    """That hold the pixels, where it is more than the one that was named."""
    coarser: Callable[[], tuple[Source, ...]] = tuple
    """Finds its smaller resolutions, the largest first."""


class Blocks:
    """Pixels of a file behind the indexing that dask needs.

    Whatever goes wrong while a block is read becomes an `UnreadableFile` that names the file.
    """

    def __init__(self, path: Path, source: Source) -> None:
        self.shape = source.shape
        self.ndim = len(source.shape)
        self.dtype = source.dtype.newbyteorder("=")
        self._name = shown_name(path)
        self._pixels = source.pixels

    def __getitem__(self, index: tuple[int | slice, ...]) -> np.ndarray[Any, Any]:
        """Read one block, in native byte order."""
        box, rest = _box(index, self.shape)
        try:
            block = np.asarray(self._pixels(box), dtype=self.dtype)
        except (PhotonDenoiseError, MemoryError):
            raise
        except Exception as error:  # the decoders raise whatever they like
            raise UnreadableFile(
                f"{self._name} could not be read to its end ({_brief(error)}): it is damaged, "
                "or was moved or changed meanwhile; check the file and try again."
            ) from error
        if block.shape != tuple(part.stop - part.start for part in box):
            raise UnreadableFile(f"{self._name} was changed while it was being read: try again.")
        return block[rest]


def make_image(path: Path, name: str, source: Source, asked: str | None) -> ImageFile:
    """Put the axes in order, lazily, and refuse what holds no grey values.

    Parameters
    ----------
    path : Path
    name : str
        The file's name without its ending.
    source : Source
        What its reader found.
    asked : str or None
        What the user says of the axes.

    Raises
    ------
    UnreadableFile
        Boolean, complex or no numbers; empty; 1-D; unknown axes.
    PhotonDenoiseError
        `asked` does not fit the file.
    """
    import dask.array as da

    _check_dtype(shown_name(path), source.dtype)
    found = layout(shown_name(path), source.shape, source.axes, asked)
    block, files = _block_shape(source), source.files or (path,)
    check_announced(shown_name(path), source.shape, source.dtype.itemsize, block, files)
    data = da.from_array(
        Blocks(path, source),
        chunks=block,
        name=f"{shown_name(path)}-{uuid.uuid4().hex}",
        meta=np.empty((0,) * len(source.shape), source.dtype.newbyteorder("=")),
    )
    data = data[tuple(0 if i in found.dropped else slice(None) for i in range(data.ndim))]
    axes = "".join(letter for letter in AXES if letter in found.axes)
    data = data.transpose([found.axes.index(letter) for letter in axes])
    if asked is None and source.written_axes is not None:
        data, axes = _with_singletons(data, axes, source.written_axes)
    channels = data.shape[axes.index("C")] if "C" in axes else 1
    return ImageFile(
        data=data,
        axes=axes,
        pixel_size=source.pixel_size,
        channel_names=source.channel_names if len(source.channel_names) == channels else (),
        name=name,
        path=path,
        recipe=source.recipe,
        notes=source.notes,
        ome=_ome(source, found.axes, asked),
        axes_guessed=found.guessed,
        stamp=stamp_of(files),
        release=source.release,
        files=files,
        coarser=lambda: tuple(make_image(path, name, one, asked).data for one in source.coarser()),
    )


def shown_name(path: Path) -> str:
    """Name a file in a sentence; a position with the file that it is in."""
    return f"{path.parent.name}/{path.name}" if path.parent.is_file() else path.name


def _with_singletons(data: Any, axes: str, written: str) -> tuple[Any, str]:
    """Bring back the axes of length 1 that our writer had and the format forgot."""
    if not set(axes) <= set(written):
        return data, axes
    index = tuple(slice(None) if letter in axes else None for letter in written)
    return data[index], written


def _ome(source: Source, axes: str, asked: str | None) -> OmeText | None:
    """Return the file's metadata; what it says of planes holds only on the axes that it names."""
    if source.ome is None or asked is None:
        return source.ome
    said = [letter for letter in source.axes if letter in axes]
    return replace(source.ome, axes_hold="".join(said) == axes)


def _check_dtype(name: str, dtype: np.dtype[Any]) -> None:
    if dtype.kind in "uif":
        return
    kind = {
        "b": "a boolean mask: give the image that it was made from",
        "c": "a complex image: give its magnitude, or the camera's counts",
    }.get(dtype.kind, f"{dtype} instead of numbers: export it again as 16-bit or 32-bit grey")
    raise UnreadableFile(f"{name} holds {kind}.")


def _block_shape(source: Source) -> tuple[int, ...]:
    """Choose dask's blocks: what the file stores as one, grown to whole rows and planes.

    What is stored many planes deep is read as deep for each plane and each tile: it grows little.
    """
    block = [max(1, min(c, n)) for c, n in zip(source.chunks, source.shape, strict=True)]
    if prod(block[:-2]) > 1:
        return _square(block, source)
    for axis in reversed(range(max(0, len(block) - 2), len(block))):
        room = BLOCK_BYTES // max(1, prod(block) * source.dtype.itemsize)
        block[axis] = min(source.shape[axis], block[axis] * max(1, room))
    return tuple(block)


def _square(block: list[int], source: Source) -> tuple[int, ...]:
    """Double the shorter side in the plane as long as there is room."""
    while prod(block) * source.dtype.itemsize * 2 <= DEEP_BYTES:
        short = [at for at in (-2, -1) if block[at] < source.shape[at]]
        if not short:
            break
        at = min(short, key=lambda side: block[side])
        block[at] = min(source.shape[at], 2 * block[at])
    return tuple(block)


def _box(
    index: tuple[int | slice, ...], shape: tuple[int, ...]
) -> tuple[tuple[slice, ...], tuple[int | slice, ...]]:
    """Split an index into the box around it, which every format can read, and the rest.

    dask hands its own slicing down, with numbers and with steps of either sign.
    """
    box: list[slice] = []
    rest: list[int | slice] = []
    for part, length in zip(index, shape, strict=True):
        at = range(*part.indices(length)) if isinstance(part, slice) else range(part, part + 1)
        box.append(slice(min(at), max(at) + 1) if at else slice(0, 0))
        rest.append(slice(None, None, at.step) if isinstance(part, slice) else 0)
    return tuple(box), tuple(rest)


def _brief(error: Exception) -> str:
    """Return the first line of an error, short enough for a sentence."""
    lines: Sequence[str] = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:120]
