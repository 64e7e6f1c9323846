"""What a user names as a path: homes, addresses, links and the same file by another name."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from napari_photon_denoise.errors import OutputExists, PhotonDenoiseError, UnreadableFile
from napari_photon_denoise.io import find_images, find_raw_images, read, write_image
from napari_photon_denoise.io.paths import is_same_file, local_path, written_through
from napari_photon_denoise.io.text import as_csv
from napari_photon_denoise.io.whole import check_not_input, check_place, whole_file
from napari_photon_denoise.io.write import check_no_image

links = pytest.mark.skipif(sys.platform == "win32", reason="Windows needs a right to make links")


@pytest.mark.parametrize("name", ["~.tif", "~nobody.by.this.name/a.tif"])
def test_a_tilde_may_be_part_of_a_name(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert local_path(name) == Path(name)
    with pytest.raises(UnreadableFile, match=r"does not exist"):
        read(name)
    with pytest.raises(UnreadableFile, match=r"does not exist"):
        find_images([name])
    assert local_path("~/a.tif") == Path.home() / "a.tif"
    Path("~").mkdir()
    Path("~", "a.tif").touch()
    assert local_path("~/a.tif") == Path("~/a.tif")


@pytest.mark.parametrize("kind", [str, Path])
@pytest.mark.parametrize("find", [lambda name: find_raw_images([name]), read])
def test_an_address_is_said_as_it_was_given(find, kind):
    said = r"^https://example\.org/a\.ome\.zarr is an address, not a file .* download it"
    with pytest.raises(UnreadableFile, match=said):
        find(kind("https://example.org/a.ome.zarr"))


def test_a_drive_is_no_address():
    assert local_path("C:/a.tif") == Path("C:/a.tif")


@links
def test_a_file_is_known_by_every_name(tmp_path):
    file, soft, hard = (tmp_path / name for name in ("cam.tif", "soft.tif", "hard.tif"))
    file.touch()
    soft.symlink_to(file)
    os.link(file, hard)
    (tmp_path / "sub").mkdir()
    (tmp_path / "dir").symlink_to(tmp_path / "sub")
    for name in (file, soft, hard, tmp_path / "sub/../cam.tif", tmp_path / "dir/../cam.tif"):
        with pytest.raises(PhotonDenoiseError, match="is the calibration itself: choose another"):
            check_not_input(name, file, what="calibration")
    check_not_input(tmp_path / "other.tif", file)
    assert is_same_file(tmp_path / "none", tmp_path / "sub/../none")


@links
def test_a_link_is_written_through_and_stays_one(tmp_path, rng):
    real, link = tmp_path / "disk" / "real.tif", tmp_path / "link.tif"
    real.parent.mkdir()
    link.symlink_to(real)
    write_image(link, rng.random((4, 5)), "YX")  # to what is not there yet
    with pytest.raises(OutputExists):
        write_image(link, rng.random((4, 5)), "YX")
    write_image(link, rng.random((4, 6)), "YX", overwrite=True)
    assert link.is_symlink()
    assert not real.is_symlink()
    with read(real) as image:
        assert image.data.shape == (4, 6)
    text = tmp_path / "link.txt"
    text.symlink_to(real.parent / "real.txt")
    with whole_file(text) as part:
        part.write_text("new")
    assert text.is_symlink()
    assert (real.parent / "real.txt").read_text() == "new"


@links
def test_links_that_lead_nowhere_are_refused_in_a_sentence(tmp_path):
    (tmp_path / "a.tif").symlink_to(tmp_path / "b.tif")
    (tmp_path / "b.tif").symlink_to(tmp_path / "a.tif")
    with pytest.raises(PhotonDenoiseError, match="leads in a circle"):
        written_through(tmp_path / "a.tif")
    (tmp_path / "c.tif").symlink_to(tmp_path / "none" / "c.tif")
    with pytest.raises(PhotonDenoiseError, match=r"There is no folder .*none: make it first"):
        check_place(tmp_path / "c.tif", overwrite=True)
    (tmp_path / "null.tif").symlink_to(os.devnull)
    with pytest.raises(PhotonDenoiseError, match="is a device, not a file"):
        check_place(tmp_path / "null.tif", overwrite=True)


def test_a_name_that_is_too_long_is_refused_before_the_work(tmp_path):
    with pytest.raises(PhotonDenoiseError, match="the name is too long for the file system"):
        write_image(tmp_path / ("x" * 252 + ".tif"), np.ones((2, 2)), "YX")


@pytest.mark.parametrize("name", ["clean.png", "clean.ozx", "clean.zarr.zip", "clean.npy", "a.CZI"])
def test_a_folder_is_not_called_like_an_image(tmp_path, name):
    with pytest.raises(
        PhotonDenoiseError, match=rf"{name} cannot be written: results are OME-TIFF"
    ):
        check_no_image(tmp_path / name)
    (tmp_path / name).mkdir()
    check_no_image(tmp_path / name)  # it is one


@pytest.mark.parametrize("name", ["2026.12.01", "exp.1", "denoised", "v0.9"])
def test_a_folder_may_have_dots(tmp_path, name):
    check_no_image(tmp_path / name)


def test_cells_of_text_are_no_formulas():
    names = ["=1+1", "+a", "-cmd", "@sum", " =x", "\t=x", "a=b", "-1.5", "+inf"]
    lines = as_csv(["=h", "x"], [[name, -1.5] for name in names]).splitlines()
    cells = [line.rpartition(",")[0] for line in lines]
    assert cells == [
        "'=h", "'=1+1", "'+a", "'-cmd", "'@sum", "' =x", "'\t=x", "a=b", "-1.5", "+inf"
    ]  # fmt: skip
    assert all(line.endswith(",-1.5") for line in lines[1:])
