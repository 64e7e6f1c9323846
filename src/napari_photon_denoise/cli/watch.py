"""``--watch``: denoise images as a microscope writes them, and say a line of each."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from napari_photon_denoise.arrivals import Watch
from napari_photon_denoise.cli.console import (
    FAULT,
    complain,
    in_words,
    note,
    run_with_bar,
    say,
    show_fault,
)
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.faults import ProgramFault
from napari_photon_denoise.files import FilesProgress, FileState, FilesWork
from napari_photon_denoise.io.lock import InUse
from napari_photon_denoise.job import Progress, relabelled
from napari_photon_denoise.watching import watch_job
from napari_photon_denoise.words import counted


def add_watch_options(parser: argparse.ArgumentParser) -> None:
    """Add what has folders watched."""
    group = parser.add_argument_group("watch a folder")
    group.add_argument(
        "--watch",
        action="store_true",
        help="go on with the images that come to IN, each once it is complete, until Ctrl-C",
    )
    group.add_argument(
        "--watch-quiet",
        type=_seconds,
        metavar="S",
        help="a file is complete when it has not changed for S seconds, an OME-Zarr folder for six "
        f"times as long (default: {Watch.quiet:g}); longer than a camera's pause between frames",
    )
    group.add_argument(
        "--watch-until-idle",
        type=_seconds,
        metavar="S",
        help="end when nothing has come for S seconds",
    )


def watch_from(chosen: argparse.Namespace) -> Watch | None:
    """Return how folders are to be watched; None where they are not.

    Raises
    ------
    PhotonDenoiseError
        If something is said of a watch that is none.
    """
    quiet, idle = chosen.watch_quiet, chosen.watch_until_idle
    if chosen.watch:
        return Watch(Watch.quiet if quiet is None else quiet, idle)
    if quiet is None and idle is None:
        return None
    flag = "--watch-until-idle" if quiet is None else "--watch-quiet"
    raise PhotonDenoiseError(f"{flag} is about watching a folder: add --watch, or leave it out.")


def watch_and_tell(work: FilesWork, patterns: Sequence[str], watch: Watch) -> int:
    """Denoise what comes; return 0, or 2 if an image failed, or 3 if that was this program's fault.

    Raises
    ------
    PhotonDenoiseError
        If it can't begin.
    """
    told = _Told()
    job = watch_job(work, patterns, watch)
    try:
        run_with_bar(relabelled(job, told), "")
    finally:
        told.sum_up()
    errors = [file.error for file in told.files.values() if file.state == "failed"]
    if any(isinstance(error, ProgramFault) for error in errors):
        return FAULT
    return 2 if any(not isinstance(error, InUse) for error in errors) else 0


class _Told:
    """Says one line of each image when it is done, and each remark once."""

    def __init__(self) -> None:
        self.files: dict[Path, FileState] = {}
        self._noted: set[str] = set()

    def __call__(self, step: Progress) -> Progress:
        """Look at a step, and hand it on."""
        for file in step.files if isinstance(step, FilesProgress) else ():
            for sentence in file.notes:
                if sentence not in self._noted:
                    self._noted.add(sentence)
                    note(f"{file.name}: {sentence}")
            if file.state != "running" and self.files.get(file.source) is not file:
                self.files[file.source] = file
                self._tell(file)
        return step

    def _tell(self, file: FileState) -> None:
        when = time.strftime("%Y-%m-%d %H:%M:%S")
        if file.state == "done":
            say(f"{when} {file.source} -> {', '.join(map(str, file.files))}")
        elif file.state == "skipped":
            say(f"{when} {file.source}: done already, skipped")
        elif isinstance(file.error, InUse):
            say(f"{when} {file.source}: left to another run, which writes {file.target}")
        elif file.error is not None:
            show_fault(file.error)
            complain(f"{when} {file.source}: {in_words(file.error)}")

    def sum_up(self) -> None:
        """Say how many images are done, however the watch ends."""
        counts = Counter(
            "left" if isinstance(file.error, InUse) else file.state for file in self.files.values()
        )
        words = (
            ("skipped", "done before"),
            ("failed", "failed"),
            ("left", "left to another run"),
        )
        more = "".join(f", {counts[state]} {word}" for state, word in words if counts[state])
        verb = "is" if counts["done"] == 1 else "are"
        say(f"{counted(counts['done'], 'images')} {verb} done{more}.")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"'{text}' is no number of seconds above 0")
    return seconds
