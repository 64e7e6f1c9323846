"""Images as other programs' writers write them, and what is to be read of each.

The programs here are those that tests need anyway; `benchmarks/readers.py` has more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

LENGTHS = {"T": 4, "C": 2, "Z": 3, "Y": 32, "X": 40}
SIZE = {"T": 2.5, "Z": 0.5, "Y": 0.2, "X": 0.1}
CHANNELS = ("DAPI", "GFP")
_OME = {
    "PhysicalSizeX": 0.1, "PhysicalSizeY": 0.2, "PhysicalSizeZ": 500.0, "PhysicalSizeZUnit": "nm",
    "TimeIncrement": 2500.0, "TimeIncrementUnit": "ms", "Channel": {"Name": list(CHANNELS)},
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Case:
    """A file: who writes it, and what it holds."""

    writer: str
    layout: str
    write: Callable[[Path], object]
    axes: str
    """In our order; what of them the file names."""
    ending: str = ".tif"
    size: Mapping[str, float] = field(default_factory=dict)
    channels: tuple[str, ...] = ()
    dtype: str = "uint16"
    asked: str | None = None

    @property
    def data(self) -> np.ndarray[Any, Any]:
        """What is to be read."""
        return image(self.axes, self.dtype)


def image(axes: str, dtype: str = "uint16") -> np.ndarray[Any, Any]:
    """Make an image in which no two pixels are alike, along axes in any order."""
    ordered = [letter for letter in "TCZYX" if letter in axes]
    shape = [LENGTHS[letter] for letter in ordered]
    values = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    return np.ascontiguousarray(values.transpose([ordered.index(letter) for letter in axes]))


def known(axes: str) -> dict[str, float]:
    return {letter: size for letter, size in SIZE.items() if letter in axes}


def _tiff(axes: str, **options: Any) -> Callable[[Path], object]:
    def write(path: Path) -> None:
        dtype = options.pop("dtype", "uint16")
        tifffile.imwrite(path, image(axes, dtype), photometric="minisblack", **options)
        options["dtype"] = dtype

    return write


def _ome(layout: str, axes: str, **options: Any) -> Case:
    ordered = "".join(letter for letter in "TCZYX" if letter in axes)
    said = {key: value for key, value in _OME.items() if key != "Channel" or "C" in axes}
    # tifffile has no interval of its own where there is no time.
    said = {key: value for key, value in said.items() if "T" in axes or "TimeI" not in key}
    said = {key: value for key, value in said.items() if "Z" in axes or "SizeZ" not in key}
    return Case(
        "tifffile OME", layout, _tiff(axes, ome=True, metadata={"axes": axes, **said}, **options),
        ordered, ".ome.tif", known(ordered), CHANNELS if "C" in axes else (),
        options.get("dtype", "uint16"),
    )  # fmt: skip


def _imagej(axes: str) -> Case:
    labels = [name for _ in range(12) for name in CHANNELS] if "C" in axes else None
    said = {"axes": axes, "unit": "um", "spacing": 0.5, "finterval": 2.5}
    if labels:
        said["Labels"] = labels[: int(np.prod([LENGTHS[letter] for letter in axes[:-2]]))]
    ordered = "".join(letter for letter in "TCZYX" if letter in axes)
    return Case(
        "tifffile ImageJ", axes, _tiff(axes, imagej=True, resolution=(10, 5), metadata=said),
        ordered, ".tif", SIZE, CHANNELS if "C" in axes else (),
    )  # fmt: skip


def _several(path: Path) -> None:
    """Write an image with its small thumbnail, as slide scanners do."""
    with tifffile.TiffWriter(path) as tif:
        tif.write(image("CYX"), photometric="minisblack", metadata={"axes": "CYX"})
        tif.write(image("YX")[::8, ::8], photometric="minisblack")


def _pyramid(path: Path) -> None:
    with tifffile.TiffWriter(path, ome=True) as tif:
        data = image("CYX")
        tile = {"tile": (16, 16), "photometric": "minisblack"}
        tif.write(data, subifds=1, metadata={"axes": "CYX", **_OME}, **tile)
        tif.write(data[..., ::2, ::2], subfiletype=1, **tile)


def _ome_types(path: Path) -> None:
    """Write the metadata with ome-types, which leaves out what the schema has as default."""
    from ome_types import model as m
    from ome_types import to_xml

    channels = [m.Channel(id=f"Channel:0:{i}", name=name) for i, name in enumerate(CHANNELS)]
    pixels = m.Pixels(
        id="Pixels:0", dimension_order="XYZCT", type="uint16",
        size_x=40, size_y=32, size_z=3, size_c=2, size_t=1, channels=channels,
        physical_size_x=0.1, physical_size_y=0.2, physical_size_z=1.0,
        tiff_data_blocks=[m.TiffData(ifd=0, plane_count=6)],
    )  # fmt: skip
    xml = to_xml(m.OME(images=[m.Image(id="Image:0", pixels=pixels)]))
    data = image("CZYX")
    tifffile.imwrite(path, data, description=xml.encode(), metadata=None, photometric="minisblack")


def _ome_zarr(version: str) -> Callable[[Path], object]:
    def write(path: Path) -> None:
        import zarr
        from ome_zarr.format import FormatV04, FormatV05
        from ome_zarr.writer import write_image

        fmt = FormatV04() if version == "0.4" else FormatV05()
        group = zarr.open_group(path, mode="w", zarr_format=fmt.zarr_format)
        window = {"min": 0, "max": 65535, "start": 0, "end": 65535}
        channels = [{"label": name, "color": "FFFFFF", "window": window} for name in CHANNELS]
        write_image(
            image("TCZYX"), group, axes="tczyx", fmt=fmt, scale_factors=[2],
            scale={"t": 2500.0, "c": 1.0, "z": 500.0, "y": 0.2, "x": 0.1},
            axes_units={"t": "millisecond", "z": "nanometer", "y": "micrometer", "x": "micrometer"},
            omero={"channels": channels},
        )  # fmt: skip

    return write


def _imageio(path: Path) -> None:
    from imageio.v3 import imwrite

    imwrite(path, image("ZYX"))


def _skimage(path: Path) -> None:
    from skimage.io import imsave

    imsave(path, image("YX"), check_contrast=False)


def _opencv(path: Path) -> None:
    import cv2

    cv2.imwrite(str(path), image("YX"))


def _pillow(path: Path) -> None:
    from PIL import Image

    planes = [Image.fromarray(plane) for plane in image("TYX")]
    planes[0].save(path, save_all=True, append_images=planes[1:], dpi=(254000, 127000))


CASES = [
    Case("tifffile", "one plane", _tiff("YX", metadata=None), "YX"),
    Case("tifffile", "stack without names", _tiff("TYX", metadata=None), "TYX"),
    Case("tifffile", "as big-endian", _tiff("YX", byteorder=">", metadata=None), "YX"),
    Case("tifffile", "BigTIFF", _tiff("TYX", bigtiff=True, metadata=None), "TYX"),
    Case("tifffile", "tiles", _tiff("YX", tile=(16, 16), metadata=None), "YX"),
    Case("tifffile", "strips of 5 rows", _tiff("YX", rowsperstrip=5, metadata=None), "YX"),
    *(
        Case("tifffile", codec, _tiff("TYX", compression=codec, metadata=None), "TYX")
        for codec in ("zlib", "lzw", "zstd", "lzma", "packbits")
    ),
    Case("tifffile", "predictor", _tiff("YX", compression="zlib", predictor=True), "YX"),
    Case(
        "tifffile", "pixels per cm",
        _tiff("YX", resolution=(1e5, 5e4), resolutionunit="CENTIMETER", metadata=None),
        "YX", size=known("YX"),
    ),
    Case(
        "tifffile", "pixels per inch",
        _tiff("YX", resolution=(254000, 127000), resolutionunit="INCH", metadata=None),
        "YX", size=known("YX"),
    ),
    Case("tifffile shaped", "ZCYX", _tiff("ZCYX", metadata={"axes": "ZCYX"}), "CZYX"),
    Case("tifffile shaped", "TZCYX", _tiff("TZCYX", metadata={"axes": "TZCYX"}), "TCZYX"),
    Case("tifffile shaped", "with thumbnail", _several, "CYX"),
    _imagej("TZCYX"), _imagej("CYX"), _imagej("TYX"), _imagej("ZYX"),
    *(_ome(axes, axes) for axes in ("YX", "ZYX", "TYX", "CYX", "ZCYX", "TCZYX", "TZCYX", "CTZYX")),
    _ome("tiles, zlib", "TCYX", tile=(16, 16), compression="zlib"),
    _ome("BigTIFF", "TCYX", bigtiff=True),
    _ome("float32", "ZYX", dtype="float32"), _ome("int16", "ZYX", dtype="int16"),
    _ome("float64", "ZYX", dtype="float64"), _ome("uint32", "ZYX", dtype="uint32"),
    Case("tifffile OME", "pyramid", _pyramid, "CYX", ".ome.tif", known("YX") | {"Z": 0.5, "T": 2.5},
         CHANNELS),
    Case("ome-types", "step of 1 µm", _ome_types, "CZYX", ".ome.tif", known("YX") | {"Z": 1.0},
         CHANNELS),
    Case("ome-zarr", "0.4", _ome_zarr("0.4"), "TCZYX", ".ome.zarr", SIZE, CHANNELS),
    Case("ome-zarr", "0.5", _ome_zarr("0.5"), "TCZYX", ".ome.zarr", SIZE, CHANNELS),
    Case("NumPy", "npy", lambda path: np.save(path, image("ZYX")), "ZYX", ".npy", asked="ZYX"),
    Case("imageio", "TIFF", _imageio, "ZYX", asked="ZYX"),
    Case("imageio", "PNG", lambda path: _png(path), "YX", ".png"),
    Case("scikit-image", "TIFF", _skimage, "YX"),
    Case("Pillow", "planes, dpi", _pillow, "TYX", size=known("YX")),
]  # fmt: skip
OPENCV = Case("OpenCV", "TIFF", _opencv, "YX")


def _png(path: Path) -> None:
    from imageio.v3 import imwrite

    imwrite(path, image("YX"))
