"""Files of kilobytes that ask for gigabytes: a sentence within ten seconds and a gigabyte."""

from __future__ import annotations

import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tifffile
from benchmarks.faults.child import attempt
from benchmarks.faults.outcome import RIGHT, Ended, Tally, Verdict, judge
from benchmarks.faults.tiffs import CAMERA, denoise

SECONDS = 10.0
HUGE = 10**9
SMALL = np.full((2, 48, 40), 120, np.uint16)
OME = """<?xml version="1.0"?>
<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0">
<Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="uint16" SizeX="40" SizeY="48" SizeC="1"
SizeZ="{z}" SizeT="{t}"><Channel ID="Channel:0:0" SamplesPerPixel="1"/>{data}</Pixels></Image></OME>
"""


def ome(z: int, t: int = 1, data: str = "<TiffData/>") -> Callable[[Path], Path]:
    """Make an OME-TIFF of two planes that announces more."""

    def make(folder: Path) -> Path:
        text = OME.format(z=z, t=t, data=data).encode()
        path = folder / "asking.ome.tif"
        tifffile.imwrite(path, SMALL, description=text, metadata=None)
        return path

    return make


def described(text: str) -> Callable[[Path], Path]:
    """Make a TIFF of two planes that announces others in its description."""

    def make(folder: Path) -> Path:
        path = folder / "asking.tif"
        tifffile.imwrite(path, SMALL, description=text, metadata=None)
        return path

    return make


def tagged(tag: int, value: int, **options: object) -> Callable[[Path], Path]:
    """Make a TIFF with one number of its first directory changed."""

    def make(folder: Path) -> Path:
        path = folder / "asking.tif"
        tifffile.imwrite(path, SMALL, metadata=None, **options)
        with tifffile.TiffFile(path, mode="r+") as tif:
            page = tif.pages[0]
            if tag not in page.tags:
                raise KeyError(tag)
            entry = page.tags[tag].offset
        content = bytearray(path.read_bytes())
        content[entry + 2 : entry + 12] = struct.pack("<HII", 4, 1, value)
        path.write_bytes(content)
        return path

    return make


def png(width: int, height: int, rows: int) -> Callable[[Path], Path]:
    """Make a PNG of 8 bits that announces a size and holds some black rows."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    def make(folder: Path) -> Path:
        head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
        packer = zlib.compressobj(9)
        line = bytes(1 + width)
        pixels = b"".join(packer.compress(line) for _ in range(rows)) + packer.flush()
        end = chunk(b"IEND", b"")
        path = folder / "asking.png"
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", pixels) + end)
        return path

    return make


def npy(header: str) -> Callable[[Path], Path]:
    """Make a NumPy file of an invented header and some bytes."""

    def make(folder: Path) -> Path:
        text = header.encode().ljust(118 + 64 * (len(header) // 64)) + b"\n"
        path = folder / "asking.npy"
        path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + bytes(999))
        return path

    return make


def zarr(shape: tuple[int, ...], chunks: tuple[int, ...], **changed: object) -> Callable:
    """Make an OME-Zarr of version 0.4 whose array announces much and holds one chunk."""

    def make(folder: Path) -> Path:
        path = folder / "asking.ome.zarr"
        (path / "0").mkdir(parents=True)
        axes = [{"name": name, "type": "space"} for name in "zyx"[-len(shape) :]]
        scale = [{"type": "scale", "scale": [1.0] * len(shape)}]
        level = {"path": "0", "coordinateTransformations": scale}
        image = {"version": "0.4", "axes": axes, "datasets": [level]}
        array = {"zarr_format": 2, "shape": shape, "chunks": chunks, "dtype": "<u2", "order": "C"}
        array |= {"fill_value": 0, "filters": None, "compressor": None} | changed
        (path / ".zgroup").write_text('{"zarr_format": 2}')
        (path / ".zattrs").write_text(json.dumps({"multiscales": [image]}))
        (path / "0" / ".zarray").write_text(json.dumps(array))
        (path / "0" / ".".join("0" * len(shape))).write_bytes(bytes(1000))
        return path

    return make


def written(name: str, content: bytes) -> Callable[[Path], Path]:
    """Make a file of some bytes."""

    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content)
        return path

    return make


def model(**architecture: object) -> Callable[[Path], Path]:
    """Make a model's file that names a network of some size, and holds no weights of it."""
    said = {"architecture": architecture, "halo": [0, 1, 1], "facts": {}}
    words = {name: json.dumps(value) for name, value in said.items()}
    words["format"] = "napari-photon-denoise model 1"
    tensor = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
    header = json.dumps({"__metadata__": words, "weight": tensor}).encode()
    return written("asking.safetensors", struct.pack("<Q", len(header)) + header + bytes(8))


