"""What a user names as a path on this computer: homes, links, and what is no path at all."""

from __future__ import annotations

import os
import re
from pathlib import Path

from napari_photon_denoise.errors import PhotonDenoiseError, UnreadableFile

# One letter is a drive. A Path has lost one of the two slashes.
_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+):/+(?=[^/])", re.IGNORECASE)


def local_path(name: str | Path) -> Path:
    """Return the path that a user names; "~" is the home folder, unless a file is called so.

    Raises
    ------
    UnreadableFile
        If it is an address of the web or of a store, which nothing here reads.
    """
    path = Path(name)
    if os.path.lexists(path):
        return path
    if address := _ADDRESS.match(str(name)):
        rest = str(name)[address.end() :]
        raise UnreadableFile(
            f"{address[1]}://{rest} is an address, not a file on this computer: download it "
            "first, and give the path of what you have saved."
        )
    try:
        return path.expanduser()
    except RuntimeError:  # "~.tif" is no user's home
        return path


def written_through(path: Path) -> Path:
    """Return where a file is written: what a link points to, so that the link stays a link.

    Raises
    ------
    PhotonDenoiseError
        If the link leads in a circle.
    """
    if not path.is_symlink():
        return path
    try:
        real = path.resolve()
    except (OSError, RuntimeError):
        real = path
    if real.is_symlink():
        raise PhotonDenoiseError(f"The link {path} leads in a circle: choose another name.")
    return real


def is_same_file(one: Path, other: Path) -> bool:
    """Tell whether two names are of one file: by links of either kind, "..", or case, too."""
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):  # one is not there
        pass
    return os.path.normcase(os.path.realpath(one)) == os.path.normcase(os.path.realpath(other))
