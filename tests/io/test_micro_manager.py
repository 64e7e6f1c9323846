"""Micro-Manager's MMStack: positions, several files, recordings that were stopped."""

from __future__ import annotations

import contextlib
import tracemalloc

import numpy as np
import pytest

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io import find_images, read
from recordings import ome_xml, planes, uuid, write_mmstack

SUMMARY = {
    "MicroManagerVersion": "2.0.0",
    "Prefix": "c_1",
    "Frames": 3,
    "Slices": 4,
    "Channels": 2,
    "Positions": 1,
    "z-step_um": -0.5,
    "Interval_ms": 500,
    "ChNames": ["DAPI", "GFP"],
}


def keyed(data, position=0, start=0):
    """Planes (T, C, Z, Y, X) in the order of a recording, by (c, z, t, position)."""
    times, channels, slices = data.shape[:3]
    return {
        (c, z, t + start, position): data[t, c, z]
        for t in range(times)
        for c in range(channels)
        for z in range(slices)
    }


def name(number, part=""):
    return f"c_1_MMStack_Pos{number}{part}.ome.tif"


def holds(image, axes, expected):
    assert image.axes == axes
    np.testing.assert_array_equal(image.data.compute(), expected)


def test_axes_sizes_and_channels_of_the_recording(tmp_path):
    data = planes(3, 2, 4)
    write_mmstack(tmp_path / name(0), keyed(data), SUMMARY)
    with read(tmp_path / name(0)) as image:
        holds(image, "TCZYX", data)
        assert image.pixel_size == pytest.approx({"Z": 0.5, "Y": 0.1, "X": 0.1, "T": 0.5})
        assert image.channel_names == ("DAPI", "GFP")
        assert image.notes == ()
        np.testing.assert_array_equal(image.data[1, :, 2, 5:9, 3].compute(), data[1, :, 2, 5:9, 3])


def test_each_file_of_positions_is_its_own(tmp_path):
    data, said = planes(2), {**SUMMARY, "Frames": 1, "Slices": 1, "Channels": 1, "Positions": 2}
    for p in range(2):
        write_mmstack(tmp_path / name(p), {(0, 0, 0, p): data[p]}, said)
        with read(tmp_path / name(p)) as image:
            holds(image, "YX", data[p])
    assert find_images([tmp_path]) == [tmp_path / name(0), tmp_path / name(1)]


def test_positions_in_one_file_are_images_with_names(tmp_path):
    data = planes(2, 3, 2, 4)
    held = {**keyed(data[0], 0), **keyed(data[1], 1)}
    path = tmp_path / "c_1_MMStack.ome.tif"
    write_mmstack(path, held, {**SUMMARY, "Positions": 2})
    found = find_images([path])
    assert found == [path / "Pos0", path / "Pos1"]
    for number, one in enumerate(found):
        with read(one) as image:
            holds(image, "TCZYX", data[number])
            assert image.name == f"c_1_MMStack_Pos{number}"
    with pytest.raises(UnreadableFile, match=r"2 positions: name one of them, such as .*Pos0"):
        read(path)
    with pytest.raises(UnreadableFile, match="no position Pos7; it has Pos0, Pos1"):
        read(path / "Pos7")


def test_a_recording_split_at_4_gb_is_one_whichever_file_is_named(tmp_path):
    data = planes(3, 2, 4)
    write_mmstack(tmp_path / name(0), keyed(data[:2]), SUMMARY)
    write_mmstack(tmp_path / name(0, "_1"), keyed(data[2:], start=2), SUMMARY)
    for named in (name(0), name(0, "_1")):
        assert find_images([tmp_path / named]) == [tmp_path / name(0)]
        with read(tmp_path / named) as image:
            holds(image, "TCZYX", data)
            assert set(image.files) == {tmp_path / name(0), tmp_path / name(0, "_1")}
    assert find_images([tmp_path]) == [tmp_path / name(0)]


