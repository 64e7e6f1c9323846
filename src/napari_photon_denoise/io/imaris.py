"""Imaris 5.5 and later (.ims): HDF5, with a volume a time point and channel.

As in the ImarisWriter of Bitplane and its file format reference. Volumes are filled up to whole
chunks; their true size stands beside them. Attributes are arrays of single letters.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io.data_set import Position
from napari_photon_denoise.io.hdf5_file import Volumes, check_filters, hdf5_file, text_of
from napari_photon_denoise.io.image import Source
from napari_photon_denoise.io.time_points import whole_time_points
from napari_photon_denoise.io.units import Sizes, Written, read_sizes

_FULL = "ResolutionLevel 0"
_UNNAMED = "(name not specified)"


def imaris_positions(path: Path) -> tuple[Position, ...] | None:
    """List the images of a file; None of the usual ones, which hold one."""
    with hdf5_file(path) as file:
        names = _images(file)
    if len(names) < 2:
        return None
    return tuple(Position(name, (path,), partial(_read, path, name)) for name in names)


def read_imaris(path: Path, axes: str | None) -> Source:
    """Find the image, at full resolution; reads no pixels.

    Parameters
    ----------
    path : Path
    axes : str or None
        What the user says of the dimensions; the format names its own.

    Raises
    ------
    UnreadableFile
        No Imaris file, an older one, damaged, several images.
    """
    with path.open("rb") as raw:
        is_tiff = raw.read(4) in (b"II*\0", b"MM\0*")
    if is_tiff:
        raise UnreadableFile(
            f"{path.name} is of Imaris 3: open it in Imaris and save it as a file of Imaris 5.5."
        )
    with hdf5_file(path) as file:
        names = _images(file)
    if not names:
        raise UnreadableFile(f"{path.name} is no Imaris file: export it again from Imaris.")
    if len(names) > 1:
        raise UnreadableFile(
            f"{path.name} holds several images ({len(names)}): give one of them, for example "
            f"{path / names[0]}."
        )
    return _read(path, names[0], axes)


def _images(file: Any) -> list[str]:
    """Return the names of the images: DataSet, DataSet1, …."""
    found = (name for name in file if re.fullmatch(r"DataSet\d*", name) and _FULL in file[name])
    return sorted(found, key=lambda name: int(name[7:] or 0))


def _read(path: Path, image: str, axes: str | None) -> Source:
    with hdf5_file(path) as file:
        full = file[image][_FULL]
        volumes = {
            (t, c): f"{image}/{_FULL}/TimePoint {t}/Channel {c}/Data"
            for t in _numbers(full, "TimePoint")
            for c in _numbers(full[f"TimePoint {t}"], "Channel")
        }
        if not volumes:
            raise UnreadableFile(f"{path.name} holds no pixels: export it again from Imaris.")
        announced = (1 + max(t for t, _ in volumes), 1 + max(c for _, c in volumes))
        times, notes = whole_time_points(
            path.name, [(t, c, 0) for t, c in volumes], (*announced, 1), "volumes"
        )
        first = file[next(iter(volumes.values()))]
        check_filters(path.name, first)
        info = file.get(f"DataSetInfo{image[7:]}", {})
        size = _true_size(first, info)
        sizes = _pixel_size(info, size, times)
        names = _channel_names(info, announced[1])
        dtype, chunks = first.dtype, first.chunks or first.shape
    return Source(
        shape=(times, announced[1], *size),
        dtype=dtype,
        chunks=(1, 1, *chunks),
        axes="TCZYX",
        pixels=Volumes(path, volumes, dtype),
        pixel_size=sizes.known,
        channel_names=names,
        notes=(*notes, *sizes.notes),
    )


def _numbers(group: Any, name: str) -> list[int]:
    """Return the numbers of "TimePoint 0", "TimePoint 1", …, in their order."""
    return sorted(int(key[len(name) :]) for key in group if re.fullmatch(rf"{name} \d+", key))


def _true_size(data: Any, info: Any) -> tuple[int, ...]:
    """Return Z, Y and X without what fills the last chunks up."""
    beside = data.parent.attrs
    said = [beside.get(f"ImageSize{axis}") for axis in "ZYX"]
    if any(one is None for one in said):  # older files have it at one place
        said = [_attribute(info, "Image", axis) for axis in "ZYX"]
    sizes = [int(float(text_of(one))) if one is not None else 0 for one in said]
    return tuple(
        one if 0 < one <= held else held for one, held in zip(sizes, data.shape, strict=True)
    )


def _attribute(info: Any, group: str, name: str) -> Any:
    return info[group].attrs.get(name) if group in info else None


def _pixel_size(info: Any, size: tuple[int, ...], times: int) -> Sizes:
    """Divide the extent of the image by its pixels; take the interval of time from its dates."""
    said = _attribute(info, "Image", "Unit")
    unit = "um" if said is None else text_of(said)
    written = {}
    for letter, axis, pixels in zip("ZYX", (2, 1, 0), size, strict=True):
        ends = [_attribute(info, "Image", f"{end}{axis}") for end in ("ExtMin", "ExtMax")]
        if all(end is not None for end in ends):
            start, stop = (float(text_of(end)) for end in ends)
            written[letter] = Written(abs(stop - start) / pixels, unit)
    dates = (_attribute(info, "TimeInfo", f"TimePoint{number + 1}") for number in range(times))
    written["T"] = Written(_interval([text_of(date) for date in dates if date is not None]), "s")
    return read_sizes(written)


def _interval(dates: Collection[str]) -> float | None:
    """Return the mean interval of dates in s, where each is later than the one before."""
    try:
        seconds = [datetime.fromisoformat(date).timestamp() for date in dates]
    except (ValueError, OverflowError):
        return None
    steps = np.diff(seconds)
    return float(steps.mean()) if steps.size and (steps > 0).all() else None


def _channel_names(info: Any, channels: int) -> tuple[str, ...]:
    said = (_attribute(info, f"Channel {number}", "Name") for number in range(channels))
    names = ["" if name is None else text_of(name) for name in said]
    names = ["" if name == _UNNAMED else name for name in names]
    return tuple(names) if any(names) else ()
