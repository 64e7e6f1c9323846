"""Bad input: one sentence that names the file and says what to do, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
import tifffile
from imagecodecs import png_encode

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io import read


def stack(*shape, dtype="uint16"):
    return np.random.default_rng(0).integers(0, 200, shape).astype(dtype)


def refusal(path):
    with pytest.raises(UnreadableFile) as caught:
        read(path)
    sentence = str(caught.value)
    assert path.name in sentence
    assert "\n" not in sentence
    return sentence


def test_missing(tmp_path):
    assert "does not exist" in refusal(tmp_path / "a.tif")


def test_folder(tmp_path):
    assert "without an OME-Zarr" in refusal(tmp_path)


@pytest.mark.parametrize("name", ["a.tif", "a.png", "a.npy"])
def test_empty_file(tmp_path, name):
    (tmp_path / name).touch()
    assert "empty" in refusal(tmp_path / name)


@pytest.mark.parametrize("name", ["a.jpg", "a.nd2", "a", "a.txt"])
def test_other_formats(tmp_path, name):
    (tmp_path / name).write_bytes(b"something")
    assert "give TIFF, OME-TIFF, PNG, NPY, OME-Zarr, Imaris, HDF5" in refusal(tmp_path / name)


@pytest.mark.parametrize("name", ["a.tif", "a.png", "a.npy"])
@pytest.mark.parametrize("content", [b"x", b"no image at all" * 10, b"II*\0", b"\x89PNG\r\n\x1a\n"])
def test_no_image_inside(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    sentence = refusal(tmp_path / name)
    assert "again" in sentence


@pytest.mark.parametrize("text", [b"(", b"1 1 1", b"\\", b"[" * 100, b"-" * 100])
def test_npy_whose_header_is_no_header(tmp_path, text):
    """NumPy reads it as Python's code, and raises whatever that is wrong with."""
    np.save(tmp_path / "a.npy", stack(6, 7))
    content = (tmp_path / "a.npy").read_bytes()
    (tmp_path / "a.npy").write_bytes(content[:10] + text + content[10 + len(text) :])
    assert "numpy.save" in refusal(tmp_path / "a.npy")


