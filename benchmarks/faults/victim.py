"""A whole file, what is done with it, and how the result of a damaged one is judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from benchmarks.faults.child import attempt, learn_imports
from benchmarks.faults.flips import Flip, apply, flip
from benchmarks.faults.outcome import Tally, Verdict, judge


@dataclass(frozen=True)
class Victim:
    """A kind of file.

    Parameters
    ----------
    title : str
    file : Path
        The whole one; damaged copies have its name, in another folder.
    words : sequence of range
        Where headers, directories and texts lie in it.
    command : function of a damaged file and an output, which returns the command's words
    output : str
        Name of the result.
    check : function of the damage, the damaged file and the result, which judges the result
    """

    title: str
    file: Path
    words: Sequence[range]
    command: Callable[[Path, Path], list[str]]
    output: str
    check: Callable[[Flip, Path, Path], Verdict]


def try_flips(
    title: str, victims: Sequence[Victim], folder: Path, tries: int, rng: np.random.Generator
) -> Tally:
    """Damage each of some files in turn, use it, and judge what comes of it."""
    tally = Tally(title)
    for number, victim in enumerate(victims[:tries]):
        first = folder / f"first-{number}"
        first.mkdir()
        learn_imports(first, victim.command(victim.file, first / victim.output))
    for number in range(tries):
        victim = victims[number % len(victims)]
        whole = victim.file.read_bytes()
        damage = flip(whole, victim.words, rng)
        place = folder / f"{title.replace(' ', '-')}-{number}"
        (place / "in").mkdir(parents=True)
        (place / "out").mkdir()
        damaged = place / "in" / victim.file.name
        damaged.write_bytes(apply(whole, damage))
        output = place / "out" / victim.output
        ended = attempt(victim.command(damaged, output), place / "log")

        verdict = judge(ended, partial(victim.check, damage, damaged, output))
        verdict = look_for_leftovers(verdict, place, victim, damaged, output)
        tally.add(verdict, f"{victim.title}, {damage}", ended.seconds)
    return tally


def look_for_leftovers(
    verdict: Verdict, place: Path, victim: Victim, damaged: Path, output: Path
) -> Verdict:
    """Change the verdict where something lies about that should not."""
    expected = {damaged}
    if verdict.outcome not in ("sentence", "hang", "traceback"):
        expected.add(output)
    left = [path for part in ("in", "out") for path in (place / part).iterdir()]
    more = sorted(path.name for path in left if path not in expected)
    if more and verdict.outcome in ("right", "another file", "sentence"):
        return Verdict("left behind", ", ".join(more))
    return verdict
