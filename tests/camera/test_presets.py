import pytest

from napari_photon_denoise.api.camera import find_camera
from napari_photon_denoise.camera.presets import PRESETS, find_preset
from napari_photon_denoise.errors import PhotonDenoiseError


@pytest.mark.parametrize("key", PRESETS)
def test_presets_are_marked_as_presets(key):
    preset = PRESETS[key]
    calibration = preset.calibration(em_gain=100 if preset.em else None)
    assert calibration.source == "preset"
    assert calibration.camera
    assert calibration.mode


def test_em_gain_divides_gain_and_read_noise_and_excess_noise_too():
    preset = find_preset("ixon-preamp-1")
    off, on = preset.calibration(1), preset.calibration(300)
    assert off.gain == preset.gain
    assert on.gain == pytest.approx(preset.gain / 600, rel=0.002)
    assert on.read_noise == pytest.approx(preset.read_noise / 600, rel=0.002)
    # At a low EM gain the register adds less than at a high one: 2 - 1/2 of the variance.
    assert preset.calibration(2).gain == pytest.approx(preset.gain / 3)


def test_em_gain_is_asked_for_where_it_is_needed_and_only_there():
    with pytest.raises(PhotonDenoiseError, match="give the EM gain"):
        find_camera("ixon-preamp-1")
    with pytest.raises(PhotonDenoiseError, match="has no EM gain"):
        find_camera("orca-flash4", em_gain=300)
    assert find_camera("ixon-preamp-1", em_gain=300).source == "preset"


def test_cameras_are_found_by_name_or_file(tmp_path, camera):
    assert find_camera(camera) is camera
    assert find_camera(camera.save(tmp_path / "camera.tif")) == camera
    with pytest.raises(PhotonDenoiseError, match="no camera preset 'nikon'; the presets are"):
        find_camera("nikon")


def test_no_camera_is_a_sentence():
    with pytest.raises(PhotonDenoiseError, match="No camera was named"):
        find_camera(None)
