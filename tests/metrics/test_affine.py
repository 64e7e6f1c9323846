import numpy as np
import pytest

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.affine import affine_fit, nrmse, si_psnr
from napari_photon_denoise.metrics.checks import truth_range
from napari_photon_denoise.metrics.squared_error import mse, psnr


@pytest.fixture
def truth(rng):
    return rng.gamma(2, 10, (60, 70)).astype(np.float32)


@pytest.fixture
def image(truth, rng):
    return (3 * truth + 50 + rng.normal(0, 30, truth.shape)).astype(np.float32)


def test_the_residual_has_its_closed_form(image, truth):
    rho = np.corrcoef(image.ravel(), truth.ravel())[0, 1]
    expected = truth.std(dtype=np.float64) * np.sqrt(1 - rho**2)
    assert affine_fit(image, truth).residual == pytest.approx(expected, rel=1e-6)
    low, high = np.percentile(truth, (0.1, 99.9))
    assert nrmse(image, truth) == pytest.approx(expected / (high - low), rel=1e-5)
    peak = truth_range(truth)
    assert si_psnr(image, truth, peak) == pytest.approx(20 * np.log10(peak / expected), abs=1e-4)


def test_the_fit_is_that_of_least_squares(image, truth):
    fit = affine_fit(image, truth)
    slope, intercept = np.polyfit(image.ravel().astype(float), truth.ravel(), 1)
    assert (fit.scale, fit.offset) == pytest.approx((slope, intercept))
    assert fit(image).dtype == np.float32
    assert np.sqrt(mse(fit(image), truth)) == pytest.approx(fit.residual, rel=1e-5)
    assert psnr(fit(image), truth, 100) == pytest.approx(si_psnr(image, truth, 100), abs=1e-4)


def test_scale_and_offset_do_not_matter(image, truth):
    assert nrmse(image / 7 - 4, truth) == pytest.approx(nrmse(image, truth), rel=1e-4)
    assert nrmse(image, 5 * truth + 9) == pytest.approx(nrmse(image, truth), rel=1e-4)


def test_the_fit_alone_improves_a_raw_image(rng):
    truth = rng.gamma(2, 0.1, (100, 100)).astype(np.float32)
    noisy = truth + rng.normal(0, 0.17, truth.shape).astype(np.float32)
    assert affine_fit(noisy, truth).residual < 0.75 * np.sqrt(mse(noisy, truth))


def test_a_constant_image_fits_to_the_mean(truth):
    fit = affine_fit(np.full_like(truth, 7), truth)
    assert fit.scale == 0
    assert fit.offset == pytest.approx(truth.mean())
    assert fit.residual == pytest.approx(truth.std(), rel=1e-5)


def test_bad_input_is_refused(truth):
    flat = np.ones_like(truth)
    with pytest.raises(PhotonDenoiseError, match="no range to normalise"):
        nrmse(truth, flat)
    with pytest.raises(PhotonDenoiseError, match="constant truth"):
        si_psnr(truth, flat, 0)
    with pytest.raises(PhotonDenoiseError, match="must be equal"):
        affine_fit(truth, truth[1:])
    with pytest.raises(PhotonDenoiseError, match="NaN"):
        affine_fit(flat * np.nan, truth)
