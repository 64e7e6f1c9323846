"""The pixels of a TIFF, block by block, through tifffile."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

from napari_photon_denoise.io.blocks import BLOCK_BYTES


class TiffPixels:
    """The pixels of an image in a TIFF: slices in, array out.

    The file is opened when it is needed, stays open while blocks are read, and opens again
    after `close`. Blocks may be read from several threads.

    Parameters
    ----------
    path : Path
    choose : callable
        Takes the open file, and returns the series of pages.
    as_ome : bool
        False where its OME-XML is of other files.
    """

    def __init__(self, path: Path, choose: Callable[[Any], Any], *, as_ome: bool = True) -> None:
        self._path = path
        self._choose = choose
        self._flags = {} if as_ome else {"is_ome": False}
        self._series: Any = None
        self._idle = threading.Condition()
        self._readers = 0
        self._tif: Any = None
        self._array: Any = None
        self._shut: Callable[[], object] = lambda: None

    def __call__(self, index: tuple[slice, ...]) -> Any:
        """Read one block."""
        with self._idle:
            self._readers += 1
        try:
            return self.array()[index]
        finally:
            with self._idle:
                self._readers -= 1
                self._idle.notify_all()

    def file(self) -> Any:
        """Return the open file."""
        import tifffile

        if self._tif is None:
            self._tif = tifffile.TiffFile(self._path, **self._flags)
            self._shut = weakref.finalize(self, self._tif.close)
        return self._tif

    def series(self) -> Any:
        """Return the image as tifffile's series of pages."""
        if self._series is None:
            self._series = self._choose(self.file())
        return self._series

    def array(self) -> Any:
        """Return the image as a zarr array on the open file."""
        import zarr

        with self._idle:
            if self._array is None:
                levels = self.series().levels[0]
                page = levels.keyframe
                # One chunk a page decodes fastest, but a page of a slide scanner does not
                # fit in memory: there, the file's own tiles.
                small = page.nbytes <= BLOCK_BYTES
                store = levels.aszarr(chunkmode="page" if small else None, level=0)
                self._array = zarr.open_array(store, mode="r")
            return self._array

    def close(self) -> None:
        """Let go of the file.

        After one block has failed, dask leaves other threads reading theirs, and tifffile
        would open the file again for them: they are waited for.
        """
        with self._idle:
            self._idle.wait_for(lambda: self._readers == 0)
            self._array = self._series = self._tif = None
            self._shut()
