"""Planes that lie in files byte by byte, as Micro-Manager writes them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io.image import Source
from napari_photon_denoise.io.time_points import ordered, whole_time_points

PIXEL_BYTES = {8: 1, 16: 2, 32: 4}
"""Of so many bits."""


class Place(NamedTuple):
    """Where a plane lies."""

    file: Path
    offset: int
    """Of its first byte."""


class RawPlanes:
    """Pixels of planes without compression: slices in, array out.

    Each block opens its file and closes it again, so that blocks may be read from several
    threads, and nothing keeps a file from being deleted.
    """

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[Any], places: list[Place]) -> None:
        self._stack, self._plane = shape[:-2], shape[-2:]
        self._dtype = dtype
        self._places = places

    def __call__(self, index: tuple[slice, ...]) -> Any:
        """Read one block."""
        *outer, rows, columns = (range(*part.indices(length)) for part, length in self._axes(index))
        block = np.empty([len(one) for one in (*outer, rows, columns)], self._dtype)
        for target, key in zip(np.ndindex(block.shape[:-2]), product(*outer), strict=True):
            number = int(np.ravel_multi_index(key, self._stack)) if key else 0
            block[target] = self._rows(self._places[number], rows)[:, columns.start : columns.stop]
        return block

    def _axes(self, index: tuple[slice, ...]) -> zip[tuple[slice, int]]:
        return zip(index, (*self._stack, *self._plane), strict=True)

    def _rows(self, place: Place, rows: range) -> Any:
        width = self._plane[1]
        start = place.offset + rows.start * width * self._dtype.itemsize
        values = np.fromfile(place.file, self._dtype, len(rows) * width, offset=start)
        return values.reshape(len(rows), width)  # fails where the file has become shorter


def planes_source(
    name: str,
    places: Mapping[tuple[int, int, int], Place],
    announced: tuple[int, int, int],
    plane: tuple[int, int],
    dtype: np.dtype[Any],
) -> Source:
    """Make an image of its planes, cut to the time points that are complete.

    Parameters
    ----------
    name : str
        The file, for the sentences.
    places : mapping of (t, c, z) to Place
        Of the planes that are there.
    announced : (int, int, int)
        How many time points, channels and z planes there should be.
    plane : (int, int)
        Y and X, px.
    dtype : dtype
        In the file's byte order.

    Raises
    ------
    UnreadableFile
        Planes are missing.
    """
    times, notes = whole_time_points(name, places, announced)
    sizes = (times, *announced[1:])
    axes = "".join(letter for letter, size in zip("TCZ", sizes, strict=True) if size > 1)
    shape = (*(size for size in sizes if size > 1), *plane)
    listed = [places[key] for key in ordered(sizes)]
    return Source(
        shape=shape,
        dtype=dtype,
        chunks=(*(1 for _ in axes), *plane),
        axes=axes + "YX",
        pixels=RawPlanes(shape, dtype, listed),
        files=tuple(dict.fromkeys(place.file for place in listed)),
        notes=notes,
    )


def one_kind(
    name: str, kinds: Collection[tuple[int, int, int]], order: str
) -> tuple[tuple[int, int], np.dtype[Any]]:
    """Return size and dtype of the planes of an image; refuse those of several kinds.

    Parameters
    ----------
    name : str
        The file, for the sentences.
    kinds : collection of (int, int, int)
        Rows, columns and bits.
    order : {"<", ">"}
    """
    if len(kinds) != 1:
        found = ", ".join(f"{x} × {y} px of {bits} bits" for y, x, bits in sorted(kinds))
        raise UnreadableFile(
            f"{name} holds planes that do not fit together ({found}): save each kind in a file of "
            "its own."
            if kinds
            else f"{name} holds none of the planes that it announces: copy it again."
        )
    ((length, width, bits),) = kinds
    if bits not in PIXEL_BYTES:
        raise UnreadableFile(f"{name} has pixels of {bits} bits: save it with 8 or 16.")
    return (length, width), np.dtype(f"{order}u{PIXEL_BYTES[bits]}")


def truncated(name: str) -> UnreadableFile:
    """Make the error of a file that ends before its last plane."""
    return UnreadableFile(
        f"{name} is truncated, it ends before its last plane: copy or export it again."
    )
