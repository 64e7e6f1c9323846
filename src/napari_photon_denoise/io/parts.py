"""Unfinished files and folders, under hidden names that say who writes them; the dead's are swept.

A program that is killed can't clean up. The next one that writes into the folder does: the name
tells by process, its start and its computer whether there is still someone to finish the file.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import time
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from napari_photon_denoise.errors import PhotonDenoiseWarning
from napari_photon_denoise.io.lock import sweep_locks
from napari_photon_denoise.words import counted

# Of another computer it can't be known whether a process lives: such a file is given up when
# nothing was written to it for so long.
GIVEN_UP = 3 * 86400.0  # s
# Clocks are set; a process that began so much later than the name says is another one.
_CLOCK = 60.0  # s
LONGEST = 40  # characters of the file's own name
_NAME = re.compile(
    r"\..*\.(?P<place>[0-9a-f]{8})-(?P<pid>\d+)-(?P<start>\d+)-[0-9a-f]{8}\.part(\.\w{1,16})?"
)


@contextmanager
def part_of(path: Path) -> Iterator[Path]:
    """Give a name for a file or folder in the making, beside it; in the end nothing is left there.

    Files of that kind that nobody will finish are removed first, with a warning that says so.

    Parameters
    ----------
    path : Path
        Of the finished file; its ending is kept, since some libraries look at it.
    """
    warn_of(sweep(path.parent), path.parent)
    sweep_locks(path.parent)
    ending = path.suffix if re.fullmatch(r"\.\w{1,16}", path.suffix) else ""
    owner = f"{_place()}-{os.getpid()}-{_start(os.getpid()):.0f}-{uuid.uuid4().hex[:8]}"
    part = path.with_name(f".{path.name[:LONGEST]}.{owner}.part{ending}")
    try:
        yield part
    finally:
        _remove(part)


def sweep(folder: Path) -> tuple[int, ...]:
    """Remove the unfinished files in a folder whose writers are gone; return their sizes, bytes."""
    sizes = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            said = _NAME.fullmatch(entry.name)
            if said is None:
                continue
            # One that is held, or another's, stays; so does one that went meanwhile.
            with suppress(OSError):
                size, changed = _look(Path(entry.path))
                if _is_abandoned(said, changed):
                    _remove(Path(entry.path))
                    sizes.append(size)
    return tuple(sizes)


def warn_of(sizes: tuple[int, ...], folder: Path) -> None:
    """Say that unfinished files were removed, if there were any."""
    if sizes:
        was = "was" if len(sizes) == 1 else "were"
        warnings.warn(
            f"An earlier run was killed: {counted(len(sizes), 'files')} that it left unfinished "
            f"({sum(sizes) / 1e6:.3g} MB) {was} removed from {folder}.",
            PhotonDenoiseWarning,
            stacklevel=4,
        )


def _look(path: Path) -> tuple[int, float]:
    """Return the bytes of a file or folder, and when something was written to it, s since 1970."""
    inside = [Path(top, name) for top, _, names in os.walk(path) for name in names]
    facts = [file.stat() for file in (path, *inside)]
    return sum(one.st_size for one in facts), max(one.st_mtime for one in facts)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _is_abandoned(said: re.Match[str], changed: float) -> bool:
    if said["place"] != _place():
        return time.time() - changed > GIVEN_UP
    return not _lives(int(said["pid"]), int(said["start"]))


def _lives(pid: int, start: int) -> bool:
    """Tell whether a process that began then, s since 1970, still runs."""
    import psutil

    try:
        process = psutil.Process(pid)
        is_zombie = process.status() == psutil.STATUS_ZOMBIE
        return not is_zombie and float(process.create_time()) - start < _CLOCK
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:  # it may not be looked at: it is there
        return True


def _start(pid: int) -> float:
    import psutil

    return float(psutil.Process(pid).create_time())


@cache
def _place() -> str:
    """Return what tells this computer, and the container in it, from others that see the folder."""
    try:
        processes = os.readlink("/proc/self/ns/pid")
    except OSError:  # no Linux
        processes = ""
    name = f"{platform.node()}\n{processes}".encode(errors="surrogateescape")
    return hashlib.sha256(name).hexdigest()[:8]
