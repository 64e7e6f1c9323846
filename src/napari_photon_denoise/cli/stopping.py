"""Ctrl-C between two steps of a job, so that the job can keep what it has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import TypeVar

from napari_photon_denoise.cli.console import run_with_bar
from napari_photon_denoise.cli.signals import handled
from napari_photon_denoise.job import Job, until

T = TypeVar("T")


def run_until_stopped(job: Job[T], title: str) -> T | None:
    """Run a job with its progress; None if the user stopped it, after it was closed.

    Any signal that ends a program stops it so. A second one stops at once, in the middle of a
    step.
    """
    with _asked() as asked:
        return run_with_bar(until(job, lambda: bool(asked)), title)


@contextmanager
def _asked() -> Iterator[list[bool]]:
    """Collect the first signal to stop; it is not empty any more then."""
    asked: list[bool] = []
    with ExitStack() as stack:

        def ask(number: int, frame: FrameType | None) -> None:
            asked.append(True)
            stack.close()  # the next one stops at once

        stack.enter_context(handled(ask))
        yield asked
