"""The ladder: what an image can't tell costs photon numbers, never the noise."""

import re

import numpy as np
import pytest
from imagecodecs import jpeg8_decode, jpeg8_encode
from scipy.ndimage import convolve, gaussian_filter

from napari_photon_denoise.virtual import scenes

SHAPE = (384, 384)


def variance(found, counts):
    """Variance (ADU²) that denoising is told of a pixel of these expected counts."""
    camera = found.calibration()
    photons = max((counts - camera.offset) * camera.gain, 0)
    return (photons + camera.read_noise**2) / camera.gain**2


def textured(rng):
    """Cells with fine texture on dense filaments."""
    texture = gaussian_filter(rng.standard_normal(SHAPE), 1.5)
    density = scenes.nuclei(SHAPE, rng) + 0.3 * scenes.filaments(SHAPE, rng)
    return density * np.exp(0.5 * texture / texture.std())


def shoot(expected, rng, slope=2.2, offset=100, read_noise=1.5):
    noise = read_noise * rng.standard_normal(expected.shape)
    return np.rint(slope * (rng.poisson(expected) + noise) + offset).astype(np.uint16)


def test_little_contrast_is_relative_and_its_noise_right(estimate):
    """Brightness from 300 to 450 photons: a slope, but no reliable zero."""
    rng = np.random.default_rng(0)
    ramp = np.linspace(300, 450, 512)[None, :] * np.ones((512, 1))
    found = estimate(shoot(ramp, rng))
    assert found.rung == "slope"
    assert found.relative
    assert found.calibration().relative
    assert "relative" in " ".join(found.sentences)
    for electrons in (310, 375, 440):
        true = 2.2**2 * (electrons + 1.5**2)
        assert variance(found, 100 + 2.2 * electrons) == pytest.approx(true, rel=0.1)
    # The darkest pixels are above the floor from which photons are counted.
    assert found.calibration().offset < 100 + 2.2 * 300


def test_one_level_of_noise(estimate):
    even = np.random.default_rng(0).poisson(500, (256, 256)).astype(np.uint16)
    found = estimate(even)
    assert found.rung == "level"
    assert "one level of noise" in found.badge
    assert variance(found, 500) == pytest.approx(500, rel=0.05)


def test_what_is_known_besides_makes_no_photon_numbers_up(estimate):
    """A read noise does not tell the offset, and of one level of noise not even an offset helps."""
    rng = np.random.default_rng(0)
    ramp = np.linspace(300, 450, 512)[None, :] * np.ones((512, 1))
    slope = estimate(shoot(ramp, rng))
    assert slope.calibration(read_noise=1.5).relative
    level = estimate(rng.poisson(500, (256, 256)).astype(np.uint16))
    assert level.calibration(offset=0).relative
    assert level.calibration(offset=0, read_noise=1).relative


def test_of_one_level_of_noise_no_gain_and_no_electrons_are_shown(estimate, rng):
    level = estimate(np.rint(rng.normal(3000, 7, (256, 256))).astype(np.uint16))
    assert level.rung == "level"
    for said in (level.describe(), level.calibration().describe()):
        assert "e-" not in said
        noise = float(re.search("([0-9.]+) ADU", said)[1])
        assert noise == pytest.approx(7, rel=0.1)


def test_noise_that_falls_with_brightness_is_one_level(estimate, camera):
    image = 255 - camera.shoot("shaded", 200, seed=1) / 600 * 255.0
    found = estimate(image)
    assert found.rung == "level"


@pytest.mark.parametrize("peak", [50, 1000])
def test_texture_is_not_shared_noise(estimate, peak):
    rng = np.random.default_rng(3)
    density = textured(rng)
    expected = peak * density / np.quantile(density, 0.999)
    found = estimate(shoot(expected, rng))
    assert not found.correlated
    for electrons in np.quantile(gaussian_filter(expected, 1), [0.1, 0.5, 0.95]):
        true = 2.2**2 * (electrons + 1.5**2)
        assert variance(found, 100 + 2.2 * electrons) == pytest.approx(true, rel=0.2)


def test_undersampled_beads_are_told_from_their_dark_surroundings(estimate, camera):
    found = estimate(camera.shoot("beads", 200, seed=1, size=512))
    assert not found.correlated
    assert any("as sharp as the pixels" in sentence for sentence in found.sentences)
    assert variance(found, 120) == pytest.approx(2.18 * (120 - camera.offset_eff), rel=0.2)


