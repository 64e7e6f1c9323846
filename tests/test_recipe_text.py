import shlex
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest

import napari_photon_denoise as npd
from napari_photon_denoise.cli import main
from napari_photon_denoise.denoisers import METHODS
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io import read, write_image
from napari_photon_denoise.recipe import CalibrationRecord, Recipe, load_recipe
from napari_photon_denoise.recipe_text import as_command_line, as_python
from quick_learning import LEARNING, QUICK, make_small

DENOISERS = {
    "gaussian": npd.Gaussian(sigma=1.3),
    "box": npd.Box(size=5),
    "median": npd.Median(size=5),
    "non-local-means": npd.NonlocalMeans(strength=1.1, distance=3),
    "resunet": npd.Resunet(neighbours="t", flips=True),
} | {method: kind(**QUICK) for method, kind in LEARNING.items()}
NEEDS_TORCH = pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")
WORKING = [
    pytest.param(method, marks=NEEDS_TORCH if method in ("resunet", *LEARNING) else ())
    for method in METHODS
]


@pytest.fixture
def image(tmp_path, rng):
    counts = rng.poisson(20, (3, 40, 50)).astype(np.uint16) + 100
    return write_image(tmp_path / "my cells.ome.tif", counts, "ZYX"), counts


@pytest.fixture
def cameras(map_camera, tmp_path):
    return {
        "numbers": npd.Calibration(gain=0.47, offset=-3, read_noise=1.1, gain_sd=0.01, camera="A"),
        "preset": npd.find_camera("orca-flash4"),
        "em preset": npd.find_camera("ixon-preamp-2", em_gain=250),
        "file": npd.Calibration.load(map_camera.save(tmp_path / "my camera.tif")),
        "shared": npd.Calibration(gain=0.47, offset=100, length_y=0.5, length_x=1),
        "shared, file": replace(
            npd.Calibration.load(map_camera.save(tmp_path / "camera.tif")), length_x=0.7
        ),
    }


def recipe_of(path, camera, denoiser=DENOISERS["gaussian"], **more):
    values = {"axes": "ZYX", "input": str(path)} | more
    return Recipe(calibration=CalibrationRecord.of(camera), denoiser=denoiser, **values)


def run_python(recipe):
    names = {}
    exec(as_python(recipe), names)
    return names["clean"]


def run_command(recipe, capsys):
    words = shlex.split(as_command_line(recipe))
    assert words[0] == "photon-denoise"
    assert main(words[1:]) == 0, capsys.readouterr().err
    with read(recipe.output) as image:
        return np.asarray(image.data)


@pytest.mark.parametrize("method", WORKING)
@pytest.mark.parametrize("units", ["photons", "counts"])
def test_both_texts_give_the_same_result(
    image, cameras, tmp_path, capsys, monkeypatch, method, units
):
    if method in LEARNING:
        make_small(monkeypatch)
    path, counts = image
    camera = cameras["numbers"]
    output = str(tmp_path / "out.ome.tif")
    recipe = recipe_of(path, camera, DENOISERS[method], units=units, tile=32, output=output)
    expected = npd.denoise(counts, camera, DENOISERS[method], axes="ZYX", units=units, tile=32)
    np.testing.assert_array_equal(run_python(recipe), expected)
    np.testing.assert_array_equal(run_command(recipe, capsys), expected)


@pytest.mark.parametrize(
    "kind", ["numbers", "preset", "em preset", "file", "shared", "shared, file"]
)
def test_every_camera_can_be_said(image, cameras, tmp_path, capsys, kind):
    path, counts = image
    recipe = recipe_of(path, cameras[kind], output=str(tmp_path / "out.ome.tif"))
    expected = npd.denoise(counts, cameras[kind], recipe.denoiser, axes="ZYX")
    np.testing.assert_array_equal(run_python(recipe), expected)
    np.testing.assert_array_equal(run_command(recipe, capsys), expected)


@pytest.mark.parametrize("kind", ["shared", "shared, file"])
def test_shared_noise_is_said(image, cameras, tmp_path, capsys, kind):
    recipe = recipe_of(image[0], cameras[kind], output=str(tmp_path / "out.ome.tif"))
    run_command(recipe, capsys)
    again = load_recipe(recipe.output).calibration.restore()
    assert (again.length_y, again.length_x) == (cameras[kind].length_y, cameras[kind].length_x)
    assert f"length_x={cameras[kind].length_x}" in as_python(recipe)
    run_python(recipe)


def test_a_preset_is_named(image, cameras):
    assert "orca-flash4" in as_python(recipe_of(image[0], cameras["preset"]))
    assert "--camera orca-flash4" in as_command_line(recipe_of(image[0], cameras["preset"]))


def test_an_image_in_no_file_is_said(cameras):
    recipe = recipe_of("", cameras["preset"]).model_copy(update={"input": None})
    assert "# The image was in no file" in as_python(recipe)
    assert "image_gaussian.ome.tif" in as_command_line(recipe)


def test_what_was_decided_is_said_but_not_the_weights(image, cameras):
    """Text is read and changed by people; only a recipe insists on the very same weights."""
    decided = npd.Resunet(model="resunet-2d", neighbours="z", weights="0" * 64)
    recipe = recipe_of(image[0], cameras["preset"], decided)
    python, words = as_python(recipe), as_command_line(recipe)
    assert "npd.Resunet(model='resunet-2d', neighbours='z', flips=False)" in python
    assert "--method resunet --model resunet-2d --neighbours z --no-flips" in words
    assert "0000" not in python + words


@pytest.mark.parametrize("text", [as_python, as_command_line])
def test_maps_in_no_file_are_refused(image, map_camera, text):
    with pytest.raises(PhotonDenoiseError, match="save the calibration"):
        text(recipe_of(image[0], map_camera))
