import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.consistency import measure_consistency, z_map


@pytest.fixture
def truth(rng):
    smooth = gaussian_filter(rng.normal(size=(3, 200, 200)), (0, 5, 5))
    return (12 + 60 * smooth).clip(0.3).astype(np.float32)


def record(truth, read_noise, rng):
    return (rng.poisson(truth) + rng.normal(0, 1, truth.shape) * read_noise).astype(np.float32)


def deviations(found):
    errors = (found.mean_error, found.variance_error, *found.autocorrelation_error)
    values = (found.mean, found.variance - 1, *found.autocorrelation)
    return np.abs(np.array(values) / errors)


@pytest.mark.parametrize("read_noise", [0, 1.6])
def test_the_truth_has_variance_one_and_is_white(truth, rng, read_noise):
    found = measure_consistency(record(truth, read_noise, rng), truth, read_noise)
    assert found.variance == pytest.approx(1, abs=0.02)
    assert len(found.autocorrelation) == 3
    assert (deviations(found) < 3.5).all()


def test_read_noise_may_be_a_map(truth, rng):
    read_noise = rng.uniform(1, 4, truth.shape[1:]).astype(np.float32)
    found = measure_consistency(record(truth, read_noise, rng), truth, read_noise)
    assert (deviations(found) < 3.5).all()


@pytest.mark.parametrize("level", [0.002, 0.05, 1, 20])
def test_the_errors_are_those_of_many_draws(rng, level):
    truth = np.full((50, 60), level, np.float32)
    found = [measure_consistency(record(truth, 0, rng), truth) for _ in range(200)]
    for value, error in (
        ([f.mean for f in found], found[0].mean_error),
        ([f.variance for f in found], found[0].variance_error),
        ([f.autocorrelation[1] for f in found if f.variance], found[0].autocorrelation_error[1]),
    ):
        scatter = 0.5 if level < 0.01 else 0.2  # of heavy tails, the scatter scatters
        assert np.std(value) == pytest.approx(error, rel=scatter)
    variance = np.mean([f.variance for f in found])
    assert variance == pytest.approx(1, abs=4 * found[0].variance_error / np.sqrt(200))


def test_a_dark_background_does_not_look_too_quiet(rng):
    truth = np.zeros((200, 200), np.float32)
    truth[:, 100:] = 9
    assert measure_consistency(record(truth, 0, rng), truth).variance == pytest.approx(1, abs=0.05)


def test_what_went_wrong_shows(truth, rng):
    noisy = record(truth, 0, rng)
    blurred = measure_consistency(noisy, gaussian_filter(truth, (0, 8, 8)))
    assert blurred.variance > 1.2
    assert min(blurred.autocorrelation[1:]) > 0.1
    assert blurred.autocorrelation[0] == pytest.approx(0, abs=0.05)
    idle = measure_consistency(noisy, noisy)
    assert idle.variance == 0
    assert np.isnan(idle.autocorrelation).all()
    dim = measure_consistency(noisy, 0.9 * truth)
    assert dim.mean > 20 * dim.mean_error


def test_a_denoiser_that_saw_the_pixel_stays_just_below_one(rng):
    noisy = record(np.full((300, 300), 50, np.float32), 0, rng)
    found = measure_consistency(noisy, gaussian_filter(noisy, 1.5))
    own, total = 1 / (2 * np.pi * 1.5**2), 1 / (4 * np.pi * 1.5**2)
    assert found.variance == pytest.approx(1 - 2 * own + total, abs=0.02)
    assert found.variance < 0.95


def test_the_map():
    noisy = np.array([[14, 5, 2, 1]], np.float32)
    denoised = np.array([[9, 5, 0, -3]], np.float32)
    z = z_map(noisy, denoised, 4)
    assert z.dtype == np.float32
    assert z == pytest.approx(np.array([[1, 0, 0.5, 1]]))
    assert z_map(noisy, denoised)[0, 2] == pytest.approx(20)  # photons where there are none


def test_an_axis_of_one_pixel_has_no_neighbours(rng):
    truth = np.full((1, 50, 50), 9, np.float32)
    found = measure_consistency(record(truth, 0, rng), truth)
    assert np.isnan(found.autocorrelation[0])
    assert np.isfinite(found.autocorrelation[1:]).all()


@pytest.mark.parametrize("figure", [z_map, measure_consistency])
def test_bad_input_is_refused(figure):
    image = np.ones((4, 5), np.float32)
    with pytest.raises(PhotonDenoiseError, match="must be equal"):
        figure(image, image.T)
    with pytest.raises(PhotonDenoiseError, match="denoised holds NaN"):
        figure(image, image * np.nan)
    with pytest.raises(PhotonDenoiseError, match="0 or more"):
        figure(image, image, -1)
    with pytest.raises(PhotonDenoiseError, match="does not fit"):
        figure(image, image, np.ones((3, 5), np.float32))


def test_without_noise_there_is_nothing_to_compare():
    image = np.ones((4, 5), np.float32)
    with pytest.raises(PhotonDenoiseError, match="no noise to expect"):
        measure_consistency(image, 0 * image)
