"""How numbers are written for people: digits, errors, and a dash where there is none."""

from __future__ import annotations

from math import floor, isfinite, log10

NONE = "–"
THREE = "#.3g"  # digits, zeros at the end included
FOUR = ".4g"


def number(value: float | None, digits: str = THREE) -> str:
    """Write a number, or a dash where there is none.

    Parameters
    ----------
    value : float or None
    digits : str
        A format such as ".2f". With `THREE` a large number is written in full, where three digits
        would need an exponent, which is read wrongly in a table.
    """
    if value is None or not isfinite(value):
        return NONE
    if value == 0:
        return "0"
    if digits == THREE:
        return f"{value:.0f}" if abs(value) >= 999.5 else f"{value:{THREE}}".rstrip(".")
    return format(value, digits)


def with_error(value: float | None, error: float | None, digits: str = THREE) -> str:
    """Write a number and its standard error, both to the error's second digit."""
    if value is None or error is None or not isfinite(value) or not 0 < error < float("inf"):
        return number(value, digits)
    decimals = max(0, 1 - floor(log10(error)))
    return f"{value:z.{decimals}f} ± {error:.{decimals}f}"