def package(rdf: bytes, weights: int = 0) -> Callable[[Path], Path]:
    """Make a zip with a description and a file of zeros."""

    def make(folder: Path) -> Path:
        path = folder / "asking.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
            made.writestr("rdf.yaml", rdf)
            made.writestr("model.safetensors", bytes(weights))
        return path

    return make


ABSENT = f'<TiffData PlaneCount="{HUGE}"><UUID FileName="b">b</UUID></TiffData>'
OWN = b"config: {napari_photon_denoise: {format: package 1, model: model.safetensors, sha256: x}}\n"
ALIASES = b"a0: &a0 [x]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 40)
)
IMAGES: dict[str, Callable[[Path], Path]] = {
    "OME SizeZ": ome(HUGE, data=f'<TiffData IFD="0" PlaneCount="{HUGE}"/>'),
    "OME SizeZ, SizeT": ome(10**6, 10**6),
    "OME IFD": ome(2, data=f'<TiffData IFD="{HUGE}" PlaneCount="{HUGE}"/>'),
    "OME NumPlanes": ome(2, data=f'<TiffData NumPlanes="{HUGE}"/>'),
    "OME 4000 digits": ome(10**4000),
    "OME absent file": ome(2, data=ABSENT),
    "OME deep": described("<OME>" + "<a>" * 100_000),
    "ImageJ slices": described(f"ImageJ=1.53\nimages={HUGE}\nslices={HUGE}\n"),
    "ImageJ frames": described("ImageJ=1.53\nimages=2\nslices=100000\nframes=100000\n"),
    "shaped": described(json.dumps({"shape": [HUGE, 48, 40]})),
    "shaped, negative": described(json.dumps({"shape": [-1, 48, 40]})),
    "Micro-Manager": described(json.dumps({"Slices": HUGE, "Frames": HUGE, "Channels": 1})),
    "ImageLength": tagged(257, 2**31),
    "ImageLength, zlib": tagged(257, 2**31, compression="zlib"),
    "ImageWidth": tagged(256, 2**31),
    "ImageWidth, zlib": tagged(256, 2**31, compression="zlib"),
    "both, zlib": tagged(257, 2**20, compression="zlib", rowsperstrip=1),
    "TileWidth": tagged(322, 2**31, tile=(16, 16), compression="zlib"),
    "TileLength": tagged(323, 2**31, tile=(16, 16), compression="zlib"),
    "TileWidth 0": tagged(322, 0, tile=(16, 16), compression="zlib"),
    "RowsPerStrip": tagged(278, 2**32 - 1, compression="zlib"),
    "RowsPerStrip 0": tagged(278, 0, compression="zlib"),
    "SamplesPerPixel": tagged(277, 60_000, compression="zlib"),
    "BitsPerSample": tagged(258, 65_535),
    "StripByteCounts": tagged(279, 2**32 - 1, compression="zlib"),
    "PNG, empty": png(2**31 - 1, 2**31 - 1, 1),
    "PNG, wide": png(2**31 - 1, 1, 0),
    "PNG, black": png(40_000, 40_000, 40_000),
    "NPY": npy("{'descr': '<u2', 'fortran_order': False, 'shape': (1000000000000, 48, 40)}"),
    "NPY, object": npy("{'descr': '|O', 'fortran_order': False, 'shape': (1000000000,)}"),
    "NPY, negative": npy("{'descr': '<u2', 'fortran_order': False, 'shape': (-1, 48, 40)}"),
    "NPY, no number": npy("{'descr': '<u2', 'fortran_order': False, 'shape': (True, 48, 40)}"),
    "NPY, nested": npy("(" * 30_000),
    "NPY, void": npy("{'descr': '|V2000000000', 'fortran_order': False, 'shape': (40, 48)}"),
    "zarr, planes": zarr((10**12, 48, 40), (1, 48, 40)),
    "zarr, chunks": zarr((10**6, 10**6, 10**6), (1, 1, 1)),
    "zarr, one chunk": zarr((10, 10**6, 10**6), (10, 10**6, 10**6)),
    "zarr, many digits": zarr((10**400, 48, 40), (1, 48, 40)),
    "zarr, negative": zarr((-5, 48, 40), (1, 48, 40)),
    "zarr, chunk 0": zarr((5, 48, 40), (0, 48, 40)),
    "zarr, dtype": zarr((5, 48, 40), (1, 48, 40), dtype="|V2000000000"),
}  # fmt: skip
MODELS = {
    "widths": model(widths=[10**6] * 4),
    "levels": model(widths=[8] * 1000),
    "width of 1000 digits": model(widths=[10**999]),
    "negative width": model(widths=[-8, 16]),
    "psf": model(body="n2v", form="blind", psf=[99_999, 99_999]),
    "header": written("asking.safetensors", struct.pack("<Q", 2**63) + b"{}"),
    "deep header": written("asking.safetensors", struct.pack("<Q", 9_000_000) + b"[" * 9_000_000),
}
RECIPES = {
    "deep": written("asking.json", b'{"recipe_version":' * 100_000),
    "many digits": written("asking.json", b'{"recipe_version": 1' + b"0" * 100_000 + b"}"),
    "infinite": written("asking.json", b'{"recipe_version": 1e999}'),
    "binary": written("asking.json", bytes(range(256)) * 40),
    "no end": written("asking.json", b'{"recipe_version": 1, "version": "' + b"x" * 10**7),
}
PACKAGES = {
    "zeros": package(OWN, 1_900_000_000),
    "aliases": package(OWN + ALIASES),
    "nested": package(OWN + b"a: " + b"[" * 100_000),
    "long": package(OWN + b"".join(b"a%d: {b: [1, 2, 3]}\n" % n for n in range(40_000))),
    "digits": package(b"config: {napari_photon_denoise: {format: " + b"9" * 500_000 + b"}}"),
}


