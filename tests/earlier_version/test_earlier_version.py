"""What an earlier version wrote is read by this one; `make.py` says how it was written.

A test that fails here means that users lose files, trainings or scripts: mend the program, not the
files. What is imported from inside the package may move; what `files/` holds may not.
"""

import csv
import importlib.metadata
import json
import lzma
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile

import napari_photon_denoise as npd
from napari_photon_denoise.cli import main
from napari_photon_denoise.recipe import load_recipe
from quick_learning import keep_float32

HERE = Path(__file__).parent
FILES = HERE / "files"
COMMANDS = json.loads((HERE / "commands.json").read_text(encoding="utf-8"))
CAMERA = npd.Calibration(gain=0.5, offset=100, read_noise=1.5)
NUMBERS = ("--gain", "0.5", "--offset", "100", "--read-noise", "1.5")
ALMOST = 1e-4  # of a classical method: another CPU may add in another order
# Of networks, e-: less than what their weights change here.
NEAR = {"resunet": 0.25, "pairs": 0.05, "blind": 0.002}


def unpacked(name, tmp_path, monkeypatch):
    """Copy a folder of the earlier version's files, and go there."""
    place = tmp_path / name
    shutil.copytree(FILES / name, place)
    for path in list(place.rglob("*.xz")):
        path.with_suffix("").write_bytes(lzma.decompress(path.read_bytes()))
        path.unlink()
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def go_to(tmp_path, monkeypatch):
    return lambda name: unpacked(name, tmp_path, monkeypatch)


@pytest.fixture
def torch(monkeypatch):
    found = pytest.importorskip("torch")
    if not hasattr(found.optim, "Muon"):
        pytest.skip("training needs a newer torch")
    keep_float32(monkeypatch)
    return found


def read_json(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))


def assert_near(path, expected, tolerance):
    np.testing.assert_allclose(
        tifffile.imread(path), tifffile.imread(expected), rtol=0, atol=tolerance
    )


CAMERAS = read_json(FILES / "cameras" / "expected.json")


@pytest.mark.parametrize("name", CAMERAS)
def test_calibrations_are_the_same_to_the_bit(name):
    path = FILES / "cameras" / f"{name}.tif"
    for camera in (npd.Calibration.load(path), npd.find_camera(str(path))):
        assert camera.facts() == CAMERAS[name]["facts"]
        assert camera.digest == CAMERAS[name]["sha256"]
        assert camera.path == path


def test_maps_keep_their_hot_pixels_and_their_region():
    camera = npd.Calibration.load(FILES / "cameras" / "maps.tif")
    assert camera.map_shape == (24, 32)
    assert camera.roi == (8, 16, 24, 32)
    assert camera.read_noise[5, 7] == camera.read_noise[20, 30] == 60
    assert camera.saturation == 60000


