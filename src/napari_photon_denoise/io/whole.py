"""Where a file is written, checked before any work is done for it; and files written as a whole."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from napari_photon_denoise.errors import OutputExists, PhotonDenoiseError
from napari_photon_denoise.faults import as_sentence
from napari_photon_denoise.io.parts import part_of
from napari_photon_denoise.io.paths import is_same_file, local_path, written_through

FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))


def check_output(
    path: str | Path, endings: tuple[str, ...], what: str, *, overwrite: bool = False
) -> Path:
    """Refuse a file that could not be written, before any work is done for it.

    Parameters
    ----------
    path : path
    endings : tuple of str
        That the file may have, the usual one first.
    what : str
        What the error calls the file: "A report".
    overwrite : bool
        Replace a file that is there.

    Returns
    -------
    Path

    Raises
    ------
    OutputExists
        If the file is there and `overwrite` is False.
    PhotonDenoiseError
        If the ending is another, or the folder is not there or may not be written to.
    """
    target = local_path(path)
    if target.suffix.lower() not in endings:
        raise PhotonDenoiseError(
            f"{what} is a {endings[0]} file: name it {target.stem}{endings[0]}."
        )
    check_place(target, overwrite=overwrite)
    return target


def check_place(target: Path, *, overwrite: bool) -> None:
    """Refuse a place where no file can be written, as `check_output` does, whatever its ending."""
    try:
        _check_place(target, written_through(target).parent, overwrite=overwrite)
    except OSError as error:
        raise as_sentence(error, str(target)) from None


def _check_place(target: Path, folder: Path, *, overwrite: bool) -> None:
    if target.is_dir():
        raise PhotonDenoiseError(f"{target} is a folder: give the name of a file.")
    if target.exists() and not target.is_file():
        raise PhotonDenoiseError(f"{target} is a device, not a file: choose another name.")
    if target.exists() and not overwrite:
        raise OutputExists(f"{target} exists already")
    check_folder(folder)


def check_folder(folder: Path) -> None:
    """Refuse a folder that nothing can be written into.

    Raises
    ------
    PhotonDenoiseError
    """
    if not folder.is_dir():
        raise PhotonDenoiseError(f"There is no folder {folder}: make it first.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise unwritable(folder)


def check_not_input(target: str | Path, *inputs: str | Path, what: str = "input") -> None:
    """Refuse to write over what is read, whatever it is called there.

    Parameters
    ----------
    target : path
    *inputs : path
    what : str
        What the error calls them.

    Raises
    ------
    PhotonDenoiseError
    """
    is_there = os.path.lexists(target)  # an input that is there is no file that is not
    alike = (one for one in inputs if os.path.lexists(one) == is_there)
    if any(is_same_file(Path(target), Path(one)) for one in alike):
        raise PhotonDenoiseError(f"{target} is the {what} itself: choose another output.")


def check_space(target: Path, needed: int) -> None:
    """Refuse a file of so many bytes that its disk has no room for.

    Raises
    ------
    PhotonDenoiseError
    """
    free = shutil.disk_usage(target.parent).free
    if needed > free:
        raise PhotonDenoiseError(
            f"{target.name} needs {needed / 1e6:.0f} MB and the disk of {target.parent} has "
            f"{free / 1e6:.0f} MB free: free some space, or choose another folder."
        )


def unwritable(folder: Path) -> PhotonDenoiseError:
    """Make the error of a folder that refuses files."""
    return PhotonDenoiseError(f"The folder {folder} may not be written to: choose another folder.")


def make_folder(path: str | Path) -> Path:
    """Make a folder and those above it, unless it is there.

    Raises
    ------
    PhotonDenoiseError
        If it can't be made.
    """
    folder = local_path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PhotonDenoiseError(
            f"The folder {folder} can't be made ({error.strerror}): choose another."
        ) from None
    return folder


@contextmanager
def full_disk_said(path: Path) -> Iterator[None]:
    """Say it in a sentence if the disk of a file fills up while it is written.

    Raises
    ------
    PhotonDenoiseError
    """
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise PhotonDenoiseError(
                f"The disk of {path.parent} is full: free some space, or choose another folder."
            ) from error
        raise


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary name to write to; the file gets its own name when all went well.

    A link stays one: the file that it points to is replaced.

    Raises
    ------
    PhotonDenoiseError
        If the file system refuses; an old file is then still there.
    """
    try:
        real = written_through(path)
        with part_of(real) as part:
            yield part
            os.replace(part, real)
    except OSError as error:
        raise PhotonDenoiseError(
            f"{path} can't be written ({error.strerror or error}): choose a folder that you may "
            "write to, with space left."
        ) from error
