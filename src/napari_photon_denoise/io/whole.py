"""Where a file is written, checked before any work is done for it; and files written as a whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from napari_photon_denoise.errors import OutputExists, PhotonDenoiseError


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
    target = Path(path)
    if target.suffix.lower() not in endings:
        raise PhotonDenoiseError(
            f"{what} is a {endings[0]} file: name it {target.stem}{endings[0]}."
        )
    check_place(target, overwrite=overwrite)
    return target


def check_place(target: Path, *, overwrite: bool) -> None:
    """Refuse a place where no file can be written, as `check_output` does, whatever its ending."""
    if target.is_dir():
        raise PhotonDenoiseError(f"{target} is a folder: give the name of a file.")
    if not target.parent.is_dir():
        raise PhotonDenoiseError(f"There is no folder {target.parent}: make it first.")
    if target.exists() and not overwrite:
        raise OutputExists(f"{target} exists already")
    if not os.access(target.parent, os.W_OK):
        raise unwritable(target.parent)


def check_not_input(target: str | Path, *inputs: str | Path) -> None:
    """Refuse to write over what is read.

    Raises
    ------
    PhotonDenoiseError
    """
    if Path(target).resolve() in {Path(one).resolve() for one in inputs}:
        raise PhotonDenoiseError(f"{target} is the input itself: choose another output.")


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
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PhotonDenoiseError(
            f"The folder {folder} can't be made ({error.strerror}): choose another."
        ) from None
    return folder


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary name to write to; the file gets its own name when all went well.

    Raises
    ------
    PhotonDenoiseError
        If the file system refuses; an old file is then still there.
    """
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        raise PhotonDenoiseError(
            f"{path} can't be written ({error.strerror or error}): choose a folder that you may "
            "write to, with space left."
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
