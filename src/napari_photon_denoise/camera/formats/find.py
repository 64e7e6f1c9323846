"""Which program wrote a file, by its ending and content."""

from __future__ import annotations

from pathlib import Path

from napari_photon_denoise.camera.formats.conversion import Imported
from napari_photon_denoise.camera.formats.gdsc import read_tiff
from napari_photon_denoise.camera.formats.matlab import read_matlab
from napari_photon_denoise.camera.formats.storm_analysis import read_storm_analysis
from napari_photon_denoise.camera.formats.yaml_scalars import read_yaml
from napari_photon_denoise.errors import UnreadableFile

READERS = {
    ".npy": read_storm_analysis,
    ".tif": read_tiff,
    ".tiff": read_tiff,
    ".mat": read_matlab,
}


def import_calibration(path: str | Path, *, camera: str | None = None) -> Imported:
    """Read a calibration of this or another program, in this package's units.

    Parameters
    ----------
    path : path
        ``.npy`` of storm-analysis; ``.tif`` of GDSC SMLM or of this package; ``.mat`` of
        smite, SMAP or NCS; ``.yaml`` of Picasso or DECODE.
    camera : str, optional
        Which one, where a Picasso configuration lists several.

    Returns
    -------
    Imported
        The calibration, and what was converted.

    Raises
    ------
    UnreadableFile
        With a sentence that says what is wrong with the file.
    """
    path = Path(path)
    if not path.is_file():
        raise UnreadableFile(f"There is no calibration file {path}: check its name.")
    ending = path.suffix.lower()
    try:
        if ending in (".yaml", ".yml"):
            return read_yaml(path, camera)
        if ending in READERS:
            return READERS[ending](path)
    except OSError as error:
        raise UnreadableFile(f"{path} can't be read ({error.strerror or error}).") from error
    raise UnreadableFile(
        f"{path.name} ends in '{ending}': calibrations are read from .npy (storm-analysis), .tif "
        "(GDSC SMLM, this program), .mat (smite, SMAP, NCS) and .yaml (Picasso, DECODE)."
    )
