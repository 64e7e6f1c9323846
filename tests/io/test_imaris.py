"""Imaris files, written by the layout of Bitplane's ImarisWriter."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io import find_images, read

DATA = np.random.default_rng(0).integers(100, 60_000, (2, 3, 5, 20, 30)).astype(np.uint16)


def letters(text):
    """As Imaris writes attributes: an array of single letters."""
    return np.array([letter.encode() for letter in str(text)], dtype="S1")


def write_imaris(path, data=DATA, name="DataSet", unit="um"):
    times, channels, *size = data.shape
    with h5py.File(path, "a") as file:
        info = file.create_group(f"DataSetInfo{name.removeprefix('DataSet')}")
        said = {"Unit": unit, "X": size[2], "Y": size[1], "Z": size[0]}
        said |= {"ExtMin0": -3, "ExtMin1": 0, "ExtMin2": "1e1", "ExtMax0": 6, "ExtMax1": 4}
        for key, value in (said | {"ExtMax2": 12.5}).items():
            info.require_group("Image").attrs[key] = letters(value)
        for t in range(times):
            date = letters(f"2024-05-01 10:00:{t * 20:02d}.500")
            info.require_group("TimeInfo").attrs[f"TimePoint{t + 1}"] = date
            for c in range(channels):
                held = np.zeros((8, 32, 32), data.dtype)  # filled up to whole chunks
                held[: size[0], : size[1], : size[2]] = data[t, c]
                for level in range(2):
                    step = level + 1  # of a coarser copy, which is not the image
                    place = f"{name}/ResolutionLevel {level}/TimePoint {t}/Channel {c}"
                    file.create_dataset(
                        f"{place}/Data",
                        data=held[:, ::step, ::step],
                        chunks=(4, 16, 16),
                        compression="gzip",
                    )
                    for axis, length in zip("ZYX", size, strict=True):
                        true = length if axis == "Z" else length // step
                        file[place].attrs[f"ImageSize{axis}"] = letters(true)
        for c in range(channels):
            info.require_group(f"Channel {c}").attrs["Name"] = letters(f"dye {c}")


def test_an_image_without_what_fills_its_chunks_up(tmp_path):
    path = tmp_path / "cells.ims"
    write_imaris(path)
    assert find_images([tmp_path]) == [path]
    with read(path) as image:
        assert (image.name, image.axes, image.data.dtype) == ("cells", "TCZYX", np.uint16)
        np.testing.assert_array_equal(image.data.compute(), DATA)
        expected = {"T": 20.0, "Z": 0.5, "Y": 0.2, "X": 0.3}
        assert image.pixel_size == pytest.approx(expected)
        assert image.channel_names == ("dye 0", "dye 1", "dye 2")
        assert image.notes == ()
    path.unlink()  # nothing holds it open


def test_lengths_in_another_unit(tmp_path):
    write_imaris(tmp_path / "cells.ims", unit="nm")
    with read(tmp_path / "cells.ims") as image:
        assert image.pixel_size["X"] == pytest.approx(0.0003)


def test_a_recording_that_was_stopped(tmp_path):
    path = tmp_path / "cells.ims"
    write_imaris(path)
    with h5py.File(path, "a") as file:
        del file["DataSet/ResolutionLevel 0/TimePoint 1/Channel 2"]
    with read(path) as image:
        np.testing.assert_array_equal(image.data.compute(), DATA[:1])
        (note,) = image.notes
    assert "lacks 1 of the 6 volumes that it announces" in note


def test_several_images_have_addresses(tmp_path):
    path = tmp_path / "tiles.ims"
    write_imaris(path)
    write_imaris(path, DATA + 1, "DataSet1")
    assert find_images([path]) == [path / "DataSet", path / "DataSet1"]
    with read(path / "DataSet1") as image:
        assert image.name == "tiles_DataSet1"
        np.testing.assert_array_equal(image.data.compute(), DATA + 1)
    with pytest.raises(UnreadableFile, match=r"several images \(2\): give one of them"):
        read(path)


def test_what_is_none(tmp_path):
    path = tmp_path / "a.ims"
    path.write_bytes(b"II*\0" + b"0" * 100)
    with pytest.raises(UnreadableFile, match=r"is of Imaris 3: open it in Imaris"):
        read(path)
    path.write_bytes(b"nothing" * 100)
    with pytest.raises(UnreadableFile, match=r"a\.ims is damaged or no HDF5"):
        read(path)
    path.unlink()
    h5py.File(path, "w").close()
    with pytest.raises(UnreadableFile, match=r"is no Imaris file"):
        read(path)


def test_a_copy_that_was_cut_off(tmp_path):
    path = tmp_path / "cells.ims"
    write_imaris(path)
    path.write_bytes(path.read_bytes()[:-3000])
    with pytest.raises(UnreadableFile, match=r"cells\.ims is damaged or was not closed"):
        read(path)
