"""How a try ends, and the table of all tries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, get_args

from benchmarks.markdown import table

Outcome = Literal["right", "sentence", "another file", "wrong", "traceback", "hang", "left behind"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
BAD: tuple[Outcome, ...] = ("wrong", "traceback", "hang", "left behind")
STOPPED = (129, 130, 143)  # exit codes of a command that a signal stopped, as shells have them


@dataclass(frozen=True)
class Verdict:
    """What came of a try, and why that is so, for who has to mend it."""

    outcome: Outcome
    why: str = ""


RIGHT = Verdict("right")


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    Parameters
    ----------
    code : int or None
        Exit code; negative for the signal that killed it, None where it ran too long.
    text : str
        All that it printed.
    seconds : float
    """

    code: int | None
    text: str
    seconds: float


def judge(ended: Ended, check: Callable[[], Verdict]) -> Verdict:
    """Judge a command by its exit code and its words, and its result where it says it has one.

    Parameters
    ----------
    ended : Ended
    check : function without parameters
        Looks at the result; called where the command says that all is well.
    """
    last = (ended.text.strip().splitlines() or ["nothing was said"])[-1]
    if ended.code is None:
        return Verdict("hang", f"stopped after {ended.seconds:.0f} s: {last}")
    if "Traceback (most recent call last)" in ended.text:
        return Verdict("traceback", last)
    if ended.code == 2 and "error:" in ended.text:
        return Verdict("sentence", last)
    if ended.code == 2 and "these failed" in ended.text:  # each in a sentence, the others are done
        return Verdict("sentence", last)
    if ended.code == 0:
        return check()
    return Verdict("traceback", f"exit code {ended.code}: {last}")


@dataclass
class Tally:
    """The tries of one class."""

    title: str
    counts: Counter[Outcome] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def add(self, verdict: Verdict, what: str, seconds: float = 0.0) -> None:
        """Count a try, and keep what was done, unless all went well."""
        self.counts[verdict.outcome] += 1
        self.slowest = max(self.slowest, seconds)
        if verdict.outcome != "right":
            self.examples.append(f"{verdict.outcome}: {what}: {verdict.why}")

    @property
    def bad(self) -> int:
        """How many tries went wrong."""
        return sum(self.counts[outcome] for outcome in BAD)


def as_table(tallies: list[Tally]) -> str:
    """Write the table, Markdown."""
    return table(
        ("class", "tries", *OUTCOMES, "slowest (s)"),
        [
            (
                one.title,
                str(one.counts.total()),
                *(str(one.counts[outcome]) for outcome in OUTCOMES),
                f"{one.slowest:.1f}",
            )
            for one in tallies
        ],
    )
