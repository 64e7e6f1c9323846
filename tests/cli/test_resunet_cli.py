"""The pretrained network on the command line: recipes that hold what was decided, and models."""

import json

import numpy as np
import pytest

pytest.importorskip("torch")

import napari_photon_denoise as npd
from napari_photon_denoise import models
from napari_photon_denoise.cli import info, main
from napari_photon_denoise.io import read, write_image
from napari_photon_denoise.recipe import load_recipe
from quick_learning import keep_float32
from tiny_models import save_tiny

NUMBERS = ("--gain", "0.5", "--offset", "100", "--read-noise", "1.5")
CAMERA = npd.Calibration(gain=0.5, offset=100, read_noise=1.5)


@pytest.fixture(autouse=True)
def one_precision(monkeypatch):
    keep_float32(monkeypatch)


@pytest.fixture
def image(tmp_path, rng):
    counts = rng.poisson(40, (2, 24, 30)).astype(np.uint16) * 2 + 100
    return write_image(tmp_path / "cells.ome.tif", counts, "ZYX")


def data_of(path):
    with read(path) as image:
        return np.asarray(image.data)


def test_it_is_the_first_choice_and_its_recipe_says_all(tmp_path, image):
    target = tmp_path / "clean.ome.tif"
    assert main(["denoise", str(image), "-o", str(target), *NUMBERS]) == 0
    np.testing.assert_array_equal(data_of(target), npd.denoise(image, CAMERA))
    denoiser = load_recipe(target).denoiser
    assert denoiser.method == "resunet"
    assert denoiser.model in models.shipped_models()
    assert denoiser.neighbours == "z"
    assert denoiser.precision == "float32"
    assert denoiser.weights == models.shipped_models()[denoiser.model].sha256


def test_a_recipe_gives_the_same_and_refuses_other_weights(tmp_path, image, capfd):
    model = save_tiny(tmp_path, "mine", planes=3)
    target, recipe = tmp_path / "clean.ome.tif", tmp_path / "recipe.json"
    words = ["--method", "resunet", "--model", str(model), *NUMBERS]
    assert main(["denoise", str(image), "-o", str(target), *words]) == 0
    recipe.write_text(load_recipe(target).as_json(), encoding="utf-8")
    again = tmp_path / "again.ome.tif"
    assert main(["run", str(recipe), "-o", str(again)]) == 0
    np.testing.assert_array_equal(data_of(again), data_of(target))

    save_tiny(tmp_path, "mine", planes=3, seed=2)
    capfd.readouterr()
    assert main(["run", str(recipe), "-o", str(tmp_path / "no.ome.tif")]) == 2
    text = capfd.readouterr().err
    assert text.startswith("error: The recipe was made with other weights of the model")
    assert text.count("\n") == 1
    assert not list(tmp_path.glob("*no*"))

    # A recipe that was written by hand leaves it to the image and the program.
    content = json.loads(recipe.read_text())
    for name in ("weights", "neighbours"):
        del content["denoiser"][name]
    recipe.write_text(json.dumps(content), encoding="utf-8")
    assert main(["run", str(recipe), "-o", str(again), "--overwrite"]) == 0
    assert load_recipe(again).denoiser.neighbours == "z"


def test_what_is_done_is_skipped_unless_the_weights_are_others(tmp_path, image, capfd):
    folder = tmp_path / "raw"
    folder.mkdir()
    for name in "ab":
        (folder / f"{name}.ome.tif").write_bytes(image.read_bytes())
    model = save_tiny(tmp_path, "mine")
    words = ["denoise", str(folder), "-o", str(tmp_path / "clean"), "--method", "resunet"]
    words += ["--model", str(model), *NUMBERS]
    assert main(words) == 0
    assert main(words) == 0
    assert capfd.readouterr().out.count("done already, skipped") == 2
    save_tiny(tmp_path, "mine", seed=2)
    assert main(words) == 2
    assert "was made otherwise: add --overwrite" in capfd.readouterr().err


def test_info_lists_the_models(monkeypatch, capsys):
    monkeypatch.setattr(info.out, "width", 300)
    assert main(["info"]) == 0
    text = capsys.readouterr().out
    for name, model in models.shipped_models().items():
        line = next(line for line in text.splitlines() if name in line and "MB" in line)
        assert model.text in line
        assert "photons a pixel" in line


def test_info_of_a_model_is_its_card(tmp_path, monkeypatch, capfd):
    path = save_tiny(tmp_path, "mine")
    shipped = {"mine": models.ShippedModel("For tests.", models.digest(path))}
    monkeypatch.setattr(models, "FOLDER", tmp_path)
    monkeypatch.setattr(models, "shipped_models", lambda: shipped)
    assert main(["info", "mine"]) == 2
    assert "The card of mine is missing" in capfd.readouterr().err
    (tmp_path / "mine.md").write_text("# Mine\nIt fails on *everything*.", encoding="utf-8")
    assert main(["info", "mine"]) == 0
    text = capfd.readouterr().out
    assert "It fails on everything." in text
    assert shipped["mine"].sha256 in text.replace("\n", "")
    # One of your own has no card, but says what it was trained on.
    assert main(["info", str(path)]) == 0
    assert "0.05 to 2000 photons a pixel" in capfd.readouterr().out


def test_info_of_no_model_is_one_sentence(tmp_path, capfd):
    assert main(["info", "best"]) == 2
    assert "There is no model 'best': name one of resunet-2d" in capfd.readouterr().err
    (tmp_path / "x.safetensors").write_bytes(b"nonsense")
    assert main(["info", str(tmp_path / "x.safetensors")]) == 2
    assert "is no model of this program" in capfd.readouterr().err
