"""OME-Zarr 0.4 (zarr 2) and 0.5 (zarr 3): the full resolution of one image."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io.image import OmeText, Source
from napari_photon_denoise.io.ome import describe
from napari_photon_denoise.io.units import Sizes, Written, read_sizes

_MARKS = ("zarr.json", ".zgroup", ".zattrs", ".zarray")


def is_zarr(path: Path) -> bool:
    """Tell whether a folder is a zarr group or array."""
    return any((path / mark).is_file() for mark in _MARKS)


def _example(path: Path, said: dict[str, Any]) -> str:
    """Name one of the images of a plate or well that is there: wells may be absent."""
    wells = [path]
    if "plate" in said:
        wells = [path / str(well["path"]) for well in said["plate"].get("wells", ())]
    for well in wells:
        images = [one for one in well.iterdir() if is_zarr(one)] if well.is_dir() else []
        if images:
            return f"give one of them, for example {min(images)}"
    return "give one of them; there is none in it so far"


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
        No OME-Zarr, a plate, or several images.
    """
    import zarr

    node = zarr.open(path, mode="r")
    said = dict(node.attrs)
    said = said.get("ome", said)
    if said.get("bioformats2raw.layout") and (path / "0").is_dir() and "multiscales" not in said:
        if (path / "1").is_dir():
            raise UnreadableFile(f"{path.name} holds several images: give one, {path / '0'}.")
        return read_ome_zarr(path / "0", axes)
    if "plate" in said or "well" in said:
        advice = _example(path, said)
        raise UnreadableFile(f"{path.name} is a plate or well of many images: {advice}.")
    if not said.get("multiscales"):
        raise UnreadableFile(
            f"{path.name} is a zarr folder without OME-Zarr metadata: export it as OME-Zarr."
        )
    image = said["multiscales"][0]
    level = image["datasets"][0]
    array = node[level["path"]]
    named = _axes(image, array.ndim)
    channels = (said.get("omero") or {}).get("channels") or []
    names = tuple(str(channel.get("label") or "") for channel in channels)
    sizes = _pixel_size(named, image, level)
    return Source(
        shape=tuple(array.shape),
        dtype=array.dtype,
        chunks=tuple(array.chunks),
        axes="".join(axis["name"].upper()[:1] for axis in named),
        pixels=_ZarrPixels(path / level["path"], array),
        pixel_size=sizes.known,
        channel_names=names if any(names) else (),
        notes=sizes.notes,
        ome=_ome(path),
    )


def _ome(path: Path) -> OmeText | None:
    """Return the OME metadata that Bio-Formats' converter puts beside the images, 0, 1, …."""
    file = path.parent / "OME" / "METADATA.ome.xml"
    if not path.name.isdecimal() or not file.is_file():
        return None
    return describe(file.read_text("utf-8", errors="replace"), int(path.name)).ome


class _ZarrPixels:
    """The pixels of a zarr array: slices in, array out."""

    def __init__(self, path: Path, array: Any) -> None:
        self._path = path
        self._array = array

    def __call__(self, index: tuple[slice, ...]) -> Any:
        """Read one block."""
        # A chunk that is not there means zeros to zarr, so a folder that was deleted would
        # read as a black image.
        if not is_zarr(self._path):
            raise FileNotFoundError(f"{self._path} is gone")
        return self._array[index]


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
    for axis, value in zip(axes, scale, strict=True):
        letter = axis["name"].upper()[:1]
        # The format wants a number for each axis: 1 stands where there is no interval.
        if letter in "ZYX" or (letter == "T" and (axis.get("unit") or value != 1)):
            written[letter] = Written(value, axis.get("unit"))
    return read_sizes(written)
