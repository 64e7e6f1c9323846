"""OME-TIFF out: what comes back, and that nothing half-written stays."""

from __future__ import annotations

import errno
import os
import shutil
from types import SimpleNamespace
from xml.etree import ElementTree

import dask.array as da
import numpy as np
import pytest
import tifffile

from napari_photon_denoise.errors import OutputExists, PhotonDenoiseError, UnreadableFile
from napari_photon_denoise.io import About, open_image, read, write_image

RECIPE = {"version": 1, "method": {"name": "résunet", "size": 3}, "note": 'a "b" <c> & µ\n\x01'}


def stack(*shape, dtype="float32"):
    return np.random.default_rng(0).integers(0, 200, shape).astype(dtype)


@pytest.mark.parametrize(
    ("axes", "shape"),
    [
        ("YX", (30, 40)),
        ("YX", (1, 1)),
        ("TYX", (1, 30, 40)),
        ("TYX", (5, 30, 40)),
        ("ZYX", (5, 1, 40)),
        ("CYX", (3, 30, 40)),
        ("CYX", (4, 30, 40)),
        ("CZYX", (2, 3, 30, 40)),
        ("TCYX", (2, 3, 30, 40)),
        ("TZYX", (1, 1, 30, 40)),
        ("TCZYX", (2, 1, 3, 30, 40)),
        ("TCZYX", (1, 1, 1, 1, 1)),
    ],
)
def test_round_trip(tmp_path, axes, shape):
    data = stack(*shape)
    size = {"Y": 0.1, "X": 0.2, "Z": 0.5, "T": 1.5}
    names = [f"channel <{i}> µ" for i in range(shape[axes.index("C")])] if "C" in axes else []
    path = write_image(
        tmp_path / "a.ome.tif", data, axes, pixel_size=size, channel_names=names, recipe=RECIPE
    )
    assert path == tmp_path / "a.ome.tif"
    with read(path) as image:
        assert image.axes == axes
        assert not image.axes_guessed
        np.testing.assert_array_equal(image.data.compute(), data)
        assert image.data.dtype == data.dtype
        assert image.pixel_size == pytest.approx(size)
        assert image.channel_names == tuple(names)
        assert image.recipe == RECIPE
    assert os.listdir(tmp_path) == ["a.ome.tif"]


@pytest.mark.parametrize(
    "dtype",
    ["int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64", ">u2", ">f4"],
)
def test_dtypes(tmp_path, dtype):
    data = stack(3, 30, 40, dtype=dtype)
    write_image(tmp_path / "a.tif", data, "CYX")
    with read(tmp_path / "a.tif") as image:
        assert image.data.dtype == np.dtype(dtype).newbyteorder("=")
        np.testing.assert_array_equal(image.data.compute(), data)


@pytest.mark.parametrize("name", ["a.tif", "a.TIFF", "a.ome.tiff", "a b µ.ome.tif", "a.v2.tif"])
def test_every_ending_is_ome_tiff(tmp_path, name):
    write_image(tmp_path / name, stack(3, 30, 40), "ZYX", pixel_size={"X": 0.1})
    with tifffile.TiffFile(tmp_path / name) as tif:
        assert tif.is_ome
        root = ElementTree.fromstring(tif.ome_metadata)
        pixels = root.find("{*}Image/{*}Pixels")
        assert (pixels.get("SizeZ"), pixels.get("Type")) == ("3", "float")
        assert (pixels.get("PhysicalSizeX"), pixels.get("PhysicalSizeXUnit")) == ("0.1", "µm")
        assert tif.pages[0].photometric.name == "MINISBLACK"


def test_no_recipe_no_sizes(tmp_path):
    write_image(tmp_path / "a.tif", stack(30, 40), "YX")
    with read(tmp_path / "a.tif") as image:
        assert image.recipe is None
        assert image.pixel_size == {}
        assert image.channel_names == ()


