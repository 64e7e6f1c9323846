"""RESUNET in the widget, with small networks in place of those that are shipped."""

import shlex
import shutil
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest
from qtpy.QtGui import QGuiApplication
from qtpy.QtWidgets import QTextBrowser

import napari_photon_denoise as npd
from napari_photon_denoise.cli import main
from napari_photon_denoise.denoisers import Resunet
from napari_photon_denoise.errors import OutOfMemory
from napari_photon_denoise.io import write_image
from napari_photon_denoise.recipe import parse_recipe
from widgets.conftest import CAMERA

LONG = 240  # s; nothing waits that long unless it is broken


@pytest.fixture
def networked(ready, tiny_models):
    """A layer, and the widget with its camera and RESUNET."""
    viewer, widget, layer = ready
    widget.method.choose("resunet")
    return viewer, widget, layer


@pytest.fixture
def stacked(desk, tiny_models, rng):
    """Open the widget on a stack or film of given axes."""
    viewer, open_widget = desk

    def open_on(axes, shape):
        names = {"T": "t", "Z": "z", "Y": "y", "X": "x"}
        counts = rng.poisson(20, shape).astype(np.uint16) + 100
        layer = viewer.add_image(counts, name="cells")
        layer.axis_labels = [names[axis] for axis in axes]
        widget = open_widget()
        widget.camera.setValue(CAMERA)
        widget.method.choose("resunet")
        return viewer, widget, layer

    return open_on


def test_the_widget_opens_with_resunet_and_runs_it(make_napari_viewer, tiny_models, finish, counts):
    from napari_photon_denoise.widgets.denoise.widget import DenoiseWidget

    viewer = make_napari_viewer()
    source = viewer.add_image(counts, name="cells", scale=(0.2, 0.1), units=("um", "um"))
    widget = DenoiseWidget(viewer)
    viewer.window.add_dock_widget(widget, name="Denoise")
    widget.camera.setValue(CAMERA)
    result = finish(widget)
    assert result.name == "cells [RESUNET]"
    np.testing.assert_array_equal(result.data, npd.denoise(counts, CAMERA, Resunet()))
    np.testing.assert_array_equal(result.scale, source.scale)
    assert result.units == source.units
    denoiser = parse_recipe(result.metadata["recipe"], "layer").denoiser
    assert (denoiser.model, denoiser.neighbours) == ("resunet-2d", "z")
    assert len(denoiser.weights) == 64
    assert "Runs on" in widget.hints.text
    assert widget.minimumSizeHint().width() <= 300


@pytest.mark.parametrize(
    ("axes", "shape", "neighbours"),
    [("TYX", (4, 40, 50), "t"), ("ZYX", (4, 40, 50), "z"), ("TZYX", (2, 3, 40, 50), "z")],
)
def test_neighbours_are_frames_or_planes(stacked, finish, settled, axes, shape, neighbours):
    viewer, widget, layer = stacked(axes, shape)
    viewer.dims.set_current_step(0, 1)
    widget.show_preview(True)
    preview = settled(widget)
    assert preview.name == "cells [RESUNET preview]"
    at = np.rint(preview.data_to_world((0,) * len(shape))).astype(int)
    shown = np.array(preview.data)
    result = finish(widget)
    expected = npd.denoise(layer.data, CAMERA, Resunet(), axes=axes)
    np.testing.assert_array_equal(result.data, expected)
    index = tuple(slice(start, start + size) for start, size in zip(at, shown.shape, strict=True))
    assert at[0] == 1
    np.testing.assert_allclose(shown, result.data[index], rtol=1e-4, atol=1e-4)
    denoiser = parse_recipe(result.metadata["recipe"], "layer").denoiser
    assert (denoiser.model, denoiser.neighbours) == ("resunet-stack", neighbours)


def test_preview_sees_the_frames_before_and_after(stacked, settled, until):
    viewer, widget, layer = stacked("TZYX", (3, 2, 40, 50))
    viewer.dims.set_current_step(0, 1)
    widget.show_preview(True)
    settled(widget)
    by_planes = np.array(widget.preview.layer.data)
    widget.method.setValue(Resunet(neighbours="t"))
    until(lambda: not widget.preview.busy)
    by_frames = np.array(widget.preview.layer.data)
    assert not np.allclose(by_planes, by_frames)
    widget.method.setValue(Resunet(neighbours="z"))
    until(lambda: not widget.preview.busy)
    np.testing.assert_array_equal(widget.preview.layer.data, by_planes)
    layer.data = np.concatenate([layer.data[:2], layer.data[2:] + 50])
    widget.method.setValue(Resunet(neighbours="t"))
    until(lambda: not widget.preview.busy)
    assert not np.allclose(widget.preview.layer.data, by_frames)


