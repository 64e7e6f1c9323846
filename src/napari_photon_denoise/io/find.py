"""Files, folders and globs into a list of images."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io.data_set import split_address
from napari_photon_denoise.io.ome_files import ENDINGS
from napari_photon_denoise.io.own import own_kind
from napari_photon_denoise.io.paths import local_path
from napari_photon_denoise.io.readers import FORMATS, find_reader, images_of
from napari_photon_denoise.io.series_names import counted_axes
from napari_photon_denoise.words import counted

MANY = 100
"""Files whose names may be those of a stack's planes."""


@dataclass(frozen=True)
class RawImages:
    """The images that files, folders and globs stand for, without what this program wrote.

    Parameters
    ----------
    paths : tuple of Path
    results, calibrations : int
        How many were passed over.
    joined : tuple of str
        What is part of a data set in several files, or holds several images, in sentences.
    """

    paths: tuple[Path, ...]
    results: int = 0
    calibrations: int = 0
    joined: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """Say what was passed over or taken together, in sentences."""
        return (*self._passed_over, *self.joined)

    @property
    def _passed_over(self) -> tuple[str, ...]:
        parts = (("results", self.results), ("calibrations", self.calibrations))
        said = [counted(count, name) for name, count in parts if count]
        if not said:
            return ()
        verb = "was" if self.results + self.calibrations == 1 else "were"
        return (f"{' and '.join(said)} of this program {verb} passed over.",)


def find_images(patterns: Sequence[str | Path]) -> list[Path]:
    """List the images that files, folders and globs stand for.

    Parameters
    ----------
    patterns : sequence of str or Path
        A file is taken as it is. A folder stands for all images directly in it, one that is
        an image (OME-Zarr) for itself. "*", "?", "[...]" and "**" match as in a shell.
        Calibrations of this program are no images, though they end like some. A data set in
        several files is found once, whichever of them is named, and a file of several positions
        is an image for each, with the position's name behind its path.

    Returns
    -------
    list of Path
        Each image once, in the order of the patterns, and in natural order within one.

    Raises
    ------
    UnreadableFile
        A pattern that stands for no image.
    """
    found: dict[Path, None] = {}
    for pattern in patterns:
        matches = _matches(local_path(pattern))
        images = [path for path in matches if own_kind(path) != "calibration"]
        # One that is named itself stays, for who opens it to refuse.
        found.update(dict.fromkeys(images or matches))
    _check_any(found)
    return list(_joined(list(found)).paths)


def find_raw_images(patterns: Sequence[str | Path], *, allow_results: bool = False) -> RawImages:
    """List the images that files, folders and globs stand for, as a camera took them.

    Results of this program and calibrations are passed over where several files are named, be it
    by a folder, a pattern, or a shell that makes a list of one. What is named alone stays, for
    who opens it to refuse.

    Parameters
    ----------
    patterns : sequence of str or Path
        See `find_images`.
    allow_results : bool
        Take results for raw images.

    Raises
    ------
    UnreadableFile
        A pattern that stands for no image, or only for results and calibrations.
    """
    matches = {path: _matches(path) for path in map(local_path, patterns)}
    _check_any(matches)
    kinds = {path: own_kind(path) for paths in matches.values() for path in paths}
    passed = ("calibration",) if allow_results else ("calibration", "result")
    raw = tuple(path for path, kind in kinds.items() if kind not in passed)
    if raw:
        found = [kind for kind in kinds.values() if kind in passed]
        results, calibrations = found.count("result"), found.count("calibration")
        return replace(_joined(raw), results=results, calibrations=calibrations)
    folders = [str(pattern) for pattern, paths in matches.items() if paths != [pattern]]
    if folders:
        raise UnreadableFile(
            f"{folders[0]} holds only results of this program or calibrations: name the raw images."
        )
    return RawImages(tuple(kinds))


def _joined(paths: Sequence[Path]) -> RawImages:
    """Take the files of one data set together, and those of several images apart."""
    known: dict[Path, tuple[Path, ...]] = {}
    for path in paths:
        if path not in known:
            known.update(images_of(path))
    images = dict.fromkeys(image for path in paths for image in known[path])
    sets: dict[tuple[Path, ...], list[Path]] = {}
    for path in dict.fromkeys(paths):
        sets.setdefault(known[path], []).append(path)
    said = (*_say_together(sets), *_say_apart(sets), *_say_series(images))
    return RawImages(tuple(images), joined=said)


