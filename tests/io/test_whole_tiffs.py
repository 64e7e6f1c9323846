"""TIFFs that lack nothing are read, whatever their tags and pointers say besides."""

from __future__ import annotations

import struct

import numpy as np
import pytest
import tifffile

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io import find_images, read
from napari_photon_denoise.io.metamorph_zeiss import describe_lsm

STACK = np.random.default_rng(0).integers(0, 200, (5, 40, 50)).astype(np.uint16)
LAYOUTS = {
    "plain": {"metadata": None},
    "shaped": {},
    "imagej": {"imagej": True},
    "ome": {"ome": True},
    "zlib": {"metadata": None, "compression": "zlib"},
}


def written(path, data=STACK, **options):
    tifffile.imwrite(path, data, photometric="minisblack", **options)
    return bytearray(path.read_bytes())


def last_pointer(raw):
    """Return where the last directory says that there is none after it."""
    (offset,) = struct.unpack_from("<I", raw, 4)
    while True:
        (count,) = struct.unpack_from("<H", raw, offset)
        at = offset + 2 + 12 * count
        (offset,) = struct.unpack_from("<I", raw, at)
        if offset == 0:
            return at


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("where", ["end", "beyond"])
def test_a_last_pointer_to_nothing_is_said(tmp_path, layout, where):
    path = tmp_path / "a.tif"
    raw = written(path, **LAYOUTS[layout])
    struct.pack_into("<I", raw, last_pointer(raw), len(raw) if where == "end" else 0xDEADBEE0)
    path.write_bytes(raw)
    with read(path) as image:
        np.testing.assert_array_equal(image.data.compute(), STACK)
        assert "pointer to a plane that is not there: its 5 planes are used" in image.notes[0]


@pytest.mark.parametrize(
    "options",
    [
        *({"compression": name} for name in (None, "zlib", "lzw", "packbits")),
        {"rowsperstrip": 8},
        {"tile": (16, 16)},
    ],
)
def test_byte_counts_beyond_the_pixels(tmp_path, options):
    path = tmp_path / "a.tif"
    raw = written(path, STACK[0], metadata=None, **options)
    with tifffile.TiffFile(path) as tif:
        tags = tif.pages.first.tags
        tag = tags.get(279) or tags[325]
        letter = {3: "<H", 4: "<I"}[int(tag.dtype)]
        at = tag.valueoffset + struct.calcsize(letter) * (tag.count - 1)
    (count,) = struct.unpack_from(letter, raw, at)
    struct.pack_into(letter, raw, at, count + 5000)
    path.write_bytes(raw)
    with read(path) as image:
        np.testing.assert_array_equal(image.data.compute(), STACK[0])
    path.write_bytes(raw[:-400])
    with pytest.raises(UnreadableFile, match="truncated"):
        read(path)


def test_a_private_tag_that_points_nowhere(tmp_path):
    path = tmp_path / "a.tif"
    raw = written(path, STACK[0], metadata=None, extratags=[(65000, 2, 100, "x" * 99, True)])
    with tifffile.TiffFile(path) as tif:
        at = tif.pages.first.tags[65000].offset
    struct.pack_into("<I", raw, at + 8, 10**8)
    path.write_bytes(raw)
    with read(path) as image:
        np.testing.assert_array_equal(image.data.compute(), STACK[0])


@pytest.mark.parametrize("ending", [".ome.tf2", ".ome.tf8", ".ome.btf", ".tf8", ".stk", ".lsm"])
def test_other_endings(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    tifffile.imwrite(
        path, STACK, ome=True, bigtiff=True, metadata={"axes": "ZYX", "PhysicalSizeZ": 0.5}
    )
    assert find_images([tmp_path]) == [path]
    with read(path) as image:
        assert (image.name, image.axes) == ("a", "ZYX")
        assert image.pixel_size["Z"] == pytest.approx(0.5)
        np.testing.assert_array_equal(image.data.compute(), STACK)


def write_stk(path, stack, unit=b"um\0"):
    """One directory, the planes after each other, and MetaMorph's tags, as tifffile knows them."""
    planes, length, width = stack.shape
    head = 8 + 2 + 12 * 11 + 4
    times = b"".join(struct.pack("<6I", 500, 1000, 2459000, 250 * n, 0, 0) for n in range(planes))
    places = head + len(times)  # of the calibration's values, then its list
    values = struct.pack("<2I", 1, 10) * 2 + struct.pack("<I", len(unit)) + unit
    listed = struct.pack("<8I", *(3, 1), *(4, places), *(5, places + 8), *(6, places + 16))
    data = places + len(values) + len(listed)
    tags = [(256, 4, 1, width), (257, 4, 1, length), (258, 3, 1, 16)]
    tags += [(259, 3, 1, 1), (262, 3, 1, 1)]
    tags += [(273, 4, 1, data), (277, 3, 1, 1), (278, 4, 1, length), (279, 4, 1, stack[0].nbytes)]
    tags += [(33628, 4, 4, places + len(values)), (33629, 5, planes, head)]
    raw = struct.pack("<2sHIH", b"II", 42, 8, len(tags))
    raw += b"".join(struct.pack("<HHII", *tag) for tag in tags) + bytes(4)
    path.write_bytes(raw + times + values + listed + stack.astype("<u2").tobytes())


def test_metamorph_stack(tmp_path):
    path = tmp_path / "a.stk"
    write_stk(path, STACK)
    with read(path) as image:
        assert image.axes == "ZYX"
        np.testing.assert_array_equal(image.data.compute(), STACK)
        assert image.pixel_size == pytest.approx({"Z": 0.5, "Y": 0.1, "X": 0.1, "T": 0.25})
    path.write_bytes(path.read_bytes()[: -STACK[0].nbytes - 10])
    with pytest.raises(UnreadableFile, match="lacks 2 of the 5 planes"):
        read(path)


def test_the_sizes_and_channels_of_zeiss():
    said = {"VoxelSizeX": 1e-7, "VoxelSizeY": 1e-7, "VoxelSizeZ": 5e-7, "TimeIntervall": 2.0}
    known = describe_lsm({**said, "ChannelColors": {"ColorNames": ["Ch1", "Ch2"]}})
    assert known.pixel_size == pytest.approx({"Z": 0.5, "Y": 0.1, "X": 0.1, "T": 2})
    assert known.channel_names == ("Ch1", "Ch2")


def test_nothing_of_tifffile_reaches_the_user(tmp_path, capfd):
    path = tmp_path / "a.tif"
    raw = written(path, metadata=None)
    struct.pack_into("<I", raw, last_pointer(raw), 0xDEADBEE0)
    path.write_bytes(raw)
    with read(path) as image:
        image.data.compute()
    assert capfd.readouterr().err == ""
