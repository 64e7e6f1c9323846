"""Numbers of things in a sentence."""

from __future__ import annotations


def unit_for(number: float, unit: str) -> str:
    """Return a unit as it stands after a number: "plane" after 1, "planes" after others.

    Parameters
    ----------
    number : float
    unit : str
        A plural in "s", such as "planes"; any other, such as "px", stays as it is.
    """
    is_plural = unit.endswith("s") and unit.isalpha() and len(unit) > 2
    return unit[:-1] if number == 1 and is_plural else unit


def counted(number: float, things: str) -> str:
    """Say how many there are, such as "1 plane", "3 planes" or "2.5 px".

    Parameters
    ----------
    number : float
    things : str
        See `unit_for`; empty for a pure number.
    """
    text = str(number) if isinstance(number, int) else f"{number:g}"
    return f"{text} {unit_for(number, things)}".strip()
