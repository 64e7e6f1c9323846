import numpy as np
import pytest

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.stated import StatedCamera
from napari_photon_denoise.camera.transfer import CalibrationSettings
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.parameters import declared_numbers


def test_numbers_of_a_calibration_come_back():
    camera = Calibration(0.46, 100.5, 1.25, length_y=0.5, length_x=0.75, binning=2)
    assert StatedCamera.of(camera).calibration() == camera


def test_nothing_stated_is_photons_already():
    assert StatedCamera().calibration() == Calibration(gain=1, offset=0, read_noise=0)


@pytest.mark.parametrize("kind", [StatedCamera, CalibrationSettings])
def test_what_no_camera_has_is_refused(kind):
    for name, part in declared_numbers(kind).items():
        for value in (part.ge - part.step, part.le + part.step, float("nan")):
            with pytest.raises(PhotonDenoiseError, match=f"{kind.subject()}: {name}"):
                kind(**{name: value})


def test_settings_take_what_python_has():
    said = CalibrationSettings(serial=7, binning=np.int64(2), exposures=[1, 4], roi=[0, 8, 4, 4])
    assert (said.serial, said.binning) == ("7", 2)
    assert (said.exposures, said.roi) == ((1.0, 4.0), (0, 8, 4, 4))
