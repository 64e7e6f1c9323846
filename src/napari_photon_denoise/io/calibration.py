"""A calibration as a file: pages of float32 and a JSON description in one TIFF.

Any TIFF reader opens it: the pages are gain (e-/ADU), offset (ADU) and read noise
(e- rms), one pixel large where the quantity is a single number. The description of the
first page is JSON and holds the single numbers in full precision, the units, and where
the calibration came from; a checksum of all that stands beside each page, so that it is not
lost together with what it tells. What the values mean is for `Calibration` to say and to check.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.errors import PhotonDenoiseError, UnreadableFile
from napari_photon_denoise.io.whole import check_output, whole_file

FORMAT = "napari-photon-denoise calibration"
FORMAT_VERSION = 1
PAGE_NAME = 285  # tag of a TIFF
CHECKSUM = re.compile(r"sha256 ([0-9a-f]{64})")
QUIET = logging.NullHandler()
INFLATES = 1032  # times, at most: what DEFLATE makes of one byte


def write_calibration(
    path: str | Path,
    quantities: Mapping[str, float | NDArray[np.float32]],
    units: Mapping[str, str],
    facts: Mapping[str, Any],
    *,
    overwrite: bool = False,
) -> Path:
    """Write a calibration; whole, or not at all.

    Parameters
    ----------
    path : path ending in .tif or .tiff
    quantities : mapping of str to float or (Y, X) float32
        Maps of one shape, or single numbers.
    units : mapping of str to str
        Of each quantity.
    facts : mapping
        All that is no map, ready for JSON; a map is named "map".
    overwrite : bool
        Replace a file that is there.

    Raises
    ------
    OutputExists
        If the file is there and `overwrite` is False.
    PhotonDenoiseError
        If the ending is another or the folder can't be written.
    """
    import tifffile

    path = check_output(path, (".tif", ".tiff"), "A calibration", overwrite=overwrite)
    said = {**facts, "format": FORMAT, "format_version": FORMAT_VERSION, "units": dict(units)}
    description = json.dumps(said)
    # Pages have one size in a file that every reader opens; a single number among maps
    # is spread over its page.
    shape = np.broadcast_shapes((1, 1), *map(np.shape, quantities.values()))
    pages = [
        np.broadcast_to(page, shape).astype(np.float32, order="C") for page in quantities.values()
    ]
    checksum = f"sha256 {_checksum(description, pages)}"
    compression = "zlib" if any(map(np.ndim, quantities.values())) else None
    with whole_file(path) as file, tifffile.TiffWriter(file, ome=False) as tif:
        for name, page in zip(quantities, pages, strict=True):
            is_first = page is pages[0]
            tif.write(
                page,
                description=description if is_first else name,
                software=f"napari-photon-denoise, {checksum}",
                extratags=[(PAGE_NAME, 2, None, f"{name} [{units[name]}]", False)],
                metadata=None,
                compression=compression,
            )
    return path


def read_calibration(path: str | Path) -> dict[str, Any]:
    """Read what :func:`write_calibration` wrote: facts and quantities, by name.

    Raises
    ------
    UnreadableFile
        If the file is missing, broken, no calibration, or of a newer format.
    """
    path = Path(path)
    if not path.is_file():
        raise UnreadableFile(f"There is no calibration file {path}: check its name.")
    try:
        with open_quietly(path) as tif:
            return _read(tif, path)
    except PhotonDenoiseError:
        raise
    except Exception as error:  # tifffile raises whatever it likes on damaged files
        raise damaged(path) from error


def open_quietly(path: Path) -> Any:
    """Open a TIFF; what tifffile logs of a damaged one would stand beside our own sentence.

    Returns
    -------
    tifffile.TiffFile
    """
    import tifffile

    logging.getLogger("tifffile").addHandler(QUIET)
    return tifffile.TiffFile(path)


def damaged(path: Path) -> UnreadableFile:
    """Make the error of a calibration whose content is not what was saved."""
    return UnreadableFile(
        f"{path} can't be read as a calibration: it is broken or another kind of file; "
        "save it again."
    )


def is_calibration(description: str) -> bool:
    """Tell by the description of a TIFF's first page whether :func:`write_calibration` wrote it."""
    return description.startswith("{") and FORMAT in description


def was_calibration(tif: Any) -> bool:
    """Tell by the pages' names, too, so that one that is damaged is not taken for another file.

    Parameters
    ----------
    tif : tifffile.TiffFile
    """
    names = [str(page.tags[PAGE_NAME].value) for page in tif.pages if PAGE_NAME in page.tags]
    marked = any(re.match(r"(gain|offset|read_noise) \[", name) for name in names)
    return marked or FORMAT in tif.pages[0].description


def _read(tif: Any, path: Path) -> dict[str, Any]:
    """Read an open file."""
    description = tif.pages[0].description
    facts = _facts(description, path)
    names = facts.pop("units")
    pages = [_pixels(page) for page in tif.pages]
    said = {one for page in tif.pages for one in CHECKSUM.findall(page.software)}
    # None in files of before there were checksums.
    if said and said != {_checksum(description, pages)}:
        raise damaged(path)
    quantities = dict(zip(names, pages, strict=True))
    maps = {name: page for name, page in quantities.items() if facts[name] == "map"}
    return facts | maps | {"roi": tuple(facts["roi"]) if facts["roi"] else None}


def _pixels(page: Any) -> NDArray[np.float32]:
    """Read a page strip by strip, so that a damaged size makes room for nothing.

    Raises
    ------
    ValueError
        If it is none that :func:`write_calibration` wrote.
    """
    if page.dtype != np.float32 or len(page.shape) != 2 or page.is_tiled:
        raise ValueError("a page of another kind")
    height, width = page.shape
    rows = min(page.rowsperstrip, height)
    sizes = page.databytecounts
    most = 4 * rows * width
    if len(sizes) != -(-height // rows) or any(most > INFLATES * size for size in sizes[:-1]):
        raise ValueError("strips that can't hold so many pixels")
    if 4 * (height - rows * (len(sizes) - 1)) * width > INFLATES * sizes[-1]:
        raise ValueError("a last strip that can't hold so many pixels")
    strips = [np.asarray(strip).reshape(-1, width) for strip, _, _ in page.segments()]
    return np.concatenate(strips).reshape(height, width)


def _checksum(description: str, pages: Iterable[NDArray[np.float32]]) -> str:
    """SHA-256 of a description and of the pages, in hexadecimal."""
    sha = hashlib.sha256(description.encode())
    for page in pages:
        sha.update(f"{page.shape[0]}×{page.shape[1]}".encode())
        sha.update(np.ascontiguousarray(page, dtype="<f4").data)
    return sha.hexdigest()


def _facts(description: str, path: Path) -> dict[str, Any]:
    """Fields of the calibration from the JSON of the first page."""
    facts: dict[str, Any] = {}
    try:
        facts = json.loads(description)
        ours = isinstance(facts, dict) and facts.pop("format") == FORMAT
    except (json.JSONDecodeError, KeyError):
        ours = False
    if not ours and FORMAT not in description:
        raise UnreadableFile(
            f"{path} is a TIFF but no calibration of this program: choose a file that was saved "
            "as a calibration."
        )
    if not ours:
        raise damaged(path)
    if facts.pop("format_version") > FORMAT_VERSION:
        raise UnreadableFile(
            f"{path} was saved by a newer version of napari-photon-denoise: update the program."
        )
    return facts
