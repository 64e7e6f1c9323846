"""Plain HDF5: one dataset is the image, or each of several is one.

Axes are those that the file names: by HDF5's own dimension labels, or as ilastik writes them.
Sizes are those of `element_size_um`, which Fiji's HDF5 plugin and PlantSeg write.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from napari_photon_denoise.axes import AXES
from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io.bdv import bdv_positions_of_hdf5
from napari_photon_denoise.io.data_set import Position, chosen, labelled
from napari_photon_denoise.io.grey import one_of_equal
from napari_photon_denoise.io.hdf5_file import check_filters, hdf5_file, text_of
from napari_photon_denoise.io.image import Source
from napari_photon_denoise.io.npy import letters_of
from napari_photon_denoise.io.text import from_json
from napari_photon_denoise.io.units import Sizes, Written, read_sizes

_LEAST = 8  # px along Y and X: smaller arrays are tables
_MOST = 10_000  # datasets that are looked at


def hdf5_positions(path: Path) -> tuple[Position, ...] | None:
    """List the images of a file: BigDataViewer's, or its datasets where they are several.

    Parameters
    ----------
    path : Path

    Returns
    -------
    tuple of Position or None
        None of what holds one image.
    """
    found = bdv_positions_of_hdf5(path)
    if found is not None:
        return found
    names = _image_names(path)
    if len(names) < 2:
        return None
    return tuple(
        Position(label, (path,), partial(_read, path, name))
        for label, name in zip(labelled(names), names, strict=True)
    )


def read_hdf5(path: Path, axes: str | None) -> Source:
    """Find the image in a file; reads no pixels.

    Parameters
    ----------
    path : Path
    axes : str or None
        What the user says of the dimensions; without it a narrow last one is taken for colour.

    Raises
    ------
    UnreadableFile
        Damaged, no images, several, compressed in an unknown way, colour.
    """
    positions = hdf5_positions(path)
    if positions:
        return chosen(path, None, positions).read(axes)
    names = _image_names(path)
    if not names:
        raise UnreadableFile(
            f"{path.name} holds no image, an array of numbers with at least two dimensions: give "
            "another file."
        )
    return _read(path, names[0], axes)


def _image_names(path: Path) -> list[str]:
    """List the datasets that may be images, in the order of the file."""
    import h5py

    names: list[str] = []
    seen = 0

    def visit(name: str, item: Any) -> bool | None:
        nonlocal seen
        seen += 1
        if isinstance(item, h5py.Dataset) and item.dtype.kind in "uif" and item.ndim > 1:
            long = sum(length >= _LEAST for length in item.shape)
            names.extend([name] if long > 1 else [])
        return True if seen >= _MOST else None  # visiting goes on as long as there is None

    with hdf5_file(path) as file:
        file.visititems(visit)
    return names


@dataclass(frozen=True)
class _Pixels:
    """Pixels of a dataset: slices in, array out."""

    path: Path
    name: str

    def __call__(self, index: tuple[slice, ...]) -> Any:
        """Read one block."""
        with hdf5_file(self.path) as file:
            return np.asarray(file[self.name][index])


def _read(path: Path, name: str, axes: str | None) -> Source:
    with hdf5_file(path) as file:
        data = file[name]
        check_filters(path.name, data)
        shape, dtype, chunks = data.shape, data.dtype, data.chunks
        said = _axes(data)
        plain = letters_of(shape, dtype) if axes is None else "Q" * len(shape)
        letters = said or plain
        sizes = _sizes(data, (axes or letters).upper())
    stored = chunks or (*(1 for _ in shape[:-2]), *shape[-2:])
    source = Source(
        shape=tuple(shape),
        dtype=dtype,
        chunks=tuple(stored),
        axes=letters,
        pixels=_Pixels(path, name),
        pixel_size=sizes.known,
        notes=sizes.notes,
    )
    if letters.endswith("S") and not said:
        return one_of_equal(source, len(shape) - 1, path.name)
    return source


def _axes(data: Any) -> str | None:
    """Return a letter for each dimension, where the file names them."""
    tags = data.attrs.get("axistags")  # of ilastik, as vigra has them
    if tags is not None:
        entries = from_json(text_of(tags)).get("axes") or []
        named = [str(one.get("key", "")) for one in entries]
    else:
        named = [dimension.label for dimension in data.dims]
    letters = "".join(name[:1].upper() or "Q" for name in named)
    if len(letters) == data.ndim and set(letters) & set(AXES):
        return letters
    return "ZYX" if data.ndim == len(_element_size(data)) else None


def _element_size(data: Any) -> list[float]:
    """Return the sizes of Z, Y and X in µm; empty where the file does not say them."""
    values = np.ravel(data.attrs.get("element_size_um", ()))
    return values.tolist() if values.size == len("ZYX") else []


def _sizes(data: Any, letters: str) -> Sizes:
    """Read the sizes of those axes that the image has."""
    written = {
        letter: Written(value, "µm")
        for letter, value in zip("ZYX", _element_size(data), strict=False)
        if letter in letters
    }
    return read_sizes(written)
