"""OME-Zarr 0.4 (zarr 2) and 0.5 (zarr 3): the full resolution of one image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TypeVar

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io.data_set import Position, labelled
from napari_photon_denoise.io.image import OmeText, Source
from napari_photon_denoise.io.ome_zarr.attributes import UNFINISHED, own_attributes
from napari_photon_denoise.io.ome_zarr.carried_xml import colours_as_xml, read_xml
from napari_photon_denoise.io.units import Sizes, Written, read_sizes
from napari_photon_denoise.io.zarr_files import stamp
from napari_photon_denoise.io.zarr_place import MARKS, ZarrPlace, open_place

T = TypeVar("T")


def is_zarr(path: Path) -> bool:
    """Tell whether a folder is a zarr group or array."""
    return any((path / mark).is_file() for mark in MARKS)


def read_ome_zarr(path: Path, axes: str | None) -> Source:
    """Find the image in an OME-Zarr folder; reads its metadata, no pixels.

    This reads the metadata with zarr itself: ome-zarr's reader takes 1.5 s to import, opens
    all resolutions and labels, stitches plates, and leaves the units to the caller.

    Parameters
    ----------
    path : Path
        The folder.
    axes : str or None
        What the user says of the dimensions; OME-Zarr names its own, and needs it not.

    Raises
    ------
    UnreadableFile
        No OME-Zarr, a plate, several images, or a result that is not finished.
    """
    place = open_place(path)
    if UNFINISHED in own_attributes(dict(place.node.attrs)):
        raise UnreadableFile(
            f"{path.name} is a result of this program that is not finished: run what makes it "
            "again, which goes on where it stopped."
        )
    if "multiscales" in place.said:
        return _read(place, axes)
    several = place.images()
    if len(several) == 1:
        return _read(place.inside(several[0]), axes)
    if several:
        example = labelled(several)[0] if path.is_file() else several[0]
        raise UnreadableFile(
            f"{path.name} holds several images ({len(several)}): give one of them, for example "
            f"{path / example}."
        )
    if {"plate", "well"} & set(place.said):
        raise UnreadableFile(f"{path.name} is a plate or well, and no image in it is there.")
    raise UnreadableFile(
        f"{path.name} is a zarr folder without OME-Zarr metadata: export it as OME-Zarr."
    )


def zarr_positions(path: Path) -> tuple[Position, ...] | None:
    """List the images of a folder or zip: fields of a plate, or series of Bio-Formats.

    Parameters
    ----------
    path : Path

    Returns
    -------
    tuple of Position or None
        None of what is one image.
    """
    place = open_place(path)
    # That of a zip is asked for again to open each of its images.
    several = place.images() if path.is_dir() else list(_images_in_zip(path, *stamp(path)))
    if len(several) < 2:
        return None
    return tuple(
        Position(
            label,
            # Images in a folder have a path; those in a zip share its.
            (path if path.is_file() else path / name,),
            partial(_read, place.inside(name)),
            aside=(path,),
        )
        for label, name in zip(labelled(several), several, strict=True)
    )


@lru_cache(maxsize=4)
def _images_in_zip(path: Path, size: int, changed: int) -> tuple[str, ...]:
    return tuple(open_place(path).images())


def _read(place: ZarrPlace, axes: str | None) -> Source:
    """Find the image in a group."""
    said = place.said
    image = said["multiscales"][0]
    level = image["datasets"][0]
    stored = place.inside(level["path"])
    array = stored.node
    named = _axes(image, array.ndim)
    channels = (said.get("omero") or {}).get("channels") or []
    names = tuple(str(channel.get("label") or "") for channel in channels)
    sizes, missing = _pixel_size(named, image, level), stored.missing_chunks()
    ours = own_attributes(dict(place.node.attrs))
    full = Source(
        shape=tuple(array.shape),
        dtype=array.dtype,
        chunks=tuple(array.chunks),
        axes="".join(axis["name"].upper()[:1] for axis in named),
        pixels=_ZarrPixels(stored),
        pixel_size=sizes.known,
        channel_names=names if any(names) else (),
        recipe=_of_type(ours.get("recipe"), dict),
        written_axes=_of_type(ours.get("axes"), str),
        notes=(*missing, *sizes.notes),
        ome=_ome(place.path / place.inner) or colours_as_xml(channels),
        files=(place.path,),
        growing=bool(missing),
    )
    smaller = [str(one["path"]) for one in image["datasets"][1:]]
    return replace(full, coarser=lambda: tuple(_coarser(full, place, smaller)))


def _coarser(full: Source, place: ZarrPlace, names: Sequence[str]) -> Iterator[Source]:
    """Find the smaller resolutions; they end at one that is not there, or is none of this image."""
    above = full.shape
    for name in names:
        if name not in place.node:
            return
        stored = place.inside(name)
        array = stored.node
        shape, chunks = tuple(array.shape), tuple(array.chunks)
        fits = len(shape) == len(above) and shape != above and array.dtype == full.dtype
        if not fits or any(map(int.__gt__, shape, above)):
            return
        yield replace(full, shape=shape, chunks=chunks, pixels=_ZarrPixels(stored))
        above = shape


def _ome(path: Path) -> OmeText | None:
    """Return the OME metadata in the folder.

    Bio-Formats' converter puts it beside the images, 0, 1, ….
    """
    if path.name.isdecimal() and (beside := read_xml(path.parent, int(path.name))) is not None:
        return beside
    return read_xml(path)


def _of_type(value: Any, kind: type[T]) -> T | None:
    """Return what this program has written, unless somebody has edited it."""
    return value if isinstance(value, kind) else None


class _ZarrPixels:
    """The pixels of a zarr array: slices in, array out."""

    def __init__(self, place: ZarrPlace) -> None:
        self._place = place

    def __call__(self, index: tuple[slice, ...]) -> Any:
        """Read one block."""
        # A chunk that is not there means zeros to zarr, so a folder that was deleted would
        # read as a black image.
        if not self._place.is_there():
            raise FileNotFoundError(f"{self._place.path} is gone")
        return self._place.node[index]


def _axes(image: dict[str, Any], ndim: int) -> list[dict[str, Any]]:
    """Return name and unit of each axis, in the spelling of version 0.4."""
    said = image.get("axes") or list("tczyx")[-ndim:]
    axes = [{"name": axis} if isinstance(axis, str) else axis for axis in said]
    if len(axes) != ndim:
        raise ValueError("as many axes as dimensions")
    return axes


def _pixel_size(axes: list[dict[str, Any]], image: dict[str, Any], level: dict[str, Any]) -> Sizes:
    """Multiply the scales of the level and of the whole image, in µm and s."""
    scale = [1.0] * len(axes)
    for holder in (level, image):
        for step in holder.get("coordinateTransformations") or []:
            if step.get("type") == "scale" and len(step.get("scale") or []) == len(axes):
                scale = [a * float(b) for a, b in zip(scale, step["scale"], strict=True)]
    written = {}
    with_units = any(axis.get("unit") for axis in axes if axis["name"].upper()[:1] in "ZYX")
    for axis, value in zip(axes, scale, strict=True):
        letter = axis["name"].upper()[:1]
        # The format wants a number for each axis: 1 stands where nothing is known.
        is_known = axis.get("unit") or value != 1
        if is_known or (letter in "ZYX" and not with_units):
            written[letter] = Written(value, axis.get("unit"))
    written = {letter: one for letter, one in written.items() if letter in "TZYX"}
    return read_sizes(written)
