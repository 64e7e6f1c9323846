"""How much of a recording is there: whole time points, of what its file announces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import product
from math import prod

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.words import counted


def whole_time_points(
    name: str,
    present: Collection[tuple[int, int, int]],
    announced: tuple[int, int, int],
    what: str = "planes",
) -> tuple[int, tuple[str, ...]]:
    """Count the time points that are complete, from the first on, and say what is not there.

    A recording that was stopped early ends in the middle of one. Nothing is made up for the
    planes that are not there; where others follow them, the file is refused.

    Parameters
    ----------
    name : str
        The file, for the sentences.
    present : collection of (t, c, z)
        The planes that are there.
    announced : (int, int, int)
        How many time points, channels and z planes there should be.
    what : str
        What is counted, in a sentence: "volumes" where z is one.

    Raises
    ------
    UnreadableFile
        No time point is complete, or planes are missing before the last one that is there.
    """
    times, *others = announced
    each = prod(others)
    there = [key for key in present if all(map(int.__lt__, key, announced))]
    absent = times * each - len(there)
    if absent == 0:
        return times, ()
    held = Counter(t for t, _, _ in there)
    whole = next(t for t in range(len(held) + 1) if held[t] < each)
    said = f"lacks {absent:,} of the {times * each:,} {what} that it announces"
    if whole == 0 or max(held) > whole:
        raise UnreadableFile(
            f"{name} {said}: copy it again with all its files, or open it in Fiji and save what "
            "is there."
        )
    verb = "is" if whole == 1 else "are"
    rest = f"; {counted(held[whole], what)} of the next are left out" if held[whole] else ""
    return whole, (
        f"The recording {said}, as if it had been stopped early: its first "
        f"{counted(whole, 'whole time points')} {verb} used{rest}.",
    )


def ordered(sizes: Sequence[int], order: str = "TCZ") -> list[tuple[int, int, int]]:
    """List the planes of so many time points, channels and z planes.

    Parameters
    ----------
    sizes : sequence of int
        Of T, C and Z.
    order : str
        T, C and Z, the fastest last.
    """
    ranges = dict(zip("TCZ", map(range, sizes), strict=True))
    keys = (dict(zip(order, key, strict=True)) for key in product(*(ranges[one] for one in order)))
    return [(key["T"], key["C"], key["Z"]) for key in keys]
