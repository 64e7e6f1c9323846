"""Pixels of a file as dask needs them: in the order of the image's axes, block by block."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, prod
from typing import Any

import numpy as np

from napari_photon_denoise.errors import PhotonDenoiseError, UnreadableFile

# Planes up to this size are one block each: decoding a whole page is fastest.
BLOCK_BYTES = 64 * 2**20
# Of more blocks than this, several are one: dask takes 20 µs for each whenever it is asked for any.
MOST_BLOCKS = 2000


class Blocks:
    """Pixels of a file behind the indexing that dask needs.

    The axes are put in order here, not by dask, which then hands slicing down to the file: of a
    large block no more is read than is asked for. Whatever goes wrong while a block is read becomes
    an `UnreadableFile` that names the file.

    Parameters
    ----------
    name : str
        What errors call the file.
    shape : tuple of int
        In the file.
    dtype : dtype
    pixels : callable
        Reads a block of the file: slices in, array out.
    order : tuple of int or None
        Which dimension of the file each axis is; None for one of length 1 that it has not. Those
        that are left out have length 1.
    """

    def __init__(
        self,
        name: str,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        pixels: Callable[[tuple[slice, ...]], Any],
        order: tuple[int | None, ...],
    ) -> None:
        self.shape = tuple(1 if at is None else shape[at] for at in order)
        self.ndim = len(order)
        self.dtype = dtype.newbyteorder("=")
        self._name, self._pixels, self._order, self._file_ndim = name, pixels, order, len(shape)

    def __getitem__(self, index: tuple[int | slice, ...]) -> np.ndarray[Any, Any]:
        """Read one block, in native byte order."""
        box, rest = _box(index, self.shape)
        inside = [slice(0, 1)] * self._file_ndim
        for at, part in zip(self._order, box, strict=True):
            if at is not None:
                inside[at] = part
        try:
            block = np.asarray(self._pixels(tuple(inside)), dtype=self.dtype)
        except (PhotonDenoiseError, MemoryError):
            raise
        except Exception as error:  # the decoders raise whatever they like
            raise UnreadableFile(
                f"{self._name} could not be read to its end ({_brief(error)}): it is damaged, "
                "or was moved or changed meanwhile; check the file and try again."
            ) from error
        if block.shape != tuple(part.stop - part.start for part in inside):
            raise UnreadableFile(f"{self._name} was changed while it was being read: try again.")
        return self._ordered(block, box)[rest]

    def _ordered(self, block: np.ndarray[Any, Any], box: Sequence[slice]) -> np.ndarray[Any, Any]:
        kept = [at for at in self._order if at is not None]
        others = [at for at in range(self._file_ndim) if at not in kept]
        return block.transpose(*kept, *others).reshape([part.stop - part.start for part in box])


def block_shape(
    shape: Sequence[int], chunks: Sequence[int], dtype: np.dtype[Any]
) -> tuple[int, ...]:
    """Choose dask's blocks: what the file stores as one, grown to whole rows and planes.

    Of a great many planes several are a block. One that is asked for alone is read alone all the
    same, see `Blocks`.

    Parameters
    ----------
    shape, chunks : sequence of int
        Of the file.
    dtype : dtype
    """
    block = [max(1, min(c, n)) for c, n in zip(chunks, shape, strict=True)]
    for axis in reversed(range(max(0, len(block) - 2), len(block))):
        room = BLOCK_BYTES // max(1, prod(block) * dtype.itemsize)
        block[axis] = min(shape[axis], block[axis] * max(1, room))
    for axis in reversed(range(max(0, len(block) - 2))):
        blocks = prod(ceil(n / b) for n, b in zip(shape, block, strict=True))
        room = BLOCK_BYTES // max(1, prod(block) * dtype.itemsize)
        together = max(1, min(room, blocks // MOST_BLOCKS))
        block[axis] = min(shape[axis], block[axis] * together)
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
