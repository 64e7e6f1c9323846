"""What Python hands over as an image: arrays of all kinds are taken, the rest is refused."""

import warnings

import numpy as np
import pytest

import napari_photon_denoise as npd

CAMERA = npd.Calibration(gain=0.5, offset=100, read_noise=1)
BLUR = npd.Gaussian(sigma=1)


@pytest.fixture
def counts(rng):
    return rng.poisson(60, (24, 30)).astype(np.uint16) + 100


def denoised(image, **rest):
    """Denoise without any note."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return npd.denoise(image, CAMERA, BLUR, **rest)


def refusal(image, **rest):
    with pytest.raises(npd.PhotonDenoiseError) as refused:
        npd.denoise(image, CAMERA, BLUR, **rest)
    sentence = str(refused.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def of_dask(counts):
    return pytest.importorskip("dask.array").from_array(counts, chunks=8)


def of_torch(counts):
    return pytest.importorskip("torch").tensor(counts.astype(np.int32))


@pytest.mark.parametrize("kind", [np.ndarray.tolist, list, of_dask, of_torch, np.ma.masked_array])
def test_every_kind_of_array_is_taken(counts, kind):
    np.testing.assert_array_equal(denoised(kind(counts)), denoised(counts))


@pytest.mark.parametrize(
    ("image", "sentence"),
    [
        (None, "type NoneType"),
        (b"cells.tif", "type bytes"),
        (7, "type int"),
        ({"image": 1}, "type dict"),
        ([[1, 2], [3]], "can't be turned into an array"),
        ([["a", "b"], ["c", "d"]], "need numbers"),
        (["one.tif", "two.tif"], "one file at a time"),
        ([[None, 1], [2, 3]], "object values"),
        (np.array([["a", "b"]]), "need numbers"),
        (np.zeros((4, 5), [("red", "u2"), ("green", "u2")]), "need numbers"),
        (np.zeros((4, 5), complex), "complex"),
        (np.zeros((4, 5), object), "object values"),
        (np.zeros((4, 5), bool), "boolean"),
        (np.zeros((4, 5), "M8[s]"), "need numbers"),
        (np.float64(3), "0 dimensions"),
    ],
)
def test_the_rest_is_refused_in_a_sentence(image, sentence):
    assert sentence in refusal(image)


def test_a_tensor_that_numpy_does_not_take_is_refused(counts):
    torch = pytest.importorskip("torch")
    image = torch.tensor(counts.astype(np.float32))
    assert "type Tensor" in refusal(image.bfloat16())
    assert "detach" in refusal(image.requires_grad_())


def test_a_camera_that_is_none_is_refused(counts):
    with pytest.raises(npd.PhotonDenoiseError, match="camera is of the type dict"):
        npd.denoise(counts, {"gain": 1}, BLUR)


@pytest.mark.parametrize("kind", [np.asarray, of_dask])
def test_a_channel_at_the_end_is_no_axis(counts, kind):
    clean = denoised(kind(counts[..., None]))
    np.testing.assert_array_equal(clean[..., 0], denoised(counts))
    assert clean.shape == (24, 30, 1)
    np.testing.assert_array_equal(denoised(counts[None, ..., None], axes="TYX")[0], clean)
    # Who names all axes means them.
    assert denoised(counts[..., None], axes="ZYX").std() != pytest.approx(clean.std(), rel=0.01)


def test_a_channel_at_the_end_of_a_file_is_no_axis(counts, tmp_path):
    np.save(tmp_path / "cells.npy", counts[..., None])
    np.testing.assert_array_equal(denoised(tmp_path / "cells.npy"), denoised(counts))


def test_masked_values_are_refused(counts):
    hot = np.ma.masked_array(np.where(counts > 165, 65535, counts), counts > 165)
    assert f"{hot.mask.sum()} in the block read" in refusal(hot)
    assert "without its mask" in refusal([hot, hot])
    lazy = pytest.importorskip("dask.array").from_array(hot, chunks=8)
    assert "masked values" in refusal(lazy)


@pytest.mark.parametrize("opacity", [(), (255,)])
def test_of_equal_channels_one_is_taken(counts, opacity):
    eight = counts.astype(np.uint8)
    colour = np.stack([eight, eight, eight, *(np.full_like(eight, one) for one in opacity)], -1)
    with pytest.warns(npd.PhotonDenoiseWarning, match="grey, saved as colour"):
        clean = npd.denoise(colour, CAMERA, BLUR)
    np.testing.assert_array_equal(clean, denoised(eight))
    colour[3, 4, 1] += 1
    assert "looks like RGB colour" in refusal(colour)


def test_every_plane_must_be_grey(counts):
    planes = np.stack([counts] * 9)
    colour = np.stack([planes] * 3, -1)
    colour[0, 2, 2, 0] += 1
    with pytest.warns(npd.PhotonDenoiseWarning, match="grey, saved as colour"):
        assert "RGB colour" in refusal(colour)