def test_network_is_loaded_once_and_never_in_the_windows_thread(
    networked, settled, until, finish, monkeypatch
):
    from napari_photon_denoise.networks import early, weights

    _, widget, _ = networked
    threads, loaded, load = [], [], weights.load_model
    monkeypatch.setattr(early, "load_libraries", lambda: threads.append(threading.get_ident()))
    monkeypatch.setattr(weights, "load_model", lambda name: loaded.append(name) or load(name))
    weights._kept.cache_clear()
    widget.show_preview(True)
    settled(widget)
    for gain in (0.6, 0.7):
        widget.camera.setValue(replace(CAMERA, gain=gain))
        until(lambda: not widget.preview.busy)
    widget.preview.refresh()  # as when the view moves: what was prepared is still there
    until(lambda: not widget.preview.busy)
    assert len(threads) == 3
    finish(widget)
    assert loaded == ["resunet-2d"]
    assert len(threads) == 4
    assert threading.get_ident() not in threads


def test_loading_is_said(networked, settled, until, monkeypatch):
    from napari_photon_denoise.networks import early

    _, widget, _ = networked
    read = threading.Event()
    monkeypatch.setattr(early, "load_libraries", lambda: read.wait(LONG))
    widget.show_preview(True)
    until(lambda: widget.message == "Loading the network…")
    read.set()
    settled(widget)
    assert widget.message == ""
    read.clear()
    widget.run()
    until(lambda: widget.message == "Loading the network…")
    read.set()
    until(lambda: not widget.runner.busy)


def test_what_the_network_is_told_and_says_is_shown(networked, settled, until, finish):
    _, widget, _ = networked
    assert widget.hints.text == ""
    widget.camera.setValue(replace(CAMERA, length_x=0.7))
    assert widget.hints.text == "Noise is shared over 0.7 px along x: the network is told."
    widget.camera.setValue(replace(CAMERA, length_y=2, length_x=3, gain=500.0))
    assert "2 px along y and 3 px along x" in widget.hints.text
    widget.show_preview(True)
    settled(widget)
    for words in ("Runs on", "photons a pixel", "correlated over"):
        assert words in widget.hints.text
    assert widget.message == ""
    widget.method.choose("gaussian")
    until(lambda: not widget.preview.busy)
    assert widget.hints.text == ""
    widget.method.choose("resunet")
    result = finish(widget)
    assert "photons a pixel" in widget.message
    assert "correlated over" in widget.message
    assert result.metadata["recipe"]["calibration"]["facts"]["length_x"] == 3


def test_cancel_while_the_network_runs(stacked, until, monkeypatch):
    from napari_photon_denoise.networks.predict import Predictor

    predict, tiles, cancelled = Predictor.__call__, [], threading.Event()

    def third_waits(*given):
        tiles.append(given)
        assert len(tiles) < 3 or cancelled.wait(LONG)
        return predict(*given)

    monkeypatch.setattr(Predictor, "__call__", third_waits)
    viewer, widget, layer = stacked("TZYX", (12, 2, 40, 50))
    widget.run()
    until(lambda: "frame 3 of 12" in widget.message)
    widget.cancel()
    cancelled.set()
    until(lambda: not widget.runner.busy)
    assert len(tiles) <= 3  # it may be told before the third begins
    assert list(viewer.layers) == [layer]
    assert "Cancelled" in widget.message


def damaged(folder, path):
    whole = (folder / "resunet-2d.safetensors").read_bytes()
    path.write_bytes(whole[:-100])


FILES = {
    "missing": (lambda folder, path: None, "no model"),
    "no model": (lambda folder, path: path.write_bytes(b"no network at all"), "no model"),
    "damaged": (damaged, "damaged"),
}


@pytest.mark.parametrize("kind", FILES)
def test_wrong_model_file_is_a_sentence(networked, tiny_models, finish, errors, tmp_path, kind):
    make, word = FILES[kind]
    _, widget, _ = networked
    path = tmp_path / "mine.safetensors"
    make(tiny_models, path)
    widget.method.setValue(Resunet(model=path))
    assert finish(widget) is None
    assert len(errors) == 1
    assert word in errors[0]
    assert "mine.safetensors" in errors[0]
    widget.method.setValue(Resunet())
    assert finish(widget) is not None


