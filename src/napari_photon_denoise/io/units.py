"""The units that files write, as micrometres and seconds."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

MICROMETRE, SECOND = "µm", "s"

# What no library of units knows, or takes for something else: OME's own symbols that mean
# another unit elsewhere (a pint, a link), and how people shorten micrometres.
_SYMBOLS = {
    **dict.fromkeys(("μ", "u", "mu", "mue", "?m", "\ufffdm"), "micrometer"),
    **{"li": "inch / 12", "pt": "inch / 72", "ua": "astronomical_unit"},
    **{'"': "inch", "mil": "thou"},
}
# Said in the place of a unit by programs that know none.
_NONE = {"", "pixel", "pixels", "px", "pix", "voxel", "voxels", "none", "null", "unknown"}
_NONE |= {"nan", "n/a", "referenceframe", "undefined", "arbitrary", "a.u.", "frame", "frames"}
# Text that was written as UTF-8 and read as one of these: "µm" as "Âµm", "¬µm" or "┬╡m".
_MISREAD = ("cp1252", "latin-1", "mac_roman", "cp437")
_ESCAPED = re.compile(r"\\u([0-9a-f]{4})", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-zμÅÅåö]{1,24}")


class Written(NamedTuple):
    """A size as a file writes it."""

    value: object
    """A number, or text that reads as one; None where the file has none."""
    unit: object = None
    """As it is written there; None or "" where the file has none."""


@dataclass(frozen=True)
class Sizes:
    """The sizes of a file in µm and s, and a sentence for each that could not be understood."""

    known: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_sizes(
    written: Mapping[str, Written], *, length: str = MICROMETRE, time: str = SECOND
) -> Sizes:
    """Read what a file says of the size of its pixels and the interval of its frames.

    Sizes without a unit have the unit that the format gives them. Where all of them are a bare
    1, the program that wrote them knew none, and they say nothing; one that is 1 beside others
    is 1.

    Parameters
    ----------
    written : mapping
        Of "Z", "Y", "X" and "T".
    length, time : str
        What a missing unit means in this format; "" where it means nothing.
    """
    lengths = {letter: one for letter, one in written.items() if letter != "T"}
    known: dict[str, float] = {}
    notes = []
    # The interval last: a bare 1 of it says something if the lengths do.
    for letter, one in sorted(written.items(), key=lambda item: item[0] == "T"):
        bare = not known if letter == "T" else all(map(_is_bare_one, lengths.values()))
        if _is_absent(one) or (bare and _is_bare_one(one)):
            continue
        target, default = (SECOND, time) if letter == "T" else (MICROMETRE, length)
        size = _convert(one, default, target)
        if size is None:
            notes.append(_not_understood(letter, one))
        else:
            known[letter] = size
    return Sizes(known, tuple(dict.fromkeys(notes)))


def factor(unit: str, target: str) -> float | None:
    """Return how many µm, or seconds, a unit is.

    Parameters
    ----------
    unit : str
        In any spelling, such as "micron", "Âµm", "Nanometers", "in" or "msec".
    target : {"µm", "s"}

    Returns
    -------
    float or None
        None for what is no such unit.
    """
    return _factor(plain(unit), target)


def plain(unit: str) -> str:
    """Spell a unit in one way, whatever was done to its µ on the way; "" for none.

    ImageJ escapes µ and Å, Unicode has each twice, and programs read them in another encoding than
    they were written in.
    """
    unit = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), unit).strip(" \t\r\n\0[]()'")
    for encoding in _MISREAD:
        try:
            unit = unit.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    unit = re.sub(r"[\s_-]+", "", unicodedata.normalize("NFKC", unit))
    return "" if unit.lower() in _NONE else unit


@lru_cache(maxsize=1000)
def _factor(unit: str, target: str) -> float | None:
    if unit in (target, unicodedata.normalize("NFKC", target)):  # most files; saves the library
        return 1.0
    import pint

    registry = pint.get_application_registry()  # type: ignore[no-untyped-call]
    wanted = registry.Unit("micrometer" if target == MICROMETRE else "second")
    # Symbols mean another unit in capitals (Mm, mm); words are written in any way.
    for spelling in (unit, unit.lower(), unit.lower().rstrip(".")):
        if spelling not in _SYMBOLS and not _WORD.fullmatch(spelling):
            continue
        try:
            found = registry.Quantity(_SYMBOLS.get(spelling, spelling)).to(wanted)
        except (pint.PintError, AttributeError, ValueError, TypeError):
            continue
        return float(found.magnitude)
    return None


def _convert(one: Written, default: str, target: str) -> float | None:
    number = _number(one.value)
    unit = plain(str(one.unit)) if one.unit else default
    scale = _factor(unit, target) if unit else None
    if number is None or scale is None or not (math.isfinite(number) and number > 0):
        return None
    size = number * scale
    return size if 0 < size < math.inf else None


def _number(value: object) -> float | None:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None


def _is_bare_one(one: Written) -> bool:
    return not one.unit and _number(one.value) in (1, 0, None)


def _is_absent(one: Written) -> bool:
    """Whether a file says that it does not know: nothing, zero, or a number of pixels."""
    if one.value is None or str(one.value).strip() == "" or _number(one.value) == 0:
        return True
    return bool(one.unit) and plain(str(one.unit)) == ""


def _not_understood(letter: str, one: Written) -> str:
    what = "interval between frames" if letter == "T" else f"pixel size along {letter.lower()}"
    unit = f" {one.unit}" if one.unit else " without a unit"
    return f"The {what} is written as '{one.value}{unit}', which is not understood: it is left out."
