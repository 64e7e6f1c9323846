"""HDF5 files, opened for what is asked of them and closed again, and volumes in their datasets."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from napari_photon_denoise.errors import UnreadableFile

_SIGNATURE = b"\x89HDF\r\n\x1a\n"


@contextmanager
def hdf5_file(path: Path) -> Iterator[Any]:
    """Open a file to read.

    Nothing is locked: network file systems often can't, and a program that still writes may hold
    the lock. Whether the file changes meanwhile is looked at elsewhere.

    Raises
    ------
    UnreadableFile
        It is no HDF5, or cut short.
    """
    import h5py

    with path.open("rb") as raw:  # what it may not read, HDF5 calls damaged
        if _SIGNATURE not in raw.read(4096):
            raise UnreadableFile(
                f"{path.name} is damaged or no HDF5: export it again from the program that made it."
            )
    try:
        file = h5py.File(path, "r", locking=False)
    except OSError as error:
        if "locking" in str(error):  # another part of this process has it open, and locks it
            file = h5py.File(path, "r")
        else:
            raise UnreadableFile(
                f"{path.name} is damaged or was not closed by the program that wrote it: copy or "
                "export it again."
            ) from error
    with file:
        yield file


def check_filters(name: str, dataset: Any) -> None:
    """Refuse pixels that are compressed by what is not installed.

    Parameters
    ----------
    name : str
        The file, for the sentence.
    dataset : h5py.Dataset

    Raises
    ------
    UnreadableFile
    """
    import h5py

    plan = dataset.id.get_create_plist()
    used = [plan.get_filter(number) for number in range(plan.get_nfilters())]
    if all(h5py.h5z.filter_avail(code) for code, *_ in used):
        return
    if importlib.util.find_spec("hdf5plugin") is not None:
        importlib.import_module("hdf5plugin")  # registers its filters
    for code, _, _, title in used:
        if not h5py.h5z.filter_avail(code):
            said = title.decode(errors="replace").split(";")[0].strip() or f"filter {code}"
            raise UnreadableFile(
                f"{name} is compressed in a way that HDF5 itself does not know ({said[:60]}): "
                "install hdf5plugin (pip install hdf5plugin), or save it with gzip."
            )


def text_of(value: Any) -> str:
    """Return an attribute as text: Imaris writes one letter an element, others bytes or text."""
    if isinstance(value, np.ndarray):
        letters = value.ravel().tolist()
        value = b"".join(letters) if value.dtype.kind == "S" else "".join(map(str, letters))
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return str(value).split("\0")[0].strip()


class Volumes:
    """Pixels of (T, C, Z, Y, X) in one dataset for each volume: slices in, array out.

    Parameters
    ----------
    path : Path
    names : mapping of (t, c) to str
        The dataset of each volume. It may be larger, where a program fills it up to whole chunks.
    dtype : dtype
        What the pixels are, where the file says another of the same size.
    """

    def __init__(
        self, path: Path, names: Mapping[tuple[int, int], str], dtype: np.dtype[Any]
    ) -> None:
        self._path, self._names, self._dtype = path, names, dtype

    def __call__(self, index: tuple[slice, ...]) -> Any:
        """Read one block."""
        outer, box = index[:2], index[2:]
        block = np.empty([part.stop - part.start for part in index], self._dtype)
        starts = [part.start for part in outer]
        with hdf5_file(self._path) as file:
            for t, c in np.ndindex(block.shape[:2]):
                read = file[self._names[t + starts[0], c + starts[1]]][box]
                block[t, c] = read if read.dtype == self._dtype else read.view(self._dtype)
        return block
