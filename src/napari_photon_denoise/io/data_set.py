"""A recording in one file or several, and the images (stage positions) that it holds.

A position that shares its files with others has the address of its first file with the position's
name behind it, as if the file were a folder: `cells.ome.tif/Pos1`. Everything that takes a path
takes such an address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io.image import Source
from napari_photon_denoise.words import counted


@dataclass(frozen=True)
class Position:
    """One image of a recording.

    Parameters
    ----------
    label : str
        Names it among the others; may be part of a file's name.
    files : tuple of Path
        Where its planes lie, that of the first plane first.
    read : callable
        Finds the image; takes what the user says of the axes.
    aside : tuple of Path
        What else belongs to it, such as an index or a file of metadata.
    """

    label: str
    files: tuple[Path, ...]
    read: Callable[[str | None], Source] = field(repr=False)
    aside: tuple[Path, ...] = ()


def positions_at(path: Path, positions: Sequence[Position]) -> tuple[Position, ...]:
    """Return the positions of a recording that have planes in a file; all, of its metadata."""
    return tuple(one for one in positions if path in one.files) or tuple(
        one for one in positions if path in one.aside
    )


def addresses(positions: Sequence[Position]) -> dict[Path, tuple[Path, ...]]:
    """Return the paths that name the positions of a recording, and no other, for each of its files.

    Those of a file that has no planes, such as an index, are of all that it belongs to.
    """
    holding: dict[Path, list[int]] = {}
    beside: dict[Path, list[int]] = {}
    for number, one in enumerate(positions):
        for file in one.files:
            holding.setdefault(file, []).append(number)
        for file in one.aside:
            beside.setdefault(file, []).append(number)
    firsts = (one.files[0] for one in positions)
    named = [
        first if len(holding[first]) == 1 else first / one.label
        for one, first in zip(positions, firsts, strict=True)
    ]
    return {
        file: tuple(named[number] for number in dict.fromkeys(numbers))
        for file, numbers in {**beside, **holding}.items()
    }


def split_address(path: Path) -> tuple[Path, str] | None:
    """Split the address of a position in a file; None of a path that is none.

    A position may be named as the file names it, such as a dataset in groups: "a.h5/exp/raw".
    """
    file = next((one for one in path.parents if one.is_file()), None)
    return None if file is None else (file, path.relative_to(file).as_posix())


def chosen(path: Path, label: str | None, positions: Sequence[Position]) -> Position:
    """Return the one position of a file that is meant.

    Raises
    ------
    UnreadableFile
        There are several, or none of that label.
    """
    here = positions_at(path, positions)
    found = [one for one in here if label in (None, one.label)]
    if not found and label is not None:
        found = [one for one in here if one.label == _label(label)]
    if len(found) == 1:
        return found[0]
    example = path / here[0].label
    if found:
        raise UnreadableFile(
            f"{path.name} holds {counted(len(here), 'positions')}: name one of them, such as "
            f"{example}."
        )
    names = ", ".join(one.label for one in here[:5]) + (", …" if len(here) > 5 else "")
    raise UnreadableFile(f"{path.name} has no position {label}; it has {names}.")


def labelled(names: Sequence[str]) -> list[str]:
    """Make the names of positions part of file names, each once.

    Parameters
    ----------
    names : sequence of str
        As the file has them; where one is missing or there twice, all are numbered instead.
    """
    labels = [_label(name) for name in names]
    if all(labels) and len({label.lower() for label in labels}) == len(labels):
        return labels
    return [f"Pos{number}" for number in range(len(names))]


def _label(name: str) -> str:
    return re.sub(r"[^\w+-]+", "_", name).strip("_")[:60]


def files_missing(name: str, missing: Sequence[str]) -> UnreadableFile:
    """Make the error of a recording of which some files are not there."""
    others = f" and {len(missing) - 1} more of its files are" if missing[1:] else " is"
    return UnreadableFile(
        f"{name} is part of a data set in several files, of which {missing[0]}{others} not here: "
        "copy all of them into one folder again."
    )
