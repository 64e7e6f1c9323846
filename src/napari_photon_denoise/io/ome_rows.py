"""Which planes of which files an OME-XML names, as it is written there; no file is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

Key = tuple[int, int, int]
"""T, C and Z of a plane."""


@dataclass(frozen=True)
class FileName:
    """What an OME-XML calls a file."""

    name: str
    uuid: str


@dataclass(frozen=True)
class Row:
    """Planes that follow each other in a file: a `TiffData`."""

    first: Key
    page: int
    count: int | None
    """None for all pages of the file from that one on."""
    file: FileName | None
    """None for the file that the XML is in."""


@dataclass(frozen=True)
class OmeImage:
    """An `Image`, as far as it says where its planes lie."""

    number: int
    """Which one of the document."""
    name: str
    order: str
    """T, C and Z, the fastest last."""
    sizes: Key
    """How many time points, channels and z planes it announces."""
    length: int
    width: int
    samples: int
    """Per pixel; more than one mostly for colour."""
    rows: tuple[Row, ...]

    @property
    def file_names(self) -> tuple[FileName | None, ...]:
        """Return its files in the order of their first planes."""
        rows = sorted(self.rows, key=lambda row: row.first)
        return tuple(dict.fromkeys(row.file for row in rows))

    def keys(self, row: Row, pages: int) -> Iterator[tuple[Key, int]]:
        """Yield each plane of a row, and its page, of a file with so many pages."""
        sizes = dict(zip("TCZ", self.sizes, strict=True))
        first = dict(zip("TCZ", row.first, strict=True))
        at = 0
        for letter in self.order:
            at = at * sizes[letter] + first[letter]
        stop = pages if row.count is None else min(pages, row.page + row.count)
        last = prod(self.sizes)
        for page in range(row.page, stop):
            if at >= last:
                return
            yield self._key(at), page
            at += 1

    def _key(self, at: int) -> Key:
        sizes = dict(zip("TCZ", self.sizes, strict=True))
        found = {}
        for letter in reversed(self.order):
            at, found[letter] = divmod(at, sizes[letter])
        return found["T"], found["C"], found["Z"]


@dataclass(frozen=True)
class OmeDocument:
    """An OME-XML."""

    uuid: str
    """Of the file that it is in; may be empty."""
    images: tuple[OmeImage, ...]
    metadata_file: str = ""
    """Where the real one is, of a file that holds none."""
    modulo: bool = False
    """An axis of it is two."""


def read_document(xml: str) -> OmeDocument | None:
    """Read where the planes of each image lie.

    Parameters
    ----------
    xml : str

    Returns
    -------
    OmeDocument or None
        None of damaged XML.
    """
    try:
        root = ElementTree.fromstring(xml.strip("\0 \r\n\t"))
    except (ElementTree.ParseError, ValueError):  # the latter of lone surrogates
        return None
    only = root.find("{*}BinaryOnly")
    try:
        images = tuple(
            _image(number, one, pixels)
            for number, one in enumerate(root.findall("{*}Image"))
            if (pixels := one.find("{*}Pixels")) is not None
        )
    except (KeyError, ValueError):
        return None
    return OmeDocument(
        uuid=root.get("UUID", ""),
        images=images,
        metadata_file="" if only is None else only.get("MetadataFile", ""),
        modulo="openmicroscopy.org/omero/dimension/modulo" in xml,
    )


def _image(number: int, image: Element, pixels: Element) -> OmeImage:
    order = "".join(
        letter for letter in reversed(pixels.attrib["DimensionOrder"]) if letter in "TCZ"
    )
    if sorted(order) != sorted("TCZ"):
        raise ValueError(order)
    samples = max(
        (int(one.get("SamplesPerPixel", 1)) for one in pixels.findall("{*}Channel")), default=1
    )
    sizes = {letter: int(pixels.attrib[f"Size{letter}"]) for letter in "TCZYX"}
    sizes["C"] = max(1, sizes["C"] // max(1, samples))
    if min(sizes.values()) < 1:
        raise ValueError("an axis of length 0")
    rows = [_row(one) for one in pixels.findall("{*}TiffData")]
    key = (sizes["T"], sizes["C"], sizes["Z"])
    return OmeImage(
        number=number,
        name=image.get("Name", ""),
        order=order,
        sizes=key,
        length=sizes["Y"],
        width=sizes["X"],
        samples=samples,
        # Where nothing is said, planes lie in the file in their order.
        rows=tuple(row for row in rows if _is_within(row, key))
        or (() if rows else (Row((0, 0, 0), 0, None, None),)),
    )


def _is_within(row: Row, sizes: Key) -> bool:
    """Whether a row begins where there can be a plane."""
    within = (0 <= at < size for at, size in zip(row.first, sizes, strict=True))
    return row.page >= 0 and all(within)


def _row(data: Element) -> Row:
    ifd = data.get("IFD")
    count = data.get("PlaneCount", data.get("NumPlanes"))
    if count is None and ifd is not None:
        count = "1"
    uuid = data.find("{*}UUID")
    return Row(
        first=(int(data.get("FirstT", 0)), int(data.get("FirstC", 0)), int(data.get("FirstZ", 0))),
        page=int(ifd or 0),
        count=None if count is None else int(count),
        file=None
        if uuid is None
        else FileName(uuid.get("FileName", ""), (uuid.text or "").strip()),
    )
