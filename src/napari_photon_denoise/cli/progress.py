"""How far a job is: a bar on a terminal, a line a minute in a log."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, ProgressColumn, Task, TextColumn
from rich.progress import Progress as Bar
from rich.text import Text

from napari_photon_denoise.files import FilesProgress
from napari_photon_denoise.job import Progress
from napari_photon_denoise.pace import Pace, in_words

FIRST = 5.0  # s until the first line: what is shorter says nothing
EVERY = 60.0  # s, from line to line
_LOOK = 0.5  # s, how often it is asked whether a line is due

Show = Callable[[Progress], None]


@contextmanager
def shown(console: Console, title: str) -> Iterator[Show]:
    """Give a function that shows the steps of a job, until the block ends.

    Parameters
    ----------
    console : Console
        Of standard error.
    title : str
        What is worked on, such as "images"; empty where the steps say it.
    """
    with (_bar if console.is_terminal else _log)(console, title) as show:
        yield show


class LogLines:
    """The lines of a job that is not looked at: one soon, then one a minute.

    Steps come from the job, and `tick` from a clock beside it: a line comes in the middle of a step
    that takes long, too.

    Parameters
    ----------
    write : function of a line
    title : str
    clock : callable
        Returns seconds.
    """

    def __init__(
        self, write: Callable[[str], None], title: str, clock: Callable[[], float] = monotonic
    ) -> None:
        self._write, self._title, self._clock = write, title, clock
        self._pace = Pace(clock)
        self._lock = threading.Lock()
        self._due = clock() + FIRST
        self._step: Progress | None = None
        self._said = ""

    def note(self, step: Progress) -> None:
        """Take note of a step."""
        with self._lock:
            self._step = step
            self._pace.note(step)

    def tick(self) -> None:
        """Write a line if one is due, unless nothing is new: of a job that waits, say."""
        with self._lock:
            if self._step is None or self._clock() < self._due:
                return
            self._due = self._clock() + EVERY
            text = line(self._title, self._step, self._pace.still())
        if text != self._said:
            self._said = text
            self._write(text)


def line(title: str, step: Progress, left: float | None) -> str:
    """Say where a job is, such as "cells.tif: Denoising plane 12 of 300: 4 %, 12 min left".

    Parameters
    ----------
    title : str
        Empty for none.
    step : Progress
    left : float or None
        Seconds.
    """
    said = [f"{100 * step.done // step.total} %"] if step.total > 1 else []
    if left is not None:
        several = isinstance(step, FilesProgress) and len(step.files) > 1
        said.append(f"{in_words(left)} left{' for this image' if several else ''}")
    text = ": ".join(part for part in (title, step.text, ", ".join(said)) if part)
    # A file's name may hold anything; a log has one line of plain letters.
    return "".join(letter if letter.isprintable() else "?" for letter in text)


@contextmanager
def _log(console: Console, title: str) -> Iterator[Show]:
    """Write lines, which a thread sees to: a step may take many minutes."""
    lines = LogLines(lambda text: console.print(escape(text)), title)
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(_LOOK):
            lines.tick()

    thread = threading.Thread(target=look, name="progress", daemon=True)
    thread.start()
    try:
        yield lines.note
    finally:
        ended.set()
        thread.join()


@contextmanager
def _bar(console: Console, title: str) -> Iterator[Show]:
    left = _TimeLeft()
    columns = (TextColumn("{task.description}"), BarColumn(), left)
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task(escape(title), total=None)

        def show(step: Progress) -> None:
            left.note(step)
            text = escape(": ".join(part for part in (title, step.text) if part))
            bar.update(task, completed=step.done, total=step.total, description=text)

        yield show


class _TimeLeft(ProgressColumn):
    """As a log has it: rich's own knows none where a step takes more than half a minute."""

    def __init__(self) -> None:
        super().__init__()
        self._pace = Pace()
        self._lock = threading.Lock()  # a thread draws

    def note(self, step: Progress) -> None:
        """Take note of a step."""
        with self._lock:
            self._pace.note(step)

    def render(self, task: Task) -> Text:
        """Say the time left."""
        with self._lock:
            left = self._pace.still()
        return Text("" if left is None else f"{in_words(left)} left", style="progress.remaining")
