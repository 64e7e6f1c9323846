import time

import numpy as np
import pytest

from napari_photon_denoise.api.calibrate import calibrate
from napari_photon_denoise.virtual.calibration_sample import calibration_sample


def test_sample_calibrates_to_its_truth():
    sample = calibration_sample()
    assert sample.dark.shape == (100, 192, 192)
    assert [flat.shape for flat in sample.flats] == [(40, 192, 192)] * 4
    assert sample.dark.dtype == np.uint16
    camera = calibrate(sample.dark, sample.flats)
    truth = sample.truth
    assert camera.report.status == "PASS"
    assert camera.gain == pytest.approx(float(np.mean(truth.gain)), rel=0.005)
    off = camera.offset - truth.offset
    assert abs(off.mean()) < 0.01
    assert np.median(camera.read_noise) == pytest.approx(np.median(truth.read_noise), rel=0.03)


def test_sample_is_the_same_for_the_same_seed():
    start = time.process_time()
    first = calibration_sample(seed=1)
    assert time.process_time() - start < 3  # a second where nothing else computes
    np.testing.assert_array_equal(first.dark, calibration_sample(seed=1).dark)
    assert (first.dark != calibration_sample(seed=2).dark).any()
