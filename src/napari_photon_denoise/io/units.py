"""The units that files write, as micrometres and seconds."""

from __future__ import annotations

import math

_MICROMETRES = {
    **dict.fromkeys(("µm", "um", "micron", "microns", "micrometer", "micrometre"), 1.0),
    **dict.fromkeys(("micrometers", "micrometres"), 1.0),
    **dict.fromkeys(("nm", "nanometer", "nanometre"), 1e-3),
    **dict.fromkeys(("å", "angstrom"), 1e-4),
    **dict.fromkeys(("pm", "picometer", "picometre"), 1e-6),
    **dict.fromkeys(("mm", "millimeter", "millimetre"), 1e3),
    **dict.fromkeys(("cm", "centimeter", "centimetre"), 1e4),
    **dict.fromkeys(("m", "meter", "metre"), 1e6),
}
_SECONDS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1.0),
    **dict.fromkeys(("ms", "msec", "millisecond"), 1e-3),
    **dict.fromkeys(("µs", "us", "usec", "microsecond"), 1e-6),
    **dict.fromkeys(("ns", "nanosecond"), 1e-9),
    **dict.fromkeys(("min", "minute"), 60.0),
    **dict.fromkeys(("h", "hour"), 3600.0),
    **dict.fromkeys(("d", "day"), 86400.0),
}


def micrometres(value: object, unit: str | None, default: str | None = None) -> float | None:
    """Convert a length to µm.

    Parameters
    ----------
    value : object
        A number, or text that reads as one.
    unit : str or None
        The unit as the file writes it; None or "" where it writes none.
    default : str or None
        What a missing unit means in this file format; None where it means nothing.

    Returns
    -------
    float or None
        µm, or None where the file does not know: no positive number, "pixel", an
        unknown unit, or a bare 1, which writers put where they know nothing.
    """
    return _convert(value, unit, default, _MICROMETRES)


def seconds(value: object, unit: str | None, default: str | None = None) -> float | None:
    """Convert a time to seconds; the parameters are those of `micrometres`."""
    return _convert(value, unit, default, _SECONDS)


def _convert(
    value: object, unit: str | None, default: str | None, factors: dict[str, float]
) -> float | None:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    if not (math.isfinite(number) and number > 0):
        return None
    if not unit:
        unit = None if number == 1 else default
    factor = factors.get(_plain(unit or ""))
    return None if factor is None else number * factor


def _plain(unit: str) -> str:
    """Spell a unit in one way: ImageJ escapes µ, and µ is two characters in Unicode."""
    unit = unit.strip().lower().replace("\\u00b5", "µ")
    return unit.replace("\u03bc", "µ")