def test_an_edited_recipe_does_not_keep_the_image_from_being_read(tmp_path):
    write_image(tmp_path / "a.tif", stack(30, 40), "YX", recipe={"key": "value"})
    content = (tmp_path / "a.tif").read_bytes()
    (tmp_path / "a.tif").write_bytes(content.replace(b'{"key', b'["key'))
    with read(tmp_path / "a.tif") as image:
        assert image.recipe is None
        assert image.data.compute().shape == (30, 40)


def test_dask_array_is_written_block_by_block(tmp_path):
    data = stack(6, 30, 40)
    lazy = da.from_array(data, chunks=(1, 16, 40))
    write_image(tmp_path / "a.tif", lazy, "TYX")
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "a.tif"), data)


def test_tiles_into_an_open_file(tmp_path):
    data = stack(2, 30, 40)
    with open_image(tmp_path / "a.tif", data.shape, "float32", About("TYX")) as out:
        assert (out.shape, out.dtype, out.ndim) == (data.shape, np.float32, 3)
        out[0, :10] = data[0, :10]
        out[0, 10:] = data[0, 10:]
        out[1, ..., :39] = data[1, ..., :39].astype("float64")
        for y in range(30):
            out[1, y, 39] = data[1, y, 39]
        np.testing.assert_array_equal(out[0], data[0])
        assert not (tmp_path / "a.tif").exists()
        with pytest.raises(TypeError, match="Cannot cast"):
            out[0] = data[0].astype(complex)
        with pytest.raises(ValueError, match="broadcast"):
            out[0] = data[0, :5]
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "a.tif"), data)


def test_bigtiff_when_it_must_be(tmp_path, monkeypatch):
    write_image(tmp_path / "small.tif", stack(3, 30, 40), "ZYX")
    monkeypatch.setattr("napari_photon_denoise.io.ome_tiff.CLASSIC_BYTES", 1000)
    write_image(tmp_path / "big.tif", stack(3, 30, 40), "ZYX")
    for name, big in (("small.tif", False), ("big.tif", True)):
        with tifffile.TiffFile(tmp_path / name) as tif:
            assert tif.is_bigtiff is big
        with read(tmp_path / name) as image:
            np.testing.assert_array_equal(image.data.compute(), stack(3, 30, 40))


def write_half(path, stop):
    with open_image(path, (30, 40), "float32", About("YX"), overwrite=True) as out:
        out[:10] = 1
        raise stop


@pytest.mark.parametrize("stop", [RuntimeError, KeyboardInterrupt, GeneratorExit, SystemExit])
def test_what_is_interrupted_leaves_nothing_and_keeps_the_old(tmp_path, stop):
    write_image(tmp_path / "old.tif", stack(30, 40), "YX", recipe=RECIPE)
    before = (tmp_path / "old.tif").read_bytes()
    for name in ("old.tif", "new.tif"):
        with pytest.raises(stop):
            write_half(tmp_path / name, stop)
    assert os.listdir(tmp_path) == ["old.tif"]
    assert (tmp_path / "old.tif").read_bytes() == before


def test_a_closed_generator_leaves_nothing(tmp_path):
    def job():
        with open_image(tmp_path / "a.tif", (30, 40), "float32", About("YX")) as out:
            for y in range(30):
                out[y] = y
                yield y

    running = job()
    next(running)
    running.close()
    assert os.listdir(tmp_path) == []


def test_an_input_that_fails_leaves_nothing(tmp_path):
    tifffile.imwrite(tmp_path / "in.tif", stack(30, 40))
    image = read(tmp_path / "in.tif")
    image.close()
    (tmp_path / "in.tif").unlink()
    with pytest.raises(UnreadableFile, match=r"in\.tif"):
        write_image(tmp_path / "out.tif", image.data, image.axes)
    assert os.listdir(tmp_path) == []


