"""OME-TIFF in several files, of several images, with companions, renamed."""

from __future__ import annotations

import numpy as np
import pytest

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io import find_images, find_raw_images, read
from recordings import binary_only, ome_xml, planes, uuid, write_pages


def rows(files, slices=2, start=0):
    """A time point a file, as many z planes in each."""
    return [
        (t, 0, z, z, file, uuid(t + start)) for t, file in enumerate(files) for z in range(slices)
    ]


def holds(image, axes, expected):
    assert image.axes == axes
    np.testing.assert_array_equal(image.data.compute(), expected)


@pytest.fixture
def split(tmp_path):
    """A time series of three stacks, each in its own file, each with the XML of all."""
    data = planes(3, 2)
    names = [f"t{t}.ome.tif" for t in range(3)]
    for t, name in enumerate(names):
        xml = ome_xml([{"T": 3, "Z": 2, "rows": rows(names)}], uuid(t))
        write_pages(tmp_path / name, data[t], xml)
    return tmp_path, data


def test_a_set_is_one_image_whichever_file_is_named(split):
    folder, data = split
    for named in ([folder], [folder / "*.tif"], sorted(folder.iterdir()), [folder / "t2.ome.tif"]):
        assert find_images(named) == [folder / "t0.ome.tif"]
    for t in range(3):
        with read(folder / f"t{t}.ome.tif") as image:
            holds(image, "TZYX", data)
            assert image.pixel_size == pytest.approx({"Z": 0.5, "Y": 0.1, "X": 0.1})
            assert len(image.files) == 3


def test_what_was_taken_together_is_said(split):
    folder, _ = split
    assert find_raw_images([folder]).notes == (
        "3 files belong together: they are taken as 1 image.",
    )
    assert find_raw_images([folder / "t1.ome.tif"]).notes == (
        "t1.ome.tif is part of a data set, which is named by t0.ome.tif.",
    )
    assert find_raw_images([folder / "t0.ome.tif"]).notes == ()


def test_a_file_of_the_set_that_is_gone_is_named(split):
    folder, _ = split
    (folder / "t2.ome.tif").unlink()
    with pytest.raises(UnreadableFile, match=r"t2\.ome\.tif is not here: copy all of them"):
        read(folder / "t0.ome.tif")


def test_a_file_of_the_set_that_is_cut_is_named(split):
    folder, _ = split
    whole = (folder / "t2.ome.tif").read_bytes()
    (folder / "t2.ome.tif").write_bytes(whole[:-700])
    with pytest.raises(UnreadableFile, match=r"t2\.ome\.tif is truncated"):
        read(folder / "t0.ome.tif")


def test_files_that_were_renamed_are_found_by_their_uuid(split):
    folder, data = split
    for t in range(3):
        (folder / f"t{t}.ome.tif").rename(folder / f"day {t}.tif")
    assert find_images([folder]) == [folder / "day 0.tif"]
    with read(folder / "day 2.tif") as image:
        holds(image, "TZYX", data)


def test_one_file_of_a_set_renamed_where_nobody_has_a_uuid(tmp_path):
    data = planes(3, 2)
    names = [f"t{t}.ome.tif" for t in range(3)]
    for t, name in enumerate((names[0], "renamed.ome.tif", names[2])):
        write_pages(tmp_path / name, data[t], ome_xml([{"T": 3, "Z": 2, "rows": rows(names)}]))
    with read(tmp_path / "renamed.ome.tif") as image:
        holds(image, "TZYX", data)


@pytest.mark.parametrize("root", [None, uuid(0), uuid(5)])
@pytest.mark.parametrize("old", [True, False])
def test_a_renamed_file_keeps_what_its_xml_says(tmp_path, root, old):
    data = planes(6)
    xml = ome_xml([{"Z": 6, "rows": rows(["before.ome.tif"], 6)}], root)
    write_pages(tmp_path / "after.ome.tif", data, xml)
    if old:  # another image has the old name by now
        write_pages(tmp_path / "before.ome.tif", data * 0, xml)
    with read(tmp_path / "after.ome.tif") as image:
        holds(image, "ZYX", data)
        assert image.pixel_size["Z"] == pytest.approx(0.5)
        assert image.channel_names == ("c0",)


@pytest.fixture
def companion(tmp_path):
    """Two time points in files of planes alone, and their metadata beside them."""
    data = planes(2, 3)
    names = ["c0.ome.tif", "c1.ome.tif"]
    xml = ome_xml([{"T": 2, "Z": 3, "rows": rows(names, 3)}], uuid(9))
    (tmp_path / "s.companion.ome").write_text(xml)
    for t, name in enumerate(names):
        write_pages(tmp_path / name, data[t], binary_only("s.companion.ome", uuid(t)))
    return tmp_path, data


