"""What a user names as numbered series: folders, patterns, or the files themselves."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Sequence
from pathlib import Path

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io.find import RawImages
from napari_photon_denoise.io.ome_files import ENDINGS
from napari_photon_denoise.io.paths import local_path
from napari_photon_denoise.io.series import matching


def find_series(patterns: Sequence[str | Path]) -> RawImages:
    """List the stacks that folders, patterns and lists of numbered files stand for.

    Parameters
    ----------
    patterns : sequence of str or Path
        Each folder is one stack, and so is each pattern. Files that are named one by one, as a
        shell makes them of a pattern, are one stack a folder.

    Returns
    -------
    RawImages
        A pattern for each stack, which `read` takes.

    Raises
    ------
    UnreadableFile
        One that stands for no files, or for files beside others that a pattern can't tell apart.
    """
    found: dict[Path, None] = {}
    listed: dict[Path, list[str]] = {}
    for path in map(local_path, patterns):
        if os.path.isdir(path):
            found[path / f"*{_ending(path)}"] = None
        elif os.path.lexists(path):
            listed.setdefault(path.parent, []).append(path.name)
        elif glob.has_magic(str(path)):
            found.update(dict.fromkeys(_of_pattern(path)))
        else:
            raise UnreadableFile(f"{path} does not exist: check its name and folder.")
    found.update((_pattern(folder, names), None) for folder, names in listed.items())
    return RawImages(tuple(found))


def _ending(folder: Path) -> str:
    """Return the ending of the files in a folder."""
    names = matching(folder / "*")
    endings = {os.path.splitext(name)[1] for name in names}
    if len(endings) > 1:
        raise UnreadableFile(
            f"{folder} holds files that end with {' and '.join(sorted(endings))}: give a pattern "
            f"for those of one series, such as {folder / 'img_*.tif'}."
        )
    if not endings:
        raise UnreadableFile(
            f"{folder} holds no numbered TIFF files ({', '.join(ENDINGS)}): give the folder that "
            "they are in."
        )
    return endings.pop()


def _of_pattern(path: Path) -> list[Path]:
    """Return a pattern, or one for each folder that it matches."""
    folders = [Path(one) for one in sorted(glob.glob(str(path.parent)))]
    if glob.has_magic(str(path.parent)) and not path.parent.is_dir():
        found = [folder / path.name for folder in folders if folder.is_dir()]
        found = [one for one in found if matching(one)]
    else:
        found = [path] if path.parent.is_dir() and matching(path) else []
    if not found:
        raise UnreadableFile(f"{path} matches no image: check the pattern and the folder.")
    return found


def _pattern(folder: Path, names: Sequence[str]) -> Path:
    """Return the pattern that stands for these files of a folder, and for no others."""
    whole = {*names}
    first = re.split(r"(\d+)", names[0])
    alike = [re.split(r"(\d+)", name) for name in names]
    if all(len(one) == len(first) for one in alike):
        parts = [
            part if all(one[at] == part for one in alike) else "*" for at, part in enumerate(first)
        ]
        narrow = glob.escape("".join(parts)).replace("[*]", "*")
    else:
        narrow = f"{glob.escape(first[0])}*{os.path.splitext(names[0])[1]}"
    if {*matching(folder / narrow)} != whole:
        raise UnreadableFile(
            f"{folder} holds more files like {names[0]} than were named: name all of the series, "
            "their folder, or a pattern in quotes."
        )
    return folder / narrow
