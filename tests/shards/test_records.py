"""Where a result can't be, and whose it is: nothing of anybody else's is touched."""

import os
import shutil

import numpy as np
import pytest

import napari_photon_denoise as npd
from napari_photon_denoise.errors import OutputExists, PhotonDenoiseError
from napari_photon_denoise.io import stamp
from napari_photon_denoise.io.write import write_image
from napari_photon_denoise.shards.records import Records, StoreOptions
from shard_runs import SMALL, denoised, pixels, save_counts, shard_files, whole


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "cells.ome.tif"
    save_counts(path)
    return path


@pytest.fixture
def zarr_source(tmp_path, rng):
    """Return an image that is an OME-Zarr itself."""
    path = tmp_path / "raw.ome.zarr"
    write_image(path, rng.poisson(200, (16, 40, 50)).astype(np.uint16), "ZYX")
    return path


def refused(source, target, match, error=PhotonDenoiseError, **more):
    with pytest.raises(error, match=match) as said:
        denoised(source, target, **more)
    assert "\n" not in str(said.value)
    assert "fault of this program" not in str(said.value)


@pytest.mark.parametrize("overwrite", [False, True])
def test_the_image_itself_is_no_place(zarr_source, overwrite):
    before = whole(zarr_source)
    refused(zarr_source, zarr_source, "is the input itself", overwrite=overwrite)
    assert whole(zarr_source) == before


@pytest.mark.parametrize("inner", ["clean.ome.zarr", "0/clean.ome.zarr", "0/c/clean.ome.zarr"])
@pytest.mark.parametrize("overwrite", [False, True])
def test_nor_is_one_inside_of_it(zarr_source, inner, overwrite):
    before = whole(zarr_source)
    refused(zarr_source, zarr_source / inner, "lies in the OME-Zarr", overwrite=overwrite)
    assert whole(zarr_source) == before


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_that_holds_the_image_is_not_replaced(tmp_path, overwrite):
    """Even one whose name is that of a result."""
    folder = tmp_path / "all.zarr"
    folder.mkdir()
    save_counts(folder / "cells.ome.tif")
    refused(folder / "cells.ome.tif", folder, "is a folder that is no", overwrite=overwrite)
    assert [file.name for file in folder.iterdir()] == ["cells.ome.tif"]


@pytest.mark.parametrize("records", [False, True])
@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_of_other_things_is_not_deleted(tmp_path, source, overwrite, records):
    """Even where a result of the same recipe was before."""
    target = tmp_path / "clean.ome.zarr"
    if records:
        denoised(source, target)
        shutil.rmtree(target)
    target.mkdir()
    (target / "thesis.txt").write_text("years of work")
    refused(source, target, "is a folder that is no OME-Zarr", overwrite=overwrite)
    assert [file.name for file in target.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("records", [False, True])
@pytest.mark.parametrize("overwrite", [False, True])
def test_a_file_in_its_place_stays(tmp_path, source, overwrite, records):
    target = tmp_path / "clean.ome.zarr"
    if records:
        denoised(source, target)
        shutil.rmtree(target)
    target.write_text("years of work")
    refused(source, target, "is a file, not an OME-Zarr", overwrite=overwrite)
    assert target.read_text() == "years of work"


@pytest.mark.parametrize("kind", ["shape", "shards", "somebody's"])
def test_an_existing_store_of_another_kind_is_kept(tmp_path, source, kind):
    target = tmp_path / "clean.ome.zarr"
    if kind == "somebody's":
        write_image(target, np.ones((16, 40, 50), np.float32), "ZYX")
    else:
        other = tmp_path / "other.ome.tif"
        save_counts(other, (8, 40, 50) if kind == "shape" else (16, 40, 50), seed=2)
        cut = SMALL if kind == "shape" else StoreOptions(chunk=(4, 8, 8))
        denoised(other if kind == "shape" else source, target, options=cut)
    before = whole(target)
    refused(source, target, "exists already|was begun", OutputExists)
    assert whole(target) == before
    assert denoised(source, target, overwrite=True).state == "done"
    assert pixels(target).shape == (16, 40, 50)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="all folders may be written to")
def test_a_folder_that_may_not_be_written(tmp_path, source):
    folder = tmp_path / "shut"
    folder.mkdir(mode=0o500)
    refused(source, folder / "clean.ome.zarr", "may not be written|can't be written")


def test_a_folder_that_is_not_there(tmp_path, source):
    refused(source, tmp_path / "none" / "clean.ome.zarr", "There is no folder")


@pytest.mark.parametrize("begun", [False, True])
def test_a_store_that_is_a_link_stays_one(tmp_path, source, begun):
    elsewhere = tmp_path / "disk" / "clean.ome.zarr"
    elsewhere.parent.mkdir()
    target = tmp_path / "clean.ome.zarr"
    if begun:
        denoised(source, elsewhere)
    target.symlink_to(elsewhere, target_is_directory=True)
    assert denoised(source, target, overwrite=True).state == "done"
    assert target.is_symlink()
    assert len(shard_files(elsewhere)) == 8


@pytest.mark.parametrize("name", ["my cells.ome.zarr", "Zellen µm, größte.ome.zarr", "细胞.zarr"])
def test_names_as_people_give_them(tmp_path, name):
    source = tmp_path / f"raw {name.partition('.')[0]}.ome.tif"
    save_counts(source)
    assert denoised(source, tmp_path / name).state == "done"
    assert denoised(source, tmp_path / name).state == "skipped"


def test_records_of_a_newer_version_are_not_understood(source, tmp_path):
    """Such a result is somebody else's."""
    target = tmp_path / "clean.ome.zarr"
    denoised(source, target)
    begun = Records(target).folder / "begun.json"
    begun.write_text(begun.read_text().replace('"version": 1', '"version": 2, "more": 1', 1))
    refused(source, target, "exists already", OutputExists)


def test_overwriting_replaces_all_of_what_was_there(source, tmp_path):
    target = tmp_path / "clean.ome.zarr"
    denoised(source, target, npd.Gaussian(sigma=2))
    (target / "notes.txt").write_text("of the old one")
    denoised(source, target, overwrite=True)
    assert not (target / "notes.txt").exists()


def test_slow_questions_are_asked_seldom(monkeypatch):
    now, asked = [0.0], []
    monkeypatch.setattr(stamp.time, "monotonic", lambda: now[0])

    def ask():
        asked.append(now[0])
        now[0] += 1

    question = stamp.Seldom(ask)
    for _ in range(200):
        question()
        now[0] += 1
    assert asked[0] == 0
    assert 3 <= len(asked) <= 5
