"""Images that come to folders one by one, each once it is complete.

Complete is what nobody writes to any more: its files, all of them, have been the same for a while,
it opens, its last plane can be read, and its format does not say that more is to come. What stays
incomplete for long is handed out as it is: a recording that was stopped ends like that, too.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from napari_photon_denoise.errors import PhotonDenoiseError, UnreadableFile
from napari_photon_denoise.io import read
from napari_photon_denoise.io.find import natural_order
from napari_photon_denoise.io.look import Seen, check_watchable, look, seen_at
from napari_photon_denoise.io.own import own_kind
from napari_photon_denoise.io.readers import images_of
from napari_photon_denoise.io.stamp import Stamp

Clock = Callable[[], float]
Files = tuple[tuple[str, Stamp], ...]
"""That hold an image, and how they are."""


@dataclass(frozen=True)
class Watch:
    """How folders are watched.

    Parameters
    ----------
    quiet : float
        Seconds for which a file must not have changed; six times as many for a folder, whose
        chunks are written one by one. An image that is not whole by then is waited for twelve
        times as long.
    until_idle : float, optional
        Ends when nothing has come or changed for so many seconds; None goes on for ever.
    """

    quiet: float = 10.0
    until_idle: float | None = None

    @property
    def pause(self) -> float:
        """Seconds from look to look: some of them before a file is taken."""
        return min(2.0, self.quiet / 3)

    @property
    def patience(self) -> float:
        """Seconds after its last change, in which an image that is not whole is waited for."""
        return 12 * self.quiet

    def needed(self, seen: Seen, tries: int) -> float:
        """Return the seconds for which a file or folder must not have changed.

        Parameters
        ----------
        seen : Seen
        tries : int
            How often it was not whole when it had not changed for so long, each of which doubles
            that: the files of a camera that pauses between frames are not opened in each pause.
        """
        quiet = self.quiet if seen.within is None else 6 * self.quiet
        return min(quiet * 2.0**tries, self.patience)


@dataclass(frozen=True)
class Arrival:
    """An image that has come.

    Parameters
    ----------
    image : Path
    files : tuple
        Of it, and how they were.
    error : PhotonDenoiseError, optional
        Why it can't be read.
    """

    image: Path
    files: Files
    error: PhotonDenoiseError | None = None

    def has_changed(self) -> bool:
        """Tell whether its files are others by now."""
        try:
            return any(seen_at(Path(name)).content != stamp for name, stamp in self.files)
        except OSError:
            return True


@dataclass
class _Trace:
    """A file or folder, and since when it has been as it is."""

    seen: Seen
    since: float
    owner: str
    """What is opened to learn about it: itself, but of an index, say, an image beside it."""
    turn: tuple[bool, Any]
    """What it is sorted by among those that are to be opened."""
    tries: int = 0
    """How often it was quiet and not whole before it changed to this."""
    was_early: bool = False
    """Whether it is quiet and not whole as it is now."""
    is_known: bool = False
    """Whether it was opened, as it is now."""
    is_listed: bool = False
    """Whether it is whole, so that the files in a folder need not be looked at any more."""


@dataclass(frozen=True)
class _Found:
    """An image in a file or folder that was opened."""

    image: Path
    members: tuple[Path, ...]
    """Files and folders that hold it."""
    files: Files
    """Those that are looked at: a field of a plate is in the folder of the plate."""
    is_alone: bool
    """Whether they hold no other image."""

    @property
    def names(self) -> list[str]:
        """Of the files."""
        return [name for name, _ in self.files]


class _Locked(UnreadableFile):
    """A file that can't be opened now, which may end without a trace in the file."""


