"""Which noisy file belongs to which clean one: by their names, never by guessing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.readers import bare_name

SHOWN = 4  # names in a sentence

Key = str | tuple[str, ...]


def match(noisy: Sequence[Path], clean: Sequence[Path]) -> list[tuple[Path, Path]]:
    """Pair files: those of the same name, else those of the same numbers in it.

    "low/cell_07.tif" belongs to "high/cell_07.tif", and "short_07.tif" to "long_007.tif" if all
    names of each side differ in their numbers only. One file each is a pair whatever its name.

    Parameters
    ----------
    noisy, clean : sequence of Path

    Returns
    -------
    list of (Path, Path)

    Raises
    ------
    PhotonDenoiseError
        If a file is left over, or is its own partner.
    """
    if len(noisy) == len(clean) == 1:
        pairs = [(noisy[0], clean[0])]
    else:
        key = _same_name if _have_names_in_common(noisy, clean) else _numbers(noisy, clean)
        pairs = _by(key, noisy, clean)
    for one, other in pairs:
        if one.resolve() == other.resolve():
            raise PhotonDenoiseError(
                f"{one} is given as noisy and as clean: name the two images of a scene."
            )
    return pairs


def _by(
    key: Callable[[Path], Key], noisy: Sequence[Path], clean: Sequence[Path]
) -> list[tuple[Path, Path]]:
    sides = []
    for paths in (noisy, clean):
        count = Counter(key(path) for path in paths)
        twice = [path for path in paths if count[key(path)] > 1]
        if twice:
            raise PhotonDenoiseError(
                f"{_names(twice)} can't be told apart by their names: give one folder of noisy "
                "and one of clean images, in which partners have the same name."
            )
        sides.append({key(path): path for path in paths})
    lonely = [path for name, path in sides[0].items() if name not in sides[1]]
    lonely += [path for name, path in sides[1].items() if name not in sides[0]]
    if lonely:
        raise PhotonDenoiseError(
            f"{_names(lonely)} {'has' if len(lonely) == 1 else 'have'} no partner: a noisy image "
            "and its clean one need the same name, or the same number in it."
        )
    return [(path, sides[1][name]) for name, path in sides[0].items()]


def _have_names_in_common(noisy: Sequence[Path], clean: Sequence[Path]) -> bool:
    return not {_same_name(path) for path in noisy}.isdisjoint(map(_same_name, clean))


def _same_name(path: Path) -> str:
    return bare_name(path).lower()


def _numbers(noisy: Sequence[Path], clean: Sequence[Path]) -> Callable[[Path], Key]:
    """Return what reads the numbers of a name that differ within a side; else the name."""
    varying: dict[str, list[int]] = {}
    for paths in (noisy, clean):
        patterns = {_pattern(path) for path in paths}
        if len(patterns) > 1 or len(noisy) != len(clean):
            return _same_name
        columns = zip(*(_digits(path) for path in paths), strict=True)
        varying[patterns.pop()] = [i for i, column in enumerate(columns) if len(set(column)) > 1]
    if len({len(places) for places in varying.values()}) > 1 or not all(varying.values()):
        return _same_name

    def numbers(path: Path) -> Key:
        digits = _digits(path)
        return tuple(digits[place] for place in varying[_pattern(path)])

    return numbers


def _pattern(path: Path) -> str:
    return re.sub(r"\d+", "#", _same_name(path))


def _digits(path: Path) -> list[str]:
    return [number.lstrip("0") or "0" for number in re.findall(r"\d+", _same_name(path))]


def _names(paths: Sequence[Path]) -> str:
    shown = ", ".join(str(path) for path in paths[:SHOWN])
    more = len(paths) - SHOWN
    return f"{shown} and {more} more" if more > 0 else shown
