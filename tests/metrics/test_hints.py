"""What a pretrained network says of an image that it is not made for."""

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

pytest.importorskip("torch")

import napari_photon_denoise as npd
from napari_photon_denoise.metrics.hints import find_hints
from napari_photon_denoise.networks.predict import Predictor
from napari_photon_denoise.networks.weights import load_model
from napari_photon_denoise.virtual.samples import SCENES, make_sample

ONE = npd.Calibration(gain=1, offset=0, read_noise=1)


@pytest.fixture(scope="module")
def hints():
    model = load_model("resunet-2d")

    def say(data, camera, axes="YX"):
        lengths = camera.length_y, camera.length_x
        photons = npd.Photons(data, camera, axes)
        predictor = Predictor(model.network, "cpu", lengths)
        return " ".join(find_hints(photons, predictor, model.facts["noise"]))

    return say


@pytest.fixture(scope="module")
def scene():
    y, x = np.indices((256, 256))
    return 30 * (1.2 + np.sin(y / 9) * np.cos(x / 11))


def blurred(noise, length, axis):
    """Shared by neighbours, of the same variance."""
    if length == 0:
        return noise
    rows = gaussian_filter1d(noise, length, axis, mode="wrap", truncate=6)
    return rows * noise.std() / rows.std()


@pytest.mark.parametrize(("name", "photons"), list(zip(SCENES, (1, 3, 10, 30, 100), strict=True)))
def test_nothing_is_said_of_an_image_that_fits(hints, name, photons):
    sample = make_sample(name, photons=photons)
    assert hints(sample.counts, sample.calibration, sample.axes) == ""


def test_relative_photons_are_not_told_in_numbers(hints, scene, rng):
    one_level = npd.Calibration(
        gain=1, offset=0, read_noise=7000, source="estimated", relative=True
    )
    text = hints(1e6 + scene + rng.normal(0, 7000, scene.shape), one_level)
    assert "more light for its noise than what the network was trained on" in text
    assert "photons a pixel" not in text
    assert "e-" not in text


@pytest.mark.parametrize(("y", "x"), [(0, 0.6), (0.9, 0), (0.6, 0.6)])
def test_noise_that_neighbours_share_is_measured(hints, scene, rng, y, x):
    noise = rng.normal(0, 1, scene.shape) * np.sqrt(scene + 1)
    data = scene + blurred(blurred(noise, y, 0), x, 1)
    text = hints(data, ONE)
    assert text.startswith("Neighbouring pixels share noise that the camera does not tell of")
    said = [float(found) for found in re.findall(r"[yx] ([0-9.]+) px", text)]
    assert said == pytest.approx([y, x], rel=0.25)
    told = hints(data, replace(ONE, length_y=y, length_x=x))
    assert told.startswith("The network was told that neighbours share noise, over 0.")
    assert told.count(".") == 1 + sum(length > 0 for length in (y, x))


@pytest.mark.parametrize(("gain", "said"), [(0.4, True), (1.05, False), (2, True)])
def test_a_gain_that_does_not_fit_is_said(hints, scene, rng, gain, said):
    camera = npd.Calibration(gain=gain, offset=0)
    assert ("gain or read noise do not fit" in hints(rng.poisson(scene), camera)) == said


def test_of_a_clean_image_nothing_is_said_of_its_camera(hints, scene):
    """Its smallest residual is smooth, and no noise that neighbours share."""
    text = hints(scene.astype(np.float32), ONE)
    assert text.startswith("Hardly any noise is in the image")
    assert "shared noise" not in text


def test_noisy_pixels_without_maps_are_said(hints, rng):
    sample = make_sample("nuclei", photons=1)
    numbers = {
        name: float(np.median(getattr(sample.calibration, name)))
        for name in ("gain", "offset", "read_noise")
    }
    assert "take a calibration with maps" in hints(sample.counts, npd.Calibration(**numbers))


def test_an_estimated_camera_is_not_asked_to_be_estimated(hints, scene, rng):
    camera = replace(npd.Calibration(gain=3, offset=0), source="estimated")
    text = hints(rng.poisson(scene), camera)
    assert "give the camera's own numbers" in text
    assert "have it estimated" not in text


@pytest.mark.parametrize(
    ("data", "camera", "sentence"),
    [
        (0.01, ONE, "0.01 photons a pixel in its middle, and the network was trained on"),
        (1e5, ONE, "1e[+]05 photons a pixel"),
        (50, replace(ONE, read_noise=300), "read noise is 300 e-"),
        (50, replace(ONE, length_y=4), "correlated over 4.0 px"),
    ],
)
def test_what_was_never_trained_is_said(hints, data, camera, sentence):
    import re

    assert re.search(sentence, hints(np.full((20, 20), data), camera))


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (63, 63), (3, 30, 40)])
def test_small_and_constant_images_are_left_alone(hints, rng, shape):
    axes = "TYX"[-len(shape) :]
    assert hints(rng.poisson(30, shape), replace(ONE, read_noise=20), axes) == ""
    assert hints(np.full((100, 100), 7), ONE) == ""
