"""Plain HDF5: one array or several, axes and sizes where the file says them."""

from __future__ import annotations

import json

import h5py
import numpy as np
import pytest

from napari_photon_denoise.errors import UnknownAxes, UnreadableFile
from napari_photon_denoise.io import find_images, read

DATA = np.random.default_rng(0).integers(100, 200, (4, 24, 30)).astype(np.uint16)


def test_one_array_beside_what_is_none(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["entry/raw"] = DATA.astype(">u2")
        file["entry/stage"] = np.zeros((500, 3))
        file["entry/names"] = ["a", "b"]
    assert find_images([tmp_path]) == [path]
    with read(path) as image:
        assert (image.name, image.axes, image.axes_guessed) == ("a", "TYX", True)
        np.testing.assert_array_equal(image.data.compute(), DATA)
    with read(path, "ZYX") as image:
        assert image.axes == "ZYX"
    path.unlink()


def test_several_arrays_have_addresses(tmp_path):
    path = tmp_path / "a.hdf5"
    with h5py.File(path, "w") as file:
        file["run 1/raw"], file["run 2/raw"] = DATA, DATA + 1
    found = find_images([path])
    assert found == [path / "run_1_raw", path / "run_2_raw"]
    for address in (found[1], path / "run 2" / "raw"):  # as it is called in the file, too
        with read(address) as image:
            np.testing.assert_array_equal(image.data.compute(), DATA + 1)
    with pytest.raises(UnreadableFile, match=r"holds 2 positions: name one of them"):
        read(path)
    with pytest.raises(UnreadableFile, match=r"has no position none; it has run_1_raw, run_2_raw"):
        read(path / "none")


def test_axes_and_sizes_that_the_file_names(tmp_path):
    five = DATA[None, :, :, :, None]
    with h5py.File(tmp_path / "ilastik.h5", "w") as file:
        file["exported_data"] = five
        axes = [{"key": key} for key in "tzyxc"]
        file["exported_data"].attrs["axistags"] = json.dumps({"axes": axes})
    with h5py.File(tmp_path / "scales.h5", "w") as file:
        file["a"] = DATA
        for dimension, label in zip(file["a"].dims, ("z", "y", "x"), strict=True):
            dimension.label = label
    with h5py.File(tmp_path / "fiji.h5", "w") as file:
        file["a"] = DATA
        file["a"].attrs["element_size_um"] = np.array([0.5, 0.1, 0.2])
    with read(tmp_path / "ilastik.h5") as image:
        assert image.axes == "TCZYX"
        np.testing.assert_array_equal(image.data.compute(), np.moveaxis(five, -1, 1))
    with read(tmp_path / "scales.h5") as image:
        assert (image.axes, image.axes_guessed) == ("ZYX", False)
    with read(tmp_path / "fiji.h5") as image:
        assert image.axes == "ZYX"
        assert image.pixel_size == {"Z": 0.5, "Y": 0.1, "X": 0.2}


def test_what_can_not_be_told(tmp_path):
    with h5py.File(tmp_path / "four.h5", "w") as file:
        file["a"] = np.zeros((2, 3, 10, 10), np.uint16)
    with pytest.raises(UnknownAxes):
        read(tmp_path / "four.h5")
    with h5py.File(tmp_path / "table.h5", "w") as file:
        file["a"] = np.zeros((200, 3))
    with pytest.raises(UnreadableFile, match=r"table\.h5 holds no image"):
        read(tmp_path / "table.h5")
    with h5py.File(tmp_path / "colour.h5", "w") as file:
        file["a"] = np.random.default_rng(0).integers(0, 255, (20, 30, 3)).astype(np.uint8)
    with pytest.raises(UnreadableFile, match=r"is an RGB colour image"):
        read(tmp_path / "colour.h5")


def test_a_compression_that_is_not_installed(tmp_path, monkeypatch):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("a", data=DATA, compression="gzip")
    monkeypatch.setattr(h5py.h5z, "filter_avail", lambda _code: False)
    with pytest.raises(UnreadableFile, match=r"\(deflate\): install hdf5plugin \(pip install"):
        read(path)


def test_a_file_that_another_program_still_writes(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["a"] = DATA
    with h5py.File(path, "a") as writing:  # which locks it
        with read(path) as image:
            np.testing.assert_array_equal(image.data.compute(), DATA)
        writing["b"] = DATA


def test_one_that_changes_or_goes_while_it_is_read(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["a"] = DATA
    image = read(path)
    path.unlink()
    with pytest.raises(UnreadableFile, match=r"a\.h5 could not be read to its end"):
        image.data.compute()
