from dataclasses import replace

import numpy as np
import pytest
import tifffile
from napari.components import ViewerModel
from napari.layers import Image
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel

from napari_photon_denoise.api.camera import find_camera
from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.presets import PRESETS
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.widgets.parts.camera import CameraPicker
from napari_photon_denoise.widgets.parts.estimates import find_estimate
from napari_photon_denoise.widgets.parts.layers import calibration_of_result
from napari_photon_denoise.widgets.parts.work import NotYet
from widgets.conftest import CAMERA, photograph


@pytest.fixture
def picker(qtbot):
    widget = CameraPicker(ViewerModel())
    qtbot.addWidget(widget)
    return widget


@pytest.fixture
def cells():
    return Image(photograph(), name="cells")


@pytest.fixture
def looked(picker, until):
    """Show the picker a layer, and wait until it was looked at."""

    def look(layer, axes="YX"):
        picker.set_layer(layer, axes)
        until(lambda: find_estimate(layer, axes) is not None)
        return layer

    return look


def ways(picker):
    return [picker._way.itemText(row) for row in range(picker._way.count())]


def test_the_image_is_asked_first_and_nothing_is_assumed(picker):
    assert ways(picker)[0] == "From this image"
    assert picker.way() == "image"
    with pytest.raises(PhotonDenoiseError, match="open one"):
        picker.value()
    picker.set_way("preset")
    with pytest.raises(PhotonDenoiseError, match="Choose the camera"):
        picker.value()


def test_an_image_tells_its_noise_by_itself(picker, looked, cells, qtbot):
    with qtbot.waitSignal(picker.estimated):
        picker.set_layer(cells, "YX")
        assert picker.page("image").text == "Looking at the noise of cells…"
        with pytest.raises(NotYet, match="cells"):
            picker.value()
    page, estimate = picker.page("image"), find_estimate(cells, "YX").estimate
    assert picker.value().source == "estimated"
    assert picker.value().gain == pytest.approx(0.5, rel=0.1)
    assert picker.value() is picker.value()  # a preview is prepared once for it
    assert page.text == f"E{estimate.badge[1:]}."
    page.show_details(True)
    for sentence in estimate.sentences:
        assert sentence in page.text


def test_another_image_is_looked_at_anew_and_never_served_by_the_first(picker, looked, cells):
    looked(cells)
    first = picker.value()
    looked(Image(photograph(gain=2.0, offset=20), name="other"))
    assert picker.value().gain == pytest.approx(2, rel=0.1)
    looked(cells)
    assert picker.value() is first


def test_an_image_that_can_not_tell_is_a_sentence_and_other_ways_remain(picker, looked):
    looked(Image(np.full((64, 64), 7, np.uint16), name="flat"))
    with pytest.raises(PhotonDenoiseError) as refused:
        picker.value()
    assert not isinstance(refused.value, NotYet)
    assert picker.page("image").text == str(refused.value)
    picker.setValue(CAMERA)
    assert picker.value() == CAMERA


def test_wrong_axes_are_said_and_nothing_is_looked_at(picker, cells):
    picker.set_layer(cells, "ZYX")
    with pytest.raises(PhotonDenoiseError, match="3"):
        picker.value()
    assert not picker._estimates.busy


def test_a_camera_that_contradicts_the_image_is_named_and_let_go(picker, looked, cells):
    looked(cells)
    picker.setValue(CAMERA)
    assert picker.doubts.text == ""
    picker.setValue(replace(CAMERA, gain=0.1))
    assert "does not fit" in picker.doubts.text
    assert "more noise" in picker.doubts.text
    assert picker.value().gain == 0.1  # it is the user who decides
    picker.doubts._estimate.click()
    assert picker.way() == "image"
    assert picker.doubts.text == ""
    assert picker.value().gain == pytest.approx(0.5, rel=0.1)


def test_a_contradiction_is_found_when_the_image_was_looked_at_later(picker, until, cells, qtbot):
    picker.setValue(replace(CAMERA, gain=0.1))
    picker.set_layer(cells, "YX")
    with qtbot.assertNotEmitted(picker.valueChanged):  # the chosen camera is what it was
        until(lambda: picker.doubts.text != "")
    assert "does not fit" in picker.doubts.text


@pytest.mark.parametrize("values", ["8 bits", "16 bits"])
def test_photons_of_eight_bits_are_doubted(picker, looked, values):
    dtype = np.uint8 if values == "8 bits" else np.uint16
    looked(Image(np.full((64, 64), 7, dtype), name="flat"))
    picker.set_way("photons")
    assert ("8-bit" in picker.doubts.text) == (values == "8 bits")
    assert picker.value().gain == 1


