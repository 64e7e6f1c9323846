"""What the names of a numbered series of files say: which file is which time, channel and z.

Numbers that differ count an axis, which the letters before them name: t, z or c, in any order. One
word that differs is the channel, as in Micro-Manager's `img_000000000_DAPI_000.tif`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import NamedTuple

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.words import counted

_WORDS = {
    **dict.fromkeys(("t", "time", "tp", "frame", "timepoint"), "T"),
    **dict.fromkeys(("z", "slice", "plane", "zslice"), "Z"),
    **dict.fromkeys(("c", "ch", "channel", "w"), "C"),
    **dict.fromkeys(("p", "pos", "position", "xy", "s", "site", "m", "tile", "f", "field"), "P"),
}
_MICRO_MANAGER = re.compile(r"img_(?P<T>\d+)_(?P<C>.*)_(?P<Z>\d+)\.tiff?", re.IGNORECASE)
_BREAKS = re.compile(r"([_\-. ]+)")


class _Field(NamedTuple):
    """A part of the names that differs."""

    axis: str
    """T, C or Z; P for a position, Q where nothing says."""
    values: tuple[int | str, ...]
    """Of each file."""


@dataclass(frozen=True)
class Numbered:
    """A series, by the names of its files.

    Parameters
    ----------
    axes : str
        A letter for each part of the names that counts, in the names' order; Q where nothing says.
    shape : tuple of int
        How many different values each has.
    keys : tuple of tuple of int
        Where each file lies in that shape.
    channel_names : tuple of str
    notes : tuple of str
        What was found, a sentence each.
    """

    axes: str
    shape: tuple[int, ...]
    keys: tuple[tuple[int, ...], ...]
    channel_names: tuple[str, ...]
    notes: tuple[str, ...]


def numbered(names: Sequence[str], shown: str) -> Numbered:
    """Say where each file of a series lies.

    Parameters
    ----------
    names : sequence of str
        Of two files or more.
    shown : str
        What errors call the series.

    Raises
    ------
    UnreadableFile
        The names differ in more than numbers and one word; hold several positions; two are of one
        place.
    """
    fields = _counting(_fields(names), len(names))
    for field in fields:
        if field.axis == "P":
            raise UnreadableFile(
                f"{shown} holds several stage positions, by the names of its files ({names[0]}, "
                f"…, {names[-1]}): name the files of one of them."
            )
    if not fields:
        raise UnreadableFile(f"{shown}: the names of the files do not count anything.")
    levels = [sorted(set(field.values), key=_order) for field in fields]
    places = [{value: at for at, value in enumerate(level)} for level in levels]
    columns = [[place[v] for v in f.values] for place, f in zip(places, fields, strict=True)]
    keys = tuple(zip(*columns, strict=True))
    if len(set(keys)) < len(keys):
        seen: dict[tuple[int, ...], str] = {}
        for key, name in zip(keys, names, strict=True):
            if key in seen:
                raise UnreadableFile(
                    f"{shown} holds two files of one place, {seen[key]} and {name}: name those of "
                    "one series."
                )
            seen[key] = name
    named = [level for level, f in zip(levels, fields, strict=True) if f.axis == "C"]
    words = named[0] if named and isinstance(named[0][0], str) else ()
    return Numbered(
        axes="".join(field.axis for field in fields),
        shape=tuple(map(len, levels)),
        keys=keys,
        channel_names=tuple(map(str, words)),
        notes=tuple(
            note
            for field, level in zip(fields, levels, strict=True)
            if (note := _skipped(field.axis, level))
        ),
    )


def counted_axes(names: Sequence[str]) -> str:
    """Return what the names of files count by letters, such as "T × Z"; empty if not all do."""
    try:
        found = numbered(names, "")
    except UnreadableFile:
        return ""
    is_whole = len(names) == prod(found.shape)
    return " × ".join(found.axes) if is_whole and set(found.axes) <= set("TCZ") else ""


def _order(value: int | str) -> tuple[int, str]:
    return (value, "") if isinstance(value, int) else (0, value)


def _fields(names: Sequence[str]) -> list[_Field]:
    """Return the parts of the names that differ, in their order."""
    by_micro_manager = [_MICRO_MANAGER.fullmatch(name) for name in names]
    if all(by_micro_manager):
        found = [
            _Field(axis, tuple(match[axis] if match else "" for match in by_micro_manager))
            for axis in "TCZ"
        ]
        found = [f if f.axis == "C" else _Field(f.axis, tuple(map(int, f.values))) for f in found]
        return [field for field in found if len(set(field.values)) > 1]
    pieces = [re.split(r"(\d+)", name) for name in names]
    _check_alike(names, [len(one) for one in pieces])
    found = []
    for at, column in enumerate(zip(*pieces, strict=True)):
        if len(set(column)) == 1:
            continue
        if at % 2:
            before = re.search(r"([a-z]+)[^a-z]*$", pieces[0][at - 1], re.IGNORECASE)
            axis = _WORDS.get(before[1].lower(), "Q") if before else "Q"
            found.append(_Field(axis, tuple(map(int, column))))
        else:
            found.append(_Field("C", _one_word(names, column)))
    if sum(field.axis == "C" for field in found) > 1:
        # Its name beside its number: "_w1DAPI_", "_w2GFP_".
        found = [f for f in found if f.axis != "C" or isinstance(f.values[0], str)]
    return found


def _check_alike(names: Sequence[str], lengths: Sequence[int]) -> None:
    for name, length in zip(names, lengths, strict=True):
        if length != lengths[0]:
            raise _named_otherwise(name, names[0])


def _one_word(names: Sequence[str], texts: Sequence[str]) -> tuple[str, ...]:
    """Return the one word that differs in pieces of names."""
    words = [_BREAKS.split(text) for text in texts]
    first = words[0]
    differing: set[int] = set()
    for name, some in zip(names, words, strict=True):
        if len(some) != len(first):
            raise _named_otherwise(name, names[0])
        differing.update(at for at, word in enumerate(some) if word != first[at])
        if len(differing) > 1:
            raise _named_otherwise(name, names[0])
    (at,) = differing
    return tuple(some[at] for some in words)


def _named_otherwise(name: str, first: str) -> UnreadableFile:
    return UnreadableFile(
        f"{name} is named otherwise than {first}, so that it can't be told where it belongs: name "
        "the files of one series, with a pattern such as 'folder/img_*.tif'."
    )


def _counting(fields: list[_Field], files: int) -> list[_Field]:
    """Leave out numbers that count nothing, such as the time of day beside the number."""
    known = [field for field in fields if field.axis in "TCZ"]
    if known and len(set(zip(*(field.values for field in known), strict=True))) == files:
        return known
    alone = [field for field in fields if len(set(field.values)) == files]
    if not known and alone:
        return alone[-1:]
    return fields


def _skipped(axis: str, level: Sequence[int | str]) -> str:
    """Say which numbers are not there, of those that go on in steps."""
    numbers = [value for value in level if isinstance(value, int)]
    if len(numbers) < 3:
        return ""
    steps = [b - a for a, b in pairwise(numbers)]
    step = min(steps)
    absent = sum(-(-one // step) - 1 for one in steps)
    if absent == 0:
        return ""
    first = next(number for number, one in zip(numbers, steps, strict=False) if one > step) + step
    what = {"T": "time points", "Z": "planes", "C": "channels"}.get(axis, "files")
    return (
        f"The numbers of the files leave out {counted(absent, what)}, the first is {first}: those "
        "that are there are taken one after the other."
    )
