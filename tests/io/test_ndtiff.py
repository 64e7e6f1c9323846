"""NDTiff: positions, several files, recordings that were stopped."""

from __future__ import annotations

import numpy as np
import pytest

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io import find_images, read
from recordings import planes, write_ndtiff

SUMMARY = {"PixelSize_um": 0.1, "z-step_um": 0.5, "Interval_ms": 500}
FIRST, SECOND = "a_NDTiffStack.tif", "a_NDTiffStack_1.tif"


def listed(data, **more):
    """Planes (T, C, Z, Y, X) in the order of a recording, with their axes; z around a focus."""
    times, channels, slices = data.shape[:3]
    return [
        ({"z": z - 1, "channel": ("DAPI", "GFP")[c], "time": t, **more}, data[t, c, z])
        for t in range(times)
        for c in range(channels)
        for z in range(slices)
    ]


def holds(image, axes, expected):
    assert image.axes == axes
    np.testing.assert_array_equal(image.data.compute(), expected)


def test_axes_sizes_and_channels(tmp_path):
    data = planes(3, 2, 4)
    write_ndtiff(tmp_path, {FIRST: listed(data)}, SUMMARY)
    with read(tmp_path / FIRST) as image:
        holds(image, "TCZYX", data)
        assert image.pixel_size == pytest.approx({"Z": 0.5, "Y": 0.1, "X": 0.1, "T": 0.5})
        assert image.channel_names == ("DAPI", "GFP")


def test_several_files_are_one_whichever_is_named(tmp_path):
    data = planes(3, 2, 4)
    write_ndtiff(tmp_path, {FIRST: listed(data)[:11], SECOND: listed(data)[11:]}, SUMMARY)
    for named in (tmp_path / FIRST, tmp_path / SECOND, tmp_path):
        assert find_images([named]) == [tmp_path / FIRST]
    with read(tmp_path / SECOND) as image:
        holds(image, "TCZYX", data)


@pytest.mark.parametrize("names", [(0, 1), ("A1-Site_0", "B2-Site_0")])
def test_positions_are_images_with_names(tmp_path, names):
    data = planes(2, 2, 2, 2)
    held = [one for p in range(2) for one in listed(data[p], position=names[p])]
    write_ndtiff(tmp_path, {FIRST: held}, SUMMARY)
    found = find_images([tmp_path])
    labels = [f"Pos{one}" if isinstance(one, int) else one for one in names]
    assert found == [tmp_path / FIRST / label for label in labels]
    for number, one in enumerate(found):
        with read(one) as image:
            holds(image, "TCZYX", data[number])
            assert image.name == f"a_NDTiffStack_{labels[number]}"


def test_other_axes_set_images_apart(tmp_path):
    data = planes(2, 2, 2, 2)
    held = [one for angle in range(2) for one in listed(data[angle], angle=angle)]
    write_ndtiff(tmp_path, {FIRST: held}, SUMMARY)
    assert [one.name for one in find_images([tmp_path])] == ["angle0", "angle1"]


def test_stopped_early_it_is_cut_to_whole_time_points_and_says_so(tmp_path):
    data = planes(3, 2, 4)
    write_ndtiff(tmp_path, {FIRST: listed(data)[:-3]}, SUMMARY)
    with read(tmp_path / FIRST) as image:
        holds(image, "TCZYX", data[:2])
        assert "lacks 3 of the 24 planes" in image.notes[0]


def test_positions_that_were_stopped_at_different_times(tmp_path):
    data = planes(2, 3, 2, 2)
    held = [*listed(data[0], position=0), *listed(data[1, :2], position=1)]
    write_ndtiff(tmp_path, {FIRST: held}, SUMMARY)
    for number, times in enumerate((3, 2)):
        with read(tmp_path / FIRST / f"Pos{number}") as image:
            holds(image, "TCZYX", data[number, :times])


def test_a_plane_that_lacks_before_others_is_refused(tmp_path):
    held = listed(planes(3, 2, 4))
    del held[9]
    write_ndtiff(tmp_path, {FIRST: held}, SUMMARY)
    with pytest.raises(UnreadableFile, match="lacks 1 of the 24 planes"):
        read(tmp_path / FIRST)


def test_an_index_that_was_not_finished(tmp_path):
    data = planes(2, 2, 2)
    write_ndtiff(tmp_path, {FIRST: listed(data)}, SUMMARY)
    index = tmp_path / "NDTiff.index"
    for end in (bytes(50), b"\x30\0\0\0{"):
        whole = index.read_bytes()
        index.write_bytes(whole + end)
        with read(tmp_path / FIRST) as image:
            holds(image, "TCZYX", data)
        index.write_bytes(whole)


def test_files_that_are_gone_or_cut_are_named(tmp_path):
    data = planes(3, 2, 4)
    write_ndtiff(tmp_path, {FIRST: listed(data)[:11], SECOND: listed(data)[11:]}, SUMMARY)
    whole = (tmp_path / SECOND).read_bytes()
    (tmp_path / SECOND).write_bytes(whole[:-5000])
    with pytest.raises(UnreadableFile, match=r"_1\.tif is truncated"):
        read(tmp_path / FIRST)
    (tmp_path / SECOND).unlink()
    with pytest.raises(UnreadableFile, match=r"_1\.tif is not here: copy all of them"):
        read(tmp_path / FIRST)
