"""Arrays of N5, read by tensorstore, where it is installed: zarr reads N5 no more."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from napari_photon_denoise.errors import UnreadableFile


@dataclass(frozen=True, eq=False)
class N5Array:
    """An array, its last axis the fastest, as everywhere but in N5."""

    store: Any
    """Of tensorstore, axes as N5 has them."""
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    chunks: tuple[int, ...]

    def __getitem__(self, index: tuple[slice, ...]) -> Any:
        """Read one block."""
        return np.asarray(self.store[tuple(reversed(index))].read().result()).T


def open_n5(folder: Path) -> N5Array:
    """Open an array; reads no pixels.

    Raises
    ------
    UnreadableFile
        tensorstore is not installed, or no array is there.
    """
    if importlib.util.find_spec("tensorstore") is None:
        raise UnreadableFile(
            f"{folder.name} is N5: install tensorstore (pip install tensorstore), or save it as "
            "OME-Zarr or HDF5."
        )
    import tensorstore

    place = {"driver": "file", "path": str(folder.absolute())}
    store = tensorstore.open({"driver": "n5", "kvstore": place}, open=True, read=True).result()
    chunks = store.chunk_layout.read_chunk.shape or store.shape
    return N5Array(
        store,
        tuple(reversed(store.shape)),
        np.dtype(store.dtype.numpy_dtype),
        tuple(int(length or 1) for length in reversed(chunks)),
    )


class N5Volumes:
    """Pixels of (T, C, Z, Y, X) in one array for each volume: slices in, array out."""

    def __init__(self, folders: Mapping[tuple[int, int], Path]) -> None:
        self._folders = folders

    def __call__(self, index: tuple[slice, ...]) -> Any:
        """Read one block."""
        outer, box = index[:2], index[2:]
        keys = [
            [(t, c) for c in range(outer[1].start, outer[1].stop)]
            for t in range(outer[0].start, outer[0].stop)
        ]
        return np.asarray([[_read(self._folders[key], box) for key in row] for row in keys])


class N5Pixels:
    """Pixels of one array: slices in, array out."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, index: tuple[slice, ...]) -> Any:
        """Read one block."""
        return _read(self._folder, index)


def _read(folder: Path, box: tuple[slice, ...]) -> Any:
    # Blocks that are not there mean zeros, so a folder that was deleted would read as black.
    if not (folder / "attributes.json").is_file():
        raise FileNotFoundError(f"{folder} is gone")
    return open_n5(folder)[box]
