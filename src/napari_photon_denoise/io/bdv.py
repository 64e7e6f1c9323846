"""BigDataViewer and BigStitcher: an XML, and pixels in HDF5 or N5 beside it.

Each tile, angle and illumination is an image of its own, with its channels and time points. In
HDF5 a volume lies at `t00000/s00/0/cells` as Z, Y, X, and int16 means uint16, as in BigDataViewer's
`HDF5AccessHack`; in N5 at `setup0/timepoint0/s0`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io.bdv_xml import Recording, Setup, read_bdv_xml
from napari_photon_denoise.io.data_set import Position, chosen, labelled
from napari_photon_denoise.io.hdf5_file import Volumes, check_filters, hdf5_file
from napari_photon_denoise.io.image import Source
from napari_photon_denoise.io.n5_file import N5Volumes, open_n5
from napari_photon_denoise.io.time_points import whole_time_points
from napari_photon_denoise.io.units import read_sizes

_CHANNEL = "channel"
_NO_XML = (
    "The XML that belongs to the file is not beside it, so that the size of its pixels and the "
    "names of its channels are not known."
)


@dataclass(frozen=True)
class _View:
    """One image of a recording: its channels have one setup each."""

    recording: Recording
    pixels: Path
    setups: tuple[Setup, ...]
    notes: tuple[str, ...] = ()


def bdv_positions(xml: Path) -> tuple[Position, ...]:
    """List the images that an XML names.

    Parameters
    ----------
    xml : Path

    Raises
    ------
    UnreadableFile
        It is damaged, or names pixels that are not read or not there.
    """
    recording = read_bdv_xml(xml)
    pixels = recording.pixels
    if pixels is None:
        raise UnreadableFile(
            f"{xml.name} names pixels of the kind '{recording.loader}', which are not read: give "
            "the image files themselves, or save it as HDF5 in BigStitcher or BigDataViewer."
        )
    if not pixels.exists():
        raise UnreadableFile(
            f"{xml.name} names {pixels.name}, which is not there: copy both into one folder again."
        )
    # An address has a file before its "/": that of N5 is the XML.
    named, others = (xml, pixels) if pixels.is_dir() else (pixels, xml)
    return _positions(recording, pixels, named, (others, *recording.parts))


def bdv_positions_of_hdf5(path: Path) -> tuple[Position, ...] | None:
    """List the images of BigDataViewer in an HDF5; None of another."""
    with hdf5_file(path) as file:
        names = list(file)
        groups = [name for name in names if name[:1] == "s" and name[1:].isdecimal()]
        if not groups or not all("resolutions" in file[name] for name in groups):
            return None
        times = sorted(int(name[1:]) for name in names if name[:1] == "t" and name[1:].isdecimal())
    xml = path.with_suffix(".xml")
    if xml.is_file() and read_bdv_xml(xml).pixels == path:
        return bdv_positions(xml)
    setups = tuple(Setup(int(name[1:]), kinds={"setup": str(int(name[1:]))}) for name in groups)
    recording = Recording("bdv.hdf5", path, setups, tuple(times))
    return _positions(recording, path, path, (), (_NO_XML,))


def read_bdv(path: Path, axes: str | None) -> Source:
    """Find the one image that an XML names.

    Raises
    ------
    UnreadableFile
        There are several.
    """
    return chosen(path, None, bdv_positions(path)).read(axes)


def _positions(
    recording: Recording,
    pixels: Path,
    named: Path,
    aside: Sequence[Path],
    notes: tuple[str, ...] = (),
) -> tuple[Position, ...]:
    views = _views(recording)
    labels = labelled(_labels([{**view[0].kinds} for view in views]))
    return tuple(
        Position(
            label, (named,), partial(_read, _View(recording, pixels, view, notes)), tuple(aside)
        )
        for label, view in zip(labels, views, strict=True)
    )


def _views(recording: Recording) -> list[tuple[Setup, ...]]:
    """Take setups that differ in nothing but their channel together."""
    together: dict[Any, list[Setup]] = {}
    for setup in recording.setups:
        others = {kind: name for kind, name in setup.kinds.items() if kind != _CHANNEL}
        sizes = (setup.size, *setup.voxel.items())
        together.setdefault((*sorted(others.items()), sizes), []).append(setup)
    found: list[tuple[Setup, ...]] = []
    for setups in together.values():
        channels = {setup.kinds.get(_CHANNEL) for setup in setups}
        found += [tuple(setups)] if len(channels) == len(setups) else [(one,) for one in setups]
    return sorted(found, key=lambda view: view[0].number)


def _labels(kinds: Sequence[Mapping[str, str]]) -> list[str]:
    """Name each image by what tells it from the others: "tile3", "angle90_tile1"."""
    told = [
        kind for kind in kinds[0] if len({one.get(kind) for one in kinds}) > 1 and kind != _CHANNEL
    ]
    return ["_".join(f"{kind}{one.get(kind, '')}" for kind in told) for one in kinds]


def _read(view: _View, axes: str | None) -> Source:
    """Find an image; the axes are those of the format."""
    recording, path = view.recording, view.pixels
    read = _read_n5 if recording.loader == "bdv.n5" else _read_hdf5
    there = [
        (t, c, 0)
        for t, time in enumerate(recording.times)
        for c, setup in enumerate(view.setups)
        if (time, setup.number) not in recording.missing
    ]
    announced = (len(recording.times), len(view.setups), 1)
    times, notes = whole_time_points(path.name, there, announced, "volumes")
    sizes = read_sizes(view.setups[0].voxel)
    names = [setup.kinds.get(_CHANNEL, "") for setup in view.setups]
    source = read(path, view, times)
    return replace(
        source,
        axes="TCZYX",
        pixel_size=sizes.known,
        channel_names=tuple(names) if len(names) > 1 and all(names) else (),
        notes=(*view.notes, *notes, *sizes.notes),
        files=(path, *recording.parts),
    )


def _read_hdf5(path: Path, view: _View, times: int) -> Source:
    volumes = {
        (t, c): f"t{time:05d}/s{setup.number:02d}/0/cells"
        for t, time in enumerate(view.recording.times[:times])
        for c, setup in enumerate(view.setups)
    }
    with hdf5_file(path) as file:
        if volumes[0, 0] not in file:
            raise UnreadableFile(
                f"{path.name} lacks the volume {volumes[0, 0]} that it announces: copy it again "
                "with all its files."
            )
        first = file[volumes[0, 0]]
        check_filters(path.name, first)
        shape, stored, chunks = first.shape, first.dtype, first.chunks or first.shape
    dtype = np.dtype(np.uint16) if stored == np.int16 else stored
    pixels = Volumes(path, volumes, dtype)
    return Source((times, len(view.setups), *shape), dtype, (1, 1, *chunks), "TCZYX", pixels)


def _read_n5(path: Path, view: _View, times: int) -> Source:
    volumes = {
        (t, c): path / f"setup{setup.number}/timepoint{time}/s0"
        for t, time in enumerate(view.recording.times[:times])
        for c, setup in enumerate(view.setups)
    }
    first = open_n5(volumes[0, 0])
    return Source(
        (times, len(view.setups), *first.shape),
        first.dtype,
        (1, 1, *first.chunks),
        "TCZYX",
        N5Volumes(volumes),
    )
