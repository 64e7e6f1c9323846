"""What ImageJ and Fiji write besides the pixels."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile

from napari_photon_denoise.io import read


def write(path, axes, shape, *, resolution=(10, 10), **said):
    data = np.random.default_rng(0).integers(0, 200, shape).astype(np.uint16)
    tifffile.imwrite(
        path,
        data,
        imagej=True,
        resolution=resolution,
        metadata={"axes": axes, **said},
    )
    return path


def opened(*args, **said):
    with read(write(*args, **said)) as image:
        return image


def test_labels_that_name_channels(tmp_path):
    image = opened(tmp_path / "a.tif", "CYX", (2, 9, 9), Labels=["DAPI", "GFP"])
    assert image.channel_names == ("DAPI", "GFP")


def test_labels_of_a_hyperstack(tmp_path):
    """As Fiji's Bio-Formats importer labels planes."""
    labels = [f"c:{c + 1}/2 z:{z + 1}/3 - {n}" for z in range(3) for c, n in enumerate("ab")]
    image = opened(tmp_path / "a.tif", "ZCYX", (3, 2, 9, 9), Labels=labels)
    assert image.channel_names == ("a", "b")
    assert image.axes == "CZYX"


@pytest.mark.parametrize(
    "labels",
    [
        ["t1", "t2", "t3", "t4"],  # times, not channels
        ["cells.tif"] * 4,
        ["DAPI", "GFP"],  # of four planes
        ["c:1/2 t:1/2", "c:2/2 t:1/2", "c:1/2 t:2/2", "c:2/2 t:2/2"],
    ],
)
def test_labels_that_name_no_channels(tmp_path, labels):
    image = opened(tmp_path / "a.tif", "TCYX", (2, 2, 9, 9), Labels=labels)
    assert image.channel_names == ()


def test_only_the_first_line_of_a_label_is_a_name(tmp_path):
    image = opened(tmp_path / "a.tif", "CYX", (2, 9, 9), Labels=["DAPI\nExposure: 5", "GFP\n"])
    assert image.channel_names == ("DAPI", "GFP")


@pytest.mark.parametrize(
    ("said", "interval"),
    [
        ({"finterval": 2.5}, 2.5),
        ({"finterval": 50, "tunit": "msec"}, 0.05),
        ({"finterval": 2, "tunit": "min"}, 120),
        ({"finterval": 0.5, "fps": 7}, 0.5),
        ({"fps": 20}, 0.05),
        ({"finterval": 0, "fps": 4.0}, 0.25),
    ],
)
def test_interval(tmp_path, said, interval):
    image = opened(tmp_path / "a.tif", "TYX", (3, 9, 9), **said)
    assert image.pixel_size["T"] == pytest.approx(interval)
    assert any("frames per second" in note for note in image.notes) == (not said.get("finterval"))


def test_a_rate_is_no_interval_of_planes_in_depth(tmp_path):
    image = opened(tmp_path / "a.tif", "ZYX", (3, 9, 9), fps=20)
    assert "T" not in image.pixel_size


def described(path, text, *, resolution=None, unit=None, planes=1):
    """Write a file with a description of its own, as ImageJ and not as tifffile would."""
    tifffile.imwrite(
        path,
        np.zeros((planes, 9, 9), np.uint16),
        photometric="minisblack",
        description=text,
        metadata=None,
        resolution=resolution,
        resolutionunit=unit,
    )
    with read(path) as image:
        return image


def test_a_step_of_one_which_imagej_does_not_write(tmp_path):
    text = "ImageJ=1.54f\nimages=3\nslices=3\nunit=um\n"
    image = described(tmp_path / "a.tif", text, resolution=(10, 10), planes=3)
    assert image.pixel_size == pytest.approx({"Z": 1, "Y": 0.1, "X": 0.1})
    assert "names no step between its planes" in image.notes[0]


def test_no_step_from_a_library_that_does_not_know_it(tmp_path):
    with read(write(tmp_path / "a.tif", "ZYX", (3, 9, 9), unit="um")) as image:
        assert "Z" not in image.pixel_size


@pytest.mark.parametrize(
    ("unit", "code", "resolution", "size"),
    [
        ("inch", 2, 254000, 0.1),
        ("inch", 2, 72, None),  # of a screen
        ("cm", 3, 1e5, 0.1),
        ("mm", 1, 100, 10),
        ("Âµm", 1, 4, 0.25),
        ("", 3, 1e5, 0.1),  # by the tag alone
        ("", 2, 254000, 0.1),
    ],
)
def test_units_and_the_tag(tmp_path, unit, code, resolution, size):
    text = f"ImageJ=1.54f\n{f'unit={unit}' if unit else ''}\n".encode()
    image = described(tmp_path / "a.tif", text, resolution=(resolution, resolution), unit=code)
    assert image.pixel_size == pytest.approx({} if size is None else {"Y": size, "X": size})
    assert image.notes == ()


def test_units_of_their_own_for_each_axis(tmp_path):
    text = "ImageJ=1.54f\nimages=3\nslices=3\nunit=um\nyunit=nm\nzunit=mm\nspacing=-0.002\n"
    image = described(tmp_path / "a.tif", text, resolution=(10, 0.01), planes=3)
    assert image.pixel_size == pytest.approx({"Z": 2, "Y": 0.1, "X": 0.1})


def test_an_unknown_unit_is_said(tmp_path):
    image = described(tmp_path / "a.tif", "ImageJ=1.54f\nunit=frob\n", resolution=(10, 10))
    assert image.pixel_size == {}
    assert len(image.notes) == 2
    assert all("frob" in note for note in image.notes)


@pytest.mark.parametrize(
    ("resolution", "unit", "size", "notes"),
    [
        (254000, "INCH", 0.1, 0),
        (1e4, 4, 0.1, 0),
        (10, 5, 0.1, 0),
        (300, "INCH", None, 0),
        (9.2, "NONE", None, 2),
    ],
)
def test_plain_tiff_by_its_tags(tmp_path, resolution, unit, size, notes):
    tifffile.imwrite(
        tmp_path / "a.tif",
        np.zeros((9, 9), np.uint16),
        metadata=None,
        resolution=(resolution, resolution),
        resolutionunit=unit,
    )
    with read(tmp_path / "a.tif") as image:
        assert image.pixel_size == pytest.approx({} if size is None else {"Y": size, "X": size})
        assert len(image.notes) == notes
