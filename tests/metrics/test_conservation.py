import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.conservation import find_unbalanced, measure_photon_balance
from napari_photon_denoise.metrics.regions import tile_labels


def test_sums_and_errors():
    noisy = np.array([[1, 2], [3, 4]], np.float32)
    denoised = np.array([[2, 2], [2, 2]], np.float32)
    labels = np.array([[0, 7], [3, 7]])
    third, seventh = measure_photon_balance(noisy, denoised, 2, labels)
    assert (third.label, third.pixels, third.noisy, third.denoised) == (3, 1, 3, 2)
    assert third.error == pytest.approx(np.sqrt(2 + 4))
    assert third.gained == -1
    assert third.deviation == pytest.approx(-1 / np.sqrt(6))
    assert (seventh.label, seventh.pixels, seventh.noisy, seventh.gained) == (7, 2, 6, -2)


def test_without_labels_the_image_is_the_region():
    noisy = np.ones((2, 3, 4), np.float32)
    (whole,) = measure_photon_balance(noisy, noisy)
    assert (whole.label, whole.pixels, whole.noisy, whole.gained) == (1, 24, 24, 0)


def test_a_mask_is_a_region():
    noisy = np.arange(12, dtype=np.float32).reshape(3, 4)
    (bright,) = measure_photon_balance(noisy, noisy, labels=noisy > 5)
    assert (bright.label, bright.noisy) == (1, noisy[noisy > 5].sum())


def test_the_truth_deviates_by_one(rng):
    truth = rng.uniform(0, 20, (256, 256)).astype(np.float32)
    noisy = (rng.poisson(truth) + rng.normal(0, 1.6, truth.shape)).astype(np.float32)
    labels = np.arange(256)[:, None] // 8 * 32 + np.arange(256) // 8 + 1
    found = [b.deviation for b in measure_photon_balance(noisy, truth, 1.6, labels)]
    assert len(found) == 1024
    assert np.std(found) == pytest.approx(1, abs=3 / np.sqrt(2 * 1024))


def test_lost_photons_show(rng):
    noisy = rng.poisson(10, (100, 100)).astype(np.float32)
    blurred = gaussian_filter(noisy, 2)
    assert abs(measure_photon_balance(noisy, blurred)[0].deviation) < 0.1
    assert measure_photon_balance(noisy, 0.9 * blurred)[0].deviation < -9


def test_no_expected_noise_no_deviation():
    zeros = np.zeros((3, 3), np.float32)
    assert np.isnan(measure_photon_balance(zeros, zeros)[0].deviation)


def test_bad_input_is_refused():
    image = np.ones((3, 4), np.float32)
    with pytest.raises(PhotonDenoiseError, match="must be equal"):
        measure_photon_balance(image, image.T)
    with pytest.raises(PhotonDenoiseError, match="labels have the shape"):
        measure_photon_balance(image, image, labels=np.ones((4, 3), int))
    with pytest.raises(PhotonDenoiseError, match="whole numbers"):
        measure_photon_balance(image, image, labels=image)
    with pytest.raises(PhotonDenoiseError, match="hold no region"):
        measure_photon_balance(image, image, labels=image < 0)
    with pytest.raises(PhotonDenoiseError, match="read noise must be 0 or more"):
        measure_photon_balance(image, image, -1)
    with pytest.raises(PhotonDenoiseError, match="NaN"):
        measure_photon_balance(image * np.nan, image)


@pytest.mark.parametrize("noise", [0, 1.6])
def test_regions_that_lost_photons_are_named_and_true_ones_are_not(rng, noise):
    truth = rng.uniform(2, 20, (128, 128)).astype(np.float32)
    labels = tile_labels(truth.shape)
    unbalanced = 0
    for _ in range(20):
        noisy = (rng.poisson(truth) + noise * rng.standard_normal(truth.shape)).astype(np.float32)
        unbalanced += bool(find_unbalanced(measure_photon_balance(noisy, truth, noise, labels)))
    assert unbalanced <= 1
    biased = truth * np.where(labels == 3, 0.9, 1.01).astype(np.float32)
    assert find_unbalanced(measure_photon_balance(noisy, biased, noise, labels)) == (3,)
