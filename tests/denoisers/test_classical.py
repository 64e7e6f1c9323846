"""Closed forms of the filters, and what non-local means knows of the camera."""

import numpy as np
import pytest

import napari_photon_denoise as npd
from napari_photon_denoise.metrics.squared_error import mse
from napari_photon_denoise.virtual.samples import make_sample

ONE = npd.Calibration(gain=1, offset=0)


@pytest.fixture
def noise(rng):
    return rng.normal(0, 1, (700, 700)).astype(np.float32)


@pytest.mark.parametrize("size", [3, 5, 9])
def test_box_divides_the_variance_by_its_area(noise, size):
    clean = npd.denoise(noise, ONE, npd.Box(size=size))
    assert clean.var() == pytest.approx(1 / size**2, rel=0.05)
    assert clean.sum(dtype=float) == pytest.approx(noise.sum(dtype=float), abs=0.02)


def test_box_in_three_dimensions(rng):
    noise = rng.normal(0, 1, (34, 130, 130)).astype(np.float32)
    clean = npd.denoise(noise, ONE, npd.Box(size=5, size_z=3), axes="ZYX")
    # Reflected borders average fewer different values.
    assert clean[1:-1, 2:-2, 2:-2].var() == pytest.approx(1 / 75, rel=0.05)


@pytest.mark.parametrize("sigma", [1.0, 2.5])
def test_gaussian_divides_the_variance_by_four_pi_sigma_squared(noise, sigma):
    clean = npd.denoise(noise, ONE, npd.Gaussian(sigma=sigma))
    assert clean.var() == pytest.approx(1 / (4 * np.pi * sigma**2), rel=0.05)
    assert clean.sum(dtype=float) == pytest.approx(noise.sum(dtype=float), abs=0.02)


def test_gaussian_of_width_zero_changes_nothing(noise):
    np.testing.assert_array_equal(npd.denoise(noise, ONE, npd.Gaussian(sigma=0)), noise)


def test_median_has_its_known_variance_and_drops_hot_pixels(noise):
    clean = npd.denoise(noise, ONE, npd.Median(size=5))
    assert clean.var() == pytest.approx(np.pi / (2 * 25), rel=0.1)
    hot = np.zeros((9, 9), np.float32)
    hot[4, 4] = 1e6
    assert npd.denoise(hot, ONE, "median").max() == 0


def test_nonlocal_means_knows_which_pixels_are_noisy():
    """The map of the read noise is worth more than any single number for it."""
    sample = make_sample("membranes", photons=3, seed=3)
    camera = sample.calibration
    errors = {}
    for name in ("map", "median", "rms"):
        read_noise = {
            "map": camera.read_noise,
            "median": float(np.median(camera.read_noise)),
            "rms": float(np.sqrt(np.mean(camera.read_noise**2))),
        }[name]
        told = npd.Calibration(gain=camera.gain, offset=camera.offset, read_noise=read_noise)
        clean = npd.denoise(sample.counts, told, "non-local-means")
        errors[name] = mse(clean, sample.truth)
    assert errors["map"] < 0.95 * min(errors["median"], errors["rms"])


@pytest.mark.parametrize("scene", ["filaments", "nuclei", "membranes"])
def test_nonlocal_means_beats_the_best_gaussian(scene):
    """At 10 photons, against the sigma that is best when the truth is known."""
    sample = make_sample(scene, photons=10)
    best = min(
        mse(npd.denoise(sample.counts, sample.calibration, npd.Gaussian(sigma=s)), sample.truth)
        for s in np.arange(0.4, 2.01, 0.2)
    )
    clean = npd.denoise(sample.counts, sample.calibration, "non-local-means")
    assert mse(clean, sample.truth) < 0.9 * best


def test_doubled_gain_and_offset_change_nothing():
    """Photons are photons, whatever grey values a camera gives them."""
    sample = make_sample("nuclei")
    first = npd.denoise(sample.counts, sample.calibration, "non-local-means")
    camera = sample.calibration
    other = npd.Calibration(
        gain=camera.gain / 2, offset=2 * camera.offset + 50, read_noise=camera.read_noise
    )
    counts = 2 * sample.counts.astype(np.int32) + 50
    np.testing.assert_allclose(
        npd.denoise(counts, other, "non-local-means"), first, rtol=1e-4, atol=1e-3
    )
