import threading

import numpy as np
import pytest

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.denoisers import Gaussian
from napari_photon_denoise.io import write_image
from napari_photon_denoise.job import Progress
from napari_photon_denoise.pipeline import Denoised
from napari_photon_denoise.widgets.contributions import read_layers
from widgets.conftest import CAMERA

BAD_IMAGES = {
    "nan": (np.full((20, 20), np.nan, np.float32), {}, "NaN"),
    "infinite": (np.full((20, 20), np.inf, np.float32), {}, "infinite"),
    "boolean": (np.zeros((20, 20), bool), {}, "boolean"),
    "rgb": (np.zeros((20, 20, 3), np.uint8), {"rgb": True}, "RGB"),
    "six dimensions": (np.zeros((1, 1, 1, 1, 20, 20), np.uint16), {}, "6"),
}
GOOD_IMAGES = {
    "constant": np.full((20, 20), 100, np.uint16),
    "saturated": np.full((20, 20), 65535, np.uint16),
    "one pixel": np.full((1, 1), 120, np.uint16),
    "one row": np.arange(100, 130, dtype=np.uint16)[None],
    "negative": np.full((20, 20), -5, np.int16),
}


def usable(widget, finish, viewer):
    """The window still does its work."""
    viewer.layers.clear()
    viewer.add_image(np.full((20, 20), 120, np.uint16) + np.arange(20, dtype=np.uint16))
    widget.camera.setValue(CAMERA)
    return finish(widget) is not None


@pytest.mark.parametrize("kind", BAD_IMAGES)
def test_bad_image_is_a_sentence(desk, finish, errors, kind):
    viewer, open_widget = desk
    data, how, word = BAD_IMAGES[kind]
    viewer.add_image(data, contrast_limits=(0, 1), **how)
    widget = open_widget()
    widget.camera.setValue(CAMERA)
    assert finish(widget) is None
    assert len(errors) == 1
    assert word in errors[0]
    assert word in widget.message
    assert usable(widget, finish, viewer)


@pytest.mark.parametrize("kind", GOOD_IMAGES)
def test_odd_image_is_denoised(desk, finish, errors, kind):
    viewer, open_widget = desk
    viewer.add_image(GOOD_IMAGES[kind])
    widget = open_widget()
    widget.camera.setValue(CAMERA)
    assert finish(widget) is not None
    assert not errors


@pytest.mark.parametrize(
    ("axes", "word"), [("ZYX", "3"), ("XY", "order"), ("QX", "understood"), ("", "0"), ("YY", "")]
)
def test_bad_axes(ready, finish, errors, axes, word):
    viewer, widget, _ = ready
    widget.source.set_axes(axes)
    assert finish(widget) is None
    assert word in errors[0]
    assert usable(widget, finish, viewer)


def test_labels_alone_are_no_image(desk, finish, errors):
    viewer, open_widget = desk
    widget = open_widget()
    viewer.add_labels(np.zeros((40, 50), np.uint8))
    assert finish(widget) is None
    assert "Labels are no image" in errors[0]


def test_no_layer(desk, finish, errors):
    viewer, open_widget = desk
    widget = open_widget()
    assert finish(widget) is None
    assert "Open an image first" in errors[0]
    assert usable(widget, finish, viewer)


def test_no_camera(desk, finish, errors, counts):
    viewer, open_widget = desk
    viewer.add_image(counts)
    widget = open_widget()
    widget.camera.set_way("preset")
    assert "Choose the camera" in widget.message
    assert finish(widget) is None
    assert "Choose the camera" in errors[0]


def test_calibration_of_another_shape(ready, finish, errors, map_camera, tmp_path):
    viewer, widget, _ = ready
    path = map_camera.save(tmp_path / "camera.tif")
    widget.camera.setValue(Calibration.load(path))
    assert finish(widget) is None
    assert "40×50" in errors[0]
    assert usable(widget, finish, viewer)


@pytest.mark.parametrize("content", [None, b"", b"no TIFF at all"])
def test_missing_or_broken_calibration_file(ready, finish, errors, tmp_path, content):
    viewer, widget, _ = ready
    path = tmp_path / "camera.tif"
    if content is not None:
        path.write_bytes(content)
    widget.camera.set_way("file")
    widget.camera.page("file").set_path(path)
    assert finish(widget) is None
    assert "camera.tif" in errors[0]
    assert usable(widget, finish, viewer)


def test_even_window_is_said(ready, finish, errors):
    _, widget, _ = ready
    widget.method.choose("median")
    widget.method.form._boxes["size"].value = 4
    assert "odd" in widget.message
    assert finish(widget) is None
    assert "odd" in errors[0]
    widget.method.form._boxes["size"].value = 5
    assert widget.message == ""
    assert finish(widget) is not None


def test_no_gpu(ready, finish, errors):
    torch = pytest.importorskip("torch")
    if torch.backends.mps.is_available():
        pytest.skip("this computer has what the test needs to be missing")
    viewer, widget, _ = ready
    widget.result.set_device("mps")
    assert finish(widget) is None
    assert "mps" in errors[0]
    widget.result.set_device("auto")
    assert usable(widget, finish, viewer)


