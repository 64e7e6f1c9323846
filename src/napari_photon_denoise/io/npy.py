"""NPY: one NumPy array."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io.image import Source, colour_error


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
    if axes is None and array.ndim == 3 and array.shape[-1] in (3, 4) and array.dtype == np.uint8:
        raise colour_error(path.name)

    def pixels(index: tuple[slice, ...]) -> Any:
        return np.array(np.load(path, mmap_mode="r", allow_pickle=False)[index])

    stored = (1,) * max(0, array.ndim - 2) + array.shape[-2:]
    letters = ("Q" * array.ndim + "YX")[-array.ndim :] if array.ndim > 1 else "X" * array.ndim
    return Source(array.shape, array.dtype, stored, letters[-array.ndim :], pixels)
