"""MATLAB files of smite, SMAP and NCS: offset (ADU), variance (ADU²) and gain (ADU/e-)."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from napari_photon_denoise.camera.formats.conversion import Imported, from_variance
from napari_photon_denoise.errors import UnreadableFile

# Names in lower case: smite and NCS have the first of each, SMAP's files vary.
NAMES = {
    "offset": ("ccdoffset", "offset", "offsetmap"),
    "variance": ("ccdvar", "variance", "varmap", "var"),
    "gain": ("gain", "gainmap", "ccdgain"),
}
STRUCTURES = ("params", "camera", "cameracalibration")


def read_matlab(path: Path) -> Imported:
    """Read maps from a ``.mat`` file of version 5, or 7.3 where h5py is installed.

    Raises
    ------
    UnreadableFile
        If the file is broken, of version 7.3 without h5py, or holds other things.
    """
    with path.open("rb") as file:
        modern = b"MATLAB 7.3" in file.read(128)
    content = _read_hdf5(path) if modern else _read_version_5(path)
    found = _maps(content)
    if found is None:
        names = ", ".join(sorted(content)) or "nothing"
        raise UnreadableFile(
            f"{path} holds {names}, but no maps named offset, variance and gain (CCDOffset, CCDVar "
            "and Gain in smite): save them under these names."
        )
    program = "smite or SMAP" if "params" in {name.lower() for name in content} else "NCS or SMAP"
    return from_variance(path, found["offset"], found["variance"], found["gain"], program)


def _maps(content: Mapping[str, Any]) -> dict[str, np.ndarray[Any, Any]] | None:
    """Find the three maps, at the top or in a structure."""
    lower = {name.lower(): value for name, value in content.items()}
    for scope in (lower, *(lower[name] for name in STRUCTURES if name in lower)):
        if not isinstance(scope, Mapping):
            continue
        members = {name.lower(): value for name, value in scope.items()}
        found = {
            quantity: next((members[name] for name in names if name in members), None)
            for quantity, names in NAMES.items()
        }
        if all(isinstance(value, np.ndarray) for value in found.values()):
            return {name: np.asarray(value) for name, value in found.items()}
    return None


def _read_version_5(path: Path) -> dict[str, Any]:
    from scipy.io import loadmat

    try:
        content = loadmat(path, simplify_cells=True)
    # Broken files raise many things, which scipy does not name.
    except Exception as error:
        raise UnreadableFile(f"{path} can't be read: it is broken or no MATLAB file.") from error
    return {name: value for name, value in content.items() if not name.startswith("__")}


def _read_hdf5(path: Path) -> dict[str, Any]:
    try:
        # By its name, since it is no dependency: types are known where it is installed only.
        h5py = importlib.import_module("h5py")
    except ImportError:
        raise UnreadableFile(
            f"{path} is a MATLAB file of version 7.3: install h5py (pip install h5py), or save it "
            "in MATLAB with the option '-v7'."
        ) from None
    try:
        with h5py.File(path) as file:
            return _members(file, h5py.Group)
    except OSError as error:
        raise UnreadableFile(f"{path} can't be read: it is broken.") from error


def _members(group: Any, kind: type) -> dict[str, Any]:
    """Read a group; MATLAB writes columns first, so that HDF5 has the axes swapped."""
    return {
        name: _members(item, kind) if isinstance(item, kind) else np.asarray(item).T
        for name, item in group.items()
        if not name.startswith("#")
    }
