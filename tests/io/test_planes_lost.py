"""No plane of a TIFF is dropped or made up without a word; only thumbnails are passed over."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile

from napari_photon_denoise.errors import UnreadableFile
from napari_photon_denoise.io import read

PLANE = np.random.default_rng(0).integers(0, 200, (60, 80)).astype(np.uint16)
STACK = np.stack([PLANE + n for n in range(5)])


def written(path, parts, **options):
    with tifffile.TiffWriter(path) as tif:
        for part in parts:
            tif.write(part, photometric="minisblack", **options)
    return path


@pytest.mark.parametrize("options", [{}, {"metadata": None}, {"compression": "zlib"}])
@pytest.mark.parametrize(
    ("second", "sentence"),
    [
        (PLANE[:-2], "80 × 58 px of 16 bits"),
        (PLANE[:, :-2], "78 × 60 px"),
        (PLANE[:30], "80 × 30 px"),
        (PLANE[:25, :30], "30 × 25 px"),
        (PLANE.astype(np.uint8), "of 8 bits"),
        (PLANE.astype(np.float32), "of 32 bits"),
        (STACK[:3, :-2], "80 × 58 px"),
    ],
)
def test_a_second_image_of_another_kind_is_refused(tmp_path, second, sentence, options):
    path = written(tmp_path / "a.tif", [STACK, second], **options)
    with pytest.raises(UnreadableFile, match=f"do not fit together .*{sentence}"):
        read(path)


def test_a_second_stack_that_is_a_plane_shorter_is_refused(tmp_path):
    path = written(tmp_path / "a.tif", [STACK, STACK[:-1]])
    with pytest.raises(UnreadableFile, match="2 separate images"):
        read(path)


@pytest.mark.parametrize("number", [1, 4, 9])
def test_a_plane_of_another_kind_among_many_is_refused(tmp_path, number):
    parts = [PLANE] * 12
    parts[number] = PLANE[:-2]
    path = written(tmp_path / "a.tif", parts, metadata=None, contiguous=False)
    with pytest.raises(UnreadableFile, match="do not fit together"):
        read(path)


@pytest.mark.parametrize("small", [PLANE[::4, ::4], PLANE[::3, ::3], PLANE[:8, :9]])
def test_thumbnails_are_passed_over(tmp_path, small):
    path = written(tmp_path / "a.tif", [STACK, small])
    with read(path) as image:
        np.testing.assert_array_equal(image.data.compute(), STACK)
        assert image.notes == ()


def test_a_coarser_level_is_passed_over(tmp_path):
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as tif:
        tif.write(STACK, photometric="minisblack", metadata=None, contiguous=False)
        for plane in STACK:
            tif.write(plane[::2, ::2], subfiletype=1, metadata=None, photometric="minisblack")
    with read(path) as image:
        np.testing.assert_array_equal(image.data.compute(), STACK)


def test_planes_beyond_those_that_imagej_names_are_counted(tmp_path):
    text = "ImageJ=1.53\nimages=4\nslices=4\n"
    tifffile.imwrite(
        tmp_path / "a.tif", STACK, metadata=None, description=text, photometric="minisblack"
    )
    with read(tmp_path / "a.tif") as image:
        np.testing.assert_array_equal(image.data.compute(), STACK[:4])
        assert image.notes == (
            "The file holds 1 plane more than the 4 that its description names; they are left out.",
        )


def test_an_imagej_stack_in_one_piece_that_is_cut_is_refused(tmp_path):
    """As ImageJ writes stacks over 4 GB: one directory, then all planes."""
    path = tmp_path / "a.tif"
    text = "ImageJ=1.53\nimages=5\nslices=5\n"
    tifffile.imwrite(path, PLANE, metadata=None, description=text, photometric="minisblack")
    with path.open("ab") as file:
        file.write(STACK[1:].tobytes())
    with read(path) as image:
        np.testing.assert_array_equal(image.data.compute(), STACK)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - PLANE.nbytes - 10)
    with pytest.raises(UnreadableFile, match=r"lacks \d of the 5 planes"):
        read(path)


def test_another_dimension_than_time_is_not_taken_for_time(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, STACK, metadata={"axes": "RYX"}, photometric="minisblack")
    with pytest.raises(UnreadableFile, match="does not say which of its dimensions"):
        read(path)
