"""Gain and effective offset of an image against truth, and whether the interval holds it."""

import numpy as np
import pytest

from napari_photon_denoise.errors import PhotonDenoiseError


@pytest.mark.parametrize("scene", ["filaments", "shaded"])
@pytest.mark.parametrize("peak", [20, 200, 2000])
def test_gain_within_5_percent(camera, estimate, scene, peak):
    # Larger images have smaller errors; one seed each here, many below.
    found = estimate(camera.shoot(scene, peak, seed=1, size=512))
    assert 1 / found.gain == pytest.approx(camera.slope, rel=0.05)
    low, high = found.offset_eff_interval
    assert low < camera.offset_eff < high
    assert found.source == "image"
    assert "not measured" in found.sentences[0]


def coverage(camera, estimate, seeds):
    """Share of intervals that hold the truth, mean ratio of slopes, false alarms."""
    holds, zeros, ratios, alarms = [], [], [], 0
    for seed in range(seeds):
        scene = ("filaments", "shaded")[seed % 2]
        found = estimate(camera.shoot(scene, (20, 200, 2000)[seed % 3], seed))
        low, high = found.gain_interval
        holds.append(low <= 1 / camera.slope <= high)
        zeros.append(
            found.offset_eff_interval[0] <= camera.offset_eff <= found.offset_eff_interval[1]
        )
        ratios.append(1 / found.gain / camera.slope)
        alarms += found.correlated
        # An interval that holds everything says nothing.
        assert high / low < 1.6
    return np.mean(holds), np.mean(zeros), np.mean(ratios), alarms


def test_intervals_hold_the_truth(camera, estimate):
    holds, zeros, ratio, alarms = coverage(camera, estimate, 10)
    assert holds >= 0.8
    assert zeros >= 0.8
    assert ratio == pytest.approx(1, abs=0.03)
    assert alarms == 0


@pytest.mark.slow
def test_intervals_hold_the_truth_in_100_seeds(camera, estimate):
    holds, zeros, ratio, alarms = coverage(camera, estimate, 100)
    assert holds >= 0.85
    assert zeros >= 0.85
    assert ratio == pytest.approx(1, abs=0.015)
    assert alarms == 0


def test_movie_is_better_than_its_frames(camera, estimate):
    """Differences cancel the scene, even one that a single frame can't tell from noise."""
    movie = camera.shoot("beads", 1000, seed=2, frames=12)
    assert 1 / estimate(movie[0]).gain != pytest.approx(camera.slope, rel=0.05)
    found = estimate(movie, "TYX")
    assert found.source == "movie"
    assert 1 / found.gain == pytest.approx(camera.slope, rel=0.05)
    assert "differences of successive frames" in found.sentences[0]


def test_bleaching_does_not_hurt_a_movie(camera, estimate):
    movie = camera.shoot("shaded", 300, seed=3, frames=8).astype(float)
    fading = np.exp(-0.1 * np.arange(8))[:, None, None]
    photons = np.maximum(movie - camera.offset, 0) / camera.slope
    rng = np.random.default_rng(0)
    # Thinning keeps Poisson noise Poisson.
    thinned = rng.binomial(np.rint(photons).astype(int), fading)
    found = estimate((thinned * camera.slope + camera.offset).astype(np.float32), "TYX")
    assert 1 / found.gain == pytest.approx(camera.slope, rel=0.06)


def test_known_offset_opens_even_images(camera, estimate):
    rng = np.random.default_rng(0)
    even = np.rint(
        camera.slope * (rng.poisson(50, (256, 256)) + 1.5 * rng.standard_normal((256, 256)))
        + camera.offset
    ).astype(np.uint16)
    assert estimate(even).relative
    found = estimate(even, offset=camera.offset, read_noise=camera.read_noise)
    assert 1 / found.gain == pytest.approx(camera.slope, rel=0.05)
    assert found.offset_eff == pytest.approx(camera.offset_eff, abs=0.5)
    with pytest.raises(PhotonDenoiseError, match="darker than the offset"):
        estimate(even, offset=1000)


def test_calibration_splits_only_what_is_given(camera, estimate):
    found = estimate(camera.shoot("shaded", 50, seed=4))
    plain = found.calibration()
    assert plain.source == "estimated"
    assert plain.gain == found.gain
    assert plain.gain_sd == pytest.approx((found.gain_interval[1] - found.gain_interval[0]) / 3.92)
    assert plain.read_noise == 0
    assert plain.offset == found.offset_eff
    by_noise = found.calibration(read_noise=camera.read_noise)
    assert by_noise.offset == pytest.approx(camera.offset, abs=1)
    by_offset = found.calibration(offset=camera.offset)
    assert by_offset.read_noise == pytest.approx(camera.read_noise, abs=0.3)
    both = found.calibration(offset=101, read_noise=2)
    assert (both.offset, both.read_noise) == (101, 2)
    # However it is split, the variance of a pixel is the same.
    for each in (plain, by_noise, by_offset):
        photons = (200 - each.offset) * each.gain
        variance = (photons + each.read_noise**2) / each.gain**2
        assert variance == pytest.approx(found.variance(200), rel=1e-6)
    with pytest.raises(PhotonDenoiseError, match="does not fit the image"):
        found.calibration(offset=20)


def test_the_check_agrees_on_open_scenes(camera, estimate):
    found = estimate(camera.shoot("shaded", 200, seed=5))
    assert not any("independent check" in sentence for sentence in found.sentences)


def test_the_check_speaks_up_against_hot_pixels(camera, estimate):
    """Spikes are white: only the median sees that they are no photons' noise."""
    image = camera.shoot("shaded", 200, seed=5)
    rng = np.random.default_rng(0)
    spikes = (rng.random(image.shape) < 0.01) & (image > 150)
    image[spikes] += 500
    found = estimate(image)
    assert any("independent check" in sentence for sentence in found.sentences)


def test_channels_of_different_cameras_are_said(camera, estimate):
    one = camera.shoot("shaded", 200, seed=6)
    other = np.rint((one - camera.offset) * 3.0 + camera.offset)
    assert any(
        "channels differ" in each
        for each in estimate(np.stack([one, other]).astype(np.uint16), "CYX").sentences
    )
    same = np.stack([one, camera.shoot("shaded", 100, seed=7)])
    assert not any("channels differ" in each for each in estimate(same, "CYX").sentences)