def test_small_cells_at_low_magnification(estimate):
    """Structure as sharp as its pixels reaches beyond the band, but not into its corners."""
    rng = np.random.default_rng(5)
    image = np.full(SHAPE, 0.1)
    y, x = np.indices(SHAPE)
    for _ in range(500):
        top, left = rng.uniform(0, SHAPE[0], 2)
        image += ((y - top) ** 2 + (x - left) ** 2 < 12) * rng.uniform(0.3, 1)
    expected = 300 * gaussian_filter(image * np.exp(0.4 * rng.standard_normal(SHAPE)), 0.65)
    found = estimate(shoot(expected, rng))
    assert not found.correlated
    for electrons in np.quantile(expected, [0.1, 0.5, 0.95]):
        true = 2.2**2 * (electrons + 1.5**2)
        assert variance(found, 100 + 2.2 * electrons) == pytest.approx(true, rel=0.35)


def test_texture_as_sharp_as_the_pixels_is_not_shared_noise(estimate):
    rng = np.random.default_rng(7)
    density = textured(rng) * np.exp(0.8 * rng.standard_normal(SHAPE))
    expected = 200 * gaussian_filter(density / density.mean(), 0.5) + 10
    found = estimate(shoot(expected, rng))
    assert not found.correlated
    middle = float(np.median(expected))
    # Much of it can't be told from noise at all.
    assert variance(found, 100 + 2.2 * middle) < 3 * 2.2**2 * (middle + 1.5**2)


def test_what_jpeg_leaves_of_noise(estimate):
    """Outside the band hardly anything is left, and the blocks are no noise that is shared."""
    rng = np.random.default_rng(7)
    density = 0.3 + textured(rng)
    counts = shoot(25 * density / density.mean(), rng, offset=0)
    scale = 250 / np.quantile(counts, 0.999)
    shown = np.clip(counts * scale, 0, 255).astype(np.uint8)
    saved = jpeg8_decode(jpeg8_encode(shown, level=75))
    expected = np.clip(25 * density / density.mean() * 2.2 * scale, 0, 255)
    found = estimate(saved)
    assert not found.correlated
    bright = float(np.quantile(expected, 0.95))
    error = np.square(saved - expected)[np.abs(expected - bright) < 3].mean()
    assert error / 3 < variance(found, bright) < 3 * error


def test_counted_photons(estimate):
    """Most pixels empty, lone photons of 30 grey values: gain from variance over mean."""
    rng = np.random.default_rng(0)
    density = scenes.nuclei(SHAPE, rng)
    counts = 30 * rng.poisson(0.15 * density)
    assert (counts == 0).mean() > 0.8
    found = estimate(np.minimum(counts, 255).astype(np.uint8))
    assert found.rung == "counted"
    assert not found.correlated
    assert found.gain == pytest.approx(1 / 30, rel=0.1)
    assert found.calibration().offset == 0


def test_a_colour_camera(estimate):
    """Green of a Bayer pattern, its gaps filled in with the mean of four neighbours."""
    rng = np.random.default_rng(0)
    expected = 200 * gaussian_filter(scenes.nuclei(SHAPE, rng), 2) + 20
    electrons = rng.poisson(expected) + 1.5 * rng.standard_normal(SHAPE)
    measured = np.indices(SHAPE).sum(axis=0) % 2 == 0
    green = convolve(electrons * measured, np.array([[0, 1, 0], [1, 4, 1], [0, 1, 0]]) / 4)
    found = estimate(np.rint(2.2 * green + 100).astype(np.uint16))
    assert any("colour camera" in sentence for sentence in found.sentences)
    # As a Gaussian of this length, neighbours share 0.4 of their noise.
    assert found.length_y == pytest.approx(0.56, abs=0.06)
    for level in np.quantile(expected, [0.1, 0.5, 0.95]):
        true = 2.2**2 * (level + 1.5**2) * (1 + 1 / 4) / 2
        assert variance(found, 100 + 2.2 * level) == pytest.approx(true, rel=0.25)


def test_repeated_pixels(estimate, camera):
    """Each pixel twice in y and x, as of an image that was enlarged without interpolation."""
    small = camera.shoot("shaded", 200, seed=2)
    found = estimate(np.repeat(np.repeat(small, 2, axis=0), 2, axis=1))
    assert found.correlated
    assert variance(found, 200) == pytest.approx(2.18 * (200 - camera.offset_eff), rel=0.1)


def test_dark_parts_cut_off(estimate, camera):
    """As of thresholded 8-bit pictures: noise in the cells, none around them."""
    image = camera.shoot("nuclei", 200, seed=1).astype(int)
    found = estimate(np.clip(image - 200, 0, 255).astype(np.uint8))
    assert any("no noise at all" in sentence for sentence in found.sentences)


def test_zeros_cut_off_are_said(estimate):
    rng = np.random.default_rng(0)
    light = np.linspace(0, 60, 256)[None, :] * np.ones((256, 1))
    image = np.maximum(np.rint(rng.poisson(light) + 3 * rng.standard_normal(light.shape)), 0)
    found = estimate(image.astype(np.uint16))
    assert any("0 or below" in sentence for sentence in found.sentences)
