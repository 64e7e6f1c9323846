"""A camera that does not fit its image is found, and no other."""

from dataclasses import replace

import numpy as np
import pytest

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.agreement import (
    contradiction,
    noise_variance,
    typical_counts,
)
from napari_photon_denoise.camera.estimate import NoiseEstimate

TRUE = Calibration(gain=0.5, offset=100, read_noise=1.5)
ESTIMATE = NoiseEstimate(
    gain=0.5,
    gain_interval=(0.45, 0.55),
    offset_eff=100 - 1.5**2 / 0.5,
    offset_eff_interval=(90.0, 100.0),
    length_y=0,
    length_x=0,
    inflation=1,
    source="image",
    sentences=(),
)


def test_the_variance_is_that_of_simulated_counts(rng):
    photons = 40.0
    electrons = rng.poisson(photons, 200_000) + rng.normal(0, 1.5, 200_000)
    counts = electrons / 0.5 + 100
    assert noise_variance(TRUE, counts.mean()) == pytest.approx(counts.var(), rel=0.02)


def test_the_true_camera_agrees():
    assert contradiction(TRUE, ESTIMATE, 180) == 1
    # Offset and read noise can't be told apart in an image, and need not be.
    assert contradiction(replace(TRUE, offset=95.5, read_noise=0), ESTIMATE, 180) == 1


@pytest.mark.parametrize(
    ("wrong", "ratio"),
    [
        (replace(TRUE, gain=0.25), 2.1),  # another mode: half the electrons a count
        (replace(TRUE, gain=1.2), 0.42),
        (replace(TRUE, read_noise=15), 6),
        (Calibration(gain=1, offset=0, read_noise=0), 1.06),
    ],
)
def test_a_wrong_camera_is_found(wrong, ratio):
    found = contradiction(wrong, ESTIMATE, 180)
    expected = noise_variance(wrong, 180) / noise_variance(TRUE, 180)
    assert expected == pytest.approx(ratio, rel=0.05)
    assert found == (pytest.approx(expected) if abs(np.log(ratio)) > np.log(1.5) else 1)


@pytest.mark.parametrize(
    "unsure",
    [
        replace(ESTIMATE, floor=90.0),
        replace(ESTIMATE, rung="level"),
        replace(ESTIMATE, rung="slope"),
        replace(ESTIMATE, gain_interval=(0.3, 0.7)),
    ],
)
def test_an_estimate_that_is_not_sure_contradicts_nobody(unsure):
    assert contradiction(replace(TRUE, gain=5), unsure, 180) is None


def test_maps_count_by_their_medians(map_camera):
    gain, noise = np.median(map_camera.gain), np.median(map_camera.read_noise)
    photons = (500 - np.median(map_camera.offset)) * gain
    assert noise_variance(map_camera, 500) == pytest.approx((photons + noise**2) / gain**2)


def test_typical_counts_are_the_median_of_frames_of_a_stack(rng):
    stack = rng.poisson(50, (7, 60, 70)).astype(np.float32)
    stack[:, 0, 0] = np.nan
    assert typical_counts(stack) == pytest.approx(50, abs=1)
    assert typical_counts(stack[0]) == pytest.approx(50, abs=1)
    assert np.isnan(typical_counts(np.full((3, 3), np.nan)))
