"""Open an image file, whatever its format, without reading its pixels."""

from __future__ import annotations

from pathlib import Path

from napari_photon_denoise.errors import PhotonDenoiseError, UnreadableFile
from napari_photon_denoise.faults import as_sentence
from napari_photon_denoise.io.data_set import chosen, split_address
from napari_photon_denoise.io.image import ImageFile, Source, make_image, shown_name
from napari_photon_denoise.io.paths import local_path
from napari_photon_denoise.io.readers import (
    FOLDER_FORMATS,
    FORMATS,
    Reader,
    bare_name,
    find_reader,
)
from napari_photon_denoise.io.series import is_series, read_series


def read(path: str | Path, axes: str | None = None) -> ImageFile:
    """Open an image; its pixels are read block by block, when they are needed.

    The formats are those of `readers.READERS`; of several resolutions, the full one. A plain
    stack of planes does not say whether they are T or Z: they are taken as T, and
    `axes_guessed` says so.

    Parameters
    ----------
    path : str or Path
        A file, or a folder that is an image. A position in a file of several has the file's path
        with its name behind: "cells.ome.tif/Pos1". Of a data set in several files, any of them.
        A pattern, "folder/img_*.tif", is one stack of the numbered files that it matches.
    axes : str, optional
        What the dimensions of the file are, in the file's order, for example "ZYX". It
        wins over what the file says. Dimensions of length 1 may be left out.

    Returns
    -------
    ImageFile
        Close it when done.

    Raises
    ------
    UnreadableFile
        Missing, empty, truncated, damaged or unknown file; RGB, 1-D, boolean or complex
        pixels; dimensions that only `axes` can name. Reading a block raises it too.
    PhotonDenoiseError
        `axes` does not fit the file.
    """
    path = local_path(path)
    try:
        return _open(path, axes)
    except (PhotonDenoiseError, MemoryError):
        raise
    except OSError as error:
        if error.errno is None:  # of a library, about what is in the file
            raise _damaged(path, error) from error
        if not isinstance(error, PermissionError):
            raise UnreadableFile(str(as_sentence(error, str(path)))) from error
        raise UnreadableFile(f"{path} may not be read: ask for the permission.") from None
    except Exception as error:  # the libraries raise whatever they like on damaged files
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> UnreadableFile:
    return UnreadableFile(
        f"{shown_name(path)} is damaged or of an unknown kind: export it again as OME-TIFF "
        f"({type(error).__name__})."
    )


def _open(path: Path, axes: str | None) -> ImageFile:
    if is_series(path):
        return make_image(path, bare_name(path), read_series(path, axes), axes)
    file, label = split_address(path) or (path, None)
    if not file.exists():
        raise UnreadableFile(f"{path} does not exist: check its name and folder.")
    reader = find_reader(file)
    if reader is None and path.is_dir():
        raise UnreadableFile(
            f"{path} is a folder without an {FOLDER_FORMATS} image: give an image file, or for one "
            f"stack of numbered files a pattern, such as {path / '*.tif'}."
        )
    if reader is None:
        raise UnreadableFile(
            f"{file.name} cannot be read: give {FORMATS} (in Fiji: File > Save As > Tiff)."
        )
    if not (file.is_file() or file.is_dir()):  # a pipe waits for its writer, for ever
        raise UnreadableFile(f"{file.name} is a pipe or device, no file: copy it to a file first.")
    if file.is_file() and file.stat().st_size == 0:
        raise UnreadableFile(f"{file.name} is empty (0 bytes): copy or export it again.")
    source = reader.read(file, axes) if label is None else _position(reader, file, label, axes)
    try:
        return make_image(path, bare_name(path), source, axes)
    except BaseException:
        source.release()
        raise


def _position(reader: Reader, file: Path, label: str, axes: str | None) -> Source:
    positions = reader.positions(file) if reader.positions else None
    if not positions:
        raise UnreadableFile(f"{file.name} is one image, and has no position {label}.")
    return chosen(file, label, positions).read(axes)
