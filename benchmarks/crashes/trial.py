"""A way to break a run, tried again and again; and what became of the run after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from benchmarks.crashes.place import SHARDS, Place
from benchmarks.faults.outcome import Ended

Break = Callable[[Place, np.random.Generator], Ended | None]


@dataclass(frozen=True)
class Way:
    """A way to break a run.

    Parameters
    ----------
    title : str
    breaks : function of a place and a random generator
        Begins a run and breaks it, or lets one end and spoils the result; returns how the broken
        one ended, if it ended by itself.
    more : tuple of str
        Words of the run after it.
    most : int
        How often it is worth trying.
    """

    title: str
    breaks: Break
    more: tuple[str, ...] = ()
    most: int = 1000


@dataclass
class Tried:
    """What became of all tries.

    Parameters
    ----------
    tries, right : int
        All, and those whose next run gave the undisturbed result to the bit.
    recorded : list of int
        Shards that were recorded as done when a run broke.
    unrecorded : list of int
        Shards that lay on the disk, whole or half, without a record.
    again : list of int
        Shards that were recorded, and were done again.
    left : set of str
        What lay about afterwards.
    wrong : list of str
        What went wrong.
    """

    tries: int = 0
    right: int = 0
    recorded: list[int] = field(default_factory=list)
    unrecorded: list[int] = field(default_factory=list)
    again: list[int] = field(default_factory=list)
    left: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def row(self, title: str) -> list[str]:
        """Return a line of the table."""
        return [
            title,
            f"{self.right} of {self.tries}",
            f"{min(self.recorded)} to {max(self.recorded)}",
            f"{max(self.unrecorded)}",
            f"{max(self.again)}",
            ", ".join(sorted(self.left)) or "nothing",
        ]


TITLES = (
    "what happened",
    "right after the next run",
    f"of {SHARDS} shards, recorded before",
    "on disk without a record, most",
    "recorded, and done again, most",
    "left over",
)


def attempt(
    way: Way, place: Place, right: dict[str, bytes], rng: np.random.Generator, tried: Tried
) -> None:
    """Break a run, run again, and compare with an undisturbed result."""
    broken = way.breaks(place, rng)
    before = place.times()
    tried.tries += 1
    tried.recorded.append(len(before))
    tried.unrecorded.append(max(0, place.written() - len(before)))
    if broken is not None and ("Traceback" in broken.text or "fault" in broken.text):
        tried.wrong.append(f"{way.title}: {broken.text[-600:]}")
    ended = place.run(*way.more)
    if ended.code != 0:
        tried.wrong.append(f"{way.title}, the next run: {ended.text[-600:]}")
        tried.again.append(0)
        return
    after = place.times()
    tried.again.append(sum(after.get(number) != time for number, time in before.items()))
    tried.left |= set(place.left_over())
    now = place.pixels()
    if now == right:
        tried.right += 1
    else:
        other = [name for name in right.keys() | now.keys() if right.get(name) != now.get(name)]
        tried.wrong.append(f"{way.title}: other files: {sorted(other)[:5]}")
