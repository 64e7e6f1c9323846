"""Files, folders and globs."""

from __future__ import annotations

import numpy as np
import pytest

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io import find_images, find_raw_images, write_image


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


@pytest.fixture
def mixed(tmp_path):
    """Two raw images among what this program wrote of them."""
    plane = np.ones((8, 9), np.float32)
    for name in ("a.tif", "b.tif"):
        write_image(tmp_path / name, plane, "YX")
        made = tmp_path / f"{name[0]}_gaussian.ome.tif"
        write_image(made, plane, "YX", recipe={"denoiser": {"method": "gaussian"}})
    Calibration(gain=0.5, offset=100).save(tmp_path / "camera.tif")
    return tmp_path


def test_own_results_and_calibrations_are_passed_over_and_counted(mixed):
    for patterns in ([mixed], [mixed / "*.tif"], sorted(mixed.iterdir())):
        found = find_raw_images(patterns)
        assert names(found.paths) == ["a.tif", "b.tif"]
        assert found.notes == ("2 results and 1 calibration of this program were passed over.",)


def test_results_are_taken_where_that_is_allowed(mixed):
    found = find_raw_images([mixed], allow_results=True)
    assert len(found.paths) == 4
    assert found.notes == ("1 calibration of this program was passed over.",)


def test_a_calibration_is_no_image_of_a_folder(mixed):
    assert "camera.tif" not in names(find_images([mixed]))


def test_a_result_that_is_named_alone_stays_for_who_opens_it(mixed):
    path = mixed / "a_gaussian.ome.tif"
    assert find_raw_images([path]).paths == (path,)


def test_a_folder_of_nothing_else_is_refused(mixed):
    for name in ("a.tif", "b.tif"):
        (mixed / name).unlink()
    with pytest.raises(UnreadableFile, match="holds only results of this program"):
        find_raw_images([mixed])


def test_a_damaged_file_is_for_who_opens_it(mixed):
    (mixed / "bad.tif").write_bytes(b"II*\0 broken")
    assert "bad.tif" in names(find_raw_images([mixed]).paths)


def test_brackets_in_the_name_of_a_folder_of_a_pattern(tmp_path):
    for name in ("exp [1]/a.tif", "exp 1/b.tif", "well [2]/cell [1].tif"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert names(find_images([tmp_path / "exp [1]" / "*.tif"])) == ["a.tif"]
    assert names(find_images([f"{tmp_path}/exp [1]/**/*.tif"])) == ["a.tif"]
    assert names(find_images([tmp_path / "exp [12]" / "*.tif"])) == ["b.tif"]
    assert names(find_images([tmp_path / "*" / "cell [1].tif"])) == ["cell [1].tif"]


def test_what_may_not_be_looked_at_is_left_to_who_opens_it(tmp_path, monkeypatch):
    (tmp_path / "locked").mkdir()
    (tmp_path / "a.tif").touch()
    iterdir = type(tmp_path).iterdir

    def refuse(path):
        if path.name == "locked":
            raise PermissionError(13, "Permission denied", str(path))
        return iterdir(path)

    monkeypatch.setattr(type(tmp_path), "iterdir", refuse)
    found = find_images([tmp_path / "locked", tmp_path / "a.tif", tmp_path / ("x" * 300 + ".tif")])
    assert names(found)[:2] == ["locked", "a.tif"]
