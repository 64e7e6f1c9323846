import numpy as np
import pytest

import napari_photon_denoise as npd
from napari_photon_denoise.evaluation.resolution import resolution_job
from napari_photon_denoise.job import run
from napari_photon_denoise.metrics.applicable import NotApplicable
from napari_photon_denoise.metrics.resolution import Resolution, read_resolution, ring_correlation
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.virtual import scenes


def band_limited(cutoff, rng, shape=(256, 256)):
    """White structure up to a cut-off, cycles/px, and nothing beyond."""
    spectrum = np.fft.rfft2(rng.standard_normal(shape))
    radius = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1]))
    scene = np.fft.irfft2(spectrum * (radius <= cutoff), shape)
    return scene / scene.std()


def see(truth, camera=None, size=None):
    camera = camera or npd.Calibration(1, 0)
    return Photons(truth.astype(np.float32), camera, "YX", size or {})


@pytest.mark.parametrize("cutoff", [0.1, 0.2, 0.35])
@pytest.mark.parametrize("shape", [(256, 256), (200, 301)])
def test_the_band_of_a_known_scene_is_found(cutoff, shape, rng):
    truth = 100 + 15 * band_limited(cutoff, rng, shape)
    found = run(resolution_job(see(rng.poisson(truth), size={"X": 0.1})))
    # The window blurs the spectrum by a ring or two.
    rings = 2.5 / min(shape)
    assert 1 / (cutoff + rings) < found.raw.period < 1 / (cutoff - 1 / min(shape))
    assert found.raw.micrometres == pytest.approx(0.1 * found.raw.period)
    assert not found.raw.at_limit
    assert isinstance(found.denoised, NotApplicable)
    assert "give the method" in found.denoised.reason


def test_equal_images_correlate_and_independent_noise_does_not(rng):
    first, second = rng.standard_normal((2, 128, 128)).astype(np.float32)
    same = ring_correlation(first, first)
    assert same.correlation == pytest.approx(1)
    assert read_resolution(same).at_limit
    assert read_resolution(same).period == 2
    other = ring_correlation(first, second)
    assert np.mean(np.abs(other.correlation) < 3 * other.error) > 0.9
    assert np.sqrt(np.mean((other.correlation / other.error) ** 2)) == pytest.approx(1, abs=0.5)


def test_signal_over_signal_and_noise(rng):
    """White structure of variance s in white noise of variance n correlates by s / (s + n)."""
    scene = rng.standard_normal((256, 256))
    images = [(scene + rng.standard_normal(scene.shape)).astype(np.float32) for _ in range(2)]
    found = ring_correlation(*images)
    assert found.correlation[10:].mean() == pytest.approx(0.5, abs=0.02)
    assert (np.diff(found.frequency) > 0).all()
    assert found.frequency[-1] <= 0.5


def test_light_and_denoising_bring_detail_out():
    rng = np.random.default_rng(2)
    density = scenes.filaments((192, 192), rng)
    camera = npd.Calibration(1, 0, 1.6)
    found = []
    for level in (2, 20):
        photons = rng.poisson(density * level) + 1.6 * rng.standard_normal(density.shape)
        found.append(run(resolution_job(see(photons, camera), npd.NonlocalMeans())))
    assert found[1].raw.period < found[0].raw.period
    for pair in found:
        assert pair.denoised.period < pair.raw.period
    assert len(found[0].denoised_curve.correlation) == len(found[0].raw_curve.correlation)


def test_pure_noise_has_no_resolution(rng):
    found = run(resolution_job(see(rng.poisson(5, (96, 96)))))
    assert isinstance(found.raw, NotApplicable)
    assert "share no structure" in found.raw.reason


def test_the_error_is_the_scatter_of_many_draws():
    rng = np.random.default_rng(0)
    density = scenes.filaments((128, 128), rng) * 4
    found = [run(resolution_job(see(rng.poisson(density)), seed=seed)).raw for seed in range(12)]
    scatter = np.std([one.period for one in found])
    stated = np.median([one.error for one in found])
    assert 0.3 < stated / scatter < 3


def test_shared_noise_is_a_reason(rng):
    camera = npd.Calibration(1, 0, 1, length_y=0.7)
    found = run(resolution_job(see(rng.poisson(9, (64, 64)), camera)))
    assert "share noise" in found.reason


def test_described_for_people():
    assert Resolution(3.2, 0.1, False, 0.1).describe() == "3.2 ± 0.1 px (0.32 µm)"
    assert Resolution(2, 0, True).describe() == "2 px or less: the pixels set the limit"


def test_bad_input_is_refused():
    image = np.ones((40, 50), np.float32)
    with pytest.raises(npd.PhotonDenoiseError, match="must be equal"):
        ring_correlation(image, image.T)
    with pytest.raises(npd.PhotonDenoiseError, match="at least 32"):
        ring_correlation(image[:20], image[:20])
