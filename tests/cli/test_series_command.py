"""Numbered files as one stack, on the command line."""

import json

import numpy as np
import pytest
import tifffile

from napari_photon_denoise.io import read
from napari_photon_denoise.recipe import load_recipe

PLAIN = ("--method", "gaussian", "--gain", "0.5", "--offset", "100", "--read-noise", "1.5")


@pytest.fixture
def scan(tmp_path, rng):
    folder = tmp_path / "scan"
    folder.mkdir()
    for t, z in np.ndindex(3, 2):
        counts = (rng.poisson(40, (30, 40)) * 2 + 100).astype(np.uint16)
        tifffile.imwrite(folder / f"img_t{t:03d}_z{z}.tif", counts)
    return folder


def test_a_folder_of_numbered_files_is_one_stack(scan, photon_denoise):
    target = scan.parent / "clean.ome.tif"
    done = photon_denoise("denoise", scan, "--series", "-o", target, *PLAIN)
    assert done.returncode == 0, done.stderr
    assert "6 files are taken as one stack, by their names: 3 T × 2 Z." in done.stderr
    with read(target) as image:
        assert (image.axes, image.data.shape) == ("TZYX", (3, 2, 30, 40))
    # As it was, by its recipe: the pattern in it is one image.
    recipe = scan.parent / "recipe.json"
    recipe.write_text(json.dumps(load_recipe(target).as_dict()))
    again = scan.parent / "again.ome.tif"
    assert photon_denoise("run", recipe, "-o", again).returncode == 0
    np.testing.assert_array_equal(tifffile.imread(again), tifffile.imread(target))


def test_series_into_a_folder_have_the_names_of_theirs(scan, photon_denoise):
    other = scan.rename(scan.with_name("Pos0")).with_name("Pos1")
    other.mkdir()
    for file in scan.with_name("Pos0").iterdir():
        (other / file.name).write_bytes(file.read_bytes())
    clean = scan.with_name("clean")
    folders = (other.with_name("Pos0"), other)
    done = photon_denoise("denoise", *folders, "--series", "-o", f"{clean}/", *PLAIN)
    assert done.returncode == 0, done.stderr
    names = sorted(file.name for file in clean.iterdir())
    assert names == ["Pos0_gaussian.ome.tif", "Pos1_gaussian.ome.tif"]


def test_a_result_is_not_written_over_a_file_of_the_series(scan, photon_denoise):
    done = photon_denoise(
        "denoise", scan, "--series", "-o", scan / "img_t000_z0.tif", "--overwrite", *PLAIN
    )
    assert done.returncode == 2
    assert "is the input itself: choose another output" in done.stderr
