"""Numbered series of TIFF files as one stack."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile

from napari_photon_denoise.errors import UnknownAxes, UnreadableFile
from napari_photon_denoise.io import find, find_series, read
from napari_photon_denoise.io.readers import bare_name
from napari_photon_denoise.io.series import matching, read_series
from napari_photon_denoise.io.series_names import numbered

DATA = np.random.default_rng(0).integers(100, 200, (3, 2, 4, 12, 14)).astype(np.uint16)


def write(folder, name):
    """Write each plane of T, C and Z under a name that holds `{t}`, `{c}` and `{z}`."""
    folder.mkdir(exist_ok=True)
    for t, c, z in np.ndindex(3, 2, 4):
        tifffile.imwrite(folder / name(t, c, z), DATA[t, c, z])
    return folder


@pytest.mark.parametrize(
    ("name", "channels"),
    [
        (lambda t, c, z: f"img_t{t + 1:04d}_z{z:03d}_c{c}.tif", ()),
        (lambda t, c, z: f"C{c}-Z{5 * z + 5}-T{t}.TIF", ()),
        (lambda t, c, z: f"img_channel{c:03d}_position000_time{t:09d}_z{z:03d}.tif", ()),
        (lambda t, c, z: f"img_{t:09d}_{('488', 'Cy5')[c]}_{z:03d}.tif", ("488", "Cy5")),
        (lambda t, c, z: f"a_w{c + 1}{('DAPI', 'GFP')[c]}_s1_z{z}_t{t}.tif", ("DAPI", "GFP")),
        # The time of day counts nothing.
        (lambda t, c, z: f"z{z} t{t} c{c} {t * 999 + z * 31 + c:06d}.tif", ()),
    ],
)
def test_names_say_time_channel_and_z(tmp_path, name, channels):
    folder = write(tmp_path / "scan", name)
    (folder / "notes.txt").touch()
    (address,) = find_series([folder]).paths
    with read(address) as image:
        assert (image.axes, image.axes_guessed) == ("TCZYX", False)
        np.testing.assert_array_equal(image.data.compute(), DATA)
        assert image.channel_names == channels
        assert "24 files are taken as one stack" in image.notes[0]
        assert len(image.notes) == 1


def plain(folder, numbers, name="img{:04d}.tif", shape=(12, 14)):
    folder.mkdir(exist_ok=True)
    for number in numbers:
        tifffile.imwrite(folder / name.format(number), np.full(shape, number, np.uint16))
    return folder / name.format(0).replace("0000", "*")


def test_one_number_is_time_unless_axes_say_z(tmp_path):
    address = plain(tmp_path / "scan", range(8, 12))
    with read(address) as image:
        assert (image.name, image.axes, image.axes_guessed) == ("img", "TYX", True)
        np.testing.assert_array_equal(image.data[:, 0, 0].compute(), range(8, 12))
    with read(address, "ZYX") as image:
        assert image.axes == "ZYX"


def test_files_that_hold_stacks(tmp_path):
    for t in range(3):
        path = tmp_path / f"stack_t{t}.tif"
        tifffile.imwrite(path, DATA[t, 0], metadata={"axes": "ZYX"}, imagej=True)
    with read(tmp_path / "stack_t*.tif") as image:
        assert image.axes == "TZYX"
        np.testing.assert_array_equal(image.data.compute(), DATA[:, 0])


def test_only_the_first_is_opened_until_pixels_are_read(tmp_path, monkeypatch):
    address = plain(tmp_path / "scan", range(5))
    opened = []
    real = tifffile.TiffFile
    monkeypatch.setattr(
        tifffile, "TiffFile", lambda file, **how: opened.append(file.name) or real(file, **how)
    )
    for number in range(1, 4):
        (tmp_path / f"scan/img{number:04d}.tif").write_bytes(b"")
    with read(address) as image:
        assert set(opened) == {"img0000.tif"}
        opened.clear()
        assert image.data[4].compute().max() == 4
        assert set(opened) == {"img0004.tif"}


def test_numbers_that_are_left_out_are_said(tmp_path):
    address = plain(tmp_path / "scan", (0, 10, 20, 40))
    with read(address) as image:
        assert len(image.data) == 4
        assert "leave out 1 file, the first is 30" in image.notes[1]


def test_what_is_missing(tmp_path):
    folder = write(tmp_path / "scan", lambda t, c, z: f"t{t}_z{z}_c{c}.tif")
    (folder / "t2_z3_c1.tif").unlink()
    with read(folder / "*.tif") as image:  # stopped early
        assert image.data.shape[0] == 2
        np.testing.assert_array_equal(image.data.compute(), DATA[:2])
        assert "lacks 1 of the 24 files" in image.notes[1]
    (folder / "t0_z3_c1.tif").unlink()
    with pytest.raises(UnreadableFile, match=r"scan/\*\.tif lacks 2 of the 24 files"):
        read(folder / "*.tif")


def test_a_file_of_another_kind_is_named(tmp_path):
    address = plain(tmp_path / "scan", range(4))
    plain(tmp_path / "scan", [2], shape=(12, 15))
    with read(address) as image:
        with pytest.raises(
            UnreadableFile, match=r"^img0002\.tif is 12 × 15 px of uint16, and the first file"
        ):
            image.data.compute()
        (tmp_path / "scan/img0003.tif").write_bytes(b"II*\0nothing")
        with pytest.raises(UnreadableFile, match=r"^img0003\.tif is truncated"):
            image.data[3].compute()
        (tmp_path / "scan/img0001.tif").unlink()
        with pytest.raises(UnreadableFile, match=r"^img0001\.tif of the series is gone"):
            image.data[1].compute()


def test_names_that_do_not_tell(tmp_path):
    with pytest.raises(UnreadableFile, match=r"b_0\.tif is named otherwise than a_b_1\.tif"):
        numbered(["a_b_1.tif", "b_0.tif"], "scan")
    with pytest.raises(UnreadableFile, match=r"several stage positions.*p1_t1\.tif, …, p2_t2"):
        numbered([f"p{p}_t{t}.tif" for p in (1, 2) for t in (1, 2)], "scan")
    with pytest.raises(UnreadableFile, match=r"two files of one place, t1\.tif and t01\.tif"):
        numbered(["t1.tif", "t01.tif", "t2.tif"], "scan")
    folder = tmp_path / "scan"
    folder.mkdir()
    for a, b in np.ndindex(2, 3):
        tifffile.imwrite(folder / f"{a}x{b}.tif", DATA[a, 0, b])
    with pytest.raises(UnknownAxes, match=r"^scan/\*\.tif does not say"):
        read(folder / "*.tif")
    with read(folder / "*.tif", "TZYX") as image:
        np.testing.assert_array_equal(image.data.compute(), DATA[:2, 0, :3])
    with pytest.raises(UnreadableFile, match=r"matches only 0x0\.tif: name that"):
        read(folder / "0x0*.tif")
    with pytest.raises(UnreadableFile, match=r"one stack of numbered files a pattern, such as"):
        read(folder)


def test_what_a_user_names_as_series(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("Pos0", "Pos1"):
        plain(tmp_path / name, range(3))
    plain(tmp_path / "Pos0", range(3), "dark{:04d}.tif")
    every = sorted(map(str, (tmp_path / "Pos1").iterdir()))
    assert find_series([tmp_path / "Pos1"]).paths == (tmp_path / "Pos1" / "*.tif",)
    assert find_series(every).paths == (tmp_path / "Pos1" / "img*.tif",)
    assert find_series(["Pos?/img*.tif"]).paths == tuple(
        tmp_path.__class__(name) / "img*.tif" for name in ("Pos0", "Pos1")
    )
    with pytest.raises(UnreadableFile, match=r"holds more files like .*img0000\.tif than were"):
        find_series(every[:2])
    with pytest.raises(UnreadableFile, match=r"matches no image"):
        find_series(["Pos0/none*.tif"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnreadableFile, match=r"empty holds no numbered TIFF files"):
        find_series(["empty"])


def test_images_that_may_be_a_series_are_told_of(tmp_path, monkeypatch):
    monkeypatch.setattr(find, "MANY", 20)
    write(tmp_path / "scan", lambda t, c, z: f"t{t}_z{z}_c{c}.tif")
    found = find.find_raw_images([tmp_path / "scan"])
    assert len(found.paths) == 24
    assert found.notes == (
        "The names of the 24 files in scan count T × Z × C: if they are planes of one stack, take "
        "them as a series.",
    )
    plain(tmp_path / "cells", range(24))  # which may be 24 cells
    assert find.find_raw_images([tmp_path / "cells"]).notes == ()


def test_names_of_results(tmp_path):
    (tmp_path / "Pos0").mkdir()
    assert bare_name(tmp_path / "Pos0" / "*.tif") == "Pos0"
    assert bare_name(tmp_path / "Pos0" / "img_t*_z*.tif") == "img_t"


def test_many_files_are_listed_without_a_look_at_them(tmp_path):
    folder = tmp_path / "scan"
    folder.mkdir()
    for number in range(2000):
        (folder / f"img_{number:06d}.tif").touch()
    tifffile.imwrite(folder / "img_000000.tif", DATA[0, 0, 0])
    assert len(matching(folder / "*.tif")) == 2000
    source = read_series(folder / "*.tif", None)
    assert source.shape == (2000, 12, 14)
