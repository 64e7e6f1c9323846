"""Long work as a plain generator: it yields `Progress` and returns its result.

To nest jobs is ``yield from``, to cancel one is to stop iterating, to clean up is ``finally``.
Who drains the job decides what progress looks like: `run` shows nothing, the terminal draws a
bar, napari's worker fills its own.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Progress:
    """Where a job is: what it does now, and how many of its steps are done."""

    text: str
    done: int
    total: int


Job: TypeAlias = Generator[Progress, None, T]


def run(job: Job[T]) -> T:
    """Run a job to its end and return its result, showing nothing."""
    while True:
        try:
            next(job)
        except StopIteration as end:
            result: T = end.value
            return result
