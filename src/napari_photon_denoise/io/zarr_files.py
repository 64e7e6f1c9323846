"""The files of a zarr store by their names, in a folder or in a zip."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol


class Files(Protocol):
    """What lies in a folder or zip; names are relative to it, with slashes."""

    def has(self, name: str) -> bool:
        """Whether a file is there."""

    def read(self, names: Sequence[str]) -> list[bytes]:
        """Return what is in some of the files."""

    def below(self, folder: str) -> Iterator[str]:
        """Yield the names of all files in a folder, relative to that."""

    def folders(self, folder: str) -> set[str]:
        """Return the names of the folders directly in a folder."""


@dataclass(frozen=True)
class InFolder:
    """Files in a folder."""

    path: Path

    def has(self, name: str) -> bool:
        """Whether a file is there."""
        return os.path.isfile(self.path / name)

    def read(self, names: Sequence[str]) -> list[bytes]:
        """Return what is in some of the files."""
        return [(self.path / name).read_bytes() for name in names]

    def below(self, folder: str) -> Iterator[str]:
        """Yield the names of all files in a folder, relative to that."""
        top = str(self.path / folder)
        for inner, _, names in os.walk(top):
            # A large image has a folder for each chunk or two: a Path of each takes seconds.
            place = inner[len(top) :].replace(os.sep, "/").lstrip("/")
            yield from (f"{place}/{name}" for name in names) if place else names

    def folders(self, folder: str) -> set[str]:
        """Return the names of the folders directly in a folder."""
        with os.scandir(self.path / folder) as entries:
            return {entry.name for entry in entries if entry.is_dir()}


@dataclass(frozen=True)
class InZip:
    """Files in a zip."""

    path: Path

    def has(self, name: str) -> bool:
        """Whether a file is there."""
        return name in names_in_zip(self.path)

    def read(self, names: Sequence[str]) -> list[bytes]:
        """Return what is in some of the files."""
        with zipfile.ZipFile(self.path) as archive:  # once: its list of names may be long
            return [archive.read(name) for name in names]

    def below(self, folder: str) -> Iterator[str]:
        """Yield the names of all files in a folder, relative to that."""
        start = f"{folder}/".lstrip("/")
        for name in names_in_zip(self.path):
            if name.startswith(start):
                yield name.removeprefix(start)

    def folders(self, folder: str) -> set[str]:
        """Return the names of the folders directly in a folder."""
        return {name.partition("/")[0] for name in self.below(folder) if "/" in name}


def names_in_zip(path: Path) -> dict[str, None]:
    """Return the names in a zip, in its order."""
    return _names(path, *stamp(path))


def stamp(path: Path) -> tuple[int, int]:
    """Return a file's bytes and last change: what is known of it holds as long as these do."""
    about = path.stat()
    return about.st_size, about.st_mtime_ns


@lru_cache(maxsize=4)  # a plate's list is long, and asked for again for each of its fields
def _names(path: Path, size: int, changed: int) -> dict[str, None]:
    with zipfile.ZipFile(path) as archive:
        return dict.fromkeys(archive.namelist())
