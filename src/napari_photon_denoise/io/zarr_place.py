"""Where an OME-Zarr lies: in a folder, or in a zip of one; and the images that are in it."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any

from napari_photon_denoise.words import counted

MOST = 200_000  # chunks that are looked for
MARKS = ("zarr.json", ".zgroup", ".zattrs", ".zarray")
_NAME, _NUMBER = re.compile(r"(c[./])?\d+([./]\d+)*"), re.compile(r"\d+")


@dataclass(frozen=True, eq=False)
class ZarrPlace:
    """A group in a folder or zip.

    Parameters
    ----------
    path : Path
        The folder or the zip.
    inner : str
        Where the group is in it; empty for its root.
    node : Group or Array
        As zarr opens it.
    """

    path: Path
    inner: str
    node: Any

    @property
    def said(self) -> dict[str, Any]:
        """What it says of itself, in version 0.4 or 0.5."""
        attributes = dict(self.node.attrs)
        ome = attributes.get("ome", attributes)
        return ome if isinstance(ome, dict) else {}

    def inside(self, name: str) -> ZarrPlace:
        """Return a group in this one."""
        return replace(self, inner=f"{self.inner}/{name}".strip("/"), node=self.node[name])

    def images(self) -> list[str]:
        """List the images in it that are there: a plate's fields, a well's, or a file's series."""
        said = self.said
        if "multiscales" in said:
            return []
        if "plate" in said:
            wells = (str(well["path"]) for well in said["plate"].get("wells") or [])
            return [
                f"{well}/{field}"
                for well in wells
                if well in self.node
                for field in self.inside(well).images()
            ]
        if "well" in said:
            fields = (str(image["path"]) for image in said["well"].get("images") or [])
            return [field for field in fields if field in self.node]
        if said.get("bioformats2raw.layout"):
            return sorted((name for name in self.node if name.isdecimal()), key=int)
        return []

    def is_there(self) -> bool:
        """Whether it has not been deleted meanwhile."""
        if self.path.is_file():
            return True
        return any((self.path / self.inner / mark).is_file() for mark in MARKS)

    def missing_chunks(self) -> tuple[str, ...]:
        """Say how many chunks of this array are not stored, which zarr reads as its fill value.

        Of more than there is time to look at, nothing is said.
        """
        array = self.node
        parts = array.shards or array.chunks
        grid = [-(-length // part) for length, part in zip(array.shape, parts, strict=True)]
        if prod(grid) > MOST:
            return ()
        there = {
            key
            for file in self._files()
            if len(key := _chunk(file)) == len(grid) and all(map(int.__lt__, key, grid))
        }
        absent = prod(grid) - len(there)
        if absent == 0:
            return ()
        verb = "is" if absent == 1 else "are"
        return (
            f"{absent:,} of the image's {counted(prod(grid), 'chunks')} {verb} missing, and read "
            f"as {array.fill_value}: programs leave out chunks that are {array.fill_value} "
            "throughout, but so does a copy or a recording that was broken off, so compare it with "
            "the original.",
        )

    def _files(self) -> Iterator[str]:
        """Yield the names of the files below, from here on."""
        if self.path.is_file():
            start = f"{self.inner}/".lstrip("/")
            with zipfile.ZipFile(self.path) as archive:
                names = archive.namelist()
            yield from (name.removeprefix(start) for name in names if name.startswith(start))
            return
        top = str(self.path / self.inner)
        for folder, _, names in os.walk(top):
            # A large image has a folder for each chunk or two: a Path of each takes seconds.
            inner = folder[len(top) :].replace(os.sep, "/").lstrip("/")
            yield from (f"{inner}/{name}" for name in names) if inner else names


def open_place(path: Path) -> ZarrPlace:
    """Open a folder, or the topmost group in a zip."""
    import zarr

    if path.is_dir():
        return ZarrPlace(path, "", zarr.open(path, mode="r"))
    inner = _top(path)
    store = zarr.storage.ZipStore(path, mode="r")
    return ZarrPlace(path, inner, zarr.open(store, path=inner, mode="r"))


def _top(path: Path) -> str:
    """Find the group in a zip: mostly its root, or the one folder in it."""
    with zipfile.ZipFile(path) as archive:
        tops = [name.rpartition("/") for name in archive.namelist()]
    found = [folder for folder, _, name in tops if name in MARKS]
    return min(found, key=len, default="")


def _chunk(file: str) -> tuple[int, ...]:
    """Return which chunk a file holds, by its name: "0.1.2", "0/1/2" or "c/0/1/2"."""
    if not _NAME.fullmatch(file):
        return ()
    return tuple(map(int, _NUMBER.findall(file)))
