"""Grey images that were saved as colour: red, green and blue are equal, and one is the image.

Programs that show images save them so. The middle of an image tells what it is, and every block
that is read must agree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.errors import UnreadableFile

if TYPE_CHECKING:
    from napari_photon_denoise.io.image import Source

COLOURS = 3  # and what follows is opacity
SEEN = 1024  # px, of the middle, which tells
GREY = "is grey, saved as colour: its red, green and blue are equal, and one of them is taken."

Index = tuple[slice, ...]


class OneOfEqual:
    """One channel of an image whose channels are equal, read as it is needed.

    Parameters
    ----------
    read : function of a tuple of slices
        Reads a block of the colour image.
    shape : sequence of int
        Of the colour image.
    dtype : dtype
    axis : int
        Of its colours.
    name : str
        What errors call it.
    """

    def __init__(
        self,
        read: Callable[[Index], Any],
        shape: Sequence[int],
        dtype: np.dtype[Any],
        axis: int,
        name: str,
    ) -> None:
        self._read, self._axis, self._name = read, axis, name
        self.shape = tuple(size for at, size in enumerate(shape) if at != axis)
        self.ndim = len(self.shape)
        self.dtype = np.dtype(dtype)

    def __getitem__(self, index: Index) -> NDArray[Any]:
        """Read a block.

        Raises
        ------
        UnreadableFile
            If its channels differ.
        """
        block = self._colours(index)
        if not _are_equal(block):
            raise colour_error(self._name)
        return np.asarray(block[0])

    def is_grey(self) -> bool:
        """Tell if the channels are equal in the middle, where there is something to be seen."""
        middle = [slice(size // 2, size // 2 + 1) for size in self.shape[:-2]]
        around = [
            slice(max(0, size // 2 - SEEN // 2), min(size, size // 2 + SEEN // 2))
            for size in self.shape[-2:]
        ]
        block = self._colours((*middle, *around))
        return _are_equal(block) and bool((block[0] != block[0].flat[0]).any())

    def _colours(self, index: Index) -> NDArray[Any]:
        """Read a block, colours first."""
        axis = self._axis
        block = np.asarray(self._read((*index[:axis], slice(None), *index[axis:])))
        return np.moveaxis(block, axis, 0)


def _are_equal(block: NDArray[Any]) -> bool:
    """Tell if red, green and blue are equal, and all of it alike in opacity."""
    equal = bool((block[1:COLOURS] == block[0]).all())
    return equal and all(bool((opacity == opacity.flat[0]).all()) for opacity in block[COLOURS:])


def one_of_equal(
    source: Source, axis: int, name: str, refusal: UnreadableFile | None = None
) -> Source:
    """Return a colour image of a file as the grey one that it is, or refuse it.

    Parameters
    ----------
    source : Source
    axis : int
        Of its colours.
    name : str
        Of the file.
    refusal : UnreadableFile, optional
        What is raised if its channels differ, in place of `colour_error`.

    Raises
    ------
    UnreadableFile
    """
    grey = OneOfEqual(source.pixels, source.shape, source.dtype, axis, name)
    if source.shape[axis] < COLOURS or not grey.is_grey():
        raise refusal or colour_error(name)
    return replace(
        source,
        shape=grey.shape,
        chunks=(*source.chunks[:axis], *source.chunks[axis + 1 :]),
        axes=source.axes[:axis] + source.axes[axis + 1 :],
        pixels=grey.__getitem__,
        channel_names=(),
        ome=None,  # of colour
        notes=(*source.notes, f"{name} {GREY}"),
    )


def colour_error(name: str) -> UnreadableFile:
    """Make the error of a colour image."""
    return UnreadableFile(
        f"{name} is an RGB colour image; photons need one grey channel: split the channels "
        "first (in Fiji: Image > Color > Split Channels)."
    )