RESULTS = {
    "recipe": {"name": "clean", "metadata": {"recipe": {"denoiser": {"method": "median"}}}},
    "name": {"name": "cells [Gaussian]"},
    "name and more": {"name": "cells [Non-local means, strength 1.2] [1]"},
    "short": {"name": "cells [NLM, strength 1.2]"},
    "newer": {"name": "clean", "metadata": {"recipe": {"recipe_version": 99}}},
}


@pytest.mark.parametrize("kind", RESULTS)
def test_a_result_is_denoised_again_only_if_that_is_meant(picker, looked, kind, qtbot):
    result = Image(photograph().astype(np.float32), **RESULTS[kind])
    looked(result)
    with pytest.raises(PhotonDenoiseError, match="denoised already"):
        picker.value()
    assert "Denoised already" in picker.doubts.text
    with qtbot.waitSignal(picker.valueChanged):
        picker.doubts.confirm(True)
    assert picker.value() is find_estimate(result, "YX").calibration
    looked(Image(photograph(), name="cells [control]"))  # no method's name
    picker.value()
    looked(result)  # another image was chosen: it is asked anew
    with pytest.raises(PhotonDenoiseError, match="denoised already"):
        picker.value()


def test_a_handed_over_estimate_names_its_image(picker, looked, cells):
    looked(cells)
    estimate = Calibration(gain=0.5, offset=100, gain_sd=0.05, source="estimated")
    picker.offer(estimate, "From Calibrate camera: estimate of cells", cells)
    assert ways(picker)[:2] == ["From this image", "From Calibrate camera: estimate of cells"]
    assert "not from this image" not in picker.page("offered").text
    looked(Image(photograph(gain=2.0, offset=20), name="other"))
    assert "An estimate from 'cells', not from this image" in picker.page("offered").text
    assert "its offset, 100 ADU, lies above" in picker.doubts.text
    assert picker.value() is estimate


@pytest.mark.parametrize("key", PRESETS)
def test_presets(picker, qtbot, key):
    picker.set_way("preset")
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
    def image(calibration):
        return Image(np.zeros((40, 50), np.uint16), metadata={"calibration": calibration})

    picker.set_way("preset")
    picker.set_layer(image(map_camera), "YX")
    assert picker.value() is map_camera
    assert ways(picker)[:2] == ["From this image", "From the layer"]
    picker.set_layer(image("no calibration"), "YX")
    assert picker.way() == "preset"  # as it was before
    with pytest.raises(PhotonDenoiseError):
        picker.value()


def test_photons_of_a_result_are_nobodys_measurement(picker, map_camera):
    for source in ("measured", "estimated"):
        camera = calibration_of_result(replace(map_camera, source=source), "photons")
        layer = Image(np.zeros((40, 50)), name="clean", metadata={"calibration": camera})
        picker.set_layer(layer, "YX")
        assert "photons already" in picker.page("layer").text
        assert "measured" not in picker.page("layer").text
        assert (camera.source == "estimated") == (source == "estimated")


def test_an_estimate_says_how_sure_it_is(picker):
    estimate = Calibration(gain=0.5, offset=100, gain_sd=0.05, source="estimated", length_x=0.7)
    picker.offer(estimate)
    said = [label.text() for label in picker.page("offered").findChildren(QLabel)]
    assert "95 %: 0.402 to 0.598 e-/ADU" in said[0]
    assert "0.7 px in x" in said[0]
    assert picker.value() == estimate


def test_a_file_of_another_program_shows_its_numbers_and_what_is_odd_of_them(picker, tmp_path):
    planes = [np.full((8, 9), value, np.float32) for value in (2.2, 100, 4)]
    metadata = {"axes": "ZYX", "Labels": ["Bias", "Gain", "<b>Variance</b>"]}
    path = tmp_path / "model.tif"
    tifffile.imwrite(path, np.stack(planes), imagej=True, metadata={"axes": "ZYX"})
    page = picker.page("file")
    page.set_path(path)
    (hint,) = page.findChildren(QLabel)
    assert "gain 100 ADU/e- became 0.01 e-/ADU, offset 2.2 ADU" in hint.text()
    assert hint.text().count("Caution") == 3
    assert page.value().gain[0, 0] == pytest.approx(0.01)
    page.set_path("")
    assert hint.text() == ""
    tifffile.imwrite(path, np.stack(planes), imagej=True, metadata=metadata)
    page.set_path(path)
    assert "<b>Variance</b>" in hint.text()
    assert hint.textFormat() == Qt.TextFormat.PlainText
