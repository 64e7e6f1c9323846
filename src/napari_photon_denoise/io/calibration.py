"""A calibration as a file: pages of float32 and a JSON description in one TIFF.

Any TIFF reader opens it: the pages are gain (e-/ADU), offset (ADU) and read noise
(e- rms), one pixel large where the quantity is a single number. The description of the
first page is JSON and holds the single numbers in full precision, the units, and where
the calibration came from. What the values mean is for `Calibration` to say and to check.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.errors import PhotonDenoiseError, UnreadableFile
from napari_photon_denoise.io.whole import check_output, whole_file

FORMAT = "napari-photon-denoise calibration"
FORMAT_VERSION = 1


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
    # Pages have one size in a file that every reader opens; a single number among maps
    # is spread over its page.
    shape = np.broadcast_shapes((1, 1), *map(np.shape, quantities.values()))
    compression = "zlib" if any(map(np.ndim, quantities.values())) else None
    with whole_file(path) as file, tifffile.TiffWriter(file, ome=False) as tif:
        for number, (name, page) in enumerate(quantities.items()):
            tif.write(
                np.broadcast_to(page, shape).astype(np.float32),
                description=json.dumps(said) if number == 0 else name,
                extratags=[(285, 2, None, f"{name} [{units[name]}]", False)],
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
    import tifffile

    path = Path(path)
    if not path.is_file():
        raise UnreadableFile(f"There is no calibration file {path}: check its name.")
    try:
        with tifffile.TiffFile(path) as tif:
            facts = _facts(tif.pages[0].description, path)
            names = facts.pop("units")
            pages = dict(zip(names, [page.asarray() for page in tif.pages], strict=True))
    except (tifffile.TiffFileError, OSError, IndexError, ValueError) as error:
        if isinstance(error, PhotonDenoiseError):
            raise
        raise UnreadableFile(
            f"{path} can't be read as a calibration: it is broken or another kind of file; "
            "save it again."
        ) from error
    maps = {name: page for name, page in pages.items() if facts[name] == "map"}
    return facts | maps | {"roi": tuple(facts["roi"]) if facts["roi"] else None}


def is_calibration(description: str) -> bool:
    """Tell by the description of a TIFF's first page whether :func:`write_calibration` wrote it."""
    return description.startswith("{") and FORMAT in description


def _facts(description: str, path: Path) -> dict[str, Any]:
    """Fields of the calibration from the JSON of the first page."""
    facts: dict[str, Any] = {}
    try:
        facts = json.loads(description)
        ours = isinstance(facts, dict) and facts.pop("format") == FORMAT
    except (json.JSONDecodeError, KeyError):
        ours = False
    if not ours:
        raise UnreadableFile(
            f"{path} is a TIFF but no calibration of this program: choose a file that was saved "
            "as a calibration."
        )
    version = facts.pop("format_version")
    if version > FORMAT_VERSION:
        raise UnreadableFile(
            f"{path} was saved by a newer version of napari-photon-denoise: update the program."
        )
    return facts
