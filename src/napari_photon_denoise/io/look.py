"""What lies in folders at a moment, by names, sizes and times; nothing is opened.

Folders are looked at again and again rather than asked to tell of changes: shared folders, which
microscopes write to, do not tell.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io.data_set import split_address
from napari_photon_denoise.io.find import globbed
from napari_photon_denoise.io.paths import local_path
from napari_photon_denoise.io.readers import FILE_ENDINGS, find_reader
from napari_photon_denoise.io.stamp import Stamp, stamp_of

_HERE = os.path.join(os.curdir, "")


class Seen(NamedTuple):
    """An image file or folder, as it is now: number, bytes and last change."""

    listed: Stamp
    """Of itself, as the folder that it lies in has it."""
    within: Stamp | None = None
    """Of the files in a folder, where they were looked at."""

    @property
    def content(self) -> Stamp:
        """What changes with the image itself."""
        return self.within or self.listed


def check_watchable(patterns: Sequence[str | Path]) -> None:
    """Refuse what no image will ever come to.

    Parameters
    ----------
    patterns : sequence of str or Path
        Folders, files and globs, see `find.find_images`.

    Raises
    ------
    UnreadableFile
        A folder that is not there, or a position in a file.
    """
    for pattern in map(local_path, patterns):
        if split_address(pattern) is not None:
            raise UnreadableFile(f"{pattern} is an image in a file: name the file or its folder.")
        if pattern.exists():
            continue
        fixed = pattern
        while glob.has_magic(str(fixed)) and not fixed.exists():
            fixed = fixed.parent
        if fixed == pattern or not fixed.is_dir():
            raise UnreadableFile(
                f"{fixed} does not exist: check its name, or make the folder that images come to."
            )


def look(patterns: Sequence[str | Path], is_settled: Callable[[str], bool]) -> dict[str, Seen]:
    """List the image files and folders that patterns stand for now, by their names alone.

    Parameters
    ----------
    patterns : sequence of str or Path
        See `find.find_images`.
    is_settled : function of a path
        Whether it is known what a file or folder holds. Those are only listed: of a folder, what
        is in it is not looked at any more.

    Returns
    -------
    dict of Seen
        In no order.
    """
    found: dict[str, Seen] = {}
    for pattern in map(local_path, patterns):
        for entry in _entries(pattern):
            if entry.name.startswith("."):
                continue
            path = entry.path.removeprefix(_HERE)
            try:
                seen = _seen(entry, is_settled(path))
            except OSError:  # gone meanwhile, or a link to nowhere
                continue
            if seen is not None:
                found[path] = seen
    inside = _Inside(found)
    return {path: seen for path, seen in found.items() if not inside(path)}


class _Inside:
    """Tells what is in a folder that is an image: "**" goes through OME-Zarr, too."""

    def __init__(self, found: Mapping[str, Seen]) -> None:
        self._found = found
        self._known: dict[str, bool] = {}

    def __call__(self, path: str) -> bool:
        """Tell whether one of the folders above is an image."""
        folder = os.path.dirname(path)
        if folder not in self._known:
            above = [folder, *map(str, Path(folder).parents)]
            self._known[folder] = any(one in self._found for one in above)
        return self._known[folder]


def seen_at(path: Path) -> Seen:
    """Look at one file or folder by itself.

    Raises
    ------
    OSError
        If it is not there.
    """
    facts = os.stat(path)
    within = stamp_of([path], most=None) if path.is_dir() else None
    return Seen((1, facts.st_size, facts.st_mtime_ns), within)


def _seen(entry: os.DirEntry[str], is_settled: bool) -> Seen | None:
    """Return how an image is now; None of what is none."""
    if is_settled:
        facts = entry.stat()
        return Seen((1, facts.st_size, facts.st_mtime_ns))
    if entry.is_dir():
        is_image = find_reader(Path(entry.path)) is not None
    else:
        is_image = entry.name.lower().endswith(FILE_ENDINGS)
    # Windows lists a file that is being written with the size and time that it had before.
    return seen_at(Path(entry.path)) if is_image else None


def _entries(pattern: Path) -> Iterator[os.DirEntry[str]]:
    """Yield what a pattern stands for, a folder before what is in it."""
    if pattern.is_dir() and find_reader(pattern) is None:
        with suppress(OSError), os.scandir(pattern) as entries:  # a share that is away for a while
            yield from entries
        return
    names: dict[str, set[str]] = {}
    for path in [str(pattern)] if pattern.exists() else globbed(pattern):
        folder, name = os.path.split(path)
        names.setdefault(folder, set()).add(name)
    # One look into a folder costs less than one at each file, above all on a server.
    for folder in sorted(names):
        with suppress(OSError), os.scandir(folder or os.curdir) as entries:
            yield from (entry for entry in entries if entry.name in names[folder])
