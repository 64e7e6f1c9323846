"""NPY: one NumPy array."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from napari_photon_denoise.axes import looks_like_colour
from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io.grey import one_of_equal
from napari_photon_denoise.io.image import Source


def read_npy(path: Path, axes: str | None) -> Source:
    """Open a NumPy file; it is mapped anew for each block, so that nothing holds it open.

    Parameters
    ----------
    path : Path
    axes : str or None
        What the user says of the dimensions; without it a narrow last one is taken for colour.

    Raises
    ------
    UnreadableFile
        Truncated, damaged, no numbers, colour.
    """
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError:
        raise
    # The header is Python's text of a dictionary: NumPy's parser raises whatever it leads to.
    except Exception as error:
        raise UnreadableFile(
            f"{path.name} is truncated, damaged or no array of numbers: save it again with "
            "numpy.save."
        ) from error

    def pixels(index: tuple[slice, ...]) -> Any:
        return np.array(np.load(path, mmap_mode="r", allow_pickle=False)[index])

    letters = letters_of(array.shape, array.dtype) if axes is None else _plain(array.ndim)
    stored = tuple(
        1 if letter == "Q" else size for letter, size in zip(letters, array.shape, strict=True)
    )
    source = Source(array.shape, array.dtype, stored, letters, pixels)
    if letters.endswith("S"):
        return one_of_equal(source, array.ndim - 1, path.name)
    return source


def letters_of(shape: tuple[int, ...], dtype: np.dtype[Any]) -> str:
    """Name the axes of a bare array: planes, rows, columns, and a last one of colours or of 1.

    Parameters
    ----------
    shape : tuple of int
    dtype : dtype

    Returns
    -------
    str
        "Q" for what is not known, "S" for colours.
    """
    if len(shape) == 3 and looks_like_colour(shape) and dtype == np.uint8:
        return "YXS"
    if len(shape) > 2 and shape[-1] == 1:
        return f"{_plain(len(shape) - 1)}Q"
    return _plain(len(shape))


def _plain(ndim: int) -> str:
    return ("Q" * ndim + "YX")[-ndim:] if ndim > 1 else "X" * ndim
