import json

import pytest

import napari_photon_denoise as npd
from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.presets import PRESETS
from napari_photon_denoise.widgets.denoise.memory import FILE
from widgets.conftest import CAMERA


@pytest.fixture
def warnings(monkeypatch):
    said = []
    for module in ("widget", "results"):
        monkeypatch.setattr(
            f"napari_photon_denoise.widgets.denoise.{module}.show_warning", said.append
        )
    return said


@pytest.fixture
def reopened(desk, counts, finish, warnings):
    """Run the form as a test set it, and open another one as the next session would."""
    viewer, open_widget = desk
    viewer.add_image(counts, name="cells")

    def run(change):
        widget = open_widget()
        widget.camera.setValue(CAMERA)
        change(widget)
        viewer.layers.remove(finish(widget))  # which would bring its own camera
        again = type(widget)(viewer)
        widget.parent_of_next = again  # kept alive as long as the first
        return again

    return run


def test_camera_method_and_values_are_those_of_the_last_run(reopened, warnings):
    def change(widget):
        widget.method.setValue(npd.Median(size=5))
        widget.method.setValue(npd.Gaussian(sigma=1.7))
        widget.result.set_units("counts")

    widget = reopened(change)
    assert widget.method.value() == npd.Gaussian(sigma=1.7)
    assert widget.camera.value() == CAMERA
    assert widget.camera.way() == "typed"
    assert widget.result.units() == "counts"
    widget.method.choose("median")  # was set, and never run
    assert widget.method.value() == npd.Median()
    assert warnings == []


def test_methods_keep_what_they_were_run_with(reopened, finish):
    def change(widget):
        widget.method.setValue(npd.Median(size=5))
        finish(widget)
        widget.method.setValue(npd.Gaussian(sigma=1.7))

    widget = reopened(change)
    widget.method.choose("median")
    assert widget.method.value() == npd.Median(size=5)


def test_a_preset_is_remembered_with_its_em_gain(reopened):
    key = next(key for key, preset in PRESETS.items() if preset.em)

    def change(widget):
        widget.camera.page("preset").choose(key)
        widget.camera.page("preset").set_em_gain(137)
        widget.camera.set_way("preset")

    widget = reopened(change)
    assert widget.camera.way() == "preset"
    assert widget.camera.value() == PRESETS[key].calibration(137)


def test_a_calibration_file_is_remembered(reopened, tmp_path):
    path = CAMERA.save(tmp_path / "camera.tif")
    widget = reopened(lambda widget: widget.camera.page("file").set_path(path) or _file(widget))
    assert widget.camera.way() == "file"
    assert widget.camera.value().path == path


def _file(widget):
    widget.camera.set_way("file")


def test_a_camera_that_belongs_to_the_image_is_not_remembered(reopened, nobodys_last_run):
    reopened(lambda widget: widget.camera.set_way("photons"))
    assert json.loads((nobodys_last_run / FILE).read_text())["camera"] is None


def test_a_layer_that_brings_its_camera_comes_first(reopened, desk, counts):
    viewer, open_widget = desk
    reopened(lambda widget: None)
    viewer.layers.clear()
    viewer.add_image(counts, metadata={"calibration": Calibration(gain=3, offset=7)})
    assert open_widget().camera.value().gain == 3


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"method": 5}',
        '{"version": 2, "method": "gaussian"}',
        '{"method": "telepathy"}',
        '{"method": "gaussian", "parameters": {"gaussian": {"sigma": -3}}}',
        '{"method": "gaussian", "camera": {"preset": "none of ours"}}',
        '{"method": "gaussian", "camera": {"numbers": {"gain": "much"}}}',
    ],
)
def test_what_is_not_understood_is_one_sentence(
    desk, counts, finish, nobodys_last_run, warnings, content
):
    viewer, open_widget = desk
    nobodys_last_run.mkdir()
    (nobodys_last_run / FILE).write_text(content)
    viewer.add_image(counts, name="cells")
    widget = open_widget()
    (sentence,) = warnings
    assert sentence.startswith("What the last run left could not all be taken over")
    widget.camera.setValue(CAMERA)
    assert finish(widget) is not None
    assert json.loads((nobodys_last_run / FILE).read_text())["method"] == "gaussian"
    assert len(warnings) == 1


def test_a_model_that_is_gone_gives_way_to_the_default(desk, nobodys_last_run, warnings):
    nobodys_last_run.mkdir()
    parameters = {"resunet": {"model": "/gone/mine.safetensors", "flips": True}}
    content = {"method": "resunet", "parameters": parameters}
    (nobodys_last_run / FILE).write_text(json.dumps(content))
    viewer, _ = desk
    from napari_photon_denoise.widgets.denoise.widget import DenoiseWidget

    widget = DenoiseWidget(viewer)
    assert widget.method.value() == npd.Resunet(flips=True)
    assert warnings == []


def test_a_folder_that_can_not_be_written_is_said_once(ready, finish, nobodys_last_run, warnings):
    _, widget, _ = ready
    nobodys_last_run.write_text("a file where the folder should be")
    assert finish(widget) is not None
    assert finish(widget) is not None
    (sentence,) = warnings
    assert sentence.startswith("The settings can't be kept for the next session.")


def test_nothing_is_kept_where_napari_keeps_nothing(monkeypatch):
    from importlib import reload

    from napari_photon_denoise.widgets.parts import user_file

    monkeypatch.undo()
    monkeypatch.setenv("NAPARI_CONFIG", "")
    assert reload(user_file).own_folder() is None
    user_file.write_user_file(FILE, {})
    assert user_file.read_user_file(FILE) is None


def test_reset_gives_one_method_its_defaults(ready):
    from qtpy.QtWidgets import QPushButton

    _, widget, _ = ready
    widget.method.setValue(npd.Median(size=7))
    widget.method.setValue(npd.Gaussian(sigma=5))
    buttons = widget.findChildren(QPushButton)
    next(one for one in buttons if one.text() == "Reset to defaults").click()
    assert widget.method.value() == npd.Gaussian()
    widget.method.choose("median")
    assert widget.method.value() == npd.Median(size=7)
