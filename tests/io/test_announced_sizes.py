"""What a file announces against the bytes it has: refused before memory is taken."""

import json
import struct
import tracemalloc
import zlib
from contextlib import suppress

import numpy as np
import pytest
import tifffile
from imagecodecs import png_encode

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io import png, read
from napari_photon_denoise.io.plausible import check_announced, page_fault

SMALL = np.full((2, 48, 40), 120, np.uint16)
OME = (
    '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0">'
    '<Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="uint16" SizeX="40" SizeY="48" SizeC="1" '
    'SizeZ="{z}" SizeT="1">{data}</Pixels></Image></OME>'
)


def refusal(path):
    with pytest.raises(UnreadableFile) as caught:
        read(path)
    return str(caught.value)


def ome_tiff(path, z, data):
    text = OME.format(z=z, data=data).encode()
    tifffile.imwrite(path, SMALL, description=text, metadata=None)
    return path


@pytest.mark.parametrize("data", ['<TiffData IFD="0" PlaneCount="1000000000"/>', "<TiffData/>"])
def test_ome_xml_of_a_billion_planes(tmp_path, data):
    assert "1,000,000,000 planes" in refusal(ome_tiff(tmp_path / "a.ome.tif", 10**9, data))


@pytest.mark.parametrize(
    "data",
    [
        '<TiffData IFD="0" PlaneCount="1000000000"/>',
        '<TiffData NumPlanes="1000000000"/>',
        '<TiffData PlaneCount="1000000000"><UUID FileName="b.tif">b</UUID></TiffData>',
    ],
)
def test_ome_xml_that_contradicts_itself_costs_nothing(tmp_path, data):
    path = ome_tiff(tmp_path / "a.ome.tif", 2, data)
    tracemalloc.start()
    # A sentence, or the planes that are there.
    with suppress(UnreadableFile), read(path) as image:
        np.testing.assert_array_equal(image.data.compute(), SMALL)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 100e6


def with_tag(path, tag, value, **options):
    tifffile.imwrite(path, SMALL, metadata=None, **options)
    with tifffile.TiffFile(path) as tif:
        entry = tif.pages[0].tags[tag].offset
    content = bytearray(path.read_bytes())
    content[entry + 2 : entry + 12] = struct.pack("<HII", 4, 1, value)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_rows_that_no_strip_holds(tmp_path, compression):
    options = {"compression": compression, "rowsperstrip": 8}
    path = with_tag(tmp_path / "a.tif", "ImageLength", 262_192, **options)
    assert "announces 262192 rows of 40 pixels, and holds fewer" in refusal(path)


def test_a_page_of_gigabytes_in_one_strip(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "SMALL", SMALL[:1])
    path = with_tag(tmp_path / "a.tif", "ImageWidth", 2**31, compression="zlib")
    assert "bytes can't hold" in refusal(path)


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_strips_of_no_length(tmp_path, compression):
    """tifffile would read one strip of the six, and zeros for the others."""
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, SMALL, metadata=None, compression=compression, rowsperstrip=8)
    with tifffile.TiffFile(path) as tif:
        entry = tif.pages[1].tags["StripByteCounts"].offset
    content = bytearray(path.read_bytes())
    content[entry + 1] = 0xFF
    path.write_bytes(content)
    assert "does not say where the pixels of a page end" in refusal(path)


def test_a_page_without_size(tmp_path):
    path = with_tag(tmp_path / "a.tif", "ImageLength", 0)
    assert "without size or pixels" in refusal(path)


def test_a_page_that_tifffile_can_not_read_is_no_end(tmp_path):
    """A directory of nonsense ends a file for tifffile, which then shows a shorter movie."""
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.zeros((6, 48, 40), np.uint16), metadata=None)
    with tifffile.TiffFile(path) as tif:
        offset = tif.pages[4].offset
    content = bytearray(path.read_bytes())
    content[offset : offset + 2] = struct.pack("<H", 5000)
    path.write_bytes(bytes(content) + bytes(70_000))
    assert "damaged" in refusal(path)


