"""OME-TIFF: one image or several, in one file or several, as its OME-XML says."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io.data_set import Position, files_missing, labelled
from napari_photon_denoise.io.image import Source
from napari_photon_denoise.io.ome import Described, describe
from napari_photon_denoise.io.ome_files import COMPANION, NO_PLANES, find_files
from napari_photon_denoise.io.ome_rows import FileName, Key, OmeImage, read_document
from napari_photon_denoise.io.tiff_pages import Page, Pages, check_tiff, read_description
from napari_photon_denoise.io.tiff_pixels import TiffPixels
from napari_photon_denoise.io.time_points import ordered, whole_time_points
from napari_photon_denoise.words import counted

_MARK = "openmicroscopy.org"
PagePlace = tuple[Path, int]
"""A file, and which of its pages."""


def ome_positions(path: Path, text: str) -> tuple[Position, ...] | None:
    """List the images of the data set that a file is part of.

    Parameters
    ----------
    path : Path
        A TIFF, or a companion of OME-XML.
    text : str
        The description of its first page, or what the companion holds.

    Returns
    -------
    tuple of Position or None
        None where there is no OME-XML, or it does not speak of this file, or of samples and
        sub-axes, which tifffile knows.
    """
    if _MARK not in text:
        return None
    home, xml = _with_planes(path, text)
    document = read_document(xml) if xml else None
    if document is None or document.modulo or not document.images:
        return None
    files = find_files(home, document, binary_only=home != path)
    images = _without_thumbnails(document.images)
    companion = path.name.lower().endswith(COMPANION)
    held = {file for image in images for name in image.file_names if (file := files[name])}
    if any(image.samples > 1 for image in images) or not (companion or path in held):
        return None
    labels = labelled([image.name for image in images])
    aside = (home,) if home not in held else ()
    found = []
    for label, image in zip(labels, images, strict=True):
        own = tuple(dict.fromkeys(file for name in image.file_names if (file := files[name])))
        if own:
            read = partial(_read, xml, image, document.images, files)
            found.append(Position(label, own, read, aside))
        elif companion:
            names = [name.name if name else COMPANION for name in image.file_names]
            raise files_missing(path.name, names or [f"the TIFF of {image.name or label}"])
    return tuple(found)


def unread_metadata(path: Path, text: str) -> tuple[str, ...]:
    """Say why the OME-XML of a file could not be taken, where there is one.

    Parameters
    ----------
    path : Path
        That `ome_positions` knew nothing of.
    text : str
        The description of its first page.
    """
    if _MARK not in text:
        return ()
    document = read_document(text)
    lost = "so its axes, pixel sizes and channels are not known"
    if document is None:
        return (f"The OME metadata of {path.name} is damaged, {lost}.",)
    if document.metadata_file:
        return (
            f"The OME metadata of {path.name} is in {document.metadata_file}, which is not beside "
            f"it or does not name it, {lost}.",
        )
    if document.images and not document.modulo and max(i.samples for i in document.images) == 1:
        return (f"The OME metadata in {path.name} is of other files, {lost}.",)
    return ()


def _with_planes(path: Path, text: str) -> tuple[Path, str]:
    """Return the file whose XML names planes: this one, or the one that it refers to."""
    document = read_document(text) if "BinaryOnly" in text else None
    if document is None or not document.metadata_file:
        return path, text
    name = document.metadata_file.replace("\\", "/").rsplit("/", 1)[-1]
    home = path.parent / name
    if "\0" in name or not home.is_file():
        return path, ""
    if name.lower().endswith(NO_PLANES):
        return home, read_companion(home)
    return home, read_description(home)


def read_companion(path: Path) -> str:
    """Return the OME-XML of a companion file."""
    return path.read_text("utf-8", "replace")


def _without_thumbnails(images: Sequence[OmeImage]) -> tuple[OmeImage, ...]:
    """Leave out labels and the like, which are much smaller than the first image."""
    first = images[0]
    return tuple(
        image
        for image in images
        if image is first
        or 3 * (image.length - 1) >= first.length
        or 3 * (image.width - 1) >= first.width
    )


def _read(
    xml: str,
    image: OmeImage,
    others: Sequence[OmeImage],
    files: Mapping[FileName | None, Path | None],
    axes: str | None,
) -> Source:
    """Find one image of a data set."""
    pages = {file: check_tiff(file) for name in image.file_names if (file := files[name])}
    counts = {file: len(found.pages) for file, found in pages.items()}
    places = _places(image, files, counts)
    name = next(iter(pages)).name
    missing = [one.name for one in image.file_names if one and files[one] is None]
    if missing and len(places) < _announced(image):
        raise files_missing(name, missing)
    times, notes = whole_time_points(name, places, image.sizes)
    sizes = dict(zip("TCZ", (times, *image.sizes[1:]), strict=True))
    listed = [places[key] for key in ordered(tuple(sizes.values()), image.order)]
    kind = _one_kind(name, {pages[file].pages[page] for file, page in listed})
    named = {place for one in others for place in _places(one, files, counts).values()}
    is_cut = bool(notes)
    notes = (
        *(note for one in pages.values() for note in one.notes),
        *notes,
        *_named_twice(listed),
        *_never_named(pages, kind, named),
    )
    letters = "".join(letter for letter in image.order if sizes[letter] > 1)
    shape = tuple(sizes[letter] for letter in letters)
    pixels = TiffPixels(listed[0][0], partial(_series, listed, shape, letters))
    try:
        array = pixels.array()
    except BaseException:
        pixels.close()
        raise
    source = _source(array, letters, pixels, describe(xml, image.number), notes, tuple(pages))
    return replace(source, growing=is_cut)


def _source(
    array: Any,
    letters: str,
    pixels: TiffPixels,
    known: Described,
    notes: tuple[str, ...],
    files: tuple[Path, ...],
) -> Source:
    return Source(
        shape=tuple(array.shape),
        dtype=array.dtype,
        chunks=tuple(array.chunks),
        axes=letters + "YX",
        pixels=pixels,
        pixel_size=known.pixel_size,
        channel_names=known.channel_names,
        recipe=known.recipe,
        ome=known.ome,
        written_axes=known.axes,
        release=pixels.close,
        files=files,
        notes=(*notes, *known.notes),
    )


def _announced(image: OmeImage) -> int:
    times, channels, slices = image.sizes
    return times * channels * slices


def _places(
    image: OmeImage, files: Mapping[FileName | None, Path | None], counts: Mapping[Path, int]
) -> dict[Key, PagePlace]:
    found: dict[Key, PagePlace] = {}
    for row in image.rows:
        file = files[row.file]
        if file is not None and file in counts:
            found.update((key, (file, page)) for key, page in image.keys(row, counts[file]))
    return found


def _one_kind(name: str, pages: set[Page]) -> tuple[int, ...]:
    """Return what the pages of an image have in common; refuse those of several kinds."""
    kinds = {page.kind: page for page in pages}
    if len(kinds) > 1:
        found = ", ".join(map(str, kinds.values()))
        raise UnreadableFile(
            f"{name} holds planes that do not fit together ({found}): save each kind in a file of "
            "its own."
        )
    return next(iter(kinds))


def _named_twice(listed: Sequence[PagePlace]) -> tuple[str, ...]:
    repeated = len(listed) - len(set(listed))
    if not repeated:
        return ()
    return (
        f"{counted(repeated, 'planes')} of the file stand more than once in its metadata, and so "
        "in the image.",
    )


def _never_named(
    pages: Mapping[Path, Pages], kind: tuple[int, ...], named: Collection[PagePlace]
) -> tuple[str, ...]:
    """Say how many planes like those of an image no image of the data set has."""
    more = sum(
        page.kind == kind and (file, number) not in named
        for file, found in pages.items()
        for number, page in enumerate(found.pages)
    )
    if not more:
        return ()
    return (
        f"The file holds {counted(more, 'planes')} more than its metadata names; they are left "
        "out.",
    )


def _series(listed: Sequence[PagePlace], shape: tuple[int, ...], axes: str, root: Any) -> Any:
    """Make of planes in several files what tifffile makes of those in one."""
    import tifffile

    opened = {listed[0][0]: root}
    pages: list[Any] = []
    for file, number in listed:
        if file not in opened:
            opened[file] = tifffile.TiffFile(file)
        tif = opened[file]
        if not tif.pages.useframes:
            # The pages are alike, so the others need not be read as whole.
            tif.pages.cache, tif.pages.useframes = True, True
            tif.pages.set_keyframe(number)
        pages.append(tif.pages[number])
    for tif in opened.values():
        if tif is not root:
            tif.close()  # opened again when its planes are read
    keyframe = pages[0].keyframe
    return tifffile.TiffPageSeries(
        pages,
        (*shape, *keyframe.shape),
        keyframe.dtype,
        axes + keyframe.axes,
        parent=root,
        kind="ome",
        multifile=len(opened) > 1,
    )
