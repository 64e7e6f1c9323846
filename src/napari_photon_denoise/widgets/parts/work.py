"""What a dock wants to have done in the background."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import Job, Progress


class NotYet(PhotonDenoiseError):
    """What the controls describe is still being found out, and the sentence says what.

    Nothing is wrong: who asked for work is answered when it is there.
    """


class Declined(PhotonDenoiseError):
    """The user was asked something about the work, and does not want it: nothing is said of it."""


class Work(NamedTuple):
    """A job, and who wants to know of it; all but the job is called in the window's thread.

    Parameters
    ----------
    job : Job
    title : str
        For people, such as "Calibrating the camera".
    done : callable
        Takes the job's result.
    progressed : callable, optional
        Takes every `Progress`.
    ended : callable, optional
        Called at the end, however it came.
    stop : callable, optional
        Makes the job end with what it has so far, and returns what is said meanwhile. Work
        without it is cancelled.
    """

    job: Job[Any]
    title: str
    done: Callable[[Any], None]
    progressed: Callable[[Progress], None] | None = None
    ended: Callable[[], None] | None = None
    stop: Callable[[], str] | None = None


def write_job(write: Callable[[Path, bool], Path], path: Path, overwrite: bool) -> Job[Path]:
    """Write a file as a job.

    Parameters
    ----------
    write : callable
        Takes the path and whether to replace a file.
    path : Path
    overwrite : bool
    """
    yield Progress(f"Writing {path.name}", 0, 1)
    written = write(path, overwrite)
    yield Progress(f"Writing {path.name}", 1, 1)
    return written