@pytest.mark.parametrize(
    "said",
    [
        {256: [40], 257: [48], 258: [16], 273: [8], 279: [3840]},
        {256: [40], 257: [48], 258: [16], 273: [8], 279: [2**31]},  # too large is harmless
        {256: [40], 257: [48], 258: [16], 273: [8], 279: [0]},  # not said
        {256: [40], 257: [48], 258: [12], 273: [8], 279: [2880]},
        {256: [40], 257: [48], 258: [16], 278: [2**32 - 1], 259: [8], 273: [8], 279: [99]},
        {256: [40], 257: [48], 258: [16], 278: [7], 273: [8], 279: [3840]},  # one strip after all
        {
            256: [40],
            257: [48],
            258: [8] * 3,
            277: [3],
            284: [2],
            259: [8],
            273: [1, 2, 3],
            279: [9] * 3,
        },
        {
            256: [40],
            257: [48],
            258: [8],
            322: [16],
            323: [16],
            259: [8],
            324: [8] * 9,
            325: [9] * 9,
        },
    ],
)
def test_pages_as_programs_write_them(said):
    assert page_fault({tag: np.array(values, np.uint64) for tag, values in said.items()}) is None


@pytest.mark.parametrize("description", ["ImageJ=1.53\nimages=9\nslices=1000000000\n", "shaped"])
def test_a_text_of_a_billion_planes(tmp_path, description):
    text = json.dumps({"shape": [10**9, 48, 40]}) if description == "shaped" else description
    tifffile.imwrite(tmp_path / "a.tif", SMALL, description=text, metadata=None)
    refusal(tmp_path / "a.tif")


def zarr_folder(path, shape, chunks):
    axes = [{"name": name} for name in "zyx"]
    image = {"version": "0.4", "axes": axes, "datasets": [{"path": "0"}]}
    array = {"zarr_format": 2, "shape": shape, "chunks": chunks, "dtype": "<u2", "order": "C"}
    (path / "0").mkdir(parents=True)
    (path / ".zgroup").write_text('{"zarr_format": 2}')
    (path / ".zattrs").write_text(json.dumps({"multiscales": [image]}))
    array |= {"fill_value": 0, "filters": None, "compressor": None}
    (path / "0" / ".zarray").write_text(json.dumps(array))
    return path


@pytest.mark.parametrize("chunks", [(1, 48, 40), (10**6, 48, 40)])
def test_a_zarr_of_many_planes(tmp_path, chunks):
    path = zarr_folder(tmp_path / "a.ome.zarr", (10**12, 48, 40), chunks)
    sentence = refusal(path)
    assert "a.ome.zarr" in sentence
    assert "damaged" in sentence


def test_what_is_small_or_well_filled_passes(tmp_path):
    file = tmp_path / "a"
    file.write_bytes(bytes(100_000))
    check_announced("a", (1000, 1000), 2, (1000, 1000), [file])
    check_announced("a", (500, 1000, 1000), 2, (1, 1000, 1000), [file])
    check_announced("a", (500, 1000, 1000), 2, (1, 1000, 1000), [tmp_path])
    with pytest.raises(UnreadableFile, match="announces an image of 600 × 1000 × 1000 pixels"):
        check_announced("a", (600, 1000, 1000), 2, (1, 1000, 1000), [file])
    with pytest.raises(UnreadableFile, match="blocks of pixels, more than can be worked on"):
        check_announced("a", (100, 1000, 1000), 2, (1, 2, 2), [file])


def test_a_png_is_decoded_once(tmp_path, monkeypatch):
    import imagecodecs

    data = np.random.default_rng(0).integers(0, 200, (60, 80)).astype(np.uint16)
    (tmp_path / "a.png").write_bytes(png_encode(data))
    decoded = []

    def decode(content):
        decoded.append(len(content))
        return png_decode(content)

    png_decode = imagecodecs.png_decode
    monkeypatch.setattr(imagecodecs, "png_decode", decode)
    with read(tmp_path / "a.png") as image:
        for row in range(0, 60, 10):
            np.testing.assert_array_equal(
                image.data[row : row + 10].compute(), data[row : row + 10]
            )
    assert len(decoded) == 1
    np.testing.assert_array_equal(image.data.compute(), data)
    assert len(decoded) == 2


def test_a_png_larger_than_can_be_decoded(tmp_path, monkeypatch):
    def chunk(kind, content):
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    head = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(99))) + chunk(b"IEND", b"")
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + parts)
    assert "40000 × 40000 pixels; a PNG is decoded as a whole, up to 512 MB" in refusal(
        tmp_path / "a.png"
    )
    monkeypatch.setattr(png, "LARGEST", 100)
    (tmp_path / "b.png").write_bytes(png_encode(np.zeros((11, 10), np.uint8)))
    assert "save it as TIFF" in refusal(tmp_path / "b.png")
