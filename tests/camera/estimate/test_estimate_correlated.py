"""Noise that neighbours share: length and variance against truth; white noise stays white."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

BLURS = [(0.5, 0.5), (0.7, 0.7), (1.0, 1.0), (0.0, 0.7), (1.0, 0.0)]


def left(blur):
    """Variance that the blur leaves of white noise of variance 1."""
    point = np.zeros((41, 41))
    point[20, 20] = 1
    return float((gaussian_filter(point, blur) ** 2).sum())


@pytest.mark.parametrize("blur", BLURS)
@pytest.mark.parametrize("scene", ["shaded", "nuclei"])
def test_length_and_variance_within_20_percent(camera, estimate, scene, blur):
    found = estimate(camera.shoot(scene, 100, seed=1, blur=blur, size=512, whole=True))
    assert found.correlated
    for length, true in ((found.length_y, blur[0]), (found.length_x, blur[1])):
        if true:
            assert length == pytest.approx(true, rel=0.2)
        else:
            assert length < 0.4
    for counts in (120, 150, 250):
        true = left(blur) * camera.slope * (counts - camera.offset_eff)
        assert found.variance(counts) == pytest.approx(true, rel=0.2)
    assert found.inflation > 1.3
    assert any("share their noise" in sentence for sentence in found.sentences)
    calibration = found.calibration()
    assert (calibration.length_y, calibration.length_x) == (found.length_y, found.length_x)


def test_the_power_outside_the_band_alone_misses_nine_tenths(camera, estimate):
    found = estimate(camera.shoot("shaded", 100, seed=2, blur=(0.7, 0.7)))
    assert found.inflation > 10


def test_correlated_noise_of_a_movie(camera, estimate):
    movie = camera.shoot("filaments", 500, seed=3, blur=(0, 0.7), frames=6)
    found = estimate(movie, "TYX")
    assert found.source == "movie"
    assert found.length_x == pytest.approx(0.7, rel=0.2)
    assert found.length_y < 0.4
    true = left((0, 0.7)) * camera.slope * (200 - camera.offset_eff)
    assert found.variance(200) == pytest.approx(true, rel=0.2)


def test_averaged_neighbours_are_found(camera, estimate):
    """Two-pixel means, as of shifting an image by half a pixel."""
    image = camera.shoot("shaded", 100, seed=4).astype(np.float32)
    shifted = (image[:, 1:] + image[:, :-1]) / 2
    found = estimate(shifted)
    assert found.length_x > 0.4
    assert found.length_y < 0.4
    true = camera.slope * (150 - camera.offset_eff) / 2
    assert found.variance(150) == pytest.approx(true, rel=0.25)


def false_alarms(camera, estimate, seeds):
    scenes, peaks = ("shaded", "filaments", "nuclei"), (20, 200, 2000)
    return sum(
        estimate(camera.shoot(scenes[seed % 3], peaks[seed // 3 % 3], seed)).correlated
        for seed in range(seeds)
    )


def test_white_noise_is_never_called_correlated(camera, estimate):
    assert false_alarms(camera, estimate, 10) == 0


@pytest.mark.slow
def test_white_noise_is_never_called_correlated_in_100_seeds(camera, estimate):
    assert false_alarms(camera, estimate, 100) == 0


def test_sharp_filaments_do_not_make_shared_noise_longer(camera, estimate):
    """Blurred noise on sharp filaments: inside the band there is structure, outside noise."""
    image = camera.shoot("filaments", 500, seed=6, blur=(1.0, 1.0), size=512)
    for found in (estimate(image), estimate(image, offset=camera.offset_eff)):
        assert found.length_y == pytest.approx(1, rel=0.15)


def test_rounding_hides_strong_smoothing_but_does_not_fool(camera, estimate):
    """Smoothed and saved as whole numbers: outside the band there is rounding only."""
    smooth = camera.shoot("shaded", 100, seed=5, blur=(1.0, 1.0), size=512, whole=True)
    found = estimate(np.rint(smooth).astype(np.uint16))
    assert found.length_y == pytest.approx(1, rel=0.2)
    assert found.length_x == pytest.approx(1, rel=0.2)
    true = left((1.0, 1.0)) * camera.slope * (200 - camera.offset_eff)
    assert found.variance(200) == pytest.approx(true, rel=0.25)


def test_both_axes_together_tell_more_in_little_light(camera, estimate):
    """Rounding leaves little outside the band along each axis; around, there is more."""
    for seed in (1, 2):
        image = camera.shoot("nuclei", 3, seed=seed, blur=(0.7, 0.7), size=512, whole=True)
        assert estimate(image).length_y == pytest.approx(0.695, abs=0.007)
