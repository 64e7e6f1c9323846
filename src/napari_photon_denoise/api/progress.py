"""Progress in a terminal or a notebook, for who asks for it in Python."""

from __future__ import annotations

from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from napari_photon_denoise.job import Job, run

T = TypeVar("T")


def run_showing(job: Job[T], *, shown: bool) -> T:
    """Run a job to its end, and draw a bar with the time left if it is to be shown.

    Parameters
    ----------
    job : Job
    shown : bool
        In a notebook this needs ipywidgets, and a warning of rich says so.
    """
    if not shown:
        return run(job)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    nowhere = not (console.is_terminal or console.is_jupyter)  # a log is not filled with bars
    with Progress(*columns, console=console, transient=True, disable=nowhere) as bar:
        task = bar.add_task("", total=None)
        try:
            while True:
                step = next(job)
                bar.update(task, completed=step.done, total=step.total, description=step.text)
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            job.close()