def test_existing_output(tmp_path):
    path = tmp_path / "out.ome.tif"
    write_image(path, stack(30, 40), "YX")
    with pytest.raises(OutputExists) as caught:
        write_image(path, stack(30, 40), "YX")
    assert str(caught.value) == (
        f"{path} exists already: choose another name, or allow overwriting."
    )
    write_image(path, stack(50, 60), "YX", overwrite=True)
    assert read(path).data.shape == (50, 60)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("a.png", r"end the name with \.ome\.tif"),
        ("a", r"end the name with \.ome\.tif"),
        ("none/a.tif", "There is no folder .*none: make it first"),
        ("folder.tif", "is a folder"),
    ],
)
def test_names_that_cannot_be(tmp_path, name, sentence):
    (tmp_path / "folder.tif").mkdir()
    with pytest.raises(PhotonDenoiseError, match=sentence):
        write_image(tmp_path / name, stack(30, 40), "YX")
    assert os.listdir(tmp_path) == ["folder.tif"]


def test_unwritable_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(PhotonDenoiseError, match="may not be written"):
        write_image(tmp_path / "a.tif", stack(30, 40), "YX")


def test_folder_that_refuses_only_when_tried(tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(tifffile, "memmap", refuse)
    with pytest.raises(PhotonDenoiseError, match="may not be written"):
        write_image(tmp_path / "a.tif", stack(30, 40), "YX")


def test_too_little_room(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=1000))
    with pytest.raises(PhotonDenoiseError, match="free some space"):
        write_image(tmp_path / "a.tif", stack(30, 40), "YX")
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="no such call here")
def test_disk_that_fills_up_meanwhile(tmp_path, monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(PhotonDenoiseError, match=r"The disk of .* is full"):
        write_image(tmp_path / "a.tif", stack(30, 40), "YX")
    assert os.listdir(tmp_path) == []


def test_an_output_that_is_open_elsewhere_does_not_cost_the_result(tmp_path, monkeypatch):
    path = tmp_path / "a.tif"
    path.write_bytes(b"old")
    replace = os.replace

    def locked(source, target):
        if str(target) == str(path):
            raise PermissionError(errno.EACCES, "Permission denied")
        replace(source, target)

    monkeypatch.setattr(os, "replace", locked)
    with pytest.raises(PhotonDenoiseError, match=r"the result is in a\.\w+\.ome\.tif"):
        write_image(path, stack(30, 40), "YX", overwrite=True)
    assert path.read_bytes() == b"old"
    (kept,) = (p for p in tmp_path.iterdir() if p != path)
    np.testing.assert_array_equal(read(kept).data.compute(), stack(30, 40))


@pytest.mark.parametrize(
    ("shape", "dtype", "axes", "more", "sentence"),
    [
        ((30, 40), "int64", "YX", {}, "cannot hold int64"),
        ((30, 40), "float16", "YX", {}, "cannot hold float16"),
        ((30, 40), "bool", "YX", {}, "cannot hold bool"),
        ((0, 40), "float32", "YX", {}, "empty"),
        ((3, 30, 40), "float32", "YX", {}, "axes"),
        ((3, 30, 40), "float32", "QYX", {}, "axes"),
        ((3, 30, 40), "float32", "YXC", {}, "axes"),
        ((3, 30, 40), "float32", "CYX", {"channel_names": ["one"]}, "1 channel names for 3"),
        ((30, 40), "float32", "YX", {"pixel_size": {"X": 0.0}}, "pixel size"),
        ((30, 40), "float32", "YX", {"pixel_size": {"X": float("nan")}}, "pixel size"),
    ],
)
def test_what_cannot_be_written(tmp_path, shape, dtype, axes, more, sentence):
    with pytest.raises(PhotonDenoiseError, match=sentence):
        write_image(tmp_path / "a.tif", np.zeros(shape, dtype), axes, **more)
    assert os.listdir(tmp_path) == []
