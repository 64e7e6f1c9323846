"""Arrays of xarray are understood by the names of their dimensions, in any order."""

import numpy as np
import pytest

import napari_photon_denoise as npd

xr = pytest.importorskip("xarray")

CAMERA = npd.Calibration(gain=0.5, offset=100, read_noise=1)
DEEP = npd.Gaussian(sigma=1, sigma_z=1)


@pytest.fixture
def counts(rng):
    return rng.poisson(60, (3, 5, 24, 30)).astype(np.uint16) + 100  # CZYX


@pytest.fixture
def clean(counts):
    return npd.denoise(counts, CAMERA, DEEP, axes="CZYX")


def image(counts, dims, order="CZYX"):
    """Label counts, whose axes are CZYX, in another order."""
    return xr.DataArray(
        counts.transpose(["CZYX".index(letter) for letter in order]),
        dims=dims,
        coords={dims[0]: np.arange(counts.shape["CZYX".index(order[0])]) * 0.5},
        attrs={"units": "ADU", "microscope": "SPIM"},
        name="cells",
    )


@pytest.mark.parametrize("kind", [lambda array: array, lambda array: array.chunk(8)])
@pytest.mark.parametrize(
    ("dims", "order"),
    [
        (("C", "Z", "Y", "X"), "CZYX"),
        (("channel", "z", "row", "col"), "CZYX"),
        (("y", "x", "slice", "wavelength"), "YXZC"),
        (("width", "Height", "channels", "plane"), "XYCZ"),
    ],
)
def test_dimensions_in_any_order_are_understood_by_name(counts, clean, kind, dims, order):
    raw = kind(image(counts, dims, order))
    before = raw.copy(deep=True)
    made = npd.denoise(raw, CAMERA, DEEP)
    assert isinstance(made, xr.DataArray)
    assert isinstance(made.data, np.ndarray)
    assert made.dims == raw.dims
    assert made.name == "cells"
    assert made.attrs == {"units": "e-", "microscope": "SPIM"}
    xr.testing.assert_equal(made.coords.to_dataset(), raw.coords.to_dataset())
    back = made.values.transpose([order.index(letter) for letter in "CZYX"])
    np.testing.assert_array_equal(back, clean)
    xr.testing.assert_identical(raw, before)


def test_time_is_no_depth(counts):
    frames = counts[0]
    raw = xr.DataArray(frames.transpose(1, 2, 0), dims=("y", "x", "time"))
    made = npd.denoise(raw, CAMERA, DEEP)
    np.testing.assert_array_equal(
        made.transpose("time", "y", "x"), npd.denoise(frames, CAMERA, DEEP, axes="TYX")
    )


def test_grey_values_keep_their_unit(counts):
    made = npd.denoise(image(counts, tuple("CZYX")), CAMERA, DEEP, units="counts")
    assert made.attrs["units"] == "ADU"
    assert made.dtype == np.uint16


def test_photons_are_not_stored_as_counts_were(counts):
    raw = image(counts, tuple("CZYX"))
    raw.encoding = {"dtype": "uint16", "scale_factor": 0.1, "chunks": (1, 1, 8, 8)}
    assert npd.denoise(raw, CAMERA, DEEP).encoding == {}
    assert raw.encoding["dtype"] == "uint16"


def test_what_nobody_named_is_seen_as_any_array(counts):
    raw = xr.DataArray(counts[0, 0])
    made = npd.denoise(raw, CAMERA, DEEP)
    assert made.dims == raw.dims
    np.testing.assert_array_equal(made, npd.denoise(counts[0, 0], CAMERA, DEEP))
    turned = xr.DataArray(counts[0].transpose(1, 2, 0))
    named = npd.denoise(turned, CAMERA, DEEP, axes="YXZ")
    np.testing.assert_array_equal(
        named.values.transpose(2, 0, 1), npd.denoise(counts[0], CAMERA, DEEP, axes="ZYX")
    )


def test_one_place_more_can_not_be_mistaken(counts, clean):
    raw = image(counts, tuple("CZYX")).expand_dims({"position": [7], "S": 1}, (0, 5))
    made = npd.denoise(raw, CAMERA, DEEP)
    assert made.dims == ("position", "C", "Z", "Y", "X", "S")
    np.testing.assert_array_equal(made.values[0, ..., 0], clean)
    assert made.coords["position"] == 7


