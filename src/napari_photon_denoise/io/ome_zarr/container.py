"""An OME-Zarr in the making: all of it but the pixels, made first; its OME metadata, written last.

As long as it is unfinished it has no OME metadata, so that no reader takes it for an image.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from napari_photon_denoise.io.image import About
from napari_photon_denoise.io.ome import NAMESPACE
from napari_photon_denoise.io.ome_xml import check_layout
from napari_photon_denoise.io.ome_zarr.attributes import (
    UNFINISHED,
    own_attributes,
    read_attributes,
    write_attributes,
)
from napari_photon_denoise.io.ome_zarr.carried_xml import write_xml
from napari_photon_denoise.io.ome_zarr.grid import SHARD_BYTES, plan_grid
from napari_photon_denoise.io.ome_zarr.metadata import describe
from napari_photon_denoise.io.ome_zarr.resolutions import Spans, plan_spans
from napari_photon_denoise.io.ome_zarr.store import Level, ZarrFormat
from napari_photon_denoise.io.readers import bare_name


@dataclass(frozen=True)
class Container:
    """An image as a folder.

    Parameters
    ----------
    path : Path
        Of the folder.
    axes : str
        One letter of "TCZYX" per dimension, in that order.
    levels : tuple of Level
        Its resolutions, the full one first.
    spans : tuple of tuple of int
        For each level, how many pixels of the image one of its pixels spans along each axis.
    about : About
        What is written beside the pixels.
    name : str
        Of the image.
    """

    path: Path
    axes: str
    levels: tuple[Level, ...]
    spans: tuple[Spans, ...]
    about: About
    name: str

    @property
    def zarr_format(self) -> ZarrFormat:
        """2 is that of OME-Zarr 0.4, 3 of 0.5."""
        return self.level0.zarr_format

    @property
    def level0(self) -> Level:
        """The full resolution."""
        return self.levels[0]

    def create(self, own: Mapping[str, Any] | None = None) -> None:
        """Make the folder with all that is known, without any pixels and unfinished.

        What is there of it stays, pixels too; an image that was whole is unfinished again.

        Parameters
        ----------
        own : mapping, optional
            What this program wants to find in it again besides version, axes and recipe; plain
            JSON.

        Raises
        ------
        PhotonDenoiseError
            If an array that is there is cut or stored otherwise.
        """
        ours = {"version": _version(), "axes": self.axes, "recipe": self.about.recipe}
        attributes = {NAMESPACE: ours | dict(own or {}) | {UNFINISHED: True}}
        if self._is_group():
            write_attributes(self.path, attributes, self.zarr_format)
        else:
            import zarr

            zarr.create_group(self.path, zarr_format=self.zarr_format, attributes=attributes)
        for level in self.levels:
            if not level.is_there():
                level.create()
        write_xml(self.path, self.name, self.level0, self.about)

    def is_finished(self) -> bool:
        """Whether it is there, and an image to all readers."""
        ours = own_attributes(read_attributes(self.path))
        whole = self._is_group() and bool(ours) and not ours.get(UNFINISHED)
        return whole and all(level.is_there() for level in self.levels)

    def _is_group(self) -> bool:
        return (self.path / ("zarr.json" if self.zarr_format == 3 else ".zgroup")).is_file()

    def finish(self) -> None:
        """Write the OME metadata, which makes it an image to all readers; at once, or not at all.

        All levels are written by now.
        """
        ours = own_attributes(read_attributes(self.path))
        ours.pop(UNFINISHED, None)
        ome = describe(self.name, self.levels, self.spans, self.about)
        write_attributes(self.path, ome | {NAMESPACE: ours}, self.zarr_format)


def plan_container(
    path: Path,
    axes: str,
    shape: Sequence[int],
    dtype: np.dtype[Any],
    about: About,
    tile: Mapping[str, int],
    *,
    zarr_format: ZarrFormat = 3,
    chunk: Sequence[int] | None = None,
    shard_bytes: int = SHARD_BYTES,
    name: str = "",
) -> Container:
    """Decide all about an OME-Zarr; writes nothing.

    Parameters
    ----------
    path : Path
        Of the folder.
    axes : str
        One letter of "TCZYX" per dimension, in that order.
    shape : sequence of int
    dtype : dtype
        Float or integer up to 32 bits, or float64.
    about : About
        What is written beside the pixels.
    tile : mapping of axis letter to int
        Of which the shards of the full resolution are made; 1 where none is named.
    zarr_format : {2, 3}
        OME-Zarr 0.4, or 0.5.
    chunk : sequence of int, optional
        One length an axis; None chooses.
    shard_bytes : int
        At most so many, unless a single tile, or the chunks that it touches, has more.

    name : str
        Of the image; empty for that of the folder.

    Raises
    ------
    PhotonDenoiseError
        If it can't be written so.
    """
    check_layout("OME-Zarr", shape, dtype, about)
    sizes = dict(zip(axes, map(int, shape), strict=True))
    spans = plan_spans(sizes, dtype.itemsize, about.pixel_size)
    levels = []
    for number, span in enumerate(spans):
        coarse = {axis: -(-sizes[axis] // by) for axis, by in zip(sizes, span, strict=True)}
        grid = plan_grid(
            coarse,
            dtype.itemsize,
            {} if number else tile,
            chunk=chunk,
            shard_bytes=shard_bytes,
        )
        levels.append(Level(path / str(number), grid, dtype, zarr_format, tuple(axes.lower())))
    return Container(path, axes, tuple(levels), spans, about, name or bare_name(path))


def _version() -> str:
    from importlib.metadata import version

    return version(NAMESPACE)
