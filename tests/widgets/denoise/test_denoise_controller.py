from types import SimpleNamespace
from unittest.mock import Mock

import numpy as np
import pytest
from napari.layers import Image

import napari_photon_denoise as npd
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.widgets.denoise.controller import DenoiseController
from widgets.conftest import CAMERA
from widgets.fakes import FakeDock

NO_CAMERA = PhotonDenoiseError("Say the gain.")


@pytest.fixture
def layer(counts):
    return Image(counts, name="cells", metadata={"calibration": CAMERA})


@pytest.fixture
def view(layer):
    """Controls that say what a test lets them say."""
    return SimpleNamespace(
        source=Mock(**{"layer.return_value": layer, "current.return_value": layer,
                       "axes.return_value": "YX", "sizes.return_value": {"Y": 70, "X": 90}}),
        selection=Mock(**{"layers.return_value": [layer]}),
        camera=Mock(**{"value.return_value": CAMERA, "way.return_value": "typed"}),
        method=Mock(**{"value.return_value": npd.Gaussian(sigma=2)}),
        result=Mock(**{"units.return_value": "photons", "device.return_value": "cpu"}),
        hints=Mock(), preview=Mock(layer=None), shows_files=lambda: False,
    )  # fmt: skip


@pytest.fixture
def controller(view):
    viewer = SimpleNamespace(layers=[])
    made = DenoiseController(viewer, view)
    view.dock = FakeDock(made.work)
    return made


def test_run_adds_the_result_and_leaves_the_preview_as_it_was(controller, view, counts):
    view.dock.controller.run()
    assert view.dock.runner.title == "Denoising cells"
    view.dock.finish()
    (result,) = controller._viewer.layers
    assert view.dock.bar.message == "Done: cells [Gaussian, sigma 2 px]."
    np.testing.assert_array_equal(
        result.data, npd.denoise(counts, CAMERA, npd.Gaussian(sigma=2), axes="YX")
    )
    view.preview.switch.assert_not_called()


def test_a_result_comes_to_lie_below_the_preview(controller, view, layer):
    shown = controller._viewer.layers
    view.preview.layer = Image(np.zeros((9, 9)), name="preview")
    shown += [layer, view.preview.layer]
    view.dock.controller.run()
    view.dock.finish()
    assert [one.name for one in shown] == ["cells", "cells [Gaussian, sigma 2 px]", "preview"]


def test_the_last_result_is_repeated_and_not_the_settings(controller, view):
    assert controller.task_to_repeat().denoiser == npd.Gaussian(sigma=2)
    view.dock.controller.run()
    view.method.value.return_value = npd.Median()
    view.dock.finish()
    assert controller.task().denoiser == npd.Median()
    assert controller.task_to_repeat().denoiser == npd.Gaussian(sigma=2)


def test_cancelled_work_is_no_last_result(controller, view):
    view.dock.controller.run()
    view.dock.controller.cancel()
    view.dock.finish()
    view.method.value.return_value = npd.Median()
    assert controller._viewer.layers == []
    assert controller.task_to_repeat().denoiser == npd.Median()


def test_notes_of_the_method_are_said_once(controller, view, layer, monkeypatch):
    shown = []
    monkeypatch.setattr("napari_photon_denoise.widgets.denoise.results.show_warning", shown.append)
    layer.data = np.full((40, 40), 100, np.uint16)
    view.dock.controller.run()
    view.dock.finish()
    assert view.dock.bar.message.startswith("Done: cells [Gaussian, sigma 2 px].\n")
    assert "constant" in view.dock.bar.message
    assert shown == []  # it would stand beside it for good


def test_what_is_missing_is_a_hint_and_the_preview_follows(controller, view):
    view.camera.value.side_effect = NO_CAMERA
    controller.check()
    assert view.dock.bar.message == "⚠ Say the gain."
    assert view.dock.bar.refused == []  # nobody has pressed Run
    view.hints.clear.assert_called()
    view.camera.value.side_effect = None
    controller.check()
    assert view.dock.bar.message == ""
    assert view.preview.refresh.call_count == 2
    view.method.set_sizes.assert_called_with({"Y": 70, "X": 90})


def test_controls_that_change_while_it_runs_say_nothing(controller, view):
    view.dock.controller.run()
    view.dock.step()
    before = view.dock.bar.message
    view.camera.value.side_effect = NO_CAMERA
    controller.check()
    controller.on_preview_said("Say the gain.")
    assert view.dock.bar.message == before


def test_the_camera_of_a_new_layer_is_taken(controller, view, layer):
    controller.follow_layer()
    view.camera.set_layer.assert_called_with(layer, "YX")


def test_notes_of_the_preview_stay_as_long_as_it_does(controller, view):
    def notes():
        return view.hints.describe.call_args.args[-1]

    task = controller.task()
    controller.on_preview_shown(task, ("The noise is shared.",))
    view.hints.learn.assert_called_with(task)
    controller.on_preview_said("")
    assert notes() == ("The noise is shared.",)
    controller.on_preview_said("Leave the 3-D view.")
    assert notes() == ()
    controller.on_preview_shown(task, ("The noise is shared.",))
    controller.switch_preview(False)
    assert notes() == ()
    view.preview.switch.assert_called_with(False)
    assert view.dock.bar.message == ""
