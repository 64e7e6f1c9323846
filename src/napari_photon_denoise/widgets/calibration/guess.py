"""What a file's name tells of the frames in it: dark or flat, and how bright."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

Role = Literal["dark", "flat"]
ROLES: tuple[Role, ...] = ("dark", "flat")

# Anywhere in a name, since "DarkFrames" and "flatfield" are words too.
SYLLABLES: dict[str, Role] = {
    **dict.fromkeys(("dark", "bias", "offset", "closed", "black", "background"), "dark"),
    **dict.fromkeys(("flat", "light", "lamp", "bright", "white", "illum", "uniform"), "flat"),
}
WORDS: dict[str, Role] = {
    **dict.fromkeys(("off", "bg", "cap", "lid"), "dark"),
    **dict.fromkeys(("led", "level", "open", "on"), "flat"),
}
# At the beginning of a name, such as "d_000" and "ff12". "b" is bright beside "d", bias beside "f".
FIRST: dict[str, Role] = {"d": "dark", "dk": "dark", "f": "flat", "ff": "flat"}
BRIGHT_OR_BIAS = "b"
UNITS = {
    "us": ("ms", 1e-3), "µs": ("ms", 1e-3), "μs": ("ms", 1e-3), "usec": ("ms", 1e-3),
    "ms": ("ms", 1.0), "msec": ("ms", 1.0),
    "s": ("ms", 1e3), "sec": ("ms", 1e3),
    "%": ("%", 1.0), "percent": ("%", 1.0), "pct": ("%", 1.0), "pc": ("%", 1.0),
    "uw": ("mW", 1e-3), "mw": ("mW", 1.0), "ma": ("mA", 1.0),
    "e-": ("e-", 1.0), "e": ("e-", 1.0), "photons": ("e-", 1.0), "ph": ("e-", 1.0),
}  # fmt: skip
LEVEL = re.compile(
    r"(?<![a-z\d.])(\d+(?:[.,]\d+)?)[ _-]?("
    + "|".join(sorted((re.escape(unit) for unit in UNITS), key=len, reverse=True))
    + r")(?![a-z\d])",
    re.IGNORECASE,
)


class Level(NamedTuple):
    """Exposure or light of a stack.

    Parameters
    ----------
    value : float
    unit : str
        "ms", "%", "mW", "mA", "e-", or "" for a bare number.
    """

    value: float
    unit: str

    def __str__(self) -> str:
        """For people, such as "10 ms"."""
        return f"{self.value:g} {self.unit}".strip()


def guess_role(*names: str) -> Role | None:
    """Tell darks from flats by their names; None where they don't say.

    Parameters
    ----------
    names : str
        The telling one first, such as the file's name and then its folder's. Within one, the
        last word counts: "lamp off" and "dark for the flats" are dark.
    """
    for name in names:
        lower = name.lower()
        found = [(lower.rfind(part), role) for part, role in SYLLABLES.items() if part in lower]
        found += [
            (match.start(), WORDS[match.group()])
            for match in re.finditer(r"[a-z]+", lower)
            if match.group() in WORDS
        ]
        if "dark for" in lower or "darks for" in lower:
            return "dark"
        if found:
            return max(found)[1]
        first = _first_word(name)
        if first in FIRST:
            return FIRST[first]
    return None


def settle_roles(names: Sequence[str], roles: Sequence[Role | None]) -> list[Role | None]:
    """Decide what "b" stands for by what else there is: bright beside darks, bias beside flats.

    Parameters
    ----------
    names : sequence of str
        Of stacks that belong together.
    roles : sequence of {"dark", "flat"} or None
        What each name tells alone.
    """
    others = set(roles) - {None}
    if len(others) != 1:
        return list(roles)
    b: Role = "flat" if "dark" in others else "dark"
    return [
        b if role is None and _first_word(name) == BRIGHT_OR_BIAS else role
        for name, role in zip(names, roles, strict=True)
    ]


def _first_word(name: str) -> str:
    found = re.match(r"([a-z]+)(?=[\d _.-])", name.lower())
    return found.group(1) if found else ""


def guess_level(name: str) -> Level | None:
    """Find an exposure or a brightness in a name, such as "flat_10ms" or "LED 5%"."""
    match = LEVEL.search(name)
    if match is None:
        return None
    unit, factor = UNITS[match.group(2).lower()]
    return Level(float(match.group(1).replace(",", ".")) * factor, unit)


def parse_level(text: str) -> Level | None:
    """Understand what was typed in as a level: a number, with or without a unit."""
    try:
        return Level(float(text.strip().replace(",", ".")), "")
    except ValueError:
        return guess_level(text.strip())


def group_frames(files: Sequence[Path]) -> dict[str, list[Path]]:
    """Sort files of one frame each into stacks, by their names without the running number.

    Parameters
    ----------
    files : sequence of Path
        In natural order.

    Returns
    -------
    dict
        The files of each stack by what their names share.
    """
    # Of "flat2_001" the last number runs; of Micro-Manager's "time003_z000" it doesn't.
    for pattern in (r"\d+(?=\D*$)", r"\d+(?![.,\d]*[ _-]?(?:ms|us|µs|%))"):
        groups: dict[str, list[Path]] = {}
        for path in files:
            # The unit of an exposure is no running number's.
            stem = path.stem if not LEVEL.search(path.stem[-6:]) else path.stem + "_0"
            shared = re.sub(pattern, "", stem).strip(" _-.")
            groups.setdefault(shared or path.parent.name, []).append(path)
        if any(len(group) > 1 for group in groups.values()):
            return groups
    return groups
