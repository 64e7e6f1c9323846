"""All cases, and the few of them that follow a training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.validation import correlated, pairs, repeats, simulated
from benchmarks.validation.case import Case, Entry, crop

# Sets of white noise and single planes, whose mean ranks denoisers of single images.
WHITE = ("w2s_8bit", "w2s_counts", "confocal", "eb3", "scenes")
QUICK_EDGE = 256  # px
QUICK_FILM = (128, 8)  # px, planes
QUICK = {
    "w2s_8bit": ("002_1", "065_0", "070_2", "074_1"),
    "w2s_counts": ("001_1", "002_2"),
    "confocal": ("fov01", "fov16"),
    "eb3": ("frame10",),
    "scenes": ("filaments_1e", "nuclei_10e", "membranes_1e", "membranes_100e"),
    "correlated": ("cells1", "cells2"),
    "correlated_simulated": ("002_2_yx0.5_10e", "070_1_yx0.7_2e", "071_1_x0.5_10e"),
    "confocal_film": ("fov01",),
    "eb3_film": ("odd_frames",),
    "scenes_deep": ("stack_10e", "timelapse_1e"),
}


def entries(data: Path) -> list[Entry]:
    """List every case without making it.

    Parameters
    ----------
    data : Path
        Folder with `pairs`, `repeats` and `correlated`; what it lacks is left out.
    """
    found = [*pairs.entries(data), *repeats.entries(data), *simulated.entries()]
    return found + (correlated.entries(data) if (data / "correlated").exists() else [])


def quick(data: Path) -> Iterator[Case]:
    """Make some cases of each set, cropped; the same ones every time."""
    return chosen(data, QUICK, QUICK_EDGE, QUICK_FILM)


def chosen(
    data: Path,
    names: Mapping[str, Sequence[str]],
    edge: int | None = None,
    deep: tuple[int, int] = QUICK_FILM,
    only: Sequence[str] | None = None,
) -> Iterator[Case]:
    """Make named cases one by one, the middle of each.

    Parameters
    ----------
    data : Path
        See `entries`.
    names : mapping of set to names
    edge : int, px, optional
        Of single planes, at most; None keeps all.
    deep : (int, int), px and planes
        Of films and stacks, at most.
    only : sequence of str, optional
        Sets and names to make of those.
    """
    for entry in entries(data):
        if entry.name not in names.get(entry.set_name, ()):
            continue
        if not only or {entry.name, entry.set_name} & set(only):
            case = entry.make()
            flat = case if edge is None else crop(case, edge)
            yield crop(case, *deep) if case.photons.ndim == 3 else flat
