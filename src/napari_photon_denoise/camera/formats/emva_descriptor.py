r"""The descriptor of a data set of EMVA 1288: which frames are dark or bright, and how exposed.

A text file (version 3.0 of the standard's data format) beside the images::

    # a remark
    v 3.0
    n 12 640 480                bits, width, height
    b 40000.0 120.0             bright: exposure (ns), photons a pixel
    i images\b_000_snap_001.png
    d 40000.0                   dark: exposure (ns)
    i images\d_000_snap_001.png
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PureWindowsPath
from typing import Literal

from napari_photon_denoise.errors import UnreadableFile

LARGEST = 10_000_000  # bytes; no descriptor is as long
ROLES: dict[str, Literal["dark", "flat"]] = {"b": "flat", "d": "dark"}


@dataclass(frozen=True)
class ListedStack:
    """Frames that a descriptor lists as taken alike.

    Parameters
    ----------
    role : {"dark", "flat"}
    exposure : float
        ms.
    files : tuple of Path
    shape : tuple of int
        ``(Y, X)``, px.
    """

    role: Literal["dark", "flat"]
    exposure: float
    files: tuple[Path, ...]
    shape: tuple[int, int]


def find_descriptor(folder: Path) -> Path | None:
    """Return the descriptor in a folder or beside it, that is of its images; None without one."""
    for place in (folder, folder.parent):
        for path in sorted(place.glob("*.txt")):
            if path.stat().st_size <= LARGEST and _is_descriptor(path):
                inside = any(folder in file.parents for file in _listed(path))
                return path if inside else None
    return None


def read_descriptor(path: Path) -> list[ListedStack]:
    """Read which frames there are, in the order of the file.

    Raises
    ------
    UnreadableFile
        If a line is not understood, or an image is not there.
    """
    shape: tuple[int, int] | None = None
    stacks: list[ListedStack] = []
    for number, words in _lines(path):
        try:
            if words[0] == "n":
                shape = int(words[3]), int(words[2])
            elif words[0] in ROLES and shape is not None:
                exposure = float(words[1]) / 1e6
                stacks.append(ListedStack(ROLES[words[0]], exposure, (), shape))
            elif words[0] == "i" and stacks:
                files = (*stacks[-1].files, _place(path, words[1]))
                stacks[-1] = replace(stacks[-1], files=files)
            elif words[0] != "v":
                raise ValueError
        except (ValueError, IndexError):
            raise UnreadableFile(
                f"{path.name} is not understood in line {number}: check it, or move it out of the "
                "folder to have the frames sorted by their names."
            ) from None
    missing = [file for stack in stacks for file in stack.files if not file.exists()]
    if missing:
        raise UnreadableFile(
            f"{path.name} lists {len(missing)} images that are not there, such as "
            f"{missing[0].name}: put them back, or move the list out of the folder."
        )
    return [stack for stack in stacks if stack.files]


def _is_descriptor(path: Path) -> bool:
    first = next(_lines(path), None)
    return first is not None and first[1][0] == "v"


def _listed(path: Path) -> list[Path]:
    return [_place(path, words[1]) for _, words in _lines(path) if words[0] == "i" and words[1:]]


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Go through what is no remark: the number of a line, and its words."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            # A file's name may hold spaces.
            words = line.split(maxsplit=1) if line.startswith("i ") else line.split()
            if words and not words[0].startswith("#"):
                yield number, [word.strip() for word in words]


def _place(path: Path, name: str) -> Path:
    """Return where an image lies; the paths are written as on Windows."""
    return path.parent.joinpath(*PureWindowsPath(name).parts)
