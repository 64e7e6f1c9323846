"""One writer at a time: a lock beside what is written, with its owner in it.

The lock is the operating system's, on a file (`filelock`): it ends with its process, however that
ends, so a file that is left behind locks nothing. It holds on network folders whose server knows
locks; where there are none, the file itself is the lock, and its owner tells whether it is stale.
"""

from __future__ import annotations

import errno
import hashlib
import os
import platform
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io.paths import written_through

if TYPE_CHECKING:
    from filelock import BaseFileLock

PREFIX, ENDING = ".photon-denoise-", ".lock"
_WITHOUT = {
    getattr(errno, name, errno.ENOSYS) for name in ("ENOSYS", "ENOLCK", "ENOTSUP", "EOPNOTSUPP")
}


class InUse(PhotonDenoiseError):
    """Another run writes the file, or works in the folder."""


@contextmanager
def held(*paths: Path) -> Iterator[None]:
    """Keep other runs from writing files meanwhile; they are refused at once.

    Parameters
    ----------
    *paths : Path
        Files that are written, there or not. Their folders must be there.

    Raises
    ------
    InUse
        If another run, or another thread of this one, holds one of them.
    PhotonDenoiseError
        If its folder can't be written.
    """
    with ExitStack() as stack:
        for path in paths:
            stack.enter_context(_one(written_through(path)))
        yield


@contextmanager
def _one(path: Path) -> Iterator[None]:
    file = lock_of(path)
    lock = _acquire(file, path)
    try:
        yield
    finally:
        _release(lock, file)


def _release(lock: BaseFileLock, file: Path) -> None:
    """End a lock, and remove its file."""
    if not _is_soft(lock):
        # Before it is released: afterwards it may be another's. Windows removes it by itself.
        with suppress(OSError):
            file.unlink()
    lock.release()


def sweep_locks(folder: Path) -> None:
    """Remove the locks in a folder that nobody holds: of runs that were killed."""
    with suppress(OSError):
        for file in folder.glob(f"{PREFIX}*{ENDING}"):
            with suppress(PhotonDenoiseError):
                _release(_acquire(file, file), file)


def lock_of(path: Path) -> Path:
    """Return the file that stands for a lock; short, however long the name is."""
    name = os.path.normcase(path.name).encode(errors="surrogateescape")
    return path.with_name(f"{PREFIX}{hashlib.sha256(name).hexdigest()[:16]}{ENDING}")


def _acquire(file: Path, path: Path) -> BaseFileLock:
    from filelock import FileLock, SoftFileLock, Timeout

    if not path.parent.is_dir():  # which filelock would make
        raise PhotonDenoiseError(f"There is no folder {path.parent}: make it first.")
    was_there = file.exists()
    # A job may be closed by another thread than the one that began it.
    lock: BaseFileLock = FileLock(file, timeout=0, thread_local=False)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it takes the file itself for the lock
            try:
                lock.acquire()
            except OSError as error:
                if error.errno not in _WITHOUT:
                    raise
                if not was_there:
                    file.unlink(missing_ok=True)  # what the attempt has left
                lock = SoftFileLock(file, timeout=0, thread_local=False)
                lock.acquire()
        if not _is_soft(lock):  # which says itself whose it is
            _sign(file)
    except Timeout:
        raise InUse(
            f"{path} is being written by another run{_owner(file)}: wait until it is done, or "
            "choose another output."
        ) from None
    except OSError as error:
        lock.release(force=True)
        why = error.strerror or error
        raise PhotonDenoiseError(
            f"The folder {path.parent} can't be written ({why}): choose another."
        ) from None
    return lock


def _sign(file: Path) -> None:
    """Write into a lock whose it is, as one without the operating system's help has it."""
    with suppress(PermissionError):  # of Windows, for a file that is locked
        file.write_text(f"{os.getpid()}\n{platform.node()}\n", encoding="utf-8")


def _is_soft(lock: BaseFileLock) -> bool:
    """Tell whether the file itself is the lock, which may turn out while it is acquired."""
    from filelock import SoftFileLock

    return isinstance(lock, SoftFileLock)


def _owner(file: Path) -> str:
    """Say who holds a lock, and since when, as far as that can be read."""
    try:
        pid, host, *_ = file.read_text(encoding="utf-8").splitlines()
        began = datetime.fromtimestamp(file.stat().st_mtime)
    except (OSError, ValueError):
        return ""
    today = time.strftime("%F") == f"{began:%F}"
    return f" (process {pid} on {host}, since {began:%H:%M}{'' if today else f' on {began:%F}'})"
