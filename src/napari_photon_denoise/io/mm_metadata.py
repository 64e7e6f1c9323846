"""What Micro-Manager says of a recording besides its pixels: JSON, in MMStack as in NDTiff."""

from __future__ import annotations

import json
import os
from typing import Any, BinaryIO


def read_at_most(file: BinaryIO, count: int) -> bytes:
    """Read so many bytes, or those that are left: a damaged length must not take memory."""
    here = file.tell()
    left = file.seek(0, os.SEEK_END) - here
    file.seek(here)
    return file.read(max(0, min(count, left)))


def json_object(raw: bytes) -> dict[str, Any]:
    """Read an object of JSON; empty where it is damaged, the planes are good all the same."""
    try:
        found = json.loads(raw.decode("utf-8", "replace").strip("\0 \r\n\t"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def pixel_size(summary: dict[str, Any], image: dict[str, Any]) -> dict[str, float]:
    """Read µm and s from what Micro-Manager says of the recording and of one of its planes.

    The resolution in the TIFF's own tags is 1 µm where it knew none.
    """
    across = next(
        (
            size
            for holder in (image, summary)
            for key in ("PixelSizeUm", "PixelSize_um")
            if (size := _positive(holder.get(key)))
        ),
        None,
    )
    interval = _positive(summary.get("Interval_ms"))
    found = {
        "Z": _positive(summary.get("z-step_um"), abs),
        "Y": across,
        "X": across,
        "T": interval and interval / 1000,
    }
    return {letter: size for letter, size in found.items() if size}


def channel_names(summary: dict[str, Any]) -> tuple[str, ...]:
    """Read the names of the channels; empty where there are none."""
    names = summary.get("ChNames")
    return tuple(map(str, names)) if isinstance(names, list) and any(names) else ()


def _positive(value: Any, made: Any = float) -> float | None:
    """Return a number that is one; stages move down, too, so a step may be negative."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    number = float(made(value))
    return number if 0 < number < float("inf") else None
