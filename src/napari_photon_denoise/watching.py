"""Denoise the images that come to a folder, while the microscope writes them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from napari_photon_denoise.arrivals import Arrival, Arrivals, Clock, Watch
from napari_photon_denoise.errors import OutputExists, PhotonDenoiseError
from napari_photon_denoise.files import FilesProgress, FileState, FilesWork, tried_job
from napari_photon_denoise.io import read
from napari_photon_denoise.io.lock import InUse
from napari_photon_denoise.io.readers import outer_path
from napari_photon_denoise.io.write import find_writer
from napari_photon_denoise.job import Job, Progress, named

SHARE = 0.1  # of the time, at most, for looking: it takes long on a slow network
WAITING = "Waiting for new images"


def watch_job(
    work: FilesWork,
    patterns: Sequence[str | Path],
    watch: Watch,
    *,
    clock: Clock = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Job[tuple[FileState, ...]]:
    """Denoise images as they come, each once it is complete, and again when it has changed.

    What was done before, by the same recipe, is skipped; a bad image stops nothing, and is tried
    again when it has changed. An image that another run writes is left to it, and looked at later.

    Parameters
    ----------
    work : FilesWork
        Its output is a folder.
    patterns : sequence of str or Path
        Folders, globs and files.
    watch : Watch
    clock, sleep : callable
        Return and take seconds.

    Yields
    ------
    FilesProgress
        With the one file that is worked on; after each change of its state, too.
    Progress
        While nothing is to be done.

    Returns
    -------
    tuple of FileState
        Of each image that came, as it was left; only where the watch ends.

    Raises
    ------
    PhotonDenoiseError
        If the output is a file, or a folder to watch is not there.
    """
    if find_writer(work.output) is not None:
        raise PhotonDenoiseError(
            f"Images that are still to come can't go into one file {work.output}: name a folder."
        )
    work.planned([])  # makes the folder, or says why it can't be made
    arrivals = Arrivals(
        patterns, watch, axes=work.axes, allow_results=work.allow_results, clock=clock
    )
    done = _Done(work)
    due = busy = clock()
    while True:
        if clock() >= due:
            began = clock()
            arrivals.look()
            due = clock() + max(watch.pause, (clock() - began) / SHARE)
        idle = watch.until_idle
        ends = idle is not None and clock() - busy >= idle and arrivals.is_idle(idle)
        arrival = arrivals.next(at_the_end=ends) or done.again(clock())
        if arrival is not None:
            before = done.files.get(arrival.image)
            yield from done.take_job(arrival, clock() + watch.patience)
            if done.files.get(arrival.image) is not before:
                busy = clock()
        elif ends:
            return tuple(done.files.values())
        else:
            yield Progress(WAITING, 0, 1)
            sleep(watch.pause)


@dataclass
class _Done:
    """What has become of the images so far."""

    work: FilesWork
    files: dict[Path, FileState] = field(default_factory=dict)
    left: dict[Path, tuple[float, Arrival]] = field(default_factory=dict)
    """What another run is at, and when to look at it again."""

    def again(self, now: float) -> Arrival | None:
        """Return an image that was left to another run for long enough."""
        due = (image for image, (when, _) in self.left.items() if now >= when)
        image = next(due, None)
        return None if image is None else self.left.pop(image)[1]

    def take_job(self, arrival: Arrival, later: float) -> Job[None]:
        """Denoise an image, unless it can't be read.

        Parameters
        ----------
        arrival : Arrival
        later : float
            When to look again at what another run writes, s.
        """
        image, before = arrival.image, self.files.get(arrival.image)
        file = self._planned(image)
        if arrival.error is not None:
            file = replace(file, state="failed", error=arrival.error)
        if file.error is None:
            file = yield from self._denoised_job(file, before)
            if file.error is not None and arrival.has_changed():
                return  # it comes again
        if isinstance(file.error, InUse):
            self.left[image] = later, arrival
            if before is not None and isinstance(before.error, InUse):
                return  # which was said
        self.files[image] = file
        yield FilesProgress(f"{file.name}: {file.state}", 1, 1, (file,))

    def _denoised_job(self, file: FileState, before: FileState | None) -> Job[FileState]:
        is_newer = before is not None and before.state in ("done", "skipped")
        was_there = file.target.exists()
        work = replace(self.work, overwrite=True) if is_newer else self.work
        found = yield from named(tried_job(work, file), file.name)
        if isinstance(found.error, OutputExists) and not was_there:  # of another watch, meanwhile
            found = yield from named(tried_job(work, file), file.name)
        return found

    def _planned(self, image: Path) -> FileState:
        """Name the file for an image: as for one alone, unless the name is another's already."""
        known = self.files.get(image)
        if known is not None and known.target != Path():
            return FileState(image, known.target)
        (file,) = self.work.planned([image])
        others = [one.source for one in self.files.values() if _is_one(one.target, file.target)]
        others = others or _made_from_another(file.target, image)
        return self.work.planned([*others, image])[-1] if others else file


def _is_one(target: Path, other: Path) -> bool:
    return str(target).casefold() == str(other).casefold()


def _made_from_another(target: Path, image: Path) -> list[Path]:
    """Return the other image that a result was made of, in an earlier watch, if it is there."""
    if not target.exists():
        return []
    try:
        with read(target) as result:
            source = str((result.recipe or {}).get("input") or "")
    except PhotonDenoiseError:  # what it is, is said by who would replace it
        return []
    there = source and outer_path(Path(source)).exists()
    return [Path(source)] if there and source != str(image.resolve()) else []
