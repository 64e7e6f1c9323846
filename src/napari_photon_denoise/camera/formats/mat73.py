"""MATLAB's ``.mat`` files of version 7.3, which are HDF5 files: read where h5py is installed.

The HDF5 library crashes on some damaged files, so that it works in a process of its own.
"""

from __future__ import annotations

import importlib.util
import io
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from napari_photon_denoise.errors import UnreadableFile

LONGEST = 60  # seconds
LARGEST = 2**29  # bytes of one map
# What the other process runs; MATLAB writes columns first, so that HDF5 has the axes swapped.
# Arguments: the file, the largest size, and the names that are wanted, in small letters.
CHILD = """
import sys
import h5py
import numpy
found = {}
def visit(name, item):
    is_wanted = name.split("/")[-1].lower() in sys.argv[3:]
    if isinstance(item, h5py.Dataset) and name.count("/") < 3 and not name.startswith("#"):
        if is_wanted and item.ndim == 2 and item.size * item.dtype.itemsize <= int(sys.argv[2]):
            found[name] = numpy.asarray(item).T
        else:
            found[name] = numpy.zeros(0)
with h5py.File(sys.argv[1], "r") as file:
    file.visititems(visit)
numpy.savez(sys.stdout.buffer, **found)
"""


def is_mat73(path: Path) -> bool:
    """Tell by its header whether a file is of this version."""
    with path.open("rb") as file:
        return b"MATLAB 7.3" in file.read(128)


def read_mat73(path: Path, wanted: Collection[str]) -> dict[str, Any]:
    """Read the variables of a file.

    Parameters
    ----------
    path : Path
    wanted : collection of str
        Names of matrices, in small letters; of others nothing but the name is read.

    Returns
    -------
    dict of str to (Y, X) array, empty array or dict
        A structure is a dictionary.

    Raises
    ------
    UnreadableFile
        If it is broken, or h5py is not installed.
    """
    if importlib.util.find_spec("h5py") is None:
        raise UnreadableFile(
            f"{path} is a MATLAB file of version 7.3: install h5py (pip install h5py), or save it "
            "in MATLAB with the option '-v7'."
        )
    command = [sys.executable, "-c", CHILD, str(path.absolute()), str(LARGEST), *wanted, "roi"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=LONGEST, check=True)
        with np.load(io.BytesIO(done.stdout), allow_pickle=False) as found:
            flat = {name: found[name] for name in found.files}
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise UnreadableFile(f"{path} can't be read: it is broken.") from error
    variables: dict[str, Any] = {}
    for name, value in flat.items():
        *structures, last = name.split("/")
        place = variables
        for structure in structures:
            place = place.setdefault(structure, {})
        place[last] = value
    return variables
