"""Long work as a plain generator: it yields `Progress` and returns its result.

To nest jobs is ``yield from``, to cancel one is to stop iterating, to clean up is ``finally``.
Who drains the job decides what progress looks like: `run` shows nothing, the terminal draws a
bar, napari's worker fills its own.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
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


def relabelled(job: Job[T], label: Callable[[Progress], Progress]) -> Job[T]:
    """Run a job as a part of a longer one, which says in its own words where it is.

    Parameters
    ----------
    job : Job
        Closed in the end, however that comes.
    label : function of Progress
        Returns what is yielded for a step of the job; it may look around as well.

    Returns
    -------
    the job's result
    """
    try:
        while True:
            try:
                step = next(job)
            except StopIteration as end:
                result: T = end.value
                return result
            yield label(step)
    finally:
        job.close()


def named(job: Job[T], name: str) -> Job[T]:
    """Run a job whose progress says what it is of, such as "cells.tif: Denoising tile 1 of 4"."""
    return relabelled(job, lambda step: replace(step, text=f"{name}: {step.text}"))


def until(job: Job[T], is_stopped: Callable[[], bool]) -> Job[T | None]:
    """Run a job unless it is to stop, asked before each step.

    Parameters
    ----------
    job : Job
        Closed in the end, however that comes.
    is_stopped : function

    Returns
    -------
    the job's result, or None if it was stopped
    """
    try:
        while not is_stopped():
            try:
                step = next(job)
            except StopIteration as end:
                result: T = end.value
                return result
            yield step
    finally:
        job.close()
    return None
