"""storm-analysis: ``.npy`` with offset (ADU), variance (ADU²) and gain (ADU/e-).

The old format is one float array ``(3, Y, X)``; the new one is a pickled list of the three
maps, the relative quantum efficiency, and a version. A pickle can run any program when it
is read: here it may make arrays and nothing else.
"""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.formats.conversion import Imported, from_variance, to_variance
from napari_photon_denoise.errors import UnreadableFile

PROGRAM = "storm-analysis"
VERSION = 2
# What arrays are made of, under the names that NumPy 1 and 2 and Python 2 give it.
ALLOWED = {
    (module, name)
    for module, names in {
        "multiarray": ("_reconstruct", "scalar"),
        "numeric": ("_frombuffer",),
    }.items()
    for module in (f"numpy.core.{module}", f"numpy._core.{module}")
    for name in names
} | {("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode")}


class _ArraysOnly(pickle.Unpickler):
    """Reads lists, numbers and NumPy arrays; refuses everything that names other code."""

    def find_class(self, module: str, name: str) -> Any:
        """Look a name up, if it is one that arrays need."""
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} is not allowed")
        return super().find_class(module, name)


def read_storm_analysis(path: Path) -> Imported:
    """Read a calibration of storm-analysis.

    Raises
    ------
    UnreadableFile
        If the file is broken, holds something else, or would run code.
    """
    content = _read(path)
    notes: tuple[str, ...] = ()
    if isinstance(content, np.ndarray) and content.dtype != object:
        if content.ndim != 3 or len(content) != 3:
            raise UnreadableFile(
                f"{path} holds an array of shape {content.shape}, a storm-analysis calibration has "
                "(3, Y, X): offset, variance and gain."
            )
        maps = list(content)
    else:
        maps = list(content) if isinstance(content, list | tuple | np.ndarray) else []
        if len(maps) < 3 or not all(isinstance(each, np.ndarray) for each in maps[:3]):
            raise UnreadableFile(
                f"{path} holds no list of maps: a storm-analysis calibration is offset, variance, "
                "gain, relative quantum efficiency and a version."
            )
        if len(maps) > 4:
            notes = ("The relative quantum efficiency was left out: gain stands for it.",)
    imported = from_variance(path, maps[0], maps[1], maps[2], PROGRAM)
    return Imported(imported.calibration, imported.notes + notes)


def write_storm_analysis(calibration: Calibration, path: Path) -> None:
    """Write the old format, which every version of storm-analysis reads without a pickle."""
    with path.open("wb") as file:
        np.save(file, np.stack(to_variance(calibration)), allow_pickle=False)


def _read(path: Path) -> Any:
    data = path.read_bytes()
    try:
        if not data.startswith(b"\x93NUMPY"):
            return _ArraysOnly(io.BytesIO(data), encoding="latin1").load()
        try:
            return np.load(io.BytesIO(data), allow_pickle=False)
        except ValueError:
            return _read_objects(io.BytesIO(data))
    except pickle.UnpicklingError as error:
        raise UnreadableFile(
            f"{path} was not opened: it is a pickle that asks for more than arrays ({error}), "
            "which could run a program; export it again as a plain array."
        ) from error
    # A broken pickle raises whatever its broken instructions lead to.
    except Exception as error:
        raise UnreadableFile(f"{path} can't be read: it is broken or no NumPy file.") from error


def _read_objects(file: io.BytesIO) -> Any:
    """Read a ``.npy`` that holds objects, through the restricted unpickler."""
    version = np.lib.format.read_magic(file)
    reader = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }[version]
    dtype = reader(file)[2]
    if dtype != np.dtype(object):
        raise ValueError("a broken array")
    return _ArraysOnly(file, encoding="latin1").load()
