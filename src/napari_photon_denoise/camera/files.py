"""A calibration as a file: pages of float32 and a JSON description in one TIFF.

Any TIFF reader opens it: the pages are gain (e-/ADU), offset (ADU) and read noise
(e- rms), one pixel large where the quantity is a single number. The description of the
first page is JSON and holds the single numbers in full precision, the units, and where
the calibration came from.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from napari_photon_denoise.calibration import QUANTITIES, Calibration
from napari_photon_denoise.errors import PhotonDenoiseError, UnreadableFile
from napari_photon_denoise.io.whole import check_output, whole_file

FORMAT = "napari-photon-denoise calibration"
FORMAT_VERSION = 1


def save_calibration(
    calibration: Calibration, path: str | Path, *, overwrite: bool = False
) -> Path:
    """Write a calibration; whole, or not at all.

    Parameters
    ----------
    calibration : Calibration
    path : path ending in .tif or .tiff
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
    pages = {name: np.atleast_2d(getattr(calibration, name)) for name in QUANTITIES}
    facts = calibration.facts() | {"format": FORMAT, "format_version": FORMAT_VERSION}
    facts["units"] = QUANTITIES
    # Pages have one size in a file that every reader opens; a single number among maps
    # is spread over its page.
    shape = calibration.map_shape or (1, 1)
    with whole_file(path) as file, tifffile.TiffWriter(file, ome=False) as tif:
        for number, (name, page) in enumerate(pages.items()):
            tif.write(
                np.broadcast_to(page, shape).astype(np.float32),
                description=json.dumps(facts) if number == 0 else name,
                extratags=[(285, 2, None, f"{name} [{QUANTITIES[name]}]", False)],
                metadata=None,
                compression="zlib" if calibration.map_shape else None,
            )
    return path


def load_calibration(path: str | Path) -> Calibration:
    """Read a calibration that :func:`save_calibration` wrote.

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
            pages = dict(zip(QUANTITIES, [page.asarray() for page in tif.pages], strict=True))
    except (tifffile.TiffFileError, OSError, IndexError, ValueError) as error:
        if isinstance(error, PhotonDenoiseError):
            raise
        raise UnreadableFile(
            f"{path} can't be read as a calibration: it is broken or another kind of file; "
            "save it again."
        ) from error
    values = {name: pages[name] if facts[name] == "map" else facts[name] for name in QUANTITIES}
    roi = tuple(facts["roi"]) if facts["roi"] else None
    return Calibration(**(facts | values | {"roi": roi}), path=path)


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
    del facts["units"]
    return facts
