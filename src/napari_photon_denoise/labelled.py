"""Arrays of xarray, whose dimensions have names: understood by name, whatever their order.

xarray is not imported: who hands such an array over has it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.axes import AXES, check_axes
from napari_photon_denoise.counts import LazyArray
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.units import MICROMETRE, factor

# As programs of microscopy and of neighbouring fields call them; any case.
NAMES = {
    "T": ("t", "time", "times", "timepoint", "timepoints", "frame", "frames"),
    "C": ("c", "ch", "channel", "channels", "wavelength"),
    "Z": ("z", "plane", "planes", "slice", "slices", "depth"),
    "Y": ("y", "row", "rows", "height"),
    "X": ("x", "col", "cols", "column", "columns", "width"),
}
LETTERS = {name: letter for letter, names in NAMES.items() for name in names}
UNNAMED = re.compile(r"dim_\d+")  # as xarray calls them where nobody did
EVEN = 1e-3  # of a step, by which places that are evenly spaced may be off
ADVICE = "pass axes= with one letter of TCZYX for each dimension, in the order of the array's"


class InOrder:
    """The values of a variable with its dimensions in the order of TCZYX, read when asked for."""

    def __init__(self, variable: Any, dims: tuple[str, ...]) -> None:
        self._variable, self._dims = variable, dims
        self.shape = tuple(variable.sizes[dim] for dim in dims)
        self.ndim = len(dims)
        self.dtype = np.dtype(variable.dtype)
        stored = variable.encoding.get("preferred_chunks", {})  # of a file
        self.chunks = tuple(stored[dim] for dim in dims) if set(dims) <= set(stored) else None

    def __getitem__(self, index: tuple[slice, ...]) -> NDArray[Any]:
        """Read a block."""
        place: dict[str, slice | int] = dict.fromkeys(self._variable.dims, 0)
        place |= dict(zip(self._dims, index, strict=True))
        block = self._variable.isel(place)
        return np.asarray(block.transpose(*self._dims).data)


@dataclass(frozen=True, eq=False)
class Labelled:
    """An array of xarray, seen as an image.

    Parameters
    ----------
    array : xarray.DataArray
    data : array, any real dtype, ADU
        Its values, the dimensions in the order of TCZYX.
    dims : tuple
        The names of those dimensions, in that order.
    axes : str or None
        Their letters; None where nobody named them.
    pixel_size : mapping
        µm for "Z", "Y" and "X", where coordinates that are evenly spaced tell it.
    """

    array: Any
    data: LazyArray
    dims: tuple[Any, ...]
    axes: str | None
    pixel_size: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, array: Any, axes: str | None) -> Labelled:
        """Understand its dimensions.

        Dimensions of length 1 whose names are not understood are left out, since they can't be
        mistaken.

        Parameters
        ----------
        array : xarray.DataArray
        axes : str or None
            What the user says of them, a letter each, in the order of the array.

        Raises
        ------
        PhotonDenoiseError
            If the name of a dimension is not understood, or contradicts what the user says.
        """
        letters = _letters(array, axes)
        if not letters:
            return cls(array, _ordered(array.variable, array.dims), array.dims, axes)
        dims = tuple(sorted(letters, key=lambda dim: AXES.index(letters[dim])))
        data, found = _ordered(array.variable, dims), "".join(letters[dim] for dim in dims)
        sizes = {
            letters[dim]: size
            for dim in dims
            if letters[dim] in "ZYX" and (size := _pixel_size(array, dim)) is not None
        }
        return cls(array, data, dims, found, sizes)

    def like(self, data: Any, unit: str | None) -> Any:
        """Return a result as such an array: dimensions, coordinates, name and attributes.

        Parameters
        ----------
        data : numpy or dask array of `data`'s shape
        unit : str or None
            Of its values; None keeps that of the image.

        Returns
        -------
        xarray.DataArray
        """
        gone = [dim for dim in self.array.dims if dim not in self.dims]
        now = [*gone, *self.dims]
        order = [now.index(dim) for dim in self.array.dims]
        values = data[(None,) * len(gone)].transpose(order)
        result = self.array.copy(data=values)
        if unit is not None:
            result.attrs["units"] = unit
        # How the counts were stored, as whole numbers perhaps, is not how photons may be.
        result.encoding = {}
        return result


def is_labelled(given: Any) -> bool:
    """Tell if this is an array of xarray, or refuse what else that library has.

    Raises
    ------
    PhotonDenoiseError
        For a dataset and the like, of which one array is wanted.
    """
    names = {kind.__name__ for kind in type(given).__mro__ if kind.__module__.startswith("xarray.")}
    if "DataArray" in names:
        return True
    if names & {"Dataset", "DataTree"}:
        raise PhotonDenoiseError(
            f"The image is a {type(given).__name__} of xarray, which may hold several: give one of "
            "its variables, such as dataset['name']."
        )
    if "Variable" in names:
        raise PhotonDenoiseError(
            "The image is a Variable of xarray: give it as an array, "
            "xarray.DataArray(variable.data, dims=variable.dims)."
        )
    return False


def planes_last(frames: Any) -> Any:
    """Return frames of an array of xarray with Y and X as the last dimensions, whatever the others.

    Raises
    ------
    PhotonDenoiseError
        If names tell of one of the two only, or of others.
    """
    found = {LETTERS.get(str(dim).lower()): dim for dim in frames.dims}
    if {"Y", "X"} <= set(found):
        return frames.transpose(..., found["Y"], found["X"])
    if all(UNNAMED.fullmatch(str(dim)) for dim in frames.dims):
        return frames
    names = ", ".join(map(str, frames.dims))
    raise PhotonDenoiseError(
        f"Of the dimensions ({names}), two must be called y and x: rename those of the frames."
    )


def _letters(array: Any, axes: str | None) -> dict[Any, str]:
    """Return the letter of each dimension that is one of the image; of none where nobody said."""
    if axes is not None and len(axes) != array.ndim:
        check_axes(axes, array.shape)  # says so
    letters: dict[Any, str] = {}
    for number, (dim, size) in enumerate(array.sizes.items()):
        known = LETTERS.get(str(dim).lower())
        said = axes[number] if axes else known
        if known and said != known:
            raise PhotonDenoiseError(
                f"The axes '{axes}' take the dimension '{dim}' for {said}, and its name says "
                f"{known}: leave out the axes, or rename the dimension."
            )
        if said is not None:
            letters[dim] = said
        elif size > 1 and not UNNAMED.fullmatch(str(dim)):
            raise PhotonDenoiseError(
                f"The dimension '{dim}' ({size} long) is not understood: rename it to one of "
                f"{', '.join(AXES.lower())}, or {ADVICE}."
            )
    unnamed = [dim for dim in array.dims if UNNAMED.fullmatch(str(dim))]
    if len(unnamed) == array.ndim and not axes:
        return {}
    _check(array, letters, axes)
    return letters


def _check(array: Any, letters: dict[Any, str], axes: str | None) -> None:
    """Refuse dimensions of which two are the same, or one has to be a guess."""
    found = "".join(sorted(letters.values(), key=AXES.find))
    if axes is not None:
        ordered = set(axes) <= set(AXES) and len(set(axes)) == len(axes)
        check_axes(found if ordered else axes, array.shape)
        return
    names = ", ".join(map(str, array.dims))
    doubt = [dim for dim, size in array.sizes.items() if size > 1 and dim not in letters]
    if doubt or len(set(found)) != len(found) or not found.endswith("YX"):
        raise PhotonDenoiseError(
            f"The dimensions ({names}) are not understood as an image, which has each of T, C and "
            f"Z at most once, and Y and X: rename them, or {ADVICE}."
        )


def _ordered(variable: Any, dims: tuple[Any, ...]) -> LazyArray:
    """Return its values in an order of dimensions, without those that are left out."""
    if variable.chunks is None:
        return InOrder(variable, dims)
    gone = {dim: 0 for dim in variable.dims if dim not in dims}
    found: LazyArray = variable.isel(gone).transpose(*dims).data
    return found


def _pixel_size(array: Any, dim: Any) -> float | None:
    """Return the step of its coordinates, µm; None where they don't tell."""
    places = array.coords.get(dim)
    if places is None or places.ndim != 1 or places.size < 2 or places.dtype.kind not in "iuf":
        return None
    steps = np.diff(places.values.astype(float))
    unit = factor(str(places.attrs.get("units", "")), MICROMETRE)
    step = float(np.mean(steps))
    if unit is None or not np.isfinite(step) or not step:
        return None
    return abs(step) * unit if np.allclose(steps, step, rtol=EVEN, atol=0) else None
