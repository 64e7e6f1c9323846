"""Where an OME-Zarr is written, checked before any work is done for it; and how it is put there."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from napari_photon_denoise.errors import OutputExists, PhotonDenoiseError
from napari_photon_denoise.faults import as_sentence
from napari_photon_denoise.io.ome_zarr.attributes import own_attributes, read_attributes
from napari_photon_denoise.io.parts import LONGEST
from napari_photon_denoise.io.paths import written_through
from napari_photon_denoise.io.readers import bare_name
from napari_photon_denoise.io.whole import check_folder
from napari_photon_denoise.io.zarrs import is_zarr


def check_zarr_place(target: Path, *, overwrite: bool) -> None:
    """Refuse a place where no OME-Zarr can be written.

    Parameters
    ----------
    target : Path
        Of the folder.
    overwrite : bool
        Replace an OME-Zarr of one image, whoever wrote it; never another folder, nor a plate.

    Raises
    ------
    OutputExists
        If one is there and `overwrite` is False.
    PhotonDenoiseError
    """
    try:
        _check(target, written_through(target), overwrite=overwrite)
    except OSError as error:
        raise as_sentence(error, str(target)) from None


def _check(target: Path, real: Path, *, overwrite: bool) -> None:
    around = next((folder for folder in real.absolute().parents if is_zarr(folder)), None)
    if around is not None:
        raise PhotonDenoiseError(
            f"{target} lies in the OME-Zarr {around}: choose a place outside of it."
        )
    if real.is_dir() and not is_one_image(real):
        raise PhotonDenoiseError(
            f"{target} is a folder that is no OME-Zarr of one image: choose another name."
        )
    if real.exists() and not real.is_dir():
        raise PhotonDenoiseError(f"{target} is a file, not an OME-Zarr: choose another name.")
    if real.exists() and not overwrite:
        raise OutputExists(f"{target} exists already")
    check_folder(real.parent)


def is_one_image(folder: Path) -> bool:
    """Tell whether a folder is an OME-Zarr of one image, or one of this program in the making."""
    attributes = read_attributes(folder)
    ome = attributes.get("ome", attributes)
    return (isinstance(ome, dict) and "multiscales" in ome) or bool(own_attributes(attributes))


def put_in_place(part: Path, real: Path, *, overwrite: bool) -> None:
    """Give a finished folder its name; never throw it away, nor what came meanwhile.

    Parameters
    ----------
    part : Path
        The finished folder; afterwards what was replaced, if anything was, for who removes it.
    real : Path
    overwrite : bool

    Raises
    ------
    PhotonDenoiseError
    """
    old = real.with_name(f".{real.name[:LONGEST]}.{uuid.uuid4().hex[:8]}.old")
    why = "another program has written it meanwhile"
    if overwrite or not real.exists():
        try:
            _swap(part, real, old)
        except OSError as error:
            why = f"{error.strerror}, perhaps it is open in another program"
        else:
            return
    kept = real.with_name(f"{bare_name(real)[:LONGEST]}.{uuid.uuid4().hex[:8]}.ome.zarr")
    os.rename(part, kept)
    raise PhotonDenoiseError(
        f"{real.name} could not be replaced ({why}): the result is in {kept.name}."
    )


def _swap(part: Path, real: Path, old: Path) -> None:
    """Rename, so that one of the two has the name but for a moment, in which neither is swept."""
    if not real.exists():
        os.rename(part, real)
        return
    os.rename(real, old)
    try:
        os.rename(part, real)
    except OSError:
        os.rename(old, real)
        raise
    os.rename(old, part)
