"""The OME-XML of an image in its folder, under the name that Bio-Formats' converter gives it.

OME-Zarr knows no objective, date or place on the stage. The file is not announced: the key that
does so says that the images are groups called 0, 1, …, which are resolutions here.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from napari_photon_denoise.io.image import About, OmeText
from napari_photon_denoise.io.ome import describe
from napari_photon_denoise.io.ome_xml import make_xml
from napari_photon_denoise.io.ome_zarr.store import Level

_FOLDER, _FILE = "OME", "METADATA.ome.xml"


def write_xml(folder: Path, name: str, level: Level, about: About) -> None:
    """Write what is known of an image, except its recipe, which is among the attributes.

    Parameters
    ----------
    folder : Path
        Of the image, a group.
    name : str
        Of the image, where its input had none.
    level : Level
        The full resolution.
    about : About
    """
    import zarr

    plain = replace(about, recipe=None)
    made = make_xml(name, level.grid.shape, level.dtype, plain, is_apart=True)
    # A folder that is no group would be taken for damage.
    zarr.open_group(folder / _FOLDER, mode="a", zarr_format=level.zarr_format)
    (folder / _FOLDER / _FILE).write_bytes(made)


def read_xml(folder: Path, image: int = 0) -> OmeText | None:
    """Return the OME-XML in a folder; None if there is none.

    Parameters
    ----------
    folder : Path
        Of an image, or of those that Bio-Formats' converter has made.
    image : int
        Which of them.
    """
    file = folder / _FOLDER / _FILE
    if not file.is_file():
        return None
    return describe(file.read_text("utf-8", errors="replace"), image).ome
