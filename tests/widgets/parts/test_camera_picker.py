import pytest
from qtpy.QtWidgets import QLabel

from napari_photon_denoise.api.camera import find_camera
from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.presets import PRESETS
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.widgets.parts.camera import CameraPicker


@pytest.fixture
def picker(qtbot):
    widget = CameraPicker()
    qtbot.addWidget(widget)
    return widget


def test_nothing_is_assumed(picker):
    with pytest.raises(PhotonDenoiseError, match="Choose the camera"):
        picker.value()


@pytest.mark.parametrize("key", PRESETS)
def test_presets(picker, qtbot, key):
    page = picker.page("preset")
    with qtbot.waitSignal(picker.valueChanged):
        page.choose(key)
    page.set_em_gain(200)
    em_gain = 200 if PRESETS[key].em else None
    assert picker.value() == find_camera(key, em_gain)
    assert page._em_gain.isHidden() != PRESETS[key].em
    assert "differs by some percent" in page._hint.text()


def test_photons_already(picker):
    picker.set_way("photons")
    assert picker.value() == Calibration(gain=1, offset=0, read_noise=0)


def test_typed_numbers_come_back(picker):
    camera = Calibration(gain=0.4612, offset=99.5, read_noise=1.25, length_y=0.5, length_x=0.75)
    picker.setValue(camera)
    assert picker.value() == camera
    assert "1/K" in picker.page("typed")._boxes["gain"].native.toolTip()


def test_file_comes_back_with_its_path(picker, map_camera, tmp_path):
    path = map_camera.save(tmp_path / "camera.tif")
    picker.setValue(Calibration.load(path))
    assert picker.value() == map_camera
    assert picker.value().path == path


def test_maps_in_no_file_are_not_shown(picker, map_camera):
    with pytest.raises(PhotonDenoiseError, match="save them first"):
        picker.setValue(map_camera)


def test_the_layers_own_camera_is_taken_and_given_up(picker, map_camera):
    picker.set_layer({"calibration": map_camera})
    assert picker.value() is map_camera
    picker.set_layer({"calibration": "no calibration"})
    assert picker.way() == "preset"
    with pytest.raises(PhotonDenoiseError):
        picker.value()


def test_an_estimate_says_how_sure_it_is(picker):
    estimate = Calibration(gain=0.5, offset=100, gain_sd=0.05, source="estimated", length_x=0.7)
    picker.offer(estimate)
    said = [label.text() for label in picker.page("offered").findChildren(QLabel)]
    assert "95 %: 0.402 to 0.598 e-/ADU" in said[0]
    assert "0.7 px in x" in said[0]
    assert picker.value() == estimate