def _say_together(sets: Mapping[tuple[Path, ...], Sequence[Path]]) -> list[str]:
    """Say how many files are parts of others, by the images that they hold together."""
    several = {images: files for images, files in sets.items() if len(files) > 1}
    said = []
    if several:
        files = sum(map(len, several.values()))
        taken = counted(sum(map(len, several)), "images")
        said.append(f"{counted(files, 'files')} belong together: they are taken as {taken}.")
    for images, (file, *others) in sets.items():
        if len(images) == 1 and not others and images != (file,):
            said.append(f"{file.name} is part of a data set, which is named by {images[0].name}.")
    return said


def _say_apart(sets: Mapping[tuple[Path, ...], Sequence[Path]]) -> list[str]:
    """Say which files hold several positions."""
    held = {files[0]: len(each) for each, files in sets.items() if len(files) == 1 < len(each)}
    if len(held) > 1:
        taken = counted(sum(held.values()), "images")
        return [f"{counted(len(held), 'files')} hold several positions: they are taken as {taken}."]
    return [
        f"{file.name} holds {counted(number, 'positions')}, each an image of its own."
        for file, number in held.items()
    ]


def _say_series(images: Iterable[Path]) -> list[str]:
    """Say where images, each by itself, have names as the planes of one stack have."""
    folders: dict[Path, list[str]] = {}
    for image in images:
        if image.name.lower().endswith(ENDINGS):
            folders.setdefault(image.parent, []).append(image.name)
    return [
        f"The names of the {len(names):,} files in {folder.absolute().name} count {axes}: if they "
        "are planes of one stack, take them as a series."
        for folder, names in folders.items()
        if len(names) >= MANY and (axes := counted_axes(names))
    ]


def _check_any(found: Mapping[Any, Any]) -> None:
    if not found:
        raise UnreadableFile("No image was given: give files, folders or patterns like *.tif.")


def _matches(pattern: Path) -> list[Path]:
    try:
        return _images_of(pattern)
    except OSError:  # it may not be looked at, say: who opens it says why, and does the others
        return [pattern]


def _images_of(pattern: Path) -> list[Path]:
    if pattern.is_dir() and find_reader(pattern) is None:
        images = _sorted_images(list(pattern.iterdir()))
        if not images:
            raise UnreadableFile(
                f"{pattern} holds no {FORMATS}: give another folder, or a pattern like "
                "'folder/**/*.tif' for the folders in it."
            )
        return images
    # Before globs: brackets may be part of a file's name.
    if pattern.exists() or split_address(pattern) is not None:
        return [pattern]
    if not glob.has_magic(str(pattern)):
        raise UnreadableFile(f"{pattern} does not exist: check its name and folder.")
    images = _sorted_images([Path(name) for name in globbed(pattern)])
    if not images:
        raise UnreadableFile(f"{pattern} matches no image: check the pattern and the folder.")
    return images


def globbed(pattern: Path) -> list[str]:
    """Return what a pattern matches; brackets are those of a name, where there is such a one."""
    folder = Path(pattern.anchor)
    for part in pattern.parts[len(folder.parts) :]:
        if not os.path.isdir(folder / part):
            break
        folder /= part
    rest = pattern.parts[len(folder.parts) :]
    before = glob.escape(str(folder)) if folder.parts else ""
    found = glob.glob(os.path.join(before, *rest), recursive=True)
    # In a folder that a star stands for: "*/cell [1].tif".
    return found or glob.glob(
        os.path.join(before, *(part.replace("[", "[[]") for part in rest)), recursive=True
    )


def _sorted_images(candidates: list[Path]) -> list[Path]:
    images = {path for path in candidates if _is_named_so(path)}
    # "**" also finds the inside of an OME-Zarr.
    outer = [path for path in images if not any(parent in images for parent in path.parents)]
    return sorted(outer, key=natural_order)


def is_image(path: Path) -> bool:
    """Tell whether a file or folder is an image, by its name and what it holds."""
    return _is_named_so(path) and own_kind(path) != "calibration"


def _is_named_so(path: Path) -> bool:
    if path.name.startswith("."):  # temporary files, and macOS's "._" companions
        return False
    return find_reader(path) is not None


def natural_order(path: Path) -> list[tuple[int, int, str]]:
    """Key that sorts "2" before "10"."""
    parts = re.split(r"(\d+)", str(path).lower())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]
