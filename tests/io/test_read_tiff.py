"""TIFF in, in its dialects."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile

from napari_photon_denoise.errors import PhotonDenoiseError, UnreadableFile
from napari_photon_denoise.io import read


def stack(*shape, dtype="uint16"):
    return np.random.default_rng(0).integers(0, 200, shape).astype(dtype)


def assert_holds(image, axes, expected):
    assert image.axes == axes
    assert image.data.shape == expected.shape
    assert image.data.dtype == expected.dtype
    np.testing.assert_array_equal(image.data.compute(), expected)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "uint32", "float32", ">u2", "f8"])
def test_plain_plane(tmp_path, dtype):
    data = stack(30, 40, dtype=dtype)
    tifffile.imwrite(tmp_path / "a.tif", data, metadata=None)
    with read(tmp_path / "a.tif") as image:
        assert_holds(image, "YX", data.astype(np.dtype(dtype).newbyteorder("=")))
        assert not image.axes_guessed
        assert image.name == "a"
        assert image.recipe is None


@pytest.mark.parametrize("metadata", [None, {}])
@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}, {"tile": (16, 32)}])
def test_bare_stack_is_taken_as_time_and_says_so(tmp_path, metadata, options):
    data = stack(5, 30, 40)
    tifffile.imwrite(tmp_path / "a.tif", data, metadata=metadata, **options)
    with read(tmp_path / "a.tif") as image:
        assert_holds(image, "TYX", data)
        assert image.axes_guessed
    with read(tmp_path / "a.tif", axes="zyx") as image:
        assert_holds(image, "ZYX", data)
        assert not image.axes_guessed


def test_shaped_tiff_with_axes_in_another_order_is_transposed(tmp_path):
    data = stack(5, 2, 30, 40)
    tifffile.imwrite(tmp_path / "a.tif", data, metadata={"axes": "ZCYX"}, photometric="minisblack")
    with read(tmp_path / "a.tif") as image:
        assert_holds(image, "CZYX", data.swapaxes(0, 1))


def test_channels_in_the_last_dimension(tmp_path):
    data = stack(4, 3, 20, 10, 2)
    tifffile.imwrite(tmp_path / "a.tif", data, photometric="minisblack")
    with pytest.raises(UnreadableFile, match="name the axes"):
        read(tmp_path / "a.tif")
    with read(tmp_path / "a.tif", axes="TZYXC") as image:
        assert_holds(image, "TCZYX", np.moveaxis(data, -1, 1))


def test_imagej_hyperstack(tmp_path):
    data = stack(2, 3, 4, 30, 40)
    tifffile.imwrite(
        tmp_path / "a.tif",
        data,
        imagej=True,
        resolution=(1 / 0.1, 1 / 0.2),
        metadata={"axes": "TZCYX", "unit": "micron", "spacing": 0.5, "finterval": 2.5},
    )
    with read(tmp_path / "a.tif") as image:
        assert_holds(image, "TCZYX", data.swapaxes(1, 2))
        assert image.pixel_size == pytest.approx({"Z": 0.5, "Y": 0.2, "X": 0.1, "T": 2.5})


@pytest.mark.parametrize(
    ("unit", "factor"), [("nm", 1e-3), ("mm", 1e3), ("\\u00B5m", 1), ("um", 1)]
)
def test_imagej_units(tmp_path, unit, factor):
    tifffile.imwrite(
        tmp_path / "a.tif", stack(30, 40), imagej=True, resolution=(4, 4), metadata={"unit": unit}
    )
    with read(tmp_path / "a.tif") as image:
        assert image.pixel_size == pytest.approx({"Y": 0.25 * factor, "X": 0.25 * factor})


@pytest.mark.parametrize("metadata", [{}, {"unit": "pixel"}, {"unit": "inch"}])
def test_imagej_pixels_are_no_micrometres(tmp_path, metadata):
    tifffile.imwrite(
        tmp_path / "a.tif", stack(3, 30, 40), imagej=True, resolution=(1, 1), metadata=metadata
    )
    with read(tmp_path / "a.tif") as image:
        assert image.pixel_size == {}


@pytest.mark.parametrize(
    ("resolution", "unit", "expected"),
    [(1e5, "CENTIMETER", 0.1), (118.11, "CENTIMETER", None), (300, "INCH", None), (1, None, None)],
)
def test_resolution_of_plain_tiff(tmp_path, resolution, unit, expected):
    tifffile.imwrite(
        tmp_path / "a.tif",
        stack(30, 40),
        metadata=None,
        resolution=(resolution, resolution),
        resolutionunit=unit,
    )
    with read(tmp_path / "a.tif") as image:
        size = {} if expected is None else {"Y": expected, "X": expected}
        assert image.pixel_size == pytest.approx(size)


def test_ome_tiff(tmp_path):
    data = stack(2, 3, 30, 40)
    tifffile.imwrite(
        tmp_path / "cells.ome.tif",
        data,
        metadata={
            "axes": "CZYX",
            "PhysicalSizeX": 100,
            "PhysicalSizeXUnit": "nm",
            "PhysicalSizeY": 0.1,
            "PhysicalSizeZ": 1,
            "PhysicalSizeZUnit": "pixel",
            "TimeIncrement": 50,
            "TimeIncrementUnit": "ms",
            "Channel": {"Name": ["DAPI", "GFP"]},
        },
    )
    with read(tmp_path / "cells.ome.tif") as image:
        assert_holds(image, "CZYX", data)
        assert image.pixel_size == pytest.approx({"Y": 0.1, "X": 0.1, "T": 0.05})
        assert image.channel_names == ("DAPI", "GFP")
        assert image.name == "cells"


def test_planar_grey_samples_are_channels(tmp_path):
    data = stack(3, 30, 40)
    tifffile.imwrite(tmp_path / "a.tif", data, photometric="minisblack", planarconfig="separate")
    with read(tmp_path / "a.tif") as image:
        assert_holds(image, "CYX", data)


def test_the_user_may_say_that_planes_marked_as_rgb_are_channels(tmp_path):
    data = stack(3, 30, 40).astype(np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", data, photometric="rgb", planarconfig="separate")
    with pytest.raises(UnreadableFile, match=r"RGB.*name them CYX"):
        read(tmp_path / "a.tif")
    with read(tmp_path / "a.tif", axes="CYX") as image:
        assert_holds(image, "CYX", data)


@pytest.mark.parametrize("planes", [3, 4])
def test_planes_of_16_bits_marked_as_rgb_are_a_stack_without_names(tmp_path, planes):
    """As tifffile marks three or four planes of itself."""
    data = stack(planes, 30, 40)
    tifffile.imwrite(tmp_path / "a.tif", data, photometric="rgb", planarconfig="separate")
    with read(tmp_path / "a.tif") as image:
        assert image.axes_guessed
        assert_holds(image, image.axes, data)


def test_thumbnail_is_passed_over_but_several_images_are_not(tmp_path):
    data = stack(30, 40)
    for name, second in (("thumbnail.tif", data[:8, :8]), ("positions.tif", data)):
        with tifffile.TiffWriter(tmp_path / name, ome=name.startswith("positions")) as tif:
            tif.write(data)
            tif.write(second)
    with read(tmp_path / "thumbnail.tif") as image:
        assert_holds(image, "YX", data)
    with pytest.raises(UnreadableFile, match=r"2 positions: name one of them, .*Image0"):
        read(tmp_path / "positions.tif")


@pytest.mark.parametrize("axes", ["ZYX", "TZYX"])
def test_asked_axes_may_leave_out_dimensions_of_length_one(tmp_path, axes):
    data = stack(1, 5, 30, 40)
    tifffile.imwrite(tmp_path / "a.tif", data, photometric="minisblack")
    with read(tmp_path / "a.tif", axes=axes) as image:
        assert_holds(image, axes, data.reshape(data.shape[4 - len(axes) :]))


@pytest.mark.parametrize(
    ("axes", "sentence"),
    [
        ("YX", "3 dimensions .5 × 30 × 40. but axes 'YX' name 2"),
        ("TZYX", "name 4"),
        ("ZZX", "not understood"),
        ("QYX", "not understood"),
        ("TCZ", "not understood"),
        ("", "not understood"),
    ],
)
def test_asked_axes_that_do_not_fit(tmp_path, axes, sentence):
    tifffile.imwrite(tmp_path / "a.tif", stack(5, 30, 40))
    with pytest.raises(PhotonDenoiseError, match=sentence):
        read(tmp_path / "a.tif", axes=axes)


def test_one_plane_is_read_without_the_others(tmp_path, monkeypatch):
    data = stack(50, 30, 40)
    tifffile.imwrite(tmp_path / "a.tif", data, compression="zlib")
    decoded = []
    read_page = tifffile.TiffPage.asarray
    read_frame = tifffile.TiffFrame.asarray
    for kind, original in ((tifffile.TiffPage, read_page), (tifffile.TiffFrame, read_frame)):

        def counted(self, *args, original=original, **kwargs):
            decoded.append(self.index)
            return original(self, *args, **kwargs)

        monkeypatch.setattr(kind, "asarray", counted)
    with read(tmp_path / "a.tif") as image:
        assert decoded == []
        np.testing.assert_array_equal(image.data[7, 3:5].compute(), data[7, 3:5])
    assert set(decoded) == {7}


def test_one_tile_of_a_page_larger_than_memory_is_read_alone(tmp_path, monkeypatch):
    data = stack(300, 400)
    tifffile.imwrite(tmp_path / "a.tif", data, tile=(64, 64), compression="zlib")
    monkeypatch.setattr("napari_photon_denoise.io.tiff_pixels.BLOCK_BYTES", 1000)
    monkeypatch.setattr("napari_photon_denoise.io.blocks.BLOCK_BYTES", 20000)
    monkeypatch.setattr(tifffile.TiffPage, "asarray", None)
    with read(tmp_path / "a.tif") as image:
        assert image.data.chunksize[1] < 400
        np.testing.assert_array_equal(image.data.compute(), data)


@pytest.mark.parametrize(
    "index", [0, -1, (slice(None, None, -2), slice(9, 3, -2)), (..., 5), ([3, 1],), (2, 3, 4)]
)
def test_any_index(tmp_path, index):
    data = stack(5, 30, 40)
    tifffile.imwrite(tmp_path / "a.tif", data)
    with read(tmp_path / "a.tif") as image:
        np.testing.assert_array_equal(image.data[index].compute(), data[index])


def test_closed_file_may_be_deleted_and_a_closed_image_opens_again(tmp_path):
    data = stack(5, 30, 40)
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, data)
    with read(path) as image:
        assert image.data[0].compute().shape == (30, 40)
    np.testing.assert_array_equal(image.data[1].compute(), data[1])
    image.close()
    image.close()
    path.unlink()
    with pytest.raises(UnreadableFile, match=r"a\.tif"):
        image.data[1].compute()


def test_many_pages(tmp_path):
    data = np.zeros((3000, 8, 8), "uint8")
    tifffile.imwrite(tmp_path / "a.tif", data, metadata=None)
    with read(tmp_path / "a.tif") as image:
        assert image.data.shape == data.shape