def test_a_copy_beside_it_is_no_part_of_it(tmp_path):
    data = planes(3, 2, 4)
    for part in ("", " - Copy"):
        write_mmstack(tmp_path / name(0, part), keyed(data), SUMMARY)
    with read(tmp_path / name(0)) as image:
        holds(image, "TCZYX", data)


@pytest.mark.parametrize("finished", [True, False])
def test_stopped_early_it_is_cut_to_whole_time_points_and_says_so(tmp_path, finished):
    data = planes(3, 2, 4)
    held = dict(list(keyed(data).items())[:-3])
    # Micro-Manager's OME-XML promises the blank planes that it adds for the rest.
    rows = [(t, c, z, 0, name(0), uuid(0)) for t in range(3) for c in range(2) for z in range(4)]
    xml = ome_xml([{"T": 3, "C": 2, "Z": 4, "rows": rows}], uuid(0))
    write_mmstack(tmp_path / name(0), held, SUMMARY, ome=xml, finished=finished)
    with read(tmp_path / name(0)) as image:
        holds(image, "TCZYX", data[:2])
        (note,) = image.notes
    assert "lacks 3 of the 24 planes" in note
    assert "first 2 whole time points are used; 5 planes of the next are left out" in note


@pytest.mark.parametrize(
    ("gone", "sentence"),
    [
        ([(1, 2, 0, 0)], "lacks 1 of the 24 planes"),  # others follow
        ([(1, z, t, 0) for z in range(1, 4) for t in range(3)], "lacks 9 of the 24"),
    ],
)
def test_planes_that_lack_in_the_middle_are_refused(tmp_path, gone, sentence):
    held = {key: plane for key, plane in keyed(planes(3, 2, 4)).items() if key not in gone}
    write_mmstack(tmp_path / name(0), held, SUMMARY)
    with pytest.raises(UnreadableFile, match=sentence):
        read(tmp_path / name(0))


def test_the_second_file_alone_lacks_the_first(tmp_path):
    write_mmstack(tmp_path / name(0, "_1"), keyed(planes(1, 2, 4), start=2), SUMMARY)
    with pytest.raises(UnreadableFile, match="lacks 16 of the 24 planes"):
        read(tmp_path / name(0, "_1"))


def test_a_copy_cut_short_is_truncated(tmp_path):
    write_mmstack(tmp_path / name(0), keyed(planes(3, 2, 4)), SUMMARY)
    whole = (tmp_path / name(0)).read_bytes()
    (tmp_path / name(0)).write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(UnreadableFile, match="truncated"):
        read(tmp_path / name(0))


def test_a_renamed_file_is_read_by_its_own_index(tmp_path):
    data = planes(3, 2, 4)
    write_mmstack(tmp_path / "experiment.tif", keyed(data), SUMMARY)
    with read(tmp_path / "experiment.tif") as image:
        holds(image, "TCZYX", data)


def test_planes_of_another_size_are_refused(tmp_path):
    held = keyed(planes(3, 2, 4))
    held[1, 3, 2, 0] = held[1, 3, 2, 0][:-1]
    write_mmstack(tmp_path / name(0), held, SUMMARY)
    with pytest.raises(UnreadableFile, match="do not fit together"):
        read(tmp_path / name(0))


@pytest.mark.parametrize("at", [36, 12])
def test_damaged_lengths_take_no_memory(tmp_path, at):
    """Of the summary, and where the index map is."""
    write_mmstack(tmp_path / name(0), keyed(planes(3, 2, 4)), SUMMARY)
    raw = bytearray((tmp_path / name(0)).read_bytes())
    raw[at : at + 4] = (0xFFFFFFF0).to_bytes(4, "little")
    (tmp_path / name(0)).write_bytes(raw)
    tracemalloc.start()
    with contextlib.suppress(UnreadableFile), read(tmp_path / name(0)) as image:
        image.data.compute()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2**27
