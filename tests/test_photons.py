import numpy as np
import pytest

from napari_photon_denoise.axes import guess_axes
from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.photons import Photons


class Reading:
    """An array that notes what is read of it."""

    def __init__(self, data):
        self.data, self.shape, self.dtype = data, data.shape, data.dtype
        self.read = 0

    def __getitem__(self, index):
        block = self.data[index]
        self.read += block.size
        return block


def test_only_the_block_is_read(camera, rng):
    data = Reading(rng.integers(0, 1000, (5, 4, 30, 40), dtype=np.uint16))
    photons = Photons(data, camera, "TZYX")
    block = photons.read((slice(1, 2), slice(0, 2), slice(3, 9), slice(4, 8)))
    assert data.read == block.size == 2 * 6 * 4
    np.testing.assert_allclose(block, (data.data[1:2, :2, 3:9, 4:8] - 100.0) * 0.5)


def test_dask_and_zarr_give_what_numpy_gives(map_camera, rng, tmp_path):
    da, zarr = pytest.importorskip("dask.array"), pytest.importorskip("zarr")
    counts = rng.integers(90, 500, (3, 40, 50), dtype=np.uint16)
    index = (slice(0, 2), slice(5, 31), slice(0, 17))
    expected = Photons(counts, map_camera, "ZYX").read(index)
    stored = zarr.create_array(str(tmp_path / "a.zarr"), data=counts, chunks=(1, 16, 16))
    for lazy in (da.from_array(counts, chunks=(1, 16, 16)), stored):
        np.testing.assert_array_equal(Photons(lazy, map_camera, "ZYX").read(index), expected)


def test_read_noise_is_cut_with_the_block(map_camera):
    photons = Photons(np.zeros((40, 50), np.uint16), map_camera, "YX")
    region = (slice(3, 9), slice(4, 8))
    np.testing.assert_array_equal(photons.read_noise(region), map_camera.read_noise[region])


@pytest.mark.parametrize(
    ("shape", "dtype", "axes", "sentence"),
    [
        ((5, 6), bool, "YX", "boolean"),
        ((5, 6), complex, "YX", "complex"),
        ((5, 6), object, "YX", "need numbers"),
        ((6,), np.uint8, "X", "at least Y and X"),
        ((0, 6), np.uint8, "YX", "empty"),
        ((5, 6), np.uint8, "ZYX", "name 3 dimensions, the image has 2"),
        ((2, 5, 6), np.uint8, "QYX", "not understood"),
        ((2, 5, 6), np.uint8, "YYX", "not understood"),
        ((2, 5, 6), np.uint8, "YXZ", "out of order"),
        ((2, 5, 6), np.uint8, "TZX", "must end with YX"),
    ],
)
def test_what_is_no_image_is_refused(camera, shape, dtype, axes, sentence):
    with pytest.raises(PhotonDenoiseError, match=sentence):
        Photons(np.zeros(shape, dtype), camera, axes)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_and_infinity_are_refused_where_they_are_read(camera, bad):
    data = np.ones((20, 20), np.float32)
    data[15, 3] = bad
    photons = Photons(data, camera, "YX")
    photons.read((slice(0, 10), slice(None)))
    with pytest.raises(PhotonDenoiseError, match="NaN or infinite values"):
        photons.read((slice(10, 20), slice(None)))


@pytest.mark.parametrize("far", [1e200, -1e200, 1e38, 1e19])
def test_what_single_precision_can_not_square_is_refused(camera, far):
    data = np.ones((20, 20))
    data[15, 3] = far
    with pytest.raises(PhotonDenoiseError, match="further than any camera's"):
        Photons(data, camera, "YX").read((slice(None), slice(None)))
    with pytest.raises(PhotonDenoiseError, match=r"gain .* further than any camera's"):
        Calibration(gain=abs(far), offset=0)


def test_axes_are_guessed_by_the_number_of_dimensions():
    assert [guess_axes(n) for n in (2, 3, 4, 5)] == ["YX", "ZYX", "TZYX", "TCZYX"]
    with pytest.raises(PhotonDenoiseError, match="6 dimensions"):
        guess_axes(6)


def test_ceiling_is_the_cameras_or_the_types():
    data = np.zeros((4, 4), np.uint16)
    assert Photons(data, Calibration(1, 0), "YX").ceiling == 65535
    assert Photons(data, Calibration(1, 0, saturation=4095), "YX").ceiling == 4095
    assert Photons(data.astype(np.float32), Calibration(1, 0), "YX").ceiling == np.inf
