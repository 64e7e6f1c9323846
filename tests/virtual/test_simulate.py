import time

import numpy as np
import pytest

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.virtual.samples import SCENES, make_sample
from napari_photon_denoise.virtual.simulate import VirtualCamera, scmos


def test_photon_transfer_gives_back_gain_offset_and_read_noise(rng):
    """The oracle of a camera: a line through variance against mean."""
    camera = VirtualCamera(Calibration(gain=1 / 0.46, offset=100, read_noise=1.6))
    shape = (256, 256)
    means, variances = [], []
    for level in np.linspace(0, 1000, 40):
        pair = camera.flat(level, 2, shape, rng).astype(float)
        means.append(pair.mean())
        variances.append((pair[0] - pair[1]).var() / 2)
    slope, _ = np.polyfit(means, variances, 1)
    assert slope == pytest.approx(0.46, rel=0.01)
    dark = camera.dark(100, shape, rng)
    assert dark.mean() == pytest.approx(100, abs=0.01)
    # Rounding adds a twelfth of a squared count.
    assert np.sqrt(dark.var() - 1 / 12) / 0.46 == pytest.approx(1.6, rel=0.01)


@pytest.mark.parametrize("lam", [0.1, 1, 50])
def test_photons_are_poisson(lam, rng):
    counts = VirtualCamera(Calibration(gain=1, offset=0)).flat(lam, 1, (1000, 1000), rng)
    error = 4 * np.sqrt(lam / 1e6)
    assert counts.mean() == pytest.approx(lam, abs=error)
    assert counts.var() == pytest.approx(lam, abs=4 * np.sqrt((2 * lam**2 + lam) / 1e6))


def test_counts_saturate_and_never_wrap(rng):
    camera = VirtualCamera(Calibration(gain=0.1, offset=50, read_noise=20), bits=12)
    assert camera.flat(10**5, 1, (50, 50), rng).min() == 4095
    dark = camera.dark(1, (50, 50), rng)
    assert dark.min() == 0
    assert dark.max() < 4095
    with pytest.raises(PhotonDenoiseError, match="24 bits"):
        VirtualCamera(camera.calibration, bits=24)


def test_maps_are_those_of_a_scientific_cmos_camera():
    truth = scmos((512, 512)).calibration
    assert np.median(truth.read_noise) == pytest.approx(0.99, abs=0.02)
    assert np.mean(truth.read_noise > 3) == pytest.approx(0.042, abs=0.01)
    assert truth.gain.std() / truth.gain.mean() == pytest.approx(0.008, rel=0.1)


def test_exposure_series_scales_with_exposure(rng):
    camera = scmos((64, 64))
    series = camera.exposure_series(np.ones((64, 64), np.float32), [1, 10, 100], rng)
    means = [camera.calibration.to_photons(counts).mean() for counts in series]
    np.testing.assert_allclose(means, [1, 10, 100], rtol=0.05)


@pytest.mark.parametrize("name", SCENES)
def test_samples_are_photographs_of_their_truth(name):
    sample = make_sample(name)
    scene = SCENES[name]
    assert sample.counts.shape == sample.truth.shape == scene.shape
    assert sample.counts.dtype == np.uint16
    assert sample.truth.min() > 0
    assert sample.truth.mean() == pytest.approx(scene.photons, rel=0.01)
    z = sample.calibration.to_photons(sample.counts) - sample.truth
    z /= np.sqrt(sample.truth + np.square(sample.calibration.read_noise))
    assert z.mean() == pytest.approx(0, abs=0.01)
    assert z.std() == pytest.approx(1, abs=0.02)


def test_a_seed_is_a_sample():
    first, again, other = (make_sample("nuclei", seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.counts, again.counts)
    assert (first.counts != other.counts).any()


def test_unknown_sample_is_refused():
    with pytest.raises(PhotonDenoiseError, match="no sample 'cats'; there are filaments"):
        make_sample("cats")


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENES)
def test_a_sample_takes_about_a_second(name):
    make_sample(name)
    start = time.perf_counter()
    make_sample(name)
    assert time.perf_counter() - start < 2
