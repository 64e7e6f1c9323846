"""What the terminal shows: progress, notes and complaints, by rich."""

from __future__ import annotations

from typing import TypeVar

from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

from napari_photon_denoise.cli.progress import shown
from napari_photon_denoise.cli.signals import stop_if_asked
from napari_photon_denoise.cli.streams import STDERR, STDOUT
from napari_photon_denoise.errors import (
    DenoisedAlready,
    OutputExists,
    PhotonDenoiseError,
    UnknownAxes,
)
from napari_photon_denoise.faults import ProgramFault
from napari_photon_denoise.job import Job

T = TypeVar("T")

ADVICE: dict[type[PhotonDenoiseError], str] = {
    OutputExists: "add --overwrite, or choose another name or folder",
    UnknownAxes: "name them, one letter of TCZYX per dimension, such as --axes ZYX",
    DenoisedAlready: "name the raw image, or add --allow-results if you mean it",
}

WIDEST = 1000  # characters, of a printed table

FAULT = 3  # exit code, where this program itself is at fault

out = Console(file=STDOUT, highlight=False, soft_wrap=True)
err = Console(file=STDERR, highlight=False, soft_wrap=True)


def run_with_bar(job: Job[T], title: str) -> T:
    """Run a job and show how far it is, with the time left: a bar, or lines in a log.

    Parameters
    ----------
    job : Job
    title : str
        What is worked on, such as a file's name; empty where the job says it.
    """
    with shown(err, title) as show:
        try:
            while True:
                step = next(job)
                stop_if_asked()
                show(step)
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            job.close()


def show_whole(table: Table) -> None:
    """Print a table with nothing cut off, however narrow the terminal is."""
    wide = Console(file=out.file, highlight=False, width=WIDEST, no_color=out.no_color)
    width = Measurement.get(wide, wide.options, table).maximum
    wide.print(table, width=width, soft_wrap=True)


def say(text: str) -> None:
    """Print a line to standard output."""
    out.print(escape(text))


def note(text: str) -> None:
    """Print what the user should know, to standard error."""
    err.print(f"[yellow]note:[/yellow] {escape(text)}")


def in_words(error: PhotonDenoiseError) -> str:
    """Return an error's sentence as the command line puts it."""
    return error.in_words(ADVICE)


def show_fault(error: PhotonDenoiseError) -> None:
    """Print where this program is at fault, if it is, for who mends it."""
    if isinstance(error, ProgramFault):
        err.print(escape(error.story()), end="")


def complain(text: str) -> None:
    """Print what went wrong, to standard error."""
    err.print(f"[red]error:[/red] {escape(text)}")