METHODS = {
    "nlm": npd.NonlocalMeans(),
    "n2v": npd.Noise2Void(
        epochs=1, batch=1, patch=16, seed=5, neighbours="z", dimensions="2-D"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", METHODS)
def test_recipes_beside_an_image_are_read(go_to, name):
    go_to("recipes")
    recipe = load_recipe(f"{name}.json")
    assert recipe.denoiser == METHODS[name]
    assert (recipe.axes, recipe.units, recipe.input) == ("YX", "photons", "cells.ome.tif")
    before = npd.Calibration.load("camera.tif") if name == "nlm" else CAMERA
    assert recipe.calibration.restore() == before
    assert recipe.as_dict() == read_json(f"{name}.json")


@pytest.mark.parametrize("name", ["nlm", "resunet", "n2v"])
def test_recipes_inside_an_image_are_read(go_to, name):
    go_to("recipes")
    recipe = load_recipe(f"{name}.ome.tif")
    with tifffile.TiffFile(f"{name}.ome.tif") as tif:
        assert recipe.version in tif.ome_metadata
    assert recipe.version == (FILES / "version.txt").read_text().strip()
    assert Path(recipe.output).name == f"{name}.ome.tif"
    if name == "resunet":
        assert recipe.denoiser.model == "resunet-2d"
        assert len(recipe.denoiser.weights) == 64
    else:
        assert recipe.denoiser == load_recipe(f"{name}.json").denoiser
        assert recipe.calibration.sha256 == load_recipe(f"{name}.json").calibration.sha256


def test_a_recipe_gives_the_same_pixels_in_a_process_of_its_own(go_to):
    go_to("recipes")
    words = [sys.executable, "-m", "napari_photon_denoise", "run", "nlm.json", "-o", "out.ome.tif"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    assert_near("out.ome.tif", "nlm.ome.tif", ALMOST)


def test_a_result_gives_the_same_pixels_again(go_to):
    go_to("recipes")
    # The image and the camera lie elsewhere than where the result was made.
    words = ("run", "nlm.ome.tif", "cells.ome.tif", "--camera", "camera.tif", "-o", "out.ome.tif")
    assert main(words) == 0
    assert_near("out.ome.tif", "nlm.ome.tif", ALMOST)


def test_a_result_of_a_shipped_network_gives_the_same_pixels_again(go_to, torch):
    # It names the weights' hash: once they are trained anew, it is refused with a sentence.
    go_to("recipes")
    words = ("run", "resunet.ome.tif", "cells.ome.tif", "-o", "out.ome.tif", "--device", "cpu")
    assert main(words) == 0
    assert_near("out.ome.tif", "resunet.ome.tif", NEAR["resunet"])


@pytest.mark.slow
def test_a_recipe_that_learns_gives_nearly_the_same_pixels(go_to, torch):
    go_to("recipes")
    assert main(("run", "n2v.json", "-o", "out.ome.tif", "--device", "cpu")) == 0
    # 50 steps, in which roundings of another CPU grow.
    assert_near("out.ome.tif", "n2v.ome.tif", 0.5)


@pytest.mark.parametrize(
    ("name", "form", "made"), [("pairs", "stabilised", "settings"), ("blind", "blind", "notes")]
)
def test_models_denoise_as_before(go_to, torch, capsys, name, form, made):
    go_to("models")
    model = f"{name}.safetensors"
    words = ("denoise", "cells.ome.tif", "-o", "out.ome.tif", "--device", "cpu", *NUMBERS)
    assert main((*words, "--model", model)) == 0
    assert_near("out.ome.tif", f"{name}.ome.tif", NEAR[name])
    capsys.readouterr()
    assert main(("model", "show", model)) == 0
    told = capsys.readouterr().out
    architecture, facts = (
        json.loads(part)
        for part in told.split("architecture: ", 1)[1].split("facts: ", 1)
    )  # fmt: skip
    assert architecture["form"] == form
    assert made in facts
    assert facts["curve"]["steps"]
    assert main(("info", model)) == 0


def test_own_models_lie_where_they_lay():
    pytest.importorskip("platformdirs")
    from napari_photon_denoise.models import own_folder

    assert "napari-photon-denoise" in own_folder().parts
    assert own_folder().name == "models"


def test_a_package_gives_its_model_back(go_to, torch):
    go_to("models")
    assert main(("model", "import", "pairs.zip", "-o", "out.safetensors")) == 0
    assert Path("out.safetensors").read_bytes() == Path("pairs.safetensors").read_bytes()


# Folder, command, name of the training, steps that were made, and where the curve had points.
TRAININGS = {
    "learn": ("learn", "n2v", 99, [50]),
    "adapt": ("adapt", "adapted-resunet", 99, [50]),
    "pairs": ("pairs", "pairs", 19, list(range(2, 20, 2))),
    "training_recipe": ("recipe", "smallest", 9, [4, 8]),
}


CHECKPOINT = "mine.training/{}.checkpoint.safetensors"


def words_in(path):
    """Return what a model or a checkpoint says of itself."""
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        return dict(file.metadata())


@pytest.mark.parametrize("folder", TRAININGS)
def test_stopped_trainings_go_on_and_finish(go_to, torch, folder):
    place = go_to(folder)
    command, name, steps, points = TRAININGS[folder]
    scenes = {path: path.read_bytes() for path in place.rglob("scenes.npy")}
    words = words_in(CHECKPOINT.format(name))
    before = json.loads(words["curve"])
    assert json.loads(words["step"]) == steps
    assert before["steps"] == points
    started = read_json(f"mine.training/{name}.settings.json")["started"]

    assert main(COMMANDS[command]) == 0
    # It made the step that was left, and no others.
    facts = json.loads(words_in("mine.safetensors")["facts"])
    assert facts["started"] == started
    curve = facts["curve"]
    assert curve["steps"] == [*points, steps + 1]
    assert curve["held_out"][:-1] == before["held_out"]
    assert curve["training"][:-1] == before["training"]
    assert not list(Path("mine.training").glob("*.checkpoint.safetensors"))
    # Scenes are not drawn again.
    assert {path: path.read_bytes() for path in place.rglob("scenes.npy")} == scenes
    assert len(scenes) == (folder == "training_recipe")


def test_a_stopped_training_ends_with_the_best_that_it_had(go_to, torch):
    from safetensors.torch import load_file

    go_to("learn")
    before = load_file(CHECKPOINT.format("n2v"))
    best = {name[5:]: part for name, part in before.items() if name.startswith("best.")}
    assert main((*COMMANDS["learn"], "--finish")) == 0
    weights = load_file("mine.safetensors")
    assert weights.keys() == best.keys()
    assert all(torch.equal(part, best[name]) for name, part in weights.items())


def test_the_learn_window_finds_its_stopped_training(go_to, torch, monkeypatch, tmp_path):
    kept = pytest.importorskip("napari_photon_denoise.widgets.learning.kept")
    go_to("learn")
    said = read_json("window.json")
    image = npd.Photons(tifffile.imread("cells.ome.tif"), CAMERA, "YX")
    method = npd.Noise2Void(**said["parameters"]).resolved(image)
    assert kept.name_of([image], method) == said["name"]

    assert "napari-photon-denoise" in kept.folder().parts
    assert kept.folder().name == "learning"
    monkeypatch.setattr(kept, "folder", lambda: tmp_path)
    shutil.copy(CHECKPOINT.format("n2v"), tmp_path / f"{said['name']}.checkpoint.safetensors")
    found = kept.find(said["name"])
    assert (found.steps, found.scores) == (99, 1)


def test_a_stopped_study_goes_on(go_to, monkeypatch, capsys):
    go_to("study")
    # Results of another version are computed anew, on purpose: this one passes for the earlier.
    earlier = (FILES / "version.txt").read_text().strip()
    known = importlib.metadata.version
    monkeypatch.setattr(
        importlib.metadata,
        "version",
        lambda name: earlier if name == "napari-photon-denoise" else known(name),
    )
    before = read_json("study/results.json")["cells"]
    assert len(before) == 1
    assert main(COMMANDS["study"]) == 0
    after = read_json("study/results.json")["cells"]
    assert after.items() >= before.items()
    assert len(after) == 2
    assert_same_table("study/study.csv", "whole.csv")

    capsys.readouterr()
    assert main(COMMANDS["study"]) == 0
    assert "Nothing to do: all 2 results are in" in " ".join(capsys.readouterr().out.split())


def assert_same_table(path, expected):
    """Every column of before is there, in its order; what is new comes after them."""
    rows, other = (
        list(csv.reader(Path(name).read_text(encoding="utf-8").splitlines()))
        for name in (path, expected)
    )
    for line, before in zip(rows, other, strict=True):
        for cell, known in zip(line, before, strict=False):
            try:
                assert float(cell) == pytest.approx(float(known), rel=1e-3)
            except ValueError:
                assert cell == known
        assert len(line) >= len(before)
