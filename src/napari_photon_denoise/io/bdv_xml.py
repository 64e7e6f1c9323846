"""What BigDataViewer's XML (SpimData) says: view setups, time points, where the pixels are.

As in `XmlIoSequenceDescription`, `XmlIoTimePoints`, `IntegerPattern` and `XmlIoBasicViewSetups` of
spimdata.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io.units import Written

LOADERS = {"bdv.hdf5": "hdf5", "bdv.n5": "n5"}
"""Formats of the pixels that are read, and the element that names the file."""
_ROOT = b"<SpimData"
_MOST = 10_000_000  # time points, of a damaged range


@dataclass(frozen=True)
class Setup:
    """A view setup: one camera's volume, for all time points.

    Parameters
    ----------
    number : int
    size : tuple of int
        Z, Y and X, px; empty where the XML does not say.
    voxel : mapping of str to Written
        Of "Z", "Y" and "X".
    kinds : mapping of str to str
        Its channel, tile, angle and illumination, by their names.
    """

    number: int
    size: tuple[int, ...] = ()
    voxel: dict[str, Written] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Recording:
    """What is in a data set.

    Parameters
    ----------
    loader : str
        A key of `LOADERS`, or another that is not read.
    pixels : Path or None
        The file or folder.
    parts : tuple of Path
        Other files that hold pixels.
    setups : tuple of Setup
    times : tuple of int
    missing : frozenset of (int, int)
        Time point and setup of what was not recorded.
    """

    loader: str
    pixels: Path | None
    setups: tuple[Setup, ...]
    times: tuple[int, ...]
    parts: tuple[Path, ...] = ()
    missing: frozenset[tuple[int, int]] = frozenset()


def is_bdv_xml(path: Path) -> bool:
    """Tell BigDataViewer's XML from others by its first element."""
    try:
        with path.open("rb") as file:
            return _ROOT in file.read(4096)
    except OSError:  # who opens it says why
        return False


def read_bdv_xml(path: Path) -> Recording:
    """Read the XML.

    Raises
    ------
    UnreadableFile
        It is damaged, or says nothing of a sequence.
    """
    try:
        root = ElementTree.parse(path).getroot()
        sequence = root.find("SequenceDescription")
        loader = None if sequence is None else sequence.find("ImageLoader")
        if sequence is None or loader is None:
            raise ValueError
        base = path.parent / (root.findtext("BasePath") or ".")
        return Recording(
            loader=loader.get("format", ""),
            pixels=_pixels(loader, base),
            setups=_setups(sequence),
            times=_times(sequence.find("Timepoints")),
            parts=tuple(base / (one.findtext("path") or "") for one in loader.iter("partition")),
            missing=frozenset(
                (int(one.get("timepoint", "")), int(one.get("setup", "")))
                for one in sequence.iterfind("MissingViews/MissingView")
            ),
        )
    except (ElementTree.ParseError, ValueError) as error:
        raise UnreadableFile(
            f"{path.name} is damaged: export it again from the program that made it."
        ) from error


def _pixels(loader: ElementTree.Element, base: Path) -> Path | None:
    name = loader.findtext(LOADERS.get(loader.get("format", ""), ""))
    return base / name.strip() if name else None  # an absolute one stays so


def _setups(sequence: ElementTree.Element) -> tuple[Setup, ...]:
    """Return the setups, with the names of their channels, tiles and so on."""
    names = {
        (kind.get("name", ""), entity.findtext("id")): (entity.findtext("name") or "").strip()
        for kind in sequence.iterfind("ViewSetups/Attributes")
        for entity in kind
    }
    found = []
    for one in sequence.iterfind("ViewSetups/ViewSetup"):
        kinds = {kind.tag: (kind.text or "").strip() for kind in one.iterfind("attributes/*")}
        unit = one.findtext("voxelSize/unit")
        found.append(
            Setup(
                number=int(one.findtext("id") or ""),
                size=tuple(map(int, reversed((one.findtext("size") or "").split()))),
                voxel={
                    letter: Written(value, unit)
                    for letter, value in zip(
                        "XYZ", (one.findtext("voxelSize/size") or "").split(), strict=False
                    )
                },
                kinds={kind: names.get((kind, text)) or text for kind, text in kinds.items()},
            )
        )
    return tuple(found)


def _times(said: ElementTree.Element | None) -> tuple[int, ...]:
    """Return the numbers of the time points: of a range, a list or a pattern such as 0-30:10."""
    if said is None:
        return (0,)
    kind = said.get("type")
    if kind == "range":
        return _range(int(said.findtext("first") or 0), int(said.findtext("last") or 0), 1)
    if kind == "list":
        return tuple(int(one.findtext("id") or "") for one in said.iterfind("Timepoint"))
    pattern = re.sub(r"\s", "", said.findtext("integerpattern") or "0")
    found: list[int] = []
    for entry in pattern.split(","):
        numbers = re.fullmatch(r"(\d+)(?:-(\d+))?(?::(\d+))?", entry)
        if numbers is None:
            raise ValueError("no pattern of time points")
        first, last, step = numbers.groups()
        found += _range(int(first), int(last or first), int(step or 1))
    return tuple(found)


def _range(first: int, last: int, step: int) -> tuple[int, ...]:
    if not 0 <= last - first < _MOST or step < 1:
        raise ValueError("no range of time points")
    return tuple(range(first, last + 1, step))
