import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.checks import truth_range
from napari_photon_denoise.metrics.squared_error import bias, mse, psnr, snr


def test_closed_forms():
    truth = np.zeros((20, 20), np.float32)
    image = truth + 2
    assert mse(image, truth) == 4
    assert psnr(image, truth, 20) == pytest.approx(20)
    assert psnr(truth, truth, 1) == float("inf")
    assert bias(image, truth) == 2
    assert bias(truth, image) == -2
    assert snr(image, truth + 20) == pytest.approx(10 * np.log10(400 / 324))
    assert snr(image, image) == float("inf")


def test_psnr_is_scikit_images(rng):
    truth = rng.random((3, 40, 35)).astype(np.float32)
    image = truth + rng.normal(0, 0.2, truth.shape).astype(np.float32)
    extent = truth_range(truth)
    theirs = peak_signal_noise_ratio(truth.astype(float), image.astype(float), data_range=extent)
    assert psnr(image, truth, extent) == pytest.approx(theirs, abs=1e-6)


def test_squares_keep_their_digits_over_a_bright_background():
    truth = np.full((50, 50), 1e6, np.float32)
    assert mse(truth + 1, truth) == 1


def test_the_range_is_that_of_the_truth():
    assert truth_range(np.array([[-1, 4]], np.float32)) == 5


@pytest.mark.parametrize("figure", [mse, snr, bias])
def test_bad_images_are_refused(figure):
    good = np.ones((3, 4), np.float32)
    with pytest.raises(PhotonDenoiseError, match="must be equal"):
        figure(good, good.T)
    for bad in (np.nan, np.inf, -np.inf):
        image = good.copy()
        image[1, 2] = bad
        with pytest.raises(PhotonDenoiseError, match="image holds NaN or infinity"):
            figure(image, good)
        with pytest.raises(PhotonDenoiseError, match="truth holds NaN or infinity"):
            figure(good, image)
    image[0, 0] = np.inf  # beside -inf: their sum is NaN, and no warning
    with pytest.raises(PhotonDenoiseError, match="NaN or infinity"):
        figure(image, good)
    with pytest.raises(PhotonDenoiseError, match="empty"):
        figure(good[:0], good[:0])
    with pytest.raises(PhotonDenoiseError, match="real numbers, not complex"):
        figure(good.astype(complex), good)


def test_a_constant_truth_has_no_range():
    flat = np.ones((20, 20), np.float32)
    assert truth_range(flat) == 0
    for data_range in (0, -1, float("nan")):
        with pytest.raises(PhotonDenoiseError, match="must be above 0"):
            psnr(flat, flat, data_range)
    with pytest.raises(PhotonDenoiseError, match="no signal"):
        snr(flat, 0 * flat)
