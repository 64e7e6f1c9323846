"""Where an image is saturated: at its camera's ceiling, or at a value where its pixels pile up.

The camera's ceiling is often not the container's: 12 bits in a file of 16, shifted up or not, with
an offset taken off. Cut off at whatever value, far more pixels have the highest one than the next
lower ones; of photons, fewer and fewer pixels have higher and higher values.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEVELS = 16  # highest values that are told apart; fewer are a mask, labels, or single photons
NEAR = 4  # of them, next to the highest, that it is compared with
STEEP, FEWEST = 3, 10  # times as many pixels as have any of those, and so many more
PEEK = 4096  # pixels that are sorted first
EVERY = 64  # pixel, one is looked at to tell where the brightest begin
SHARES = (256, 16, 4, 1)  # one in so many, the brightest, are counted, until those are enough
ABOVE = 1.1  # times the ceiling; what is brighter still is not of this camera and mode


@dataclass(frozen=True)
class Highest:
    """The highest values of an image, or of a part of it.

    Of all parts together they are those of the whole, however it is cut.

    Parameters
    ----------
    values : tuple of float, ADU
        The highest first.
    numbers : tuple of int
        Pixels that have each.
    """

    values: tuple[float, ...] = ()
    numbers: tuple[int, ...] = ()

    @classmethod
    def of(cls, counts: NDArray[Any]) -> Highest:
        """Look for them in an array of any real dtype, ADU."""
        rest = counts.ravel()
        values: list[float] = []
        numbers: list[int] = []
        if rest.size and counts.dtype.kind in "iu" and counts.dtype.itemsize <= 2:
            return cls._of_few(rest)
        while rest.size and len(values) < LEVELS:
            edge = np.partition(rest, -min(PEEK, rest.size))[-min(PEEK, rest.size)]
            found, many = np.unique(rest[rest >= edge], return_counts=True)
            values += found[::-1].tolist()
            numbers += many[::-1].tolist()
            rest = rest[rest < edge]
        return cls(tuple(map(float, values[:LEVELS])), tuple(numbers[:LEVELS]))

    @classmethod
    def _of_few(cls, counts: NDArray[Any]) -> Highest:
        """Look for them among integers of 8 or 16 bits, which need no sorting.

        Only the brightest pixels are counted, unless they have too few values: to count all takes
        longer than to blur them.
        """
        some = np.sort(counts[::EVERY])
        for share in SHARES:
            edge = int(some[-1 - len(some) // share] if share > 1 else counts.min())
            pixels = np.bincount(counts[counts >= edge].astype(np.intp) - edge)
            at = np.flatnonzero(pixels)[: -LEVELS - 1 : -1]
            if len(at) == LEVELS:
                break
        return cls(tuple((at + float(edge)).tolist()), tuple(pixels[at].tolist()))

    def __add__(self, other: Highest) -> Highest:
        """Return those of both parts together."""
        both: dict[float, int] = dict(zip(self.values, self.numbers, strict=True))
        for value, number in zip(other.values, other.numbers, strict=True):
            both[value] = both.get(value, 0) + number
        values = sorted(both, reverse=True)[:LEVELS]
        return Highest(tuple(values), tuple(both[value] for value in values))

    @property
    def piled(self) -> int:
        """Pixels of the highest value, if they are a pile; else 0."""
        if len(self.values) < LEVELS:
            return 0
        top, near = self.numbers[0], max(self.numbers[1 : 1 + NEAR])
        return top if top > STEEP * near + FEWEST else 0


@dataclass(frozen=True)
class Full:
    """The saturated pixels of an image.

    Parameters
    ----------
    number : int
    values : tuple of float, ADU
        At which they are; of channels, each may have its own.
    piled : bool
        Whether only that they pile up there tells it.
    """

    number: int
    values: tuple[float, ...]
    piled: bool


def find_full(ceiling: float, number: int, channels: Iterable[Highest]) -> Full:
    """Put together what is known of the ceiling and what is seen.

    Parameters
    ----------
    ceiling : float, ADU
        Of camera or container; infinite if unknown.
    number : int
        Pixels at it or above.
    channels : iterable of Highest
        Of each channel, which may have a camera of its own.
    """
    tops = [one for one in channels if one.values]
    if exceeds(max((one.values[0] for one in tops), default=0.0), ceiling):
        number, ceiling = 0, float("inf")
    piles = [one for one in tops if one.piled and one.values[0] < ceiling]
    values = {one.values[0] for one in piles} | ({ceiling} if number else set())
    number += sum(one.piled for one in piles)
    return Full(number, tuple(sorted(values)), piled=bool(piles))


def exceeds(high: float, ceiling: float) -> bool:
    """Tell if the highest value is beyond what the camera gives in the mode that it is said to."""
    return high > ABOVE * ceiling


def together(parts: Iterable[Highest]) -> Highest:
    """Return the highest values of all parts."""
    return reduce(add, parts, Highest())