class Arrivals:
    """The images that patterns stand for, as they come.

    Parameters
    ----------
    patterns : sequence of str or Path
        Folders, globs and files.
    watch : Watch
    axes : str, optional
        Of the images, where they do not say.
    allow_results : bool
        Take results of this program for images, too.
    clock : callable
        Returns seconds.

    Raises
    ------
    UnreadableFile
        A folder that is not there.
    """

    def __init__(
        self,
        patterns: Sequence[str | Path],
        watch: Watch,
        *,
        axes: str | None = None,
        allow_results: bool = False,
        clock: Clock = time.monotonic,
    ) -> None:
        check_watchable(patterns)
        self._patterns, self._watch, self._axes, self._clock = patterns, watch, axes, clock
        self._passed = ("calibration",) if allow_results else ("calibration", "result")
        self._traces: dict[str, _Trace] = {}
        self._waiting: dict[Path, tuple[float, _Found]] = {}  # and when to try again
        self._given: dict[Path, Files] = {}
        self._refused: dict[Path, tuple[Files, str]] = {}
        self._new: deque[str] = deque()  # files and folders that are to be opened, in turn
        self._queue: deque[_Found] = deque()  # images of those that were
        self._changed = clock()
        self._looks = 0

    def look(self) -> None:
        """Look what is there now, and what has changed."""
        now, before = self._clock(), self._traces
        seen = look(self._patterns, self._is_settled)
        for path, trace in before.items():
            if trace.owner != path and trace.owner in seen and path not in seen:
                try:
                    seen[path] = seen_at(Path(path))
                except OSError:
                    continue
        self._traces = {}
        for path, one in seen.items():
            old = before.get(path)
            if old is None or _differ(one, old.seen):
                self._traces[path] = self._trace(one, path, old.owner if old else path)
                if old is not None and (old.was_early or not old.is_known):
                    self._traces[path].tries = old.tries + old.was_early
                self._changed = now
                continue
            if old.seen.within is None:
                old.seen = one
            self._traces[path] = old
        self._looks += 1
        self._line_up()

    def next(self, *, at_the_end: bool = False) -> Arrival | None:
        """Return an image that is complete, once, and again when it has changed; None of none.

        Those that came after the watch began are first.

        Parameters
        ----------
        at_the_end : bool
            Wait no longer for what is not whole.
        """
        self._wait_no_longer(at_the_end)
        found = self._queued(at_the_end)
        while self._new and found is None:
            trace = self._traces[self._new.popleft()]
            if not trace.is_known and self._is_quiet(trace):  # else at the next look
                trace.is_known = True
                self._open(Path(trace.owner))
                found = self._queued(at_the_end)
        return found

    def is_idle(self, seconds: float) -> bool:
        """Tell whether nothing came or changed for so long, and all that there is was opened."""
        return self._clock() - self._changed >= seconds and all(
            trace.is_known for trace in self._traces.values()
        )

    def _trace(self, seen: Seen, path: str, owner: str) -> _Trace:
        lay_there = self._looks == 0
        return _Trace(seen, self._clock(), owner, (lay_there, natural_order(Path(path))))

    def _line_up(self) -> None:
        new = [path for path, trace in self._traces.items() if not trace.is_known]
        self._new = deque(sorted(new, key=lambda path: self._traces[path].turn))

    def _wait_no_longer(self, at_the_end: bool) -> None:
        """Open again what was not whole, where it is time or it has changed."""
        for image, (when, found) in list(self._waiting.items()):
            late = at_the_end or self._clock() >= when
            if late or self._now(found.names) != found.files:
                del self._waiting[image]
                for name, _ in self._now(found.names):
                    self._traces[name].is_known = False
                self._line_up()

    def _is_settled(self, path: str) -> bool:
        trace = self._traces.get(path)
        return trace is not None and trace.is_known and trace.is_listed

    def _is_quiet(self, trace: _Trace) -> bool:
        return self._clock() - trace.since >= self._watch.needed(trace.seen, trace.tries)

    def _open(self, path: Path) -> None:
        """Queue the images of the data set that a file is part of, as far as they are quiet."""
        if own_kind(path) in self._passed:
            if str(path) in self._traces:
                self._traces[str(path)].is_listed = True
            return
        sets = images_of(path)
        for file in sets:
            self._follow(file, path)
        images = dict.fromkeys(image for held in sets.values() for image in held)
        for image in images:
            holders = [file for file, held in sets.items() if image in held]
            members = sorted(
                one for one in holders if not any(one in two.parents for two in holders)
            )
            names = sorted(set(map(self._traced, members)))
            traces = [self._traces[name] for name in names if name in self._traces]
            # Else the last of them to be quiet comes here again.
            if len(traces) == len(names) and all(map(self._is_quiet, traces)):
                files = self._now(names)
                self._queue.append(_Found(image, tuple(members), files, len(images) == 1))
                for trace in traces:
                    trace.is_known = True

    def _queued(self, at_the_end: bool) -> Arrival | None:
        """Return the next image of those that were found in a data set, if it is whole."""
        while self._queue:
            found = self._queue.popleft()
            if self._now(found.names) != found.files:
                continue
            with suppress(OSError):  # gone meanwhile
                files = tuple((str(one), self._content(one)) for one in found.members)
                arrival = None
                if files != self._given.get(found.image):
                    arrival = self._tried(found, files, at_the_end)
                if arrival is not None:
                    return arrival
        return None

    def _content(self, member: Path) -> Stamp:
        trace = self._traces.get(str(member))
        return (seen_at(member) if trace is None else trace.seen).content

    def _follow(self, file: Path, owner: Path) -> None:
        """Look at a file, too, that belongs to an image: an index, say."""
        if self._traced(file) not in self._traces:
            with suppress(OSError):  # gone meanwhile
                self._traces[str(file)] = self._trace(seen_at(file), str(file), str(owner))

    def _traced(self, file: Path) -> str:
        """Return the file, or the folder that it is in, which is looked at as a whole."""
        names = (str(file), *map(str, file.parents))
        return next((name for name in names if name in self._traces), str(file))

    def _now(self, names: Iterable[str]) -> Files:
        """Return how files are, as it was seen last; without those that are gone."""
        return tuple(
            (name, self._traces[name].seen.content) for name in names if name in self._traces
        )

    def _tried(self, found: _Found, files: Files, at_the_end: bool) -> Arrival | None:
        """Return an image if it is whole, or is no longer waited for."""
        image, now, lacks = found.image, self._clock(), self._look_into(found.image, files)
        traces = [self._traces[name] for name in found.names]
        late = max(trace.since for trace in traces) + self._watch.patience
        is_late = now >= late or at_the_end
        for trace in traces:
            # Of a plate, wells may come whenever the microscope gets there.
            trace.is_listed = lacks is None and found.is_alone
            trace.was_early = lacks is not None and not is_late
        if isinstance(lacks, _Locked):
            again = now + (self._watch.patience if is_late else self._watch.quiet)
            self._waiting[image] = again, found
        elif lacks is not None and not is_late:
            self._waiting[image] = late, found
        else:
            self._given[image] = files
        if lacks is not None and not is_late:
            return None
        if not isinstance(lacks, PhotonDenoiseError):  # what only seems to grow is taken as it is
            return Arrival(image, files)
        if self._refused.get(image) == (files, str(lacks)):
            return None
        self._refused[image] = files, str(lacks)
        return Arrival(image, files, lacks)

    def _look_into(self, image: Path, files: Files) -> PhotonDenoiseError | str | None:
        """Return why an image is not whole: what fails, or that it grows; None if it is whole."""
        try:
            for name, _ in files:
                if not Path(name).is_dir():
                    with Path(name).open("rb"):
                        pass  # one that its writer keeps to itself can't be
            with read(image, self._axes) as opened:
                last = tuple(slice(max(0, length - 1), length) for length in opened.data.shape)
                opened.data[last].compute()
                return "growing" if opened.growing else None
        except OSError as error:
            return _Locked(f"{image.name} can't be opened ({error.strerror or error}).")
        except PhotonDenoiseError as error:
            return error


def _differ(now: Seen, before: Seen) -> bool:
    """Tell whether something has changed, by all that was looked at both times."""
    both = now.within is not None and before.within is not None
    return now.listed != before.listed or (both and now.within != before.within)
