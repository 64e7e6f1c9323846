"""Files, folders and globs into a list of images."""

from __future__ import annotations

import glob
import re
from collections.abc import Sequence
from pathlib import Path

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io.readers import FORMATS, find_reader


def find_images(patterns: Sequence[str | Path]) -> list[Path]:
    """List the images that files, folders and globs stand for.

    Parameters
    ----------
    patterns : sequence of str or Path
        A file is taken as it is. A folder stands for all images directly in it, one that is
        an image (OME-Zarr) for itself. "*", "?", "[...]" and "**" match as in a shell.

    Returns
    -------
    list of Path
        Each image once, in the order of the patterns, and in natural order within one.

    Raises
    ------
    UnreadableFile
        A pattern that stands for no image.
    """
    found: dict[Path, None] = {}
    for pattern in patterns:
        found.update(dict.fromkeys(_matches(Path(pattern).expanduser())))
    if not found:
        raise UnreadableFile("No image was given: give files, folders or patterns like *.tif.")
    return list(found)


def _matches(pattern: Path) -> list[Path]:
    if pattern.is_dir() and find_reader(pattern) is None:
        images = _sorted_images(list(pattern.iterdir()))
        if not images:
            raise UnreadableFile(
                f"{pattern} holds no {FORMATS}: give another folder, or a pattern like "
                "'folder/**/*.tif' for the folders in it."
            )
        return images
    # Before globs: brackets may be part of a file's name.
    if pattern.exists():
        return [pattern]
    if not glob.has_magic(str(pattern)):
        raise UnreadableFile(f"{pattern} does not exist: check its name and folder.")
    images = _sorted_images([Path(name) for name in glob.glob(str(pattern), recursive=True)])
    if not images:
        raise UnreadableFile(f"{pattern} matches no image: check the pattern and the folder.")
    return images


def _sorted_images(candidates: list[Path]) -> list[Path]:
    images = {path for path in candidates if is_image(path)}
    # "**" also finds the inside of an OME-Zarr.
    outer = [path for path in images if not any(parent in images for parent in path.parents)]
    return sorted(outer, key=natural_order)


def is_image(path: Path) -> bool:
    """Tell whether a file or folder is an image, by its name and what it holds."""
    if path.name.startswith("."):  # temporary files, and macOS's "._" companions
        return False
    return find_reader(path) is not None


def natural_order(path: Path) -> list[tuple[int, int, str]]:
    """Key that sorts "2" before "10"."""
    parts = re.split(r"(\d+)", str(path).lower())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]