def test_a_companion_gives_axes_sizes_and_channels(companion):
    folder, data = companion
    for name in ("c0.ome.tif", "c1.ome.tif", "s.companion.ome"):
        assert find_images([folder / name]) == [folder / "c0.ome.tif"]
        with read(folder / name) as image:
            holds(image, "TZYX", data)
            assert image.pixel_size == pytest.approx({"Z": 0.5, "Y": 0.1, "X": 0.1})
    assert find_images([folder]) == [folder / "c0.ome.tif"]


def test_planes_whose_companion_is_gone_are_a_bare_stack_and_that_is_said(companion):
    folder, data = companion
    (folder / "s.companion.ome").unlink()
    with read(folder / "c0.ome.tif") as image:
        assert image.axes_guessed
        np.testing.assert_array_equal(image.data.compute(), data[0])
        assert "is in s.companion.ome, which is not beside it" in image.notes[0]


@pytest.mark.parametrize("names", [("Pos B3", "Pos B4"), ("same", "same")])
def test_images_in_one_file_are_positions_with_names(tmp_path, names):
    data = planes(2, 3)
    path = tmp_path / "cells.ome.tif"
    images = [
        {"Z": 3, "rows": [(0, 0, z, 3 * p + z, path.name, uuid(0)) for z in range(3)]}
        for p in range(2)
    ]
    write_pages(path, data.reshape(6, 20, 30), ome_xml(images, uuid(0), names))
    labels = ["Pos_B3", "Pos_B4"] if len(set(names)) == 2 else ["Pos0", "Pos1"]
    assert find_images([tmp_path]) == [path / label for label in labels]
    for number, label in enumerate(labels):
        with read(path / label) as image:
            holds(image, "ZYX", data[number])
            assert image.name == f"cells_{label}"


def test_each_position_in_its_own_files(tmp_path):
    data = planes(2, 3)
    images = [{"Z": 3, "rows": rows([f"p{p}.ome.tif"], 3, start=p)} for p in range(2)]
    for p in range(2):
        write_pages(tmp_path / f"p{p}.ome.tif", data[p], ome_xml(images, uuid(p)))
    assert find_images([tmp_path]) == [tmp_path / "p0.ome.tif", tmp_path / "p1.ome.tif"]
    for p in range(2):
        with read(tmp_path / f"p{p}.ome.tif") as image:
            holds(image, "ZYX", data[p])
    (tmp_path / "p0.ome.tif").unlink()
    with read(tmp_path / "p1.ome.tif") as image:  # the other's absence is none of its business
        holds(image, "ZYX", data[1])


def test_planes_of_another_size_in_one_of_the_files_are_refused(split):
    folder, data = split
    names = [f"t{t}.ome.tif" for t in range(3)]
    xml = ome_xml([{"T": 3, "Z": 2, "rows": rows(names)}], uuid(1))
    write_pages(folder / "t1.ome.tif", data[1, :, :-2], xml)
    with pytest.raises(UnreadableFile, match=r"do not fit together \(.*30 × 18 px.*\)"):
        read(folder / "t0.ome.tif")


def test_the_last_time_point_that_is_not_whole_is_left_out_and_said(tmp_path):
    data = planes(5)
    where = [(n // 2, 0, n % 2, n, "a.ome.tif", uuid(0)) for n in range(5)]
    xml = ome_xml([{"T": 3, "Z": 2, "rows": where}], uuid(0))
    write_pages(tmp_path / "a.ome.tif", data, xml)
    with read(tmp_path / "a.ome.tif") as image:
        holds(image, "TZYX", data[:4].reshape(2, 2, 20, 30))
        assert "lacks 1 of the 6 planes" in image.notes[0]


def test_planes_that_the_metadata_names_twice_are_said(tmp_path):
    where = [(t, 0, 0, min(t, 1), "a.ome.tif", uuid(0)) for t in range(3)]
    write_pages(tmp_path / "a.ome.tif", planes(2), ome_xml([{"T": 3, "rows": where}], uuid(0)))
    with read(tmp_path / "a.ome.tif") as image:
        assert image.notes[0].startswith("1 plane of the file stand")


def test_damaged_metadata_is_said(tmp_path):
    xml = ome_xml([{"Z": 2, "rows": rows(["a.ome.tif"])}], uuid(0))
    write_pages(tmp_path / "a.ome.tif", planes(2), xml.replace("</Pixels>", "", 1))
    with read(tmp_path / "a.ome.tif") as image:
        assert "is damaged, so its axes" in image.notes[0]


def test_planes_that_the_metadata_does_not_name_are_counted(tmp_path):
    xml = ome_xml([{"Z": 2, "rows": rows(["a.ome.tif"])}], uuid(0))
    write_pages(tmp_path / "a.ome.tif", planes(5), xml)
    with read(tmp_path / "a.ome.tif") as image:
        assert image.data.shape == (2, 20, 30)
        assert "3 planes more than its metadata names" in image.notes[0]
