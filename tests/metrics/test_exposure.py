import numpy as np
import pytest

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.exposure import (
    correct_shared_frames,
    mse_to_noisy_truth,
    scale_truth,
    truth_noise,
)
from napari_photon_denoise.metrics.squared_error import mse


def test_the_truths_own_noise_is_subtracted(rng):
    ideal = rng.uniform(5, 25, (128, 128))
    image = (ideal + rng.normal(0, 1, ideal.shape)).astype(np.float32)
    exact = mse(image, ideal)
    errors = [
        mse_to_noisy_truth(
            image, (rng.poisson(4 * ideal) + rng.normal(0, 3, ideal.shape)), 40, 10, 3
        )
        for _ in range(40)
    ]
    error = np.std(errors, ddof=1) / np.sqrt(len(errors))
    assert np.mean(errors) == pytest.approx(exact, abs=2 * error)
    assert error < 0.02  # beside a truth's noise of 4.3


def test_the_noise_that_is_subtracted():
    truth = np.full((4, 4), 100, np.float32)
    scaled = scale_truth(truth, 50, 5)
    assert scaled.dtype == np.float32
    assert scaled == pytest.approx(10)
    assert truth_noise(truth, 50, 5) == pytest.approx(scaled.mean() * 5 / 50)
    assert truth_noise(truth, 50, 5, 2) == pytest.approx(1 + 4 / 100)
    assert truth_noise(truth, 50, 5, np.full((4, 4), 2, np.float32)) == pytest.approx(1.04)


def test_shared_frames(rng):
    ideal = rng.uniform(5, 25, (64, 64))
    corrected = []
    for _ in range(10):
        frames = rng.poisson(ideal, (40, *ideal.shape))
        error = mse(frames[:8].mean(0), frames.mean(0))
        corrected.append(correct_shared_frames(error, 8, 40))
    error = np.std(corrected, ddof=1) / np.sqrt(len(corrected))
    assert np.mean(corrected) == pytest.approx(ideal.mean() / 8, abs=2 * error)


def test_shared_frames_of_w2s():
    assert 10 * np.log10(correct_shared_frames(1, 16, 400)) == pytest.approx(0.177, abs=1e-3)


def test_bad_input_is_refused():
    truth = np.ones((4, 4), np.float32)
    for exposures in ((0, 1), (1, -1), (np.inf, 1)):
        with pytest.raises(PhotonDenoiseError, match="Exposures must be above 0"):
            scale_truth(truth, *exposures)
    for frames in ((0, 4), (4, 4), (5, 4)):
        with pytest.raises(PhotonDenoiseError, match="more frames"):
            correct_shared_frames(1.0, *frames)
    for read_noise in (-1, np.nan):
        with pytest.raises(PhotonDenoiseError, match="read noise must be 0 or more"):
            truth_noise(truth, 2, 1, read_noise)
    with pytest.raises(PhotonDenoiseError, match="does not fit"):
        truth_noise(truth, 2, 1, np.ones((5, 4), np.float32))
    with pytest.raises(PhotonDenoiseError, match="must be equal"):
        mse_to_noisy_truth(truth, truth[1:], 2, 1)
    with pytest.raises(PhotonDenoiseError, match="NaN"):
        mse_to_noisy_truth(truth, truth * np.nan, 2, 1)
