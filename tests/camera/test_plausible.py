"""Numbers that cameras have are not doubted, and those of misread files are."""

import numpy as np
import pytest

from napari_photon_denoise.camera.plausible import doubt_numbers
from napari_photon_denoise.camera.presets import PRESETS


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_common_cameras_are_not_doubted(preset):
    assert doubt_numbers(preset.gain, preset.offset, preset.read_noise, em=preset.em) == ()


@pytest.mark.parametrize(
    ("gain", "offset", "read_noise", "said"),
    [
        (0.004, 100, 1.4, "a gain of 0.004 e-/ADU"),
        (100, 100, 1.4, "a gain of 100 e-/ADU"),
        (0.46, 2.2, 1.4, "an offset of 2.2 ADU"),
        (0.46, 30000, 1.4, "an offset of 3e+04 ADU"),
        (0.46, 100, 0.15, "a read noise of 0.15 e-"),
        (0.46, 100, 45, "a read noise of 45 e-"),
    ],
)
def test_numbers_that_no_camera_has_are_doubted(gain, offset, read_noise, said):
    (sentence,) = doubt_numbers(gain, offset, read_noise)
    assert said in sentence


def test_a_map_of_variances_is_no_map_of_gains(rng):
    spread = rng.gamma(4, 0.1, (40, 50)).astype(np.float32)
    (sentence,) = doubt_numbers(spread, 100, 1.4)
    assert "gains spread over" in sentence
    assert doubt_numbers(rng.normal(0.46, 0.07, (40, 50)), 100, 1.4) == ()


def test_unknown_read_noise_is_not_doubted():
    assert doubt_numbers(0.46, 100, None) == ()
