import json
from dataclasses import fields, replace

import numpy as np
import pytest

import napari_photon_denoise as npd
from napari_photon_denoise.denoisers import METHODS, make_denoiser
from napari_photon_denoise.errors import PhotonDenoiseError, UnreadableFile
from napari_photon_denoise.recipe import CalibrationRecord, Recipe, _Facts, load_recipe


def make_recipe(camera, denoiser, **rest):
    return Recipe(calibration=CalibrationRecord.of(camera), denoiser=denoiser, **rest)


@pytest.mark.parametrize("method", METHODS)
def test_a_recipe_survives_json(tmp_path, camera, method):
    recipe = make_recipe(camera, make_denoiser(method), units="counts", axes="ZYX", tile=64)
    path = tmp_path / "recipe.json"
    path.write_text(recipe.as_json(), encoding="utf-8")
    back = load_recipe(path)
    assert back == recipe
    assert back.calibration.restore() == camera
    assert type(back.denoiser) is METHODS[method]


def test_same_recipe_same_result(tmp_path, map_camera, rng):
    camera = npd.Calibration.load(map_camera.save(tmp_path / "camera.tif"))
    counts = rng.integers(90, 200, (40, 50), dtype=np.uint16)
    first = npd.denoise(counts, camera, "non-local-means")
    text = make_recipe(camera, npd.NonlocalMeans()).as_json()
    back = Recipe.model_validate(json.loads(text))
    again = npd.denoise(counts, back.calibration.restore(), back.denoiser)
    np.testing.assert_array_equal(again, first)


def test_a_cropped_calibration_is_restored(tmp_path, map_camera):
    camera = npd.Calibration.load(map_camera.save(tmp_path / "camera.tif")).crop(3, 4, 20, 30)
    assert CalibrationRecord.of(camera).restore() == camera


def test_correlation_of_the_noise_is_kept(tmp_path, camera):
    shared = replace(camera, length_y=0.5, length_x=1)
    recipe = make_recipe(shared, npd.Gaussian())
    assert Recipe.model_validate(json.loads(recipe.as_json())).calibration.restore() == shared


def test_correlation_may_be_said_beside_a_file(tmp_path, map_camera):
    for inside, said in ((0.0, 0.7), (0.7, 0.0), (0.7, 0.7)):
        whole = replace(map_camera, length_x=inside)
        file = npd.Calibration.load(whole.save(tmp_path / "camera.tif", overwrite=True))
        camera = replace(file, length_x=said)
        assert CalibrationRecord.of(camera).restore() == camera


def test_maps_that_were_never_saved_are_asked_for(map_camera):
    with pytest.raises(PhotonDenoiseError, match="name the calibration"):
        CalibrationRecord.of(map_camera).restore()


def test_a_calibration_file_that_is_gone_is_asked_for(tmp_path, map_camera):
    path = map_camera.save(tmp_path / "camera.tif")
    record = CalibrationRecord.of(npd.Calibration.load(path))
    path.unlink()
    with pytest.raises(PhotonDenoiseError, match=r"is not there: .* name the calibration"):
        record.restore()


def test_a_changed_calibration_file_is_noticed(tmp_path, map_camera):
    path = map_camera.save(tmp_path / "camera.tif")
    record = CalibrationRecord.of(npd.Calibration.load(path))
    changed = npd.Calibration(gain=map_camera.gain * 2, offset=0)
    changed.save(path, overwrite=True)
    with pytest.raises(PhotonDenoiseError, match="another calibration than the recipe's"):
        record.restore()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "not JSON"),
        ("[]", "no recipe"),
        ('{"a": 1}', "no recipe"),
        ('{"recipe_version": 99, "version": "9.0"}', r"newer version .*\(9\.0\): update"),
        ('{"recipe_version": 1}', "calibration is missing"),
    ],
)
def test_what_is_no_recipe_is_refused(tmp_path, text, sentence):
    path = tmp_path / "recipe.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableFile, match=sentence):
        load_recipe(path)


def test_a_missing_recipe_is_said(tmp_path):
    with pytest.raises(UnreadableFile, match="check its name"):
        load_recipe(tmp_path / "nothing.json")


def test_unknown_parameters_of_a_recipe_are_refused(tmp_path, camera):
    content = make_recipe(camera, npd.Gaussian()).as_dict()
    content["denoiser"]["sharpness"] = 3
    path = tmp_path / "recipe.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(UnreadableFile, match="sharpness"):
        load_recipe(path)


@pytest.mark.parametrize(
    "text",
    [
        '{"recipe_version":' * 100_000,
        '{"recipe_version": 1' + "0" * 100_000 + "}",
        '{"recipe_version": 1e999}',
        "[" * 100_000,
    ],
)
def test_a_recipe_made_to_do_harm_is_refused_in_a_sentence(tmp_path, text):
    path = tmp_path / "recipe.json"
    path.write_text(text)
    with pytest.raises(UnreadableFile, match=r"recipe\.json"):
        load_recipe(path)


def test_a_precision_that_is_still_to_be_decided_fits_any(camera):
    bare, one, other = (
        make_recipe(camera, npd.Noise2Void(precision=precision))
        for precision in ("", "float32", "bfloat16")
    )
    assert bare.is_like(one)
    assert one.is_like(bare)
    assert not one.is_like(other)
    assert not bare.is_like(make_recipe(camera, npd.Noise2Void(seed=1)))
    assert "precision" not in bare.as_dict()["denoiser"]


def test_the_types_of_a_calibration_are_those_that_are_written():
    written = {entry.name for entry in fields(npd.Calibration)} - {"path", "report"}
    assert _Facts.model_fields.keys() == written


def test_a_camera_that_mends_hot_pixels_is_restored(camera):
    asks = replace(camera, mends_hot=True)
    assert CalibrationRecord.of(asks).restore().mends_hot


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("saturation", "x"),
        ("saturation", []),
        ("saturation", {"a": 1}),
        ("roi", True),
        ("roi", 1e-300),
        ("roi", [1, 2]),
        ("roi", [1, 2, 3, "x"]),
        ("binning", "x"),
        ("gain", "0.5"),
        ("gain", [0.5]),
        ("gain", None),
        ("camera", None),
        ("length_y", "x"),
        ("nonsense", 1),
    ],
)
def test_a_calibration_of_other_types_is_refused_in_a_sentence(name, value):
    record = CalibrationRecord.of(npd.Calibration(gain=0.5, offset=100))
    spoilt = CalibrationRecord(facts=record.facts | {name: value}, sha256=record.sha256)
    with pytest.raises(PhotonDenoiseError, match=rf"The recipe's calibration: {name}"):
        spoilt.restore()
