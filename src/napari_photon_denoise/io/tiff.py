"""TIFF in its dialects: plain, ImageJ, OME, and what our own writer adds."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from math import prod
from pathlib import Path
from typing import Any

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io.calibration import is_calibration
from napari_photon_denoise.io.image import BLOCK_BYTES, Source, colour_error
from napari_photon_denoise.io.imagej import describe_imagej
from napari_photon_denoise.io.intact import check_tiff
from napari_photon_denoise.io.ome import Described, describe
from napari_photon_denoise.io.plausible import AGAIN, check_planes, named_files
from napari_photon_denoise.io.tiff_tags import tag_sizes

_GREY = ("MINISBLACK", "MINISWHITE", "PALETTE")


def read_tiff(path: Path, axes: str | None) -> Source:
    """Find an image in a TIFF; reads the directories of its pages, no pixels.

    Parameters
    ----------
    path : Path
        The file.
    axes : str or None
        What the user says of the dimensions; it settles what samples per pixel mean.

    Raises
    ------
    UnreadableFile
        Truncated, damaged, incomplete, several images, RGB; a camera's calibration.
    """
    import tifffile

    pages = check_tiff(path)
    pixels = _TiffPixels(path)
    try:
        _check_file(path, pixels.file(), pages)
        tif, series = pixels.open()
        if is_calibration(tif.pages.first.description):
            raise UnreadableFile(
                f"{path.name} is the calibration of a camera, no image: name it as the camera."
            )
        _check_planes(path.name, tif, series)
        known = _described(tif, series, axes or series.axes)
        array = pixels.array()
        return Source(
            shape=tuple(array.shape),
            dtype=array.dtype,
            chunks=tuple(array.chunks),
            axes=series.axes if axes else _named_samples(path.name, series),
            pixels=pixels,
            pixel_size=known.pixel_size,
            channel_names=known.channel_names,
            recipe=known.recipe,
            written_axes=known.axes,
            notes=known.notes,
            ome=known.ome,
            release=pixels.close,
            files=tuple(named_files(path, (series.kind == "ome" and tif.ome_metadata) or "")),
        )
    except (tifffile.TiffFileError, OSError) as error:
        pixels.close()
        if isinstance(error, PermissionError):
            raise
        raise UnreadableFile(
            f"{path.name} is damaged or no TIFF: export it again from the program that made it."
        ) from error
    except BaseException:
        pixels.close()
        raise


class _TiffPixels:
    """The pixels of a TIFF's first image: slices in, array out.

    The file is opened when it is needed, stays open while blocks are read, and opens again
    after `close`. Blocks may be read from several threads.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
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
            self._tif = tifffile.TiffFile(self._path)
            self._shut = weakref.finalize(self, self._tif.close)
        return self._tif

    def open(self) -> tuple[Any, Any]:
        """Return the open file and its first series."""
        series = self.file().series
        if not series:
            raise UnreadableFile(f"{self._path.name} holds no image: export it again.")
        return self._tif, series[0]

    def array(self) -> Any:
        """Return the first image as a zarr array on the open file."""
        import zarr

        with self._idle:
            if self._array is None:
                _, series = self.open()
                levels = series.levels[0]
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
            self._array = self._tif = None
            self._shut()


def _check_file(path: Path, tif: Any, pages: int) -> None:
    """Refuse what tifffile would lose, or take gigabytes for, when it looks for images."""
    if tif.is_ome:
        xml = tif.ome_metadata
        check_planes(path.name, xml, named_files(path, xml))
    if len(tif.pages) != pages:
        raise UnreadableFile(
            f"{path.name} has {pages} pages, of which {len(tif.pages)} can be read: it is damaged; "
            f"{AGAIN}."
        )


def _check_planes(name: str, tif: Any, series: Any) -> None:
    """Refuse files that hold fewer planes than they announce, or several images."""
    # Thumbnails and labels are smaller than the image; positions are not.
    others = [other for other in tif.series[1:] if other.size >= series.size]
    if others:
        raise UnreadableFile(
            f"{name} holds {len(others) + 1} separate images: save each in a file of its own "
            "(in Fiji: Bio-Formats Importer, then File > Save As)."
        )
    # tifffile shows absent planes as zeros, and an incomplete ImageJ stack as its first one.
    absent = series.kind in ("ome", "mmstack") and any(page is None for page in series.pages)
    said = (tif.imagej_metadata or {}) if series.kind == "generic" else {}
    announced = prod(int(said.get(count, 1)) for count in ("frames", "slices", "channels"))
    if absent or announced > len(series.pages):
        raise UnreadableFile(
            f"{name} lacks planes that it announces: copy it again with all its parts, or open "
            "it in Fiji and save what is there."
        )


def _named_samples(name: str, series: Any) -> str:
    """Return the series' axes, with samples per pixel as channels where they are no colour."""
    axes: str = series.axes
    page = series.keyframe
    if "S" not in axes:
        return axes
    alpha = any(extra.name.endswith("ALPHA") for extra in page.extrasamples)
    if page.photometric.name not in _GREY or alpha:
        if page.planarconfig.name == "SEPARATE" and len(axes) == 3:
            # What tifffile makes of three or four grey planes, where nobody told it otherwise;
            # colour has eight bits, and its samples side by side.
            if page.dtype.itemsize > 1:
                return axes.replace("S", "Q")
            raise UnreadableFile(
                f"{name} is marked as an RGB colour image; photons need grey channels: if its "
                "planes are those, name them CYX as axes, or split them first "
                "(in Fiji: Image > Color > Split Channels)."
            )
        raise colour_error(name)
    return axes.replace("S", "C")


def _described(tif: Any, series: Any, axes: str) -> Described:
    """Collect what the file says besides its pixels."""
    if series.kind == "ome":
        return describe(tif.ome_metadata or "")
    if series.kind == "imagej":
        return describe_imagej(tif.imagej_metadata or {}, series, axes)
    sizes = tag_sizes(series.keyframe)
    return Described(pixel_size=sizes.known, notes=sizes.notes)
