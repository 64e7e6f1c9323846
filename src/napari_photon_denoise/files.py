"""Denoise files into files: what the command line, Learn and every batch have in common."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from napari_photon_denoise.faults import ProgramFault, as_sentence
from napari_photon_denoise.file_job import denoise_file_job
from napari_photon_denoise.files_work import FilesProgress, FileState, FilesWork, State
from napari_photon_denoise.job import Job, Progress, relabelled

__all__ = [
    "FileState",
    "FilesProgress",
    "FilesWork",
    "State",
    "denoise_file_job",
    "denoise_files_job",
    "tried_job",
]

_LOG = logging.getLogger(__name__)


def denoise_files_job(work: FilesWork, sources: Sequence[Path]) -> Job[tuple[FileState, ...]]:
    """Denoise files into files, one by one; a bad one does not stop the others.

    What was done before, by the same recipe, is skipped. Each comes out whole or not at all.

    Parameters
    ----------
    work : FilesWork
    sources : sequence of Path

    Yields
    ------
    FilesProgress
        After each change of a file's state, too.

    Returns
    -------
    tuple of FileState
        Of each file, in their order.

    Raises
    ------
    PhotonDenoiseError
        If several would go into one file, or their folder can't be made. What is wrong with one of
        the images is in its `FileState`; of a fault of this program, that is a `ProgramFault`.
    """
    files = list(work.planned(sources))
    for number, file in enumerate(files):
        if file.state == "failed":
            continue
        place = f" ({number + 1} of {len(files)})" if len(files) > 1 else ""

        def label(step: Progress, number: int = number, place: str = place) -> FilesProgress:
            if isinstance(step, FilesProgress):
                (files[number],) = step.files
            text = f"{files[number].name}{place}: {step.text}"
            return FilesProgress(text, step.done, step.total, tuple(files))

        files[number] = yield from relabelled(tried_job(work, file), label)
        yield label(Progress(files[number].state, 1, 1))
    return tuple(files)


def tried_job(work: FilesWork, file: FileState) -> Job[FileState]:
    """Denoise one file into another; what fails is told by the state that is returned.

    Parameters
    ----------
    work : FilesWork
    file : FileState
        As `FilesWork.planned` returns it.

    Returns
    -------
    FileState
        Done, skipped or failed, with what was known of it until then.
    """
    known = [file]

    def look(step: Progress) -> Progress:
        if isinstance(step, FilesProgress):
            known[:] = step.files
        return step

    try:
        return (yield from relabelled(denoise_file_job(work, file), look))
    # The one border where whatever happens to a file is said, and the next one is done.
    except Exception as error:
        said = as_sentence(error, file.source.name)
        if isinstance(said, ProgramFault):
            _LOG.error("Please report this.", exc_info=error)
        return replace(known[0], state="failed", error=said)
