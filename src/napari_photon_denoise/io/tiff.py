"""TIFF in its dialects: plain, ImageJ, what our own writer adds, and data sets in several files."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from pathlib import Path
from typing import Any

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io.calibration import is_calibration
from napari_photon_denoise.io.data_set import Position, chosen
from napari_photon_denoise.io.grey import colour_error, one_of_equal
from napari_photon_denoise.io.image import Source
from napari_photon_denoise.io.imagej import describe_imagej
from napari_photon_denoise.io.metamorph_zeiss import describe_lsm, describe_stk
from napari_photon_denoise.io.micro_manager import mm_positions
from napari_photon_denoise.io.ndtiff import ndtiff_positions
from napari_photon_denoise.io.ome import Described, describe
from napari_photon_denoise.io.ome_files import COMPANION
from napari_photon_denoise.io.ome_set import ome_positions, read_companion, unread_metadata
from napari_photon_denoise.io.plausible import AGAIN, check_planes, named_files
from napari_photon_denoise.io.tiff_pages import Page, Pages, check_tiff, read_description
from napari_photon_denoise.io.tiff_pixels import TiffPixels
from napari_photon_denoise.io.tiff_tags import tag_sizes
from napari_photon_denoise.words import counted

_GREY = ("MINISBLACK", "MINISWHITE", "PALETTE")
_SAVE_EACH = "save each in a file of its own (in Fiji: Bio-Formats Importer, then File > Save As)"


def tiff_positions(path: Path) -> tuple[Position, ...] | None:
    """List the images of the data set that a TIFF, or what belongs to one, is part of.

    Parameters
    ----------
    path : Path

    Returns
    -------
    tuple of Position or None
        None of a file that is one image by itself, or nothing that can be read.
    """
    if path.name.lower().endswith(COMPANION):
        return ome_positions(path, read_companion(path))
    found = mm_positions(path) or ndtiff_positions(path)
    return found or ome_positions(path, read_description(path))


def read_tiff(path: Path, axes: str | None) -> Source:
    """Find an image in a TIFF; reads the directories of its pages, no pixels.

    Parameters
    ----------
    path : Path
        The file, or one of several.
    axes : str or None
        What the user says of the dimensions; it settles what samples per pixel mean.

    Raises
    ------
    UnreadableFile
        Truncated, damaged, incomplete, several images, RGB; a camera's calibration.
    """
    import tifffile

    positions = tiff_positions(path)
    try:
        if positions:
            return chosen(path, None, positions).read(axes)
        if path.name.lower().endswith(COMPANION):
            raise UnreadableFile(
                f"{path.name} names no images that can be read: give the TIFFs beside it."
            )
        return _read_single(path, axes)
    except (tifffile.TiffFileError, OSError) as error:
        if isinstance(error, PermissionError):
            raise
        raise UnreadableFile(
            f"{path.name} is damaged or no TIFF: export it again from the program that made it."
        ) from error


def _read_single(path: Path, axes: str | None) -> Source:
    """Find the image of a file that is alone."""
    pages = check_tiff(path)
    text = read_description(path)
    doubts = unread_metadata(path, text)
    pixels = TiffPixels(path, _first_series(path.name), as_ome=not doubts)
    try:
        tif = pixels.file()
        _check_file(path, tif, len(pages.pages))
        if is_calibration(text):
            raise UnreadableFile(
                f"{path.name} is the calibration of a camera, no image: name it as the camera."
            )
        series = pixels.series()
        _check_single(path.name, pages, tif, series)
        _check_planes(path, tif, series)
        known = _described(tif, series, axes or series.axes)
        letters, refusal = (series.axes, None) if axes else _named_samples(path.name, series)
        array = pixels.array()
        source = Source(
            shape=tuple(array.shape),
            dtype=array.dtype,
            chunks=tuple(array.chunks),
            axes=letters,
            pixels=pixels,
            pixel_size=known.pixel_size,
            channel_names=known.channel_names,
            recipe=known.recipe,
            written_axes=known.axes,
            notes=(*pages.notes, *doubts, *_left_out(pages, series), *known.notes),
            ome=known.ome,
            release=pixels.close,
            files=tuple(named_files(path, (series.kind == "ome" and tif.ome_metadata) or "")),
        )
        if refusal is None:
            return source
        return one_of_equal(source, letters.index("S"), path.name, refusal)
    except BaseException:
        pixels.close()
        raise


def _first_series(name: str) -> Callable[[Any], Any]:
    def first(tif: Any) -> Any:
        if not tif.series:
            raise UnreadableFile(f"{name} holds no image: export it again.")
        return tif.series[0]

    return first


def _check_file(path: Path, tif: Any, pages: int) -> None:
    """Refuse what tifffile would lose, or take gigabytes for, when it looks for images."""
    if tif.is_ome:
        xml = tif.ome_metadata
        check_planes(path.name, xml, named_files(path, xml))
    if len(tif.pages) > pages:
        raise UnreadableFile(
            f"{path.name} ends with a pointer to bytes that are no plane: open it in Fiji, check "
            f"that its {counted(pages, 'planes')} are all, and save it again."
        )
    if len(tif.pages) < pages:
        raise UnreadableFile(
            f"{path.name} has {pages} pages, of which {len(tif.pages)} can be read: it is damaged; "
            f"{AGAIN}."
        )


def _check_single(name: str, pages: Pages, tif: Any, series: Any) -> None:
    """Refuse several images in one file; thumbnails and labels, much smaller, are none."""
    image = _page_of(series)
    strangers = [page for page in _strangers(pages, series) if not page.is_thumbnail_of(image)]
    # Zeiss puts a thumbnail beside each plane, which is no smaller than a small image.
    strangers = [page for page in strangers if not (tif.is_lsm and page.reduced)]
    if strangers:
        kinds = "; ".join(dict.fromkeys(map(str, (image, *strangers))))
        raise UnreadableFile(
            f"{name} holds images that do not fit together ({kinds}): {_SAVE_EACH}."
        )
    others = [one for one in tif.series[1:] if not _page_of(one).is_thumbnail_of(image)]
    others = [one for one in others if not (tif.is_lsm and one.keyframe.is_reduced)]
    if others:
        raise UnreadableFile(f"{name} holds {len(others) + 1} separate images: {_SAVE_EACH}.")


def _page_of(series: Any) -> Page:
    page = series.keyframe
    return Page(
        page.imagelength,
        page.imagewidth,
        page.bitspersample,
        int(page.sampleformat),
        page.samplesperpixel,
        bool(page.is_reduced),
    )


def _strangers(pages: Pages, series: Any) -> list[Page]:
    """Return the pages that are neither planes of the image nor coarser copies of it."""
    kind = _page_of(series).kind
    levels = {page.index for level in series.levels[1:] for page in level.pages if page}
    return [
        page
        for number, page in enumerate(pages.pages)
        if page.kind != kind and number not in levels
    ]


def _check_planes(path: Path, tif: Any, series: Any) -> None:
    """Refuse files that hold fewer planes than they announce."""
    planes, page = _planes(series), series.keyframe
    # tifffile shows absent planes as zeros, and an incomplete ImageJ stack as its first one.
    absent = sum(one is None for one in series.pages)
    said = (tif.imagej_metadata or {}) if series.kind == "generic" else {}
    announced = prod(int(said.get(count, 1)) for count in ("frames", "slices", "channels"))
    if len(series.pages) == 1 < planes:  # one after the other, with one directory for all
        room = path.stat().st_size - page.dataoffsets[0]
        absent = max(0, planes - room // max(1, page.nbytes))
    if absent or announced > planes:
        announced = max(planes, announced)
        raise UnreadableFile(
            f"{path.name} lacks {absent or announced - planes} of the "
            f"{counted(announced, 'planes')} that it announces: copy it again with all its files, "
            "or open it in Fiji and save what is there."
        )


def _planes(series: Any) -> int:
    return int(prod(series.shape)) // max(1, int(series.keyframe.size))


def _left_out(pages: Pages, series: Any) -> tuple[str, ...]:
    """Say how many planes a file holds beyond those that its description names."""
    kind = _page_of(series).kind
    more = sum(page.kind == kind for page in pages.pages) - _planes(series)
    if more <= 0:
        return ()
    return (
        f"The file holds {counted(more, 'planes')} more than the {_planes(series)} that its "
        "description names; they are left out.",
    )


def _named_samples(name: str, series: Any) -> tuple[str, UnreadableFile | None]:
    """Return the series' axes, with samples per pixel as channels where they are no colour.

    Where they are ("S"), the error that is raised if they differ goes with them.
    """
    axes: str = series.axes
    page = series.keyframe
    alpha = any(extra.name.endswith("ALPHA") for extra in page.extrasamples)
    if "S" not in axes or (page.photometric.name in _GREY and not alpha):
        return axes.replace("S", "C"), None
    if page.planarconfig.name != "SEPARATE" or len(axes) != 3:
        return axes, colour_error(name)
    # What tifffile makes of three or four grey planes, where nobody told it otherwise; colour has
    # eight bits, and its samples side by side.
    if page.dtype.itemsize > 1:
        return axes.replace("S", "Q"), None
    return axes, UnreadableFile(
        f"{name} is marked as an RGB colour image; photons need grey channels: if its "
        "planes are those, name them CYX as axes, or split them first "
        "(in Fiji: Image > Color > Split Channels)."
    )


def _described(tif: Any, series: Any, axes: str) -> Described:
    """Collect what the file says besides its pixels."""
    if series.kind == "ome":
        return describe(tif.ome_metadata or "")
    if series.kind == "lsm":
        return describe_lsm(tif.lsm_metadata or {})
    if series.kind == "stk":
        return describe_stk(tif.stk_metadata or {})
    if series.kind == "imagej":
        return describe_imagej(tif.imagej_metadata or {}, series, axes)
    sizes = tag_sizes(series.keyframe)
    return Described(pixel_size=sizes.known, notes=sizes.notes)
