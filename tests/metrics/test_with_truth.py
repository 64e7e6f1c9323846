import numpy as np
import pytest

from napari_photon_denoise import PhotonDenoiseError
from napari_photon_denoise.metrics import bias, mse, psnr, ssim


def test_closed_forms():
    truth = np.zeros((20, 20), np.float32)
    image = truth + 2
    assert mse(image, truth) == 4
    assert psnr(image, truth, 20) == pytest.approx(20)
    assert psnr(truth, truth, 1) == float("inf")
    assert bias(image, truth) == 2


def test_ssim_of_itself_and_of_constants():
    truth = np.random.default_rng(0).random((30, 30)).astype(np.float32)
    assert ssim(truth, truth, 1) == pytest.approx(1)
    a, b = (np.full((30, 30), value, np.float32) for value in (0.2, 0.5))
    assert ssim(a, b, 1) == pytest.approx(0.68976, abs=1e-5)


def test_volumes_are_averaged_over_planes(rng):
    truth = rng.random((3, 30, 30)).astype(np.float32)
    image = truth + rng.normal(0, 0.1, truth.shape).astype(np.float32)
    planes = [ssim(a, b, 1) for a, b in zip(image, truth, strict=True)]
    assert ssim(image, truth, 1) == pytest.approx(np.mean(planes))


def test_other_shapes_and_tiny_images_are_refused():
    with pytest.raises(PhotonDenoiseError, match="must be equal"):
        mse(np.zeros((3, 4), np.float32), np.zeros((4, 3), np.float32))
    with pytest.raises(PhotonDenoiseError, match="at least 11×11"):
        ssim(np.zeros((5, 50), np.float32), np.zeros((5, 50), np.float32), 1)
