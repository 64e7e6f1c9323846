"""Small files, written as a whole or not at all."""

from __future__ import annotations

import os
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

    Raises
    ------
    OutputExists
        If the file is there and `overwrite` is False.
    PhotonDenoiseError
        If the ending is another, or the folder is not there.
    """
    target = Path(path)
    if target.suffix.lower() not in endings:
        raise PhotonDenoiseError(
            f"{what} is a {endings[0]} file: name it {target.stem}{endings[0]}."
        )
    if target.is_dir() or (target.exists() and not overwrite):
        raise OutputExists(
            f"{target} exists already: choose another name, or allow "
            "overwriting (--overwrite, overwrite=True)."
        )
    if not target.parent.is_dir():
        raise PhotonDenoiseError(f"There is no folder {target.parent}: make it first.")
    return target


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
