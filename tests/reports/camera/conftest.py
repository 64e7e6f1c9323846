import pytest

from napari_photon_denoise.camera.transfer import CalibrationSettings, calibrate_job
from napari_photon_denoise.job import run
from napari_photon_denoise.virtual.calibration_sample import take_frames
from napari_photon_denoise.virtual.simulate import scmos


def frames(**changes):
    camera = scmos((64, 80), 3)
    return take_frames(camera, (64, 80), seed=3, **({"flat_frames": 20} | changes))


@pytest.fixture(scope="session")
def report():
    sample = frames()
    settings = CalibrationSettings(
        camera="Virtual <camera>", serial="42", mode="16-bit", exposures=(1, 4, 16, 62.5)
    )
    return run(calibrate_job(sample.dark, sample.flats, settings))


@pytest.fixture(scope="session")
def poor_report():
    """One level of three frames, full pixels beside it, an EM register."""
    sample = frames(dark_frames=6, flat_frames=3, levels=(300, 40_000))
    settings = CalibrationSettings(em_gain=100, em_stages=536)
    return run(calibrate_job(sample.dark, sample.flats, settings))