@pytest.mark.skipif(
    sys.platform == "win32" or not hasattr(os, "geteuid") or os.geteuid() == 0,
    reason="everyone may read here",
)
def test_no_permission(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", stack(30, 40))
    (tmp_path / "a.tif").chmod(0)
    assert "may not be read" in refusal(tmp_path / "a.tif")


OPTIONS = {
    "plain": {"metadata": None},
    "shaped": {},
    "zlib": {"compression": "zlib"},
    "tiled": {"tile": (16, 16)},
    "strips": {"metadata": None, "rowsperstrip": 4, "compression": "zlib"},
    "bigtiff": {"bigtiff": True},
    "bigendian": {"byteorder": ">"},
    "imagej": {"imagej": True},
    "ome": {"ome": True, "metadata": {"axes": "ZYX"}},
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("kept", [0.01, 0.3, 0.6, 0.9, 0.99, 0.999])
def test_truncated_tiff(tmp_path, options, kept):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, stack(6, 60, 80), **options)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    assert "again" in refusal(path)


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_tiff_cut_near_its_end_is_refused_or_complete(tmp_path, options):
    """The last bytes may be padding; without them nothing is lost."""
    path = tmp_path / "a.tif"
    data = stack(6, 60, 80)
    tifffile.imwrite(path, data, **options)
    whole = path.read_bytes()
    refused = 0
    for cut in range(1, 200):
        path.write_bytes(whole[:-cut])
        try:
            with read(path) as image:
                np.testing.assert_array_equal(image.data.compute(), data)
        except UnreadableFile:
            refused += 1
    assert refused > 150


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_whole_tiff_passes(tmp_path, options):
    data = stack(6, 60, 80)
    tifffile.imwrite(tmp_path / "a.tif", data, **options)
    with read(tmp_path / "a.tif") as image:
        np.testing.assert_array_equal(image.data.compute(), data)


def test_random_damage_never_gives_another_exception(tmp_path):
    tifffile.imwrite(tmp_path / "whole.tif", stack(5, 20, 30), compression="zlib")
    whole = np.fromfile(tmp_path / "whole.tif", np.uint8)
    rng = np.random.default_rng(1)
    sentences = []
    for _ in range(100):
        damaged = whole.copy()
        damaged[rng.integers(0, whole.size, 20)] = rng.integers(0, 256, 20)
        damaged.tofile(tmp_path / "a.tif")
        try:
            with read(tmp_path / "a.tif") as image:
                image.data.compute()
        except UnreadableFile as error:
            sentences.append(str(error))
    assert len(sentences) > 20
    assert all("a.tif" in sentence for sentence in sentences)


def test_circular_tiff(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, stack(30, 40), metadata=None)
    content = bytearray(path.read_bytes())
    first = int.from_bytes(content[4:8], "little")
    entries = int.from_bytes(content[first : first + 2], "little")
    content[first + 2 + 12 * entries : first + 6 + 12 * entries] = content[4:8]
    path.write_bytes(content)
    assert "damaged" in refusal(path)


def test_imagej_stack_without_its_other_planes(tmp_path):
    path = tmp_path / "a.tif"
    text = "ImageJ=1.53\nimages=5\nslices=5\n"
    tifffile.imwrite(path, stack(30, 40), metadata=None, description=text)
    assert "lacks 4 of the 5 planes that it announces" in refusal(path)


def test_ome_tiff_without_its_other_planes(tmp_path):
    path = tmp_path / "a.ome.tif"
    xml = tifffile.OmeXml()
    xml.addimage("uint16", (5, 30, 40), (5, 1, 1, 30, 40, 1), axes="ZYX")
    tifffile.imwrite(path, stack(2, 30, 40), metadata=None, description=xml.tostring())
    assert "lacks 3 of the 5 planes that it announces" in refusal(path)


def test_damage_inside_a_plane_names_the_file_when_it_is_read(tmp_path):
    path = tmp_path / "a.tif"
    data = stack(6, 60, 80)
    tifffile.imwrite(path, data, compression="zlib")
    with tifffile.TiffFile(path) as tif:
        offset = tif.pages[4].dataoffsets[0]
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(b"\xff" * 50)
    with read(path) as image:
        np.testing.assert_array_equal(image.data[:4].compute(), data[:4])
        with pytest.raises(UnreadableFile, match=r"a\.tif could not be read to its end"):
            image.data[4].compute()


def test_file_cut_while_it_is_read(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, stack(6, 60, 80), metadata=None)
    with read(path) as image:
        with path.open("r+b") as file:
            file.truncate(1000)
        with pytest.raises(UnreadableFile, match=r"a\.tif"):
            image.data[5].compute()


@pytest.mark.parametrize("shape", [(30, 40, 3), (30, 40, 4), (5, 30, 40, 3)])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_rgb_tiff(tmp_path, shape, dtype):
    tifffile.imwrite(tmp_path / "a.tif", stack(*shape, dtype=dtype), photometric="rgb")
    sentence = refusal(tmp_path / "a.tif")
    assert sentence == (
        "a.tif is an RGB colour image; photons need one grey channel: split the channels first "
        "(in Fiji: Image > Color > Split Channels)."
    )


def test_rgb_of_imagej(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", stack(5, 30, 40, 3, dtype="uint8"), imagej=True)
    assert "RGB" in refusal(tmp_path / "a.tif")


@pytest.mark.parametrize(("channels", "word"), [(2, "alpha"), (3, "RGB"), (4, "RGB")])
def test_png_that_is_not_grey(tmp_path, channels, word):
    data = stack(30, 40, channels, dtype="uint8")
    (tmp_path / "a.png").write_bytes(png_encode(data))
    assert word in refusal(tmp_path / "a.png")


@pytest.mark.parametrize("kept", [0.3, 0.99])
def test_truncated_png(tmp_path, kept):
    content = png_encode(stack(60, 80))
    (tmp_path / "a.png").write_bytes(content[: int(len(content) * kept)])
    assert "truncated" in refusal(tmp_path / "a.png")


def test_damaged_png(tmp_path):
    content = bytearray(png_encode(stack(60, 80)))
    content[60:90] = b"\xff" * 30
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(UnreadableFile, match=r"a\.png"):
        read(tmp_path / "a.png").data.compute()


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (np.zeros((30, 40), bool), "boolean"),
        (np.zeros((30, 40), np.complex64), "complex"),
        (np.zeros(40, np.uint16), "1-D"),
        (np.zeros((), np.uint16), "1-D"),
        (np.zeros((0, 40), np.uint16), "empty"),
        (np.zeros((30, 40, 3), np.uint8), "RGB"),
        (np.zeros((2, 3, 30, 40), np.uint8), "name the axes"),
        (np.zeros((2, 2, 2, 3, 30, 40), np.uint8), "at most five"),
        (np.zeros((30, 40), "U3"), "instead of numbers"),
        (np.array([[None]]), "no array of numbers"),
    ],
)
def test_no_grey_image_in_npy(tmp_path, data, word):
    np.save(tmp_path / "a.npy", data)
    assert word in refusal(tmp_path / "a.npy")


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (np.zeros((30, 40), bool), "boolean"),
        (np.zeros((30, 40), np.complex64), "complex"),
        (np.zeros(40, np.uint16), "1-D"),
    ],
)
def test_no_grey_image_in_tiff(tmp_path, data, word):
    tifffile.imwrite(tmp_path / "a.tif", data)
    assert word in refusal(tmp_path / "a.tif")


def test_truncated_npy(tmp_path):
    np.save(tmp_path / "a.npy", stack(30, 40))
    content = (tmp_path / "a.npy").read_bytes()
    (tmp_path / "a.npy").write_bytes(content[:-100])
    assert "truncated" in refusal(tmp_path / "a.npy")


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (30, 1), (1, 1, 1), (5, 1, 40)])
def test_thin_images_are_read(tmp_path, shape):
    data = stack(*shape)
    tifffile.imwrite(tmp_path / "a.tif", data, metadata=None)
    with read(tmp_path / "a.tif") as image:
        assert image.data.compute().ravel().tolist() == data.ravel().tolist()
        assert image.data.shape[-2:] == shape[-2:]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes in folders")
@pytest.mark.parametrize("name", ["a.tif", "a.ome.tif", "a.npy", "a.png", "a.ozx"])
def test_a_pipe_is_not_waited_for(tmp_path, name):
    # In a process of its own: what waits for a pipe's writer can't be ended from within.
    os.mkfifo(tmp_path / name)
    code = (
        "import sys; from napari_photon_denoise.io.find import find_raw_images;"
        "from napari_photon_denoise.io import read;"
        "read(find_raw_images([sys.argv[1]]).paths[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, timeout=60
    )
    assert f"{name} is a pipe or device, no file" in done.stderr
