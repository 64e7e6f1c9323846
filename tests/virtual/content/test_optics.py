import numpy as np
import pytest

from napari_photon_denoise.virtual.content.optics import (
    BLURREST,
    BRIGHTEST,
    SHARPEST,
    Psf,
    draw_psf,
    hazy,
    normalised,
    with_background,
)


def width_at_half_height(profile):
    """Full width, px, with the crossings found between the pixels."""
    half = profile.max() / 2
    above = np.flatnonzero(profile >= half)
    left, right = above[0], above[-1]
    before = (profile[left] - half) / (profile[left] - profile[left - 1])
    behind = (profile[right] - half) / (profile[right] - profile[right + 1])
    return right - left + before + behind


def test_blur_reaches_from_undersampled_to_oversampled():
    sigmas = np.array([draw_psf(np.random.default_rng(seed)).sigma for seed in range(2000)])
    assert sigmas.min() == SHARPEST
    assert sigmas.max() == BLURREST
    assert np.mean((sigmas > 0.8) & (sigmas < 2)) > 0.6
    assert {draw_psf(np.random.default_rng(seed)).kind for seed in range(60)} == {
        "gaussian",
        "tailed",
        "airy",
    }


@pytest.mark.parametrize("kind", ["gaussian", "tailed", "airy"])
@pytest.mark.parametrize("sigma", [1.5, 2.5])
def test_a_point_becomes_as_wide_as_said_and_no_light_is_lost(kind, sigma):
    point = np.zeros((121, 121), dtype=np.float32)
    point[60, 60] = 1
    image = Psf(sigma, kind=kind).blur(point, volume=False)
    assert image.sum() == pytest.approx(1, abs=0.02)
    assert image.min() >= 0
    assert width_at_half_height(image[60]) == pytest.approx(2.355 * sigma, rel=0.12)


def test_a_stretched_psf_is_wider_along_x():
    point = np.zeros((61, 61), dtype=np.float32)
    point[30, 30] = 1
    image = Psf(2, stretch=1.5).blur(point, volume=False)
    wide = width_at_half_height(image[30]) / width_at_half_height(image[:, 30])
    assert wide == pytest.approx(1.5, rel=0.05)


def test_planes_of_a_film_do_not_mix_and_those_of_a_volume_do():
    point = np.zeros((5, 31, 31), dtype=np.float32)
    point[2, 15, 15] = 1
    for kind in ("gaussian", "tailed", "airy"):
        psf = Psf(1.2, sigma_z=1, kind=kind)
        assert psf.blur(point, volume=False)[1].max() < 1e-6
        assert psf.blur(point, volume=True)[1].max() > 0.01


@pytest.mark.parametrize("shape", [(64, 64), (61, 75), (4, 63, 50)])
def test_haze_adds_light_and_keeps_the_shape(shape, rng):
    signal = rng.random(shape, dtype=np.float32)
    for _ in range(4):
        image = hazy(signal, rng, volume=len(shape) == 3)
        assert image.shape == shape
        assert np.all(image >= signal)


def test_a_lone_bead_in_the_dark_fits_a_16_bit_float():
    bead = np.zeros((256, 256), dtype=np.float32)
    bead[7, 9] = 1
    image = normalised(bead)
    assert image.max() == pytest.approx(BRIGHTEST, rel=1e-3)
    assert image.mean() == pytest.approx(1, rel=1e-3)
    assert np.isfinite(image.astype(np.float16)).all()
    np.testing.assert_array_equal(normalised(np.zeros((4, 4), np.float32)), 1)


def test_backgrounds_are_positive(rng):
    for _ in range(50):
        assert with_background(np.zeros((40, 50), np.float32), rng).min() > 0
