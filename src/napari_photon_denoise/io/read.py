"""Open an image file, whatever its format, without reading its pixels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from napari_photon_denoise.errors import PhotonDenoiseError, UnreadableFile
from napari_photon_denoise.io.image import ImageFile, Source, colour_error, make_image
from napari_photon_denoise.io.intact import check_png
from napari_photon_denoise.io.tiff import read_tiff
from napari_photon_denoise.io.zarrs import is_zarr, read_ome_zarr

_GREY, _RGB, _PALETTE, _GREY_ALPHA, _RGB_ALPHA = 0, 2, 3, 4, 6  # colour types of PNG


def read(path: str | Path, axes: str | None = None) -> ImageFile:
    """Open an image; its pixels are read block by block, when they are needed.

    TIFF, OME-TIFF, ImageJ TIFF, PNG, NPY, and OME-Zarr 0.4 and 0.5 at full resolution.
    A plain stack of planes does not say whether they are T or Z: they are taken as T, and
    `axes_guessed` says so.

    Parameters
    ----------
    path : str or Path
        A file, or the folder of an OME-Zarr.
    axes : str, optional
        What the dimensions of the file are, in the file's order, for example "ZYX". It
        wins over what the file says. Dimensions of length 1 may be left out.

    Returns
    -------
    ImageFile
        Close it when done.

    Raises
    ------
    UnreadableFile
        Missing, empty, truncated, damaged or unknown file; RGB, 1-D, boolean or complex
        pixels; dimensions that only `axes` can name. Reading a block raises it too.
    PhotonDenoiseError
        `axes` does not fit the file.
    """
    path = Path(path).expanduser()
    try:
        return _open(path, axes)
    except (PhotonDenoiseError, MemoryError):
        raise
    except PermissionError:
        raise UnreadableFile(f"{path} may not be read: ask for the permission.") from None
    except Exception as error:  # the libraries raise whatever they like on damaged files
        raise UnreadableFile(
            f"{path.name} is damaged or of an unknown kind: export it again as OME-TIFF "
            f"({type(error).__name__})."
        ) from error


def _open(path: Path, axes: str | None) -> ImageFile:
    if not path.exists():
        raise UnreadableFile(f"{path} does not exist: check its name and folder.")
    if path.is_dir():
        if not is_zarr(path):
            raise UnreadableFile(
                f"{path} is a folder without an OME-Zarr image: give an image file."
            )
        return make_image(path, read_ome_zarr(path), axes)
    reader = {".tif": read_tiff, ".tiff": read_tiff, ".png": _read_png, ".npy": _read_npy}.get(
        path.suffix.lower()
    )
    if reader is None:
        raise UnreadableFile(
            f"{path.name} cannot be read: give TIFF, OME-TIFF, PNG, NPY or OME-Zarr "
            "(in Fiji: File > Save As > Tiff)."
        )
    if path.stat().st_size == 0:
        raise UnreadableFile(f"{path.name} is empty (0 bytes): copy or export it again.")
    source = reader(path, axes)
    try:
        return make_image(path, source, axes)
    except BaseException:
        source.release()
        raise


def _read_png(path: Path, axes: str | None) -> Source:
    header = check_png(path)
    if header.colour in (_RGB, _PALETTE, _RGB_ALPHA):
        raise colour_error(path.name)
    if header.colour == _GREY_ALPHA:
        raise UnreadableFile(f"{path.name} has an alpha channel: save it as plain grey.")
    if header.bits == 1:
        raise UnreadableFile(
            f"{path.name} holds a boolean mask: give the image that it was made from."
        )
    if header.bits not in (8, 16):
        raise UnreadableFile(f"{path.name} has {header.bits} bits: save it with 8 or 16.")
    shape = (header.height, header.width)

    def pixels(index: tuple[slice, ...]) -> Any:
        from imagecodecs import png_decode

        return png_decode(path.read_bytes())[index]

    return Source(shape, np.dtype(f"u{header.bits // 8}"), shape, "YX", pixels)


def _read_npy(path: Path, axes: str | None) -> Source:
    """Open a NumPy file; it is mapped anew for each block, so that nothing holds it open."""
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError:
        raise UnreadableFile(
            f"{path.name} is truncated, damaged or no array of numbers: save it again with "
            "numpy.save."
        ) from None
    if axes is None and array.ndim == 3 and array.shape[-1] in (3, 4) and array.dtype == np.uint8:
        raise colour_error(path.name)

    def pixels(index: tuple[slice, ...]) -> Any:
        return np.array(np.load(path, mmap_mode="r", allow_pickle=False)[index])

    stored = (1,) * max(0, array.ndim - 2) + array.shape[-2:]
    letters = ("Q" * array.ndim + "YX")[-array.ndim :] if array.ndim > 1 else "X" * array.ndim
    return Source(array.shape, array.dtype, stored, letters[-array.ndim :], pixels)