def test_file_that_was_cut_short_meanwhile(desk, finish, errors, counts, tmp_path):
    viewer, open_widget = desk
    path = write_image(tmp_path / "cells.ome.tif", np.stack([counts] * 3), "TYX")
    ((data, meta, _),) = read_layers(str(path))
    viewer.add_image(data, **meta, contrast_limits=(0, 200), cache=False)
    widget = open_widget()
    widget.camera.setValue(CAMERA)
    path.write_bytes(path.read_bytes()[:500])
    assert finish(widget) is None
    assert "cells.ome.tif" in errors[0]
    assert usable(widget, finish, viewer)


def test_tile_of_preferences_that_is_too_small(ready, finish, errors):
    from napari.settings import get_plugin_settings

    _, widget, _ = ready
    get_plugin_settings("napari-photon-denoise").denoising.tile = 16
    assert finish(widget) is None
    assert "at least 32" in errors[0]


def test_too_large(ready, finish, errors, monkeypatch):
    import psutil

    viewer, widget, _ = ready
    widget.result.set_keep("memory")  # else it goes to disk
    with monkeypatch.context() as small:
        small.setattr(psutil, "virtual_memory", lambda: type("Memory", (), {"available": 10}))
        assert finish(widget) is None
    assert "choose “On disk” at Result" in errors[0]
    assert usable(widget, finish, viewer)


class Slow(Gaussian):
    """A method that waits at a gate."""

    def prepare(self, photons, device):
        GATE["entered"].set()
        steps = 0
        try:
            while not GATE["open"].wait(0.005):
                steps += 1
                yield Progress("Waiting", steps, 10**6)
        finally:
            GATE["closed"].set()
        return (yield from super().prepare(photons, device))


GATE = {}


@pytest.fixture
def slow(docked, monkeypatch, until):
    """A widget that runs, and does not end by itself."""
    viewer, widget, layer = docked
    GATE.update(entered=threading.Event(), open=threading.Event(), closed=threading.Event())
    monkeypatch.setattr(type(widget.method), "value", lambda self: Slow())
    widget.run()
    until(lambda: "Waiting, about" in widget.message)
    yield viewer, widget, layer
    GATE["open"].set()


def test_cancel_leaves_nothing_behind(slow, until, finish, monkeypatch):
    viewer, widget, _ = slow
    widget.cancel()
    until(lambda: not widget.runner.busy)
    assert GATE["closed"].is_set()
    assert len(viewer.layers) == 1
    assert "Cancelled" in widget.message
    assert widget.bar.idle
    monkeypatch.undo()
    assert finish(widget) is not None


def test_layer_deleted_while_running(slow, until):
    viewer, widget, layer = slow
    viewer.layers.remove(layer)
    GATE["open"].set()
    until(lambda: not widget.runner.busy)
    assert [result.name for result in viewer.layers] == ["cells [Gaussian]"]


def test_second_run_waits_for_the_first(slow):
    _, widget, _ = slow
    assert not widget.bar.idle
    widget.run()
    assert widget.runner.busy


def test_widget_closed_while_running(slow, until):
    viewer, widget, _ = slow
    viewer.window.remove_dock_widget(widget)
    until(GATE["closed"].is_set)
    assert len(viewer.layers) == 1


def test_viewer_closed_while_running(slow, until):
    viewer, _, _ = slow
    viewer.close()
    until(GATE["closed"].is_set)


@pytest.mark.parametrize("error", [RuntimeError("CUDA broke"), ZeroDivisionError("oh")])
def test_unexpected_error_keeps_the_window_usable(docked, qtbot, finish, monkeypatch, error):
    viewer, widget, _ = docked

    def broken(self):
        yield Progress("Breaking", 0, 1)
        raise error

    with monkeypatch.context() as patch, qtbot.captureExceptions() as shown:
        patch.setattr("napari_photon_denoise.widgets.parts.task.Task.job", broken)
        assert finish(widget) is None
    assert len(shown) == 1
    assert str(error) in str(shown[0][1])
    assert "unexpected" in widget.message
    assert usable(widget, finish, viewer)


def test_out_of_memory_is_a_sentence(ready, finish, errors, monkeypatch):
    _, widget, _ = ready

    def greedy(self):
        yield Progress("Growing", 0, 1)
        raise MemoryError

    monkeypatch.setattr("napari_photon_denoise.widgets.parts.task.Task.job", greedy)
    assert finish(widget) is None
    assert "memory" in errors[0]


def test_result_after_cancel_is_dropped(ready, until, monkeypatch):
    viewer, widget, _ = ready

    def quick(self):
        yield Progress("Quick", 0, 1)
        return Denoised(np.zeros((70, 90), np.float32), ())

    monkeypatch.setattr("napari_photon_denoise.widgets.parts.task.Task.job", quick)
    widget.run()
    widget.cancel()
    until(lambda: not widget.runner.busy)
    assert len(viewer.layers) == 1