@pytest.mark.parametrize(
    ("dims", "axes", "sentence"),
    [
        (("position", "z", "y", "x"), None, "'position' .3 long. is not understood.* pass axes="),
        (("c", "z", "y", "dim_3"), None, "are not understood as an image.* pass axes="),
        (("time", "frame", "y", "x"), None, "at most once.* pass axes="),
        (("time", "c", "z", "y"), None, "at most once.* pass axes="),
        (("c", "z", "y", "x"), "CZXY", "'y' for X, and its name says Y"),
        (("c", "time", "y", "x"), "CZYX", "'time' for Z, and its name says T"),
        (("c", "z", "y", "x"), "ZYX", "name 3 dimensions, the image has 4"),
        (("a", "b", "y", "x"), "QTYX", "'QTYX' are not understood"),
        (("a", "b", "y", "x"), "TTYX", "'TTYX' are not understood"),
        (("a", "b", "d", "e"), "TCZY", "must end with YX"),
    ],
)
def test_doubtful_dimensions_are_refused(counts, dims, axes, sentence):
    with pytest.raises(npd.PhotonDenoiseError, match=sentence):
        npd.denoise(image(counts, dims), CAMERA, DEEP, axes=axes)


def test_axes_name_what_a_name_does_not(counts, clean):
    raw = image(counts, ("dye", "z", "y", "x"))
    np.testing.assert_array_equal(npd.denoise(raw, CAMERA, DEEP, axes="CZYX"), clean)


def test_of_a_data_set_one_variable_is_wanted(counts):
    raw = image(counts, tuple("CZYX"))
    with pytest.raises(npd.PhotonDenoiseError, match=r"Dataset of xarray.* dataset\['name'\]"):
        npd.denoise(raw.to_dataset(), CAMERA, DEEP)
    with pytest.raises(npd.PhotonDenoiseError, match="Variable of xarray"):
        npd.denoise(raw.variable, CAMERA, DEEP)


def test_an_array_on_disk_is_read_in_parts(counts, clean, tmp_path):
    image(counts, ("y", "x", "z", "c"), "YXZC").to_dataset().to_zarr(
        tmp_path / "cells.zarr", consolidated=False
    )
    with xr.open_zarr(tmp_path / "cells.zarr", chunks=None, consolidated=False) as stored:
        made = npd.denoise(stored["cells"], CAMERA, DEEP)
        assert not stored["cells"].variable._in_memory
    np.testing.assert_array_equal(made.values.transpose(3, 2, 0, 1), clean)


def test_measuring_understands_them_too(counts, clean):
    plain = npd.measure(clean, counts, CAMERA, axes="CZYX")
    order = ("y", "c", "x", "z")
    named = npd.measure(
        xr.DataArray(clean.transpose(2, 0, 3, 1), dims=order),
        xr.DataArray(counts.transpose(2, 0, 3, 1), dims=order),
        CAMERA,
    )
    assert str(named) == str(plain)


@pytest.mark.parametrize("kind", [lambda array: array, lambda array: array.chunk(7)])
def test_frames_of_a_calibration_are_known_by_name(kind, rng):
    from napari_photon_denoise.camera.transfer.stacks import open_stack

    frames = rng.poisson(60, (8, 10, 12)).astype(np.uint16)
    plain = open_stack(frames, "dark")
    turned = xr.DataArray(frames.transpose(1, 2, 0), dims=("y", "x", "shot"))
    named = open_stack(kind(turned), "dark")
    assert (named.shape, named.length) == (plain.shape, plain.length)
    for one, other in zip(plain.blocks(False), named.blocks(False), strict=True):
        np.testing.assert_array_equal(one, other)
    assert open_stack(xr.DataArray(frames), "dark").shape == (10, 12)
    (single,) = open_stack([kind(turned[..., 3])] * 2, "dark").blocks(False)
    np.testing.assert_array_equal(single[1], frames[3])
    (other,) = open_stack([turned.transpose("x", "y", "shot")[..., 3]] * 2, "dark").blocks(False)
    np.testing.assert_array_equal(other, single)
    with pytest.raises(
        npd.PhotonDenoiseError, match=r"\(shot, y, other\), two must be called y and x"
    ):
        open_stack(xr.DataArray(frames, dims=("shot", "y", "other")), "dark")


@pytest.mark.parametrize(
    ("unit", "places", "size"),
    [
        ("µm", [0, 0.5, 1], 0.5),
        ("nm", [500, 350, 200], 0.15),
        ("s", [0, 1, 2], None),
        ("", [0, 1, 2], None),
        ("µm", [0, 1, 3], None),
    ],
)
def test_coordinates_tell_the_pixel_size(unit, places, size):
    from napari_photon_denoise.labelled import Labelled

    array = xr.DataArray(np.zeros((4, 3)), dims=("y", "x"), coords={"x": ("x", places)})
    array.x.attrs["units"] = unit
    known = Labelled.of(array, None).pixel_size
    assert known == ({} if size is None else {"X": pytest.approx(size)})
