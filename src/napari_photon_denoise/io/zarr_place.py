"""Where an OME-Zarr lies: in a folder, or in a zip of one; and the images that are in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from napari_photon_denoise.io.text import from_json
from napari_photon_denoise.io.zarr_files import Files, InFolder, InZip, names_in_zip
from napari_photon_denoise.words import counted

MARKS = ("zarr.json", ".zgroup", ".zattrs", ".zarray")
_NAME, _NUMBER = re.compile(r"(c[./])?\d+([./]\d+)*"), re.compile(r"\d+")
MOST_LISTED = 10_000  # chunks of a folder that are all looked for
SAMPLE = 1000
_SAYING = ("zarr.json", ".zattrs")  # those with attributes


@dataclass(frozen=True, eq=False)
class ZarrPlace:
    """A group or array in a folder or zip.

    What it says is read as the text that it is: zarr takes milliseconds to open a group, and a
    plate has thousands.

    Parameters
    ----------
    path : Path
        The folder or the zip.
    inner : str
        Where the group is in it; empty for its root.
    """

    path: Path
    inner: str = ""

    @cached_property
    def node(self) -> Any:
        """The group or array, as zarr opens it."""
        import zarr

        if self.path.is_dir():
            return zarr.open(self.path, path=self.inner, mode="r")
        store = zarr.storage.ZipStore(self.path, mode="r")
        return zarr.open(store, path=self.inner, mode="r")

    @cached_property
    def said(self) -> dict[str, Any]:
        """What it says of itself, in version 0.4 or 0.5."""
        return _said([self])[0]

    def inside(self, name: str) -> ZarrPlace:
        """Return a group in this one."""
        return replace(self, inner=f"{self.inner}/{name}".strip("/"))

    def images(self) -> list[str]:
        """List the images in it that are there: a plate's fields, a well's, or a file's series."""
        said = self.said
        if "multiscales" in said:
            return []
        if "plate" in said:
            names = [str(well["path"]) for well in said["plate"].get("wells") or []]
            wells = [(name, self.inside(name)) for name in names]
            there = [(name, well) for name, well in wells if well.is_there()]
            held = _said([well for _, well in there])
            return [
                f"{name}/{field}"
                for (name, well), say in zip(there, held, strict=True)
                for field in well.fields(say)
            ]
        if "well" in said:
            return self.fields(said)
        if said.get("bioformats2raw.layout"):
            found = self.files.folders(self.inner)
            return sorted((name for name in found if name.isdecimal()), key=int)
        return []

    def fields(self, said: dict[str, Any]) -> list[str]:
        """Return the fields of a well, by what it says, that are there."""
        fields = ((said.get("well") or {}).get("images")) or []
        names = (str(field["path"]) for field in fields)
        return [name for name in names if self.inside(name).is_there()]

    def is_there(self) -> bool:
        """Whether it is there, and has not been deleted meanwhile."""
        return any(self.files.has(self.named(mark)) for mark in MARKS)

    def named(self, name: str) -> str:
        """Return the name of a file in it."""
        return f"{self.inner}/{name}".lstrip("/")

    @property
    def files(self) -> Files:
        """All files of the store."""
        return InZip(self.path) if self.path.is_file() else InFolder(self.path)

    def missing_chunks(self) -> tuple[str, ...]:
        """Say how many chunks of this array are not stored, which zarr reads as its fill value.

        Of very many in a folder some are looked for, evenly spread and the last among them: to list
        millions of files takes minutes.
        """
        array = self.node
        parts = array.shards or array.chunks
        grid = [-(-length // part) for length, part in zip(array.shape, parts, strict=True)]
        total = prod(grid)
        is_sample = total > MOST_LISTED and self.path.is_dir()
        looked = SAMPLE if is_sample else total
        absent = self._absent(grid) if is_sample else total - len(self._stored(grid))
        if absent == 0:
            return ()
        verb = "is" if absent == 1 else "are"
        of = f"{looked:,} chunks that were looked for (of {total:,})"
        of = of if is_sample else f"the image's {counted(total, 'chunks')}"
        return (
            f"{absent:,} of {of} {verb} missing, and read "
            f"as {array.fill_value}: programs leave out chunks that are {array.fill_value} "
            "throughout, but so does a copy or a recording that was broken off, so compare it with "
            "the original.",
        )

    def _stored(self, grid: Sequence[int]) -> set[tuple[int, ...]]:
        """Return the chunks that are there."""
        keys = map(_chunk, self.files.below(self.inner))
        return {key for key in keys if len(key) == len(grid) and all(map(int.__lt__, key, grid))}

    def _absent(self, grid: Sequence[int]) -> int:
        """Count how many of a sample of the chunks are not there."""
        numbers = (round(at * (prod(grid) - 1) / (SAMPLE - 1)) for at in range(SAMPLE))
        places = (tuple(map(int, np.unravel_index(number, grid))) for number in numbers)
        names = (self.named(self.node.metadata.encode_chunk_key(place)) for place in places)
        return sum(not self.files.has(name) for name in names)


def open_place(path: Path) -> ZarrPlace:
    """Find a folder's group, or the topmost one in a zip."""
    return ZarrPlace(path) if path.is_dir() else ZarrPlace(path, _top(path))


def _top(path: Path) -> str:
    """Find the group in a zip: mostly its root, or the one folder in it."""
    tops = [name.rpartition("/") for name in names_in_zip(path)]
    found = [folder for folder, _, name in tops if name in MARKS]
    return min(found, key=len, default="")


def _said(places: Sequence[ZarrPlace]) -> list[dict[str, Any]]:
    """Return what each of some groups of one store says of itself."""
    if not places:
        return []
    files = places[0].files
    names = [
        next((name for name in map(place.named, _SAYING) if files.has(name)), None)
        for place in places
    ]
    texts = iter(files.read([name for name in names if name is not None]))
    return [{} if name is None else _ome_of(name, next(texts)) for name in names]


def _ome_of(name: str, text: bytes) -> dict[str, Any]:
    """Return what OME-Zarr adds to the metadata of a group."""
    said = from_json(text)
    if name.endswith("zarr.json"):
        said = said.get("attributes") or {}
    ome = said.get("ome", said)
    return ome if isinstance(ome, dict) else {}


def _chunk(file: str) -> tuple[int, ...]:
    """Return which chunk a file holds, by its name: "0.1.2", "0/1/2" or "c/0/1/2"."""
    if not _NAME.fullmatch(file):
        return ()
    return tuple(map(int, _NUMBER.findall(file)))