def test_wrong_model_file_in_the_preview(networked, settled, until, tmp_path):
    _, widget, _ = networked
    widget.show_preview(True)
    settled(widget)
    widget.method.setValue(Resunet(model=tmp_path / "mine.safetensors"))
    until(lambda: "mine.safetensors" in widget.message)
    assert widget.preview.layer is None
    widget.method.setValue(Resunet())
    settled(widget)


def test_model_file_of_ones_own(networked, tiny_models, finish, tmp_path):
    _, widget, _ = networked
    path = tmp_path / "mine.safetensors"
    shutil.copy(tiny_models / "resunet-2d.safetensors", path)
    widget.method.setValue(Resunet(model=path))
    result = finish(widget)
    assert result.metadata["recipe"]["denoiser"]["model"] == str(path)
    path.unlink()  # the recipe was made, and the result is kept
    widget.exports.copy_python()
    assert str(path) in QGuiApplication.clipboard().text()


def test_shipped_model_that_is_damaged(networked, finish, errors, tmp_path, monkeypatch):
    _, widget, _ = networked
    (tmp_path / "resunet-2d.safetensors").write_bytes(b"")
    monkeypatch.setattr("napari_photon_denoise.models.FOLDER", tmp_path)
    assert finish(widget) is None
    assert "install" in errors[0]


def test_no_torch_is_a_sentence(networked, finish, errors, monkeypatch):
    _, widget, _ = networked
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "torch", None)
        assert finish(widget) is None
    assert "needs PyTorch" in errors[0]
    assert finish(widget) is not None


def test_gpu_without_memory_is_a_sentence(networked, finish, errors, until, monkeypatch):
    from napari_photon_denoise.networks.predict import Predictor

    def full(*_):
        raise OutOfMemory("The GPU has no memory left: choose the device 'cpu'.")

    _, widget, _ = networked
    with monkeypatch.context() as small:
        small.setattr(Predictor, "__call__", full)
        assert finish(widget) is None
        assert "no memory left" in errors[0]
        widget.show_preview(True)
        until(lambda: "no memory left" in widget.message)
        widget.show_preview(False)
    assert finish(widget) is not None


def test_python_and_command_name_the_model(networked, finish, counts, tmp_path, monkeypatch):
    viewer, widget, layer = networked
    path = write_image(tmp_path / "cells.ome.tif", counts, "YX")
    (layer,) = viewer.open(str(path), plugin="napari-photon-denoise")
    widget.source.set_layer(layer)
    widget.camera.setValue(CAMERA)
    result = finish(widget)
    widget.exports.copy_python()
    names = {}
    exec(QGuiApplication.clipboard().text(), names)
    np.testing.assert_array_equal(names["clean"], result.data)
    widget.exports.copy_command_line()
    words = shlex.split(QGuiApplication.clipboard().text())
    assert words[words.index("--model") + 1] == "resunet-2d"
    assert main(words[1:]) == 0


def test_nothing_to_resolve_is_said(networked, errors, tmp_path):
    _, widget, _ = networked
    widget.method.setValue(Resunet(model=tmp_path / "mine.safetensors"))
    widget.exports.copy_python()
    assert "mine.safetensors" in errors[0]


def test_card_of_the_model_that_the_image_decides_on(stacked, tmp_path, tiny_models, monkeypatch):
    _, widget, _ = stacked("ZYX", (3, 40, 50))
    for path in tiny_models.glob("*.safetensors"):
        shutil.copy(path, tmp_path)
    monkeypatch.setattr("napari_photon_denoise.models.FOLDER", tmp_path)
    (tmp_path / "resunet-stack.md").write_text("# For stacks\n\n| a | b |\n|-|-|\n| 1 | 2 |\n")
    widget.method.form.cardAsked.emit()
    (browser,) = widget.findChildren(QTextBrowser)
    assert "For stacks" in browser.toPlainText()
    assert browser.isReadOnly()
    browser.window().close()


@pytest.mark.parametrize(("own", "word"), [(False, "missing"), (True, "of your own")])
def test_no_card_is_a_sentence(networked, tiny_models, errors, tmp_path, own, word):
    _, widget, _ = networked
    path = tmp_path / "mine.safetensors"
    shutil.copy(tiny_models / "resunet-2d.safetensors", path)
    widget.method.setValue(Resunet(model=path) if own else Resunet())
    widget.method.form.cardAsked.emit()
    assert word in errors[0]


def test_no_image_no_card(desk, errors):
    _, open_widget = desk
    widget = open_widget()
    widget.method.choose("resunet")
    widget.method.form.cardAsked.emit()
    assert "Open an image first" in errors[0]
