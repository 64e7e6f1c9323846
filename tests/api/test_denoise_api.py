"""The verbs `denoise` and `estimate`, and what they say of an image."""

import inspect
import warnings

import numpy as np
import pytest

import napari_photon_denoise as npd
from napari_photon_denoise.denoisers import ALIASES, METHODS
from napari_photon_denoise.errors import DenoisedAlready
from napari_photon_denoise.io import write_image
from napari_photon_denoise.parameters import declared_parameters
from napari_photon_denoise.virtual import scenes
from napari_photon_denoise.virtual.simulate import VirtualCamera

CAMERA = npd.Calibration(0.5, 100, 1.6)


@pytest.fixture(scope="module")
def raw():
    truth = scenes.nuclei((160, 200), np.random.default_rng(3)) * np.float32(20)
    return VirtualCamera(CAMERA).expose(truth, np.random.default_rng(4))


def test_an_estimate_is_what_denoise_finds_and_prints_in_lines(raw):
    found = npd.estimate(raw, "YX")
    first, *others = str(found).splitlines()
    assert first == found.describe()
    assert others == list(found.sentences)
    assert found.gain == pytest.approx(0.5, rel=0.15)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", npd.PhotonDenoiseWarning)
        alone = npd.denoise(raw, None, "gaussian")
    np.testing.assert_array_equal(alone, npd.denoise(raw, found.calibration(), "gaussian"))


def test_an_estimate_is_one_line_of_warning(raw):
    with pytest.warns(npd.PhotonDenoiseWarning) as told:
        npd.denoise(raw, None, "gaussian")
    first = str(told[0].message)
    assert first.startswith("No camera was given: estimated from this image, gain")
    assert not any("can't be told apart" in str(one.message) for one in told)


def test_a_camera_of_another_program_is_said_with_its_numbers(tmp_path):
    maps = [np.full((4, 5), value) for value in (100.0, 4.0, 2.0)]
    np.save(tmp_path / "camera.npy", np.stack(maps))
    with pytest.warns(
        npd.PhotonDenoiseWarning, match="gain 2 ADU/e- became 0.5 e-/ADU, offset 100"
    ):
        npd.find_camera(tmp_path / "camera.npy")


def test_a_result_is_denoised_again_only_where_that_is_allowed(raw, tmp_path):
    recipe = {"denoiser": {"method": "gaussian"}, "recipe_version": 99}
    done = write_image(tmp_path / "done.tif", raw, "YX", recipe=recipe)
    for verb in (npd.estimate, npd.denoise):
        with pytest.raises(DenoisedAlready, match="by a method of another version: name the raw"):
            verb(done)
    again = npd.denoise(done, CAMERA, "gaussian", allow_results=True)
    np.testing.assert_array_equal(again, npd.denoise(raw, CAMERA, "gaussian"))


@pytest.mark.parametrize(
    ("camera", "dtype", "doubted"),
    [
        (npd.Calibration(1, 0), np.uint8, True),
        (npd.Calibration(1, 0), np.uint16, False),
        (npd.Calibration(1, 0), np.float32, False),
        (npd.Calibration(1, 0, 1), np.uint8, False),
        (npd.Calibration(0.5, 0), np.uint8, False),
        (npd.Calibration(np.ones((20, 30)), np.zeros((20, 30))), np.uint8, False),
    ],
)
def test_photons_of_eight_bits_are_doubted(camera, dtype, doubted, rng):
    image = rng.poisson(20, (20, 30)).astype(dtype)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        npd.denoise(image, camera, "gaussian")
    assert any("8-bit grey values" in str(one.message) for one in told) == doubted


def test_short_names_are_methods_and_recipes_have_the_key(raw):
    short = npd.denoise(raw, CAMERA, "nlm")
    np.testing.assert_array_equal(short, npd.denoise(raw, CAMERA, "non-local-means"))
    report = npd.compare(raw, CAMERA, ["nlm"])
    assert report.recipes["Non-local means"]["denoiser"]["method"] == "non-local-means"
    assert not ALIASES.keys() & METHODS.keys()
    assert set(ALIASES.values()) <= METHODS.keys()


@pytest.mark.parametrize("kind", METHODS.values())
def test_help_lists_every_parameter(kind):
    text = inspect.getdoc(kind)
    for part in declared_parameters(kind):
        assert f"\n{part.name} : " in text
        assert part.text.split()[0] in text
    assert "Parameters\n----------" in text or not declared_parameters(kind)


def test_help_has_range_unit_and_default():
    text = inspect.getdoc(npd.NonlocalMeans)
    assert "patch_z : whole number from 1 to 7 planes, default 1 plane\n" in text
    assert "flips : bool, default False\n" in inspect.getdoc(npd.Resunet)
    assert "neighbours : one of 'auto', 'z', 't', default 'auto'\n" in inspect.getdoc(npd.Resunet)