def _use(kind: str, path: Path, folder: Path) -> list[str]:
    image, result = folder / "cells.tif", folder / "out.ome.tif"
    if kind == "image":
        return denoise(path, result)
    tifffile.imwrite(image, SMALL, metadata=None)
    if kind == "model":
        words = ["--method=resunet", f"--model={path}", "--device=cpu", *CAMERA]
        return ["denoise", str(image), "-o", str(result), *words]
    if kind == "recipe":
        return ["run", str(path), str(image), "-o", str(result)]
    return ["model", "import", str(path), "-o", str(folder / "out.safetensors")]


ASKING = [
    (kind, title, make)
    for kind, made in (
        ("image", IMAGES), ("model", MODELS), ("recipe", RECIPES), ("package", PACKAGES)
    )
    for title, make in made.items()
]  # fmt: skip


def try_asking(folder: Path, tries: int, rng: np.random.Generator) -> Tally:
    """Use each file once, in a random order."""
    tally = Tally("kilobytes that ask for gigabytes")
    for number in rng.permutation(len(ASKING))[:tries]:
        kind, title, make = ASKING[number]
        place = folder / str(number)
        place.mkdir()
        ended = attempt(_use(kind, make(place), place), place / "log")
        tally.add(_judge(kind, ended, place), f"{kind}, {title}", ended.seconds)
    return tally


def _judge(kind: str, ended: Ended, place: Path) -> Verdict:
    """Judge it: where a result comes out, it is of what is in the file, not what it announces."""
    result = place / "out.ome.tif"

    def check() -> Verdict:
        whole = kind == "image" and np.array_equal(tifffile.imread(result), (SMALL - 100.0) * 0.5)
        return RIGHT if whole else Verdict("wrong", "a result of what is not there")

    verdict = judge(ended, check)
    if verdict.outcome == "sentence" and ended.seconds > SECONDS:
        return Verdict("hang", f"{ended.seconds:.0f} s for a sentence")
    made = {result} if verdict.outcome == "right" else set()
    left = [
        path.name
        for path in place.iterdir()
        if path.name.startswith(("out", ".")) and path not in made
    ]
    return Verdict("left behind", ", ".join(left)) if left else verdict
