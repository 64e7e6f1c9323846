"""The files that an OME-XML names, found again: in their folder, renamed, or by their UUID."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from napari_photon_denoise.io.ome_rows import FileName, OmeDocument, read_document
from napari_photon_denoise.io.tiff_pages import read_description

ENDINGS = (".tif", ".tiff", ".tf2", ".tf8", ".btf")
COMPANION = ".companion.ome"
NO_PLANES = (".ome", ".xml")  # metadata alone


def find_files(
    path: Path, document: OmeDocument, *, binary_only: bool = False
) -> dict[FileName | None, Path | None]:
    """Find the file that is meant by each name.

    Parameters
    ----------
    path : Path
        Where the document is.
    document : OmeDocument
    binary_only : bool
        Whether it was reached from another file, which it should name.

    Returns
    -------
    dict of Path or None
        None where it is not there.
    """
    names = {name for image in document.images for name in image.file_names}
    holds_planes = not path.name.lower().endswith(NO_PLANES)
    # A file that was renamed, and whose XML names no other, holds its planes itself.
    alone = len({(name.name, name.uuid) for name in names if name}) == 1 and not binary_only
    found: dict[FileName | None, Path | None] = {}
    for name in names:
        itself = holds_planes and (name is None or alone or _is_own(name, document))
        found[name] = path if itself else _beside(path.parent, name)
    lost = [name for name, file in found.items() if file is None and name is not None]
    if lost:
        found.update(_by_uuid(path.parent, lost, taken=found.values()))
    missing = [name for name, file in found.items() if file is None]
    if len(missing) == 1 and holds_planes and path not in found.values() and not binary_only:
        found[missing[0]] = path
    return found


def _is_own(name: FileName, document: OmeDocument) -> bool:
    return bool(name.uuid) and name.uuid == document.uuid


def _beside(folder: Path, name: FileName | None) -> Path | None:
    if name is None or not name.name or "\0" in name.name:
        return None
    parts = name.name.replace("\\", "/")
    for candidate in (folder / parts, folder / parts.rsplit("/", 1)[-1]):
        if candidate.is_file():
            return candidate
    return None


def _by_uuid(
    folder: Path, lost: Iterable[FileName], taken: Iterable[Path | None]
) -> dict[FileName | None, Path | None]:
    """Look for renamed files by the UUID that each has in its own XML."""
    wanted = {name.uuid: name for name in lost if name.uuid}
    others = set(taken)
    found: dict[FileName | None, Path | None] = {}
    for path in sorted(folder.iterdir()) if wanted else ():
        if path in others or not path.name.lower().endswith(ENDINGS):
            continue
        text = read_description(path)
        document = read_document(text) if "UUID" in text else None
        if document is not None and document.uuid in wanted:
            found[wanted.pop(document.uuid)] = path
        if not wanted:
            break
    return found
