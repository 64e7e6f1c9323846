"""storm-analysis: ``.npy`` with offset (ADU), variance (ADU²) and gain (ADU/e-).

Its loader (`sa_library.analysis_io.loadCMOSCalibration`) knows three forms by their length:

- 3: one float array; the maps are the other way round, and the loader transposes each.
- 4: a pickled list of the maps and the number 1.
- 5: a pickled list of the maps, the relative quantum efficiency, and the number 2.

A pickle can run any program when it is read: see `pickled_arrays`.
"""

from __future__ import annotations

import math
import pickle
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.formats.conversion import Imported, Maps, from_maps, to_variance
from napari_photon_denoise.camera.formats.pickled_arrays import load_arrays
from napari_photon_denoise.errors import UnreadableFile

PROGRAM = "storm-analysis"
VERSIONS = {4: 1, 5: 2}  # what the last entry of a list of so many is
LARGEST = 2**31  # bytes of a pickle: 64 Mpx in four maps of doubles
TURNED = "The maps of this old form are transposed, as storm-analysis' own loader does it."
EFFICIENCY = "The relative quantum efficiency was left out: photons are detected ones here."


def read_storm_analysis(path: Path) -> Imported:
    """Read a calibration of storm-analysis.

    Raises
    ------
    UnreadableFile
        If the file is broken, holds something else, or would run code.
    """
    content = _read(path)
    entries = list(content) if isinstance(content, list | np.ndarray) else []
    if len(entries) < 3 or not all(isinstance(each, np.ndarray) for each in entries[:3]):
        raise UnreadableFile(
            f"{path} holds no list of maps: a storm-analysis calibration is offset, variance, "
            "gain, relative quantum efficiency and a version."
        )
    offset, variance, gain = entries[:3]
    if len(entries) == 3:  # its own loader asks for the length alone
        return from_maps(path, PROGRAM, Maps(offset.T, variance.T, gain.T), TURNED)
    version = entries[-1]
    if isinstance(version, np.ndarray) or version != VERSIONS.get(len(entries)):
        raise UnreadableFile(
            f"{path} is of a form that storm-analysis does not know: {len(entries)} entries of "
            "another version; save it again with storm-analysis."
        )
    remarks = (EFFICIENCY,) if len(entries) == 5 else ()
    return from_maps(path, PROGRAM, Maps(offset, variance, gain), *remarks)


def write_storm_analysis(calibration: Calibration, path: Path) -> None:
    """Write the old form, which every version of storm-analysis reads, without a pickle.

    Its loader transposes the maps of this form, so that they are transposed here.
    """
    maps = np.stack([each.T for each in to_variance(calibration)])
    with path.open("wb") as file:
        np.save(file, maps, allow_pickle=False)


def _read(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            is_npy = file.read(6) == np.lib.format.MAGIC_PREFIX
            file.seek(0)
            return _read_npy(file, path) if is_npy else load_arrays(_rest(file, path))
    except UnreadableFile:
        raise
    except pickle.UnpicklingError as error:
        raise UnreadableFile(
            f"{path} was not opened: it is a pickle that asks for more than arrays ({error}), and "
            "pickles could run a program; export it again as a plain array."
        ) from error
    # A broken file raises whatever its broken parts lead to.
    except Exception as error:
        raise UnreadableFile(f"{path} can't be read: it is broken or no NumPy file.") from error


def _read_npy(file: BinaryIO, path: Path) -> NDArray[Any] | Any:
    """Read three maps whose bytes are all there; an array of objects as a pickle."""
    version = np.lib.format.read_magic(file)
    reader = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }[version]
    shape, is_fortran, dtype = reader(file)
    if dtype == np.dtype(object):
        return load_arrays(_rest(file, path))
    if len(shape) != 3 or shape[0] != 3:
        raise UnreadableFile(
            f"{path} holds an array of shape {shape}, a storm-analysis calibration of one array "
            "has (3, X, Y): offset, variance and gain."
        )
    # Asked for before anything is allocated: a damaged shape says any number.
    size = math.prod(shape) * dtype.itemsize
    if dtype.kind not in "iuf" or size != path.stat().st_size - file.tell():
        raise ValueError("an array of another size than its bytes")
    return np.frombuffer(file.read(size), dtype).reshape(shape, order="F" if is_fortran else "C")


def _rest(file: BinaryIO, path: Path) -> bytes:
    """Return what follows, if it is not too much for a calibration."""
    if path.stat().st_size > LARGEST:
        raise UnreadableFile(
            f"{path} has {path.stat().st_size / 1e9:.1f} GB: choose the file of a calibration."
        )
    return file.read()
