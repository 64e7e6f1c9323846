import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.held_out import held_out_difference, score_held_out
from napari_photon_denoise.metrics.poisson import poisson_kl
from napari_photon_denoise.metrics.thinning import thin

SHARE = 0.8


def draw_truth(rng, size=96):
    smooth = gaussian_filter(rng.normal(size=(size, size)), 4)
    return (14 + 100 * smooth).clip(1).astype(np.float32)


def record(truth, noise, rng):
    photons = rng.poisson(truth) + noise * rng.standard_normal(truth.shape)
    return photons.astype(np.float32)


def blurred(part, sigma):
    return gaussian_filter(part.kept, sigma) / np.float32(part.share)


@pytest.mark.parametrize("noise", [0, 1.6])
@pytest.mark.parametrize("sigma", [0, 1.5])
def test_the_estimated_error_is_the_true_one_within_its_own_error(noise, sigma):
    inside = within = 0
    deviations = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        truth = draw_truth(rng)
        part = thin(record(truth, noise, rng), noise, share=SHARE, rng=rng)
        estimate = blurred(part, sigma) if sigma else part.kept / np.float32(SHARE)
        found = score_held_out(part, estimate)
        true = np.mean((estimate - truth) ** 2, dtype=np.float64)
        deviations.append((found.mse - true) / found.mse_error)
        inside += abs(deviations[-1]) < 2
        within += abs(deviations[-1]) < 1
    assert inside >= 90
    assert within >= 55
    assert np.mean(deviations) == pytest.approx(0, abs=0.4)
    assert np.std(deviations) == pytest.approx(1, abs=0.25)


@pytest.mark.parametrize("noise", [0, 1.6])
def test_differences_are_surer_than_scores_and_their_errors_right(noise):
    mse, deviance, sharper = [], [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        truth = draw_truth(rng)
        part = thin(record(truth, noise, rng), noise, share=SHARE, rng=rng)
        first, second = blurred(part, 1.2), blurred(part, 2.0)
        found = held_out_difference(part, first, second)
        true = np.mean((first - truth) ** 2 - (second - truth) ** 2, dtype=np.float64)
        mse.append((found.mse - true) / found.mse_error)
        means = [part.expected(image).astype(np.float32) for image in (truth, first, second)]
        divergence = poisson_kl(means[0], means[1], 0) - poisson_kl(means[0], means[2], 0)
        deviance.append((found.deviance - 2 * divergence) / found.deviance_error)
        sharper.append(score_held_out(part, first).mse_error / found.mse_error)
    for values in (mse, deviance):
        assert np.mean(values) == pytest.approx(0, abs=4 / np.sqrt(60))
        assert np.std(values) == pytest.approx(1, abs=0.3)
    assert np.median(sharper) > 2


def test_difference_is_the_difference_of_the_scores(rng):
    truth = draw_truth(rng)
    part = thin(record(truth, 1.6, rng), 1.6, share=SHARE, rng=rng)
    first, second = blurred(part, 1), blurred(part, 3)
    found = held_out_difference(part, first, second)
    scores = [score_held_out(part, image) for image in (first, second)]
    assert found.mse == pytest.approx(scores[0].mse - scores[1].mse, rel=1e-6)
    assert found.deviance == pytest.approx(scores[0].deviance - scores[1].deviance, rel=1e-6)


def test_the_truth_has_deviance_one_and_all_of_its_contrast(rng):
    truth = draw_truth(rng, 200) * 4
    part = thin(record(truth, 1.6, rng), 1.6, share=SHARE, rng=rng)
    found = score_held_out(part, truth)
    assert found.deviance == pytest.approx(1, abs=0.05)
    assert found.support == pytest.approx(1, abs=4 * found.support_error)
    assert found.mse == pytest.approx(0, abs=4 * found.mse_error)


def test_left_over_noise_is_not_shown_by_photons_held_back(rng):
    truth = np.full((200, 200), 20, np.float32)
    part = thin(record(truth, 0, rng), share=SHARE, rng=rng)
    found = score_held_out(part, blurred(part, 1.0))
    assert found.support == pytest.approx(0, abs=4 * found.support_error)


def test_psnr_needs_an_error_above_zero(rng):
    truth = np.full((40, 40), 20, np.float32)
    part = thin(record(truth, 0, rng), share=SHARE, rng=rng)
    found = score_held_out(part, blurred(part, 1.0))
    assert np.isnan(found.psnr) == (found.mse <= 0)
    raw = score_held_out(part, part.kept / np.float32(SHARE))
    assert raw.psnr == pytest.approx(10 * np.log10(raw.data_range**2 / raw.mse))


@pytest.mark.parametrize(("told", "doubted"), [(1.6, False), (2.5, True)])
def test_an_error_far_below_zero_is_the_cameras_fault(told, doubted):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        truth = np.full((96, 96), 3, np.float32)
        part = thin(record(truth, 1.6, rng), told, share=SHARE, rng=rng)
        found = score_held_out(part, blurred(part, 8))
        assert (found.mse < -3 * found.mse_error) == doubted
        assert bool(found.doubt) == doubted
    assert ("read noise seems too high" in found.doubt) == doubted


def test_bad_input_is_refused(rng):
    part = thin(np.ones((8, 9), np.float32), rng=rng)
    with pytest.raises(PhotonDenoiseError, match="must be equal"):
        score_held_out(part, np.ones((9, 8), np.float32))
    with pytest.raises(PhotonDenoiseError, match="NaN"):
        held_out_difference(part, part.kept, part.kept * np.nan)
