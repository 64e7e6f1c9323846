import json
import shlex

import numpy as np
import pytest
from qtpy.QtGui import QGuiApplication
from qtpy.QtWidgets import QFileDialog

import napari_photon_denoise as npd
from napari_photon_denoise.cli import main
from napari_photon_denoise.io import write_image
from napari_photon_denoise.recipe import load_recipe
from napari_photon_denoise.virtual.simulate import scmos

PLUGIN = "napari-photon-denoise"


def clipboard():
    return QGuiApplication.clipboard().text()


@pytest.fixture
def from_file(desk, counts, tmp_path):
    """A layer that came from a file through our reader, denoised with maps in no file."""
    viewer, open_widget = desk
    path = write_image(tmp_path / "cells.ome.tif", counts, "YX", pixel_size={"Y": 0.1, "X": 0.1})
    (layer,) = viewer.open(str(path), plugin=PLUGIN)
    widget = open_widget()
    layer.metadata["calibration"] = scmos(counts.shape).calibration
    widget.camera.set_layer(layer, "YX")
    widget.method.setValue(npd.Gaussian(sigma=1.4))
    return widget


@pytest.fixture
def save_as(monkeypatch, tmp_path):
    """Answer every question for a file name."""
    asked = []

    def answer(_parent, title, name, *_):
        asked.append(title)
        return str(tmp_path / name), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    return asked


def test_python_on_the_clipboard_gives_the_same(from_file, finish, save_as):
    result = finish(from_file)
    from_file.exports.copy_python()
    names = {}
    exec(clipboard(), names)
    np.testing.assert_array_equal(names["clean"], result.data)
    from_file.exports.copy_command_line()
    assert len(save_as) == 1  # the maps are saved once


def test_command_on_the_clipboard_gives_the_same(from_file, finish, save_as):
    result = finish(from_file)
    from_file.exports.copy_command_line()
    assert main(shlex.split(clipboard())[1:]) == 0
    (opened,) = from_file._viewer.open(shlex.split(clipboard())[4], plugin=PLUGIN)
    np.testing.assert_array_equal(np.asarray(opened.data), result.data)


def test_recipe_is_of_the_last_result(ready, finish, save_as, tmp_path):
    _, widget, _ = ready
    widget.method.setValue(npd.Gaussian(sigma=1.4))
    finish(widget)
    widget.method.setValue(npd.Gaussian(sigma=9))
    widget.exports.save_recipe()
    assert load_recipe(tmp_path / "recipe.json").denoiser == npd.Gaussian(sigma=1.4)
    assert "recipe.json" in widget.message


def test_recipe_without_a_result_is_of_the_settings(ready, save_as, tmp_path):
    _, widget, _ = ready
    widget.method.setValue(npd.Gaussian(sigma=9))
    widget.exports.save_recipe()
    content = json.loads((tmp_path / "recipe.json").read_text(encoding="utf-8"))
    assert content["denoiser"]["sigma"] == 9


def test_no_name_no_recipe(ready, monkeypatch, tmp_path):
    _, widget, _ = ready
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    widget.exports.save_recipe()
    assert not list(tmp_path.glob("*.json"))


def test_unwritable_folder_is_said(ready, monkeypatch, tmp_path):
    _, widget, _ = ready
    missing = tmp_path / "nowhere" / "recipe.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(missing), ""))
    widget.exports.save_recipe()
    assert "can't be written" in widget.message


def test_nothing_to_export_is_said(desk):
    _, open_widget = desk
    widget = open_widget()
    widget.exports.copy_python()
    assert "Open an image first" in widget.message
