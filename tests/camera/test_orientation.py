"""Maps that fit only turned are found, and the sentence says how."""

import numpy as np
import pytest

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.orientation import ORIENTATIONS, orientation_job, turn
from napari_photon_denoise.errors import CalibrationMismatch, PhotonDenoiseError
from napari_photon_denoise.job import run
from napari_photon_denoise.virtual.simulate import scmos


@pytest.fixture(scope="module")
def square():
    """A camera and a movie of it: dim, with a bright corner that moves nothing."""
    camera = scmos((64, 64), seed=3)
    light = np.full((30, 64, 64), 0.5, np.float32)
    light[:, 40:, 30:] = 80
    return camera.calibration, camera.expose(light, np.random.default_rng(5))


@pytest.mark.parametrize("applied", ORIENTATIONS)
def test_every_orientation_is_found(square, applied):
    calibration, movie = square
    turned = turn(calibration, applied)
    found = run(orientation_job(movie, "TYX", turned))
    # Turned back as the sentence says, the maps are the camera's again.
    back = turn(turned, found.best)
    np.testing.assert_array_equal(back.read_noise, calibration.read_noise)
    np.testing.assert_array_equal(back.gain, calibration.gain)
    assert found.wrong == (applied != "as it is")
    assert len(found.correlations) == 8
    if applied == "transposed":
        assert "only transposed" in found.sentence


def test_oblong_maps_have_only_those_that_fit(rng):
    camera = scmos((48, 80), seed=1)
    movie = camera.dark(20, (48, 80), rng)
    found = run(orientation_job(movie, "TYX", turn(camera.calibration, "transposed")))
    assert found.best == "transposed"
    assert set(found.correlations) == {name for name in ORIENTATIONS if "transposed" in name}
    with pytest.raises(CalibrationMismatch, match="fit in no orientation"):
        run(orientation_job(movie[:, :40], "TYX", camera.calibration))


def test_another_camera_is_not_turned_to_fit(square):
    _, movie = square
    other = scmos((64, 64), seed=99).calibration
    found = run(orientation_job(movie, "TYX", other))
    assert found.best is None
    assert not found.wrong
    assert "any orientation" in found.sentence


def test_movies_with_channels_and_planes(square):
    calibration, movie = square
    volume = np.repeat(movie[:, None, None], 2, axis=1)
    found = run(orientation_job(volume, "TCZYX", turn(calibration, "flipped up-down")))
    assert found.best == "flipped up-down"


def test_what_cannot_be_checked_is_said(square):
    calibration, movie = square
    with pytest.raises(PhotonDenoiseError, match="at least 10 frames"):
        run(orientation_job(movie[:5], "TYX", calibration))
    with pytest.raises(PhotonDenoiseError, match="at least 10 frames"):
        run(orientation_job(movie[0], "YX", calibration))
    with pytest.raises(PhotonDenoiseError, match="no map of read noise"):
        run(orientation_job(movie, "TYX", Calibration(gain=0.5, offset=100, read_noise=1)))
