import numpy as np
import pytest
from scipy.ndimage import correlate1d
from skimage.metrics import structural_similarity

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.slices import by_slice
from napari_photon_denoise.metrics.squared_error import mse
from napari_photon_denoise.metrics.structure import ssim


def wang(first, second, data_range):
    """SSIM from the formulas of the paper, over windows inside the image."""
    steps = np.arange(-5, 6)
    window = np.exp(-(steps**2) / (2 * 1.5**2))
    window /= window.sum()

    def blurred(image):
        for axis in (0, 1):
            image = correlate1d(image, window, axis)
        return image[5:-5, 5:-5]

    a, b = first.astype(float), second.astype(float)
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    mean_a, mean_b = blurred(a), blurred(b)
    variance_a, variance_b = blurred(a * a) - mean_a**2, blurred(b * b) - mean_b**2
    covariance = blurred(a * b) - mean_a * mean_b
    return np.mean(
        (2 * mean_a * mean_b + c1)
        * (2 * covariance + c2)
        / ((mean_a**2 + mean_b**2 + c1) * (variance_a + variance_b + c2))
    )


@pytest.fixture
def truth(rng):
    return rng.random((40, 35)).astype(np.float32)


def test_ssim_of_itself_and_of_constants(truth):
    assert ssim(truth, truth, 1) == pytest.approx(1)
    a, b = (np.full((30, 30), value, np.float32) for value in (0.2, 0.5))
    assert ssim(a, b, 1) == pytest.approx(0.68976, abs=1e-5)


@pytest.mark.parametrize("background", [0, 1000])
def test_it_is_wangs_and_scikit_images(truth, rng, background):
    image = truth + rng.normal(0, 0.2, truth.shape).astype(np.float32) + background
    truth = truth + background
    assert ssim(image, truth, 1) == pytest.approx(wang(image, truth, 1), abs=1e-6)
    theirs = structural_similarity(
        image.astype(float),
        truth.astype(float),
        data_range=1,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
    )
    assert ssim(image, truth, 1) == pytest.approx(theirs, abs=1e-6)


def test_volumes_are_averaged_over_planes(rng):
    truth = rng.random((3, 30, 30)).astype(np.float32)
    image = truth + rng.normal(0, 0.1, truth.shape).astype(np.float32)
    planes = [ssim(a, b, 1) for a, b in zip(image, truth, strict=True)]
    assert ssim(image, truth, 1) == pytest.approx(np.mean(planes))


def test_a_wider_range_flatters(truth, rng):
    image = truth + rng.normal(0, 0.3, truth.shape).astype(np.float32)
    assert ssim(image, truth, 2) > ssim(image, truth, 1)


def test_bad_input_is_refused(truth):
    small = np.zeros((5, 50), np.float32)
    with pytest.raises(PhotonDenoiseError, match="at least 11×11"):
        ssim(small, small, 1)
    with pytest.raises(PhotonDenoiseError, match="at least 11×11"):
        ssim(truth[0], truth[0], 1)
    with pytest.raises(PhotonDenoiseError, match="constant truth"):
        ssim(truth, 0 * truth, 0)
    with pytest.raises(PhotonDenoiseError, match="NaN"):
        ssim(truth * np.nan, truth, 1)
    with pytest.raises(PhotonDenoiseError, match="must be equal"):
        ssim(truth, truth.T, 1)


def test_a_figure_of_every_plane(rng):
    first, second = rng.random((2, 2, 3, 4, 5)).astype(np.float32)
    values = by_slice(mse, first, second)
    assert values.shape == (2, 3)
    assert values[1, 2] == mse(first[1, 2], second[1, 2])
    assert by_slice(mse, first[0, 0], second[0, 0]).shape == ()
    with pytest.raises(PhotonDenoiseError, match="two axes"):
        by_slice(mse, first[0, 0, 0], second[0, 0, 0])
