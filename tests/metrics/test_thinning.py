import numpy as np
import pytest

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.metrics.thinning import split, thin


def correlation(a, b):
    return np.corrcoef(a.ravel(), b.ravel())[0, 1]


def test_whole_photons_are_sorted_and_none_is_lost(rng):
    counts = rng.poisson(rng.uniform(0, 20, (50, 60))).astype(np.float32)
    part = thin(counts, share=0.7, rng=rng)
    assert part.extra == 0
    assert part.read_noise == 0
    np.testing.assert_array_equal(part.kept + part.held, counts)
    assert part.kept.min() >= 0


@pytest.mark.parametrize("share", [0.5, 0.8])
def test_both_parts_of_poisson_photons_are_poisson_and_independent(rng, share):
    level, size = 9.0, 400
    counts = rng.poisson(level, (size, size)).astype(np.float32)
    part = thin(counts, share=share, rng=rng)
    for image, mean in ((part.kept, share * level), (part.held, (1 - share) * level)):
        assert image.mean() == pytest.approx(mean, abs=4 * np.sqrt(mean) / size)
        error = np.sqrt((2 * mean**2 + mean) / size**2)
        assert image.var() == pytest.approx(mean, abs=4 * error)
    assert abs(correlation(part.kept, part.held)) < 4 / size


# The shared variance that read noise would leave is p (1 - p) (σ² + 1/12): 0.66 at p = 0.5.
@pytest.mark.parametrize(("level", "most"), [(0.0, 0.08), (2.0, 0.02), (10.0, 0.02)])
@pytest.mark.parametrize("noise", [0.6, 1.6])
def test_parts_share_no_read_noise(rng, level, most, noise):
    size, share = 1000, 0.5
    photons = rng.poisson(level, (size, size)) + noise * rng.standard_normal((size, size))
    part = thin(photons.astype(np.float32), noise, share=share, rng=rng)
    covariance = np.cov(part.kept.ravel(), part.held.ravel())[0, 1]
    chance = 4 * np.sqrt(part.kept.var() * part.held.var()) / size
    assert abs(covariance) < most + chance
    bias = 0.1 if level == 0 else 0.01  # what is cut off below zero photons
    for image, mean in ((part.kept, share), (part.held - part.extra, 1 - share)):
        assert image.mean() == pytest.approx(mean * level, abs=bias + 4 * float(image.std()) / size)


def test_the_told_read_noise_is_that_of_the_thinned_image(rng):
    level, noise, share, size = 6.0, 2.0, 0.8, 700
    photons = rng.poisson(level, (size, size)) + noise * rng.standard_normal((size, size))
    part = thin(photons.astype(np.float32), noise, share=share, rng=rng)
    assert part.read_noise == pytest.approx(np.sqrt(share) * noise, rel=0.02)
    variance = share * level + part.read_noise**2
    assert part.kept.var() == pytest.approx(variance, rel=0.01)


def test_read_noise_may_be_a_map_for_every_frame(rng):
    read_noise = rng.uniform(0.5, 4, (80, 90)).astype(np.float32)
    frames = np.stack([rng.poisson(5, (80, 90)) for _ in range(200)])
    photons = frames + read_noise * rng.standard_normal(frames.shape)
    part = thin(photons.astype(np.float32), read_noise, share=0.5, rng=rng)
    assert part.read_noise.shape == read_noise.shape
    kept, held = part.kept, part.held - part.extra
    covariance = (kept * held).mean(axis=0) - kept.mean(axis=0) * held.mean(axis=0)
    error = np.sqrt((kept.var(axis=0) * held.var(axis=0)) / 200)
    assert np.mean(covariance / error) == pytest.approx(0, abs=4 / np.sqrt(read_noise.size))
    quiet, loud = read_noise < 1.5, read_noise > 3
    assert np.abs([covariance[quiet].mean(), covariance[loud].mean()]).max() < 0.1


def test_estimates_without_read_noise_are_no_whole_photons_either(rng):
    photons = rng.poisson(30, (800, 800)) / 3 + rng.uniform(-0.5, 0.5, (800, 800)) / 3
    part = thin(photons.astype(np.float32), share=0.5, rng=rng)
    assert part.extra == pytest.approx(0.5 / 12)


def test_folds_hold_no_photon_back_twice(rng):
    counts = rng.poisson(12, (60, 60)).astype(np.float32)
    parts = list(split(counts, share=0.8, folds=5, rng=rng))
    np.testing.assert_array_equal(sum(part.held for part in parts), counts)
    for part in parts:
        np.testing.assert_array_equal(part.kept + part.held, counts)
        assert part.held.mean() == pytest.approx(0.2 * 12, abs=0.15)


def test_the_same_seed_sorts_alike():
    counts = np.full((20, 20), 7, np.float32)
    first, second = (thin(counts, rng=np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first.held, second.held)


def test_bad_input_is_refused(rng):
    image = np.ones((4, 5), np.float32)
    with pytest.raises(PhotonDenoiseError, match="from 0 to 1"):
        thin(image, share=1.0, rng=rng)
    with pytest.raises(PhotonDenoiseError, match="1 to 5 folds"):
        split(image, share=0.8, folds=6, rng=rng)
    with pytest.raises(PhotonDenoiseError, match="NaN"):
        thin(image * np.nan, rng=rng)
    with pytest.raises(PhotonDenoiseError, match="does not fit"):
        thin(image, np.ones((5, 4), np.float32), rng=rng)
    with pytest.raises(PhotonDenoiseError, match="check the gain"):
        thin(image * 1e17, rng=rng)
