"""Files, folders and globs."""

from __future__ import annotations

import pytest

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io import find_images


@pytest.fixture
def folder(tmp_path):
    for name in ("c10.tif", "c2.tif", "b.PNG", "notes.txt", ".hidden.tif", "sub/d.tif"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    for name in ("z.zarr", "z.zarr/0"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "zarr.json").touch()
    (tmp_path / "z.zarr/0/inside.tif").touch()
    return tmp_path


def names(paths):
    return [path.name for path in paths]


def test_folder_in_natural_order(folder):
    assert names(find_images([folder])) == ["b.PNG", "c2.tif", "c10.tif", "z.zarr"]


def test_globs(folder):
    assert names(find_images([f"{folder}/c*.tif"])) == ["c2.tif", "c10.tif"]
    found = names(find_images([folder / "**" / "*"]))
    assert found == ["b.PNG", "c2.tif", "c10.tif", "d.tif", "z.zarr"]


def test_each_once_in_the_order_given(folder):
    given = [folder / "c2.tif", str(folder / "z.zarr"), folder]
    assert names(find_images(given)) == ["c2.tif", "z.zarr", "b.PNG", "c10.tif"]


def test_brackets_in_a_name(folder):
    (folder / "cell[1].tif").touch()
    assert names(find_images([folder / "cell[1].tif"])) == ["cell[1].tif"]


def test_a_named_file_is_taken_as_it_is(folder):
    assert names(find_images([folder / "notes.txt"])) == ["notes.txt"]


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [("*.czi", "matches no image"), ("none.tif", "does not exist"), ("empty", "holds no TIFF")],
)
def test_nothing_found(folder, pattern, sentence):
    (folder / "empty").mkdir()
    with pytest.raises(UnreadableFile, match=sentence):
        find_images([folder / pattern])


def test_nothing_given():
    with pytest.raises(UnreadableFile, match="No image"):
        find_images([])
