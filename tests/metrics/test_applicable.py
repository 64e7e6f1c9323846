import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

import napari_photon_denoise as npd
from napari_photon_denoise.metrics.applicable import NotApplicable, find_obstacle, fine_noise
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.virtual.simulate import VirtualCamera, scmos


@pytest.fixture
def truth(rng):
    smooth = gaussian_filter(rng.normal(size=(100, 120)), 5)
    return (10 + 60 * smooth).clip(0.3).astype(np.float32)


def see(counts, camera, axes="YX"):
    return Photons(counts, camera, axes)


def reason(counts, camera, axes="YX"):
    found = find_obstacle(see(counts, camera, axes))
    return found.reason if isinstance(found, NotApplicable) else None


@pytest.mark.parametrize("gain", [0.25, 0.46, 1.0, 2.0])
@pytest.mark.parametrize("noise", [0.0, 1.6])
@pytest.mark.parametrize("light", [0.1, 1.0, 30.0])
def test_raw_frames_are_fit(truth, rng, gain, noise, light):
    camera = npd.Calibration(gain, 100, noise)
    counts = VirtualCamera(camera).expose(truth * light, rng)
    found = reason(counts, camera)
    # A photon number rounded to steps of two is no longer one where there are few.
    assert found is None or (gain == 2 and noise == 0 and "rounding" in found)


def test_a_camera_with_maps_is_fit(truth, rng):
    camera = scmos(truth.shape)
    assert reason(camera.expose(truth, rng), camera.calibration) is None


def test_shared_noise_is_not(truth, rng):
    camera = npd.Calibration(0.5, 100, 1, length_y=0.4, length_x=0.8)
    counts = VirtualCamera(camera).expose(truth, rng)
    assert "0.8 px in x" in reason(counts, camera)


def test_an_unsure_gain_is_not(truth, rng):
    counts = VirtualCamera(npd.Calibration(0.5, 100, 1)).expose(truth, rng)
    for spread, fit in ((0.02, True), (0.1, False), (None, False)):
        camera = npd.Calibration(0.5, 100, 1, gain_sd=spread, source="estimated")
        assert (reason(counts, camera) is None) == fit


def test_saturated_pixels_are_not(truth, rng):
    camera = npd.Calibration(0.5, 100, 1)
    counts = VirtualCamera(camera).expose(truth, rng)
    limit = float(np.quantile(counts, 0.99))
    full = np.minimum(counts, np.uint16(limit))
    bounded = npd.Calibration(0.5, 100, 1, saturation=limit)
    assert "saturated" in reason(full, bounded)


def test_dark_noise_cut_off_is_not(rng):
    camera = npd.Calibration(0.5, 0, 2)
    counts = VirtualCamera(camera).expose(np.full((80, 80), 1.0, np.float32), rng)
    assert "cut off" in reason(counts, camera)


def test_constant_images_are_not(camera):
    assert "constant" in reason(np.full((40, 40), 130, np.uint16), camera)


@pytest.mark.parametrize("what", ["smoothed", "averaged", "gain too low"])
def test_processed_images_are_not(truth, rng, what):
    camera = npd.Calibration(0.5, 100, 1.6)
    virtual = VirtualCamera(camera)
    if what == "smoothed":
        counts = gaussian_filter(virtual.expose(truth, rng).astype(np.float32), 0.6)
    elif what == "averaged":
        counts = virtual.expose(np.stack([truth] * 4), rng).mean(axis=0)
    else:
        counts, camera = virtual.expose(truth, rng), npd.Calibration(0.2, 100, 0.64)
        counts = (counts - 100.0) * 0.3 + 100
    assert "finest noise" in reason(counts, camera)


def test_fine_noise_of_white_noise_is_one_and_structure_only_adds(truth, rng):
    ratios = []
    for _ in range(40):
        photons = rng.poisson(5, (100, 100)) + 1.6 * rng.standard_normal((100, 100))
        ratio, error = fine_noise(photons.astype(np.float32), 1.6)
        ratios.append((ratio - 1) / error)
    assert np.mean(ratios) == pytest.approx(0, abs=0.7)
    assert np.std(ratios) == pytest.approx(1, abs=0.35)
    sharp = truth + 40 * (rng.random(truth.shape) < 0.05)
    noisy = rng.poisson(sharp).astype(np.float32)
    assert fine_noise(noisy)[0] > 1.2
    assert np.isnan(fine_noise(np.zeros((9, 9), np.float32))[0])


def test_only_some_frames_are_read(rng):
    class Counted:
        shape, dtype, read = (500, 40, 40), np.dtype("uint16"), 0

        def __getitem__(self, index):
            Counted.read += 1
            return (100 + 2 * rng.poisson(20, (1, 40, 40))).astype(np.uint16)

    assert find_obstacle(see(Counted(), npd.Calibration(0.5, 100), "TYX")) is None
    assert Counted.read == 8


def test_pixels_that_pile_up_below_the_containers_limit_are_not(truth, rng):
    counts = np.minimum(rng.poisson(truth * 3) * 2 + 100, 180).astype(np.uint16)
    assert "saturated" in reason(counts, npd.Calibration(0.5, 100, 1))
