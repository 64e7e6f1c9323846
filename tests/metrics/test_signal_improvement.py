import numpy as np
import pytest

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.poisson import symmetric_kl
from napari_photon_denoise.metrics.signal_improvement import fit_signal_improvement
from napari_photon_denoise.metrics.slices import by_slice


def test_a_constant_factor_is_recovered(rng):
    before = rng.uniform(0.5, 2, (4, 10))
    found = fit_signal_improvement(before, before / 3.7)
    assert found.factor == pytest.approx(3.7)
    assert (found.low, found.high) == pytest.approx((3.7, 3.7))
    assert found.slope == pytest.approx(3.7)
    assert found.intercept == pytest.approx(0, abs=1e-12)
    assert found.points == 40


def test_the_formula(rng):
    before, after = rng.uniform(0.5, 2, (2, 12))
    found = fit_signal_improvement(before, after)
    assert found.factor == pytest.approx((before * after).sum() / (after**2).sum())
    assert (found.slope, found.intercept) == pytest.approx(tuple(np.polyfit(after, before, 1)))


def test_the_ordinary_line_shows_what_one_factor_hides():
    after = np.linspace(1, 2, 9)
    found = fit_signal_improvement(2 * after + 1, after)
    assert (found.slope, found.intercept) == pytest.approx((2, 1))
    assert found.factor > 2.5


def test_the_interval_holds_the_factor_about_as_often_as_it_says(rng):
    hits = []
    for _ in range(1000):
        after = rng.uniform(0.1, 2, 15)
        before = 4 * after * rng.normal(1, 0.2, after.size)
        found = fit_signal_improvement(before, after)
        hits.append(found.low <= 4 <= found.high)
    assert 0.92 < np.mean(hits) < 0.98


def test_from_images(rng):
    truth = np.full((5, 64, 64), 30, np.float32)
    noisy = rng.poisson(truth).astype(np.float32)
    mean_of_four = rng.poisson(truth, (4, *truth.shape)).mean(0).astype(np.float32)
    before, after = (by_slice(symmetric_kl, truth, image) for image in (noisy, mean_of_four))
    assert fit_signal_improvement(before, after).factor == pytest.approx(4, rel=0.05)


def test_corners():
    equal = fit_signal_improvement([1, 3], [1, 1])
    assert equal.factor == 2
    assert np.isnan([equal.slope, equal.intercept]).all()
    lone = fit_signal_improvement([0.5, 2], [0, 1])
    assert lone.factor == 2
    assert np.isfinite([lone.low, lone.high]).all()


def test_bad_input_is_refused():
    with pytest.raises(PhotonDenoiseError, match="must be equal"):
        fit_signal_improvement([1, 2], [1, 2, 3])
    with pytest.raises(PhotonDenoiseError, match="at least two"):
        fit_signal_improvement([1], [1])
    for bad in (-1, np.nan, np.inf):
        with pytest.raises(PhotonDenoiseError, match="0 or more and finite"):
            fit_signal_improvement([1, bad], [1, 2])
    with pytest.raises(PhotonDenoiseError, match="infinite"):
        fit_signal_improvement([1, 2], [0, 0])
