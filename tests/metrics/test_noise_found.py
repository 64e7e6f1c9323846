"""The noise of an image, by what a denoiser takes out of it."""

import numpy as np
import pytest

from napari_photon_denoise.metrics.noise_found import find_noise


@pytest.fixture
def scene():
    y, x = np.indices((192, 192))
    return (30 * (1.2 + np.sin(y / 19) * np.cos(x / 21))).astype(np.float32)


@pytest.mark.parametrize("told", [0.25, 1, 4])
def test_noise_that_was_all_taken_out_is_measured(scene, rng, told):
    """Told `told` times the variance, in photons of which there are then fewer."""
    clean = scene / told
    noisy = (rng.poisson(scene) / told).astype(np.float32)
    found = find_noise(noisy, clean, 0, (0, 0))
    assert found.ratio == pytest.approx(1 / told, rel=0.05)
    assert 0 < found.error < 0.05 / told
    assert found.missing < 0.02


def test_what_was_kept_is_added(scene, rng):
    """Noise whose smooth part is kept, as a network keeps it."""
    from scipy.ndimage import gaussian_filter

    noise = rng.normal(0, np.sqrt(scene))
    kept = gaussian_filter(noise, 0.9)
    found = find_noise(
        (scene + noise).astype(np.float32), scene + kept.astype(np.float32), 0, (0, 0)
    )
    left = float(np.var((noise - kept) / np.sqrt(scene)))
    assert left < 0.85
    assert found.missing > 0.05
    assert found.ratio == pytest.approx(1, abs=0.12)


def test_hot_pixels_do_not_speak_for_all(scene, rng):
    noisy = rng.poisson(scene).astype(np.float32)
    noisy[::40, ::40] += 5000
    assert find_noise(noisy, scene, 0, (0, 0)).ratio == pytest.approx(1, rel=0.05)


def test_single_photons_on_nothing_tell_nothing(rng):
    scene = np.full((192, 192), 0.05, np.float32)
    assert find_noise(rng.poisson(scene).astype(np.float32), scene, 0, (0, 0)) is None
