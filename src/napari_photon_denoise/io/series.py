"""A numbered series of TIFF files as one image, without opening each of them.

Its address is a pattern, `folder/img_*.tif`, wherever one image is named. The first file says what
all of them hold; the others are looked at when they are read.
"""

from __future__ import annotations

import fnmatch
import glob
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any, overload

import numpy as np

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io.image import Source, shown_name
from napari_photon_denoise.io.ome_files import ENDINGS
from napari_photon_denoise.io.series_names import Numbered, numbered
from napari_photon_denoise.io.tiff import read_tiff, tiff_positions
from napari_photon_denoise.io.tiff_pages import check_tiff
from napari_photon_denoise.io.time_points import whole_time_points


def is_series(path: Path) -> bool:
    """Tell whether a path is a pattern for the files of one folder, and no file itself."""
    return glob.has_magic(path.name) and not os.path.lexists(path) and path.parent.is_dir()


def series_name(path: Path) -> str:
    """Name a series: by what its files' names begin with, or by its folder."""
    begin = re.split(r"[*?\[]", path.name)[0].strip("_-. ")
    return begin or path.absolute().parent.name


def matching(path: Path) -> list[str]:
    """List the names of the TIFF files that a pattern stands for, in the order of names.

    The folder is listed once, and no file is looked at.
    """
    with os.scandir(path.parent) as entries:
        names = [entry.name for entry in entries if entry.name[:1] != "."]
    # A bracket may be part of the files' names.
    found = fnmatch.filter(names, path.name) or fnmatch.filter(names, path.name.replace("[", "[[]"))
    return sorted(name for name in found if name.lower().endswith(ENDINGS))


def read_series(path: Path, axes: str | None) -> Source:
    """Find the image of a series; opens its first file, and reads no pixels.

    Parameters
    ----------
    path : Path
        A pattern for the files of one folder.
    axes : str or None
        What the user says: a letter for each number in the names that differs, in their order,
        then for each dimension of a file.

    Raises
    ------
    UnreadableFile
        No files, or names that do not tell where each belongs; planes are missing; what the first
        file holds can't be read.
    """
    names = matching(path)
    if len(names) < 2:
        said = f"only {names[0]}: name that" if names else "no TIFF: check the pattern and folder"
        raise UnreadableFile(f"{path} matches {said}.")
    first = path.parent / names[0]
    if tiff_positions(first):
        raise UnreadableFile(
            f"{first.name} says itself which files belong to it: name that file, not a pattern."
        )
    inner = read_tiff(first, None)
    inner.release()
    shown = shown_name(path)
    found, kept, notes = _complete(numbered(names, shown), names, shown)
    files = np.empty(found.shape, object)
    for key, name in zip(found.keys, kept, strict=True):
        files[key] = name
    channels = found.channel_names or inner.channel_names
    return replace(
        inner,
        shape=(*found.shape, *inner.shape),
        chunks=(*(1 for _ in found.shape), *inner.chunks),
        axes=found.axes + "".join("Q" if one in found.axes else one for one in inner.axes),
        pixels=SeriesPixels(path.parent, files, inner),
        channel_names=channels,
        written_axes=None,
        ome=None,  # of one plane
        notes=(_said(found, len(kept)), *notes, *found.notes, *inner.notes),
        files=_Files(path.parent, kept),
        release=lambda: None,
    )


def _complete(
    found: Numbered, names: Sequence[str], shown: str
) -> tuple[Numbered, Sequence[str], tuple[str, ...]]:
    """Cut a series to the time points that are complete, where it was stopped early."""
    if len(names) == prod(found.shape):
        return found, names, ()
    at = found.axes.find("T")
    if at < 0:
        raise UnreadableFile(
            f"{shown} lacks {prod(found.shape) - len(names):,} of the {prod(found.shape):,} files "
            "that the numbers in their names announce: copy it again."
        )
    others = [size for axis, size in enumerate(found.shape) if axis != at]
    flat = [
        (key[at], int(np.ravel_multi_index(key[:at] + key[at + 1 :], others)), 0)
        for key in found.keys
    ]
    announced = (found.shape[at], prod(others), 1)
    times, notes = whole_time_points(shown, flat, announced, "files")
    kept = [number for number, key in enumerate(flat) if key[0] < times]
    shape = (*found.shape[:at], times, *found.shape[at + 1 :])
    keys = tuple(found.keys[number] for number in kept)
    return replace(found, shape=shape, keys=keys), [names[number] for number in kept], notes


def _said(found: Numbered, files: int) -> str:
    """Say how a series was understood."""
    axes = zip(found.axes.replace("Q", "N"), found.shape, strict=True)
    counts = " × ".join(f"{size} {letter}" for letter, size in axes)
    return f"{files:,} files are taken as one stack, by their names: {counts}."


class _Files(Sequence[Path]):
    """Files of a folder, whose paths are made when they are asked for: that of each takes time."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self._folder, self._names = folder, names

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, at: int) -> Path: ...
    @overload
    def __getitem__(self, at: slice) -> _Files: ...
    def __getitem__(self, at: int | slice) -> Path | _Files:
        """Return the path of one, or some of them."""
        if isinstance(at, slice):
            return _Files(self._folder, self._names[at])
        return self._folder / self._names[at]


class SeriesPixels:
    """The pixels of a series: slices in, array out; each file is open while it is read.

    Parameters
    ----------
    folder : Path
    files : (…) array of str
        The name of the file at each place of the outer axes.
    like : Source
        Of the first file.
    """

    def __init__(self, folder: Path, files: Any, like: Source) -> None:
        self._folder, self._files, self._like = folder, files, like

    def __call__(self, index: tuple[slice, ...]) -> Any:
        """Read one block.

        Raises
        ------
        UnreadableFile
            A file is gone, damaged, or holds something else than the first.
        """
        outer, box = index[: self._files.ndim], index[self._files.ndim :]
        names = self._files[outer]
        lengths = [part.stop - part.start for part in box]
        block = np.empty((*names.shape, *lengths), self._like.dtype.newbyteorder("="))
        for key in np.ndindex(names.shape):
            block[key] = self._read(self._folder / names[key], box)
        return block

    def _read(self, path: Path, box: tuple[slice, ...]) -> Any:
        import tifffile

        if not path.is_file():
            raise UnreadableFile(f"{path.name} of the series is gone: copy it again.")
        if len(check_tiff(path).pages) == 1:  # most: their pixels need no list of pages
            with tifffile.TiffFile(path, is_ome=False) as tif:
                page = tif.pages.first
                if page.shape == self._like.shape and page.dtype == self._like.dtype:
                    return page.asarray()[box]
        source = read_tiff(path, None)
        try:
            if source.shape != self._like.shape or source.dtype != self._like.dtype:
                raise UnreadableFile(
                    f"{path.name} is {_kind(source)}, and the first file of the series is "
                    f"{_kind(self._like)}: take it out of the folder, or name the files of one "
                    "kind."
                )
            return source.pixels(box)
        finally:
            source.release()


def _kind(source: Source) -> str:
    return f"{' × '.join(map(str, source.shape))} px of {source.dtype.name}"
