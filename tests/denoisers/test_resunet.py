"""The pretrained network as a method: which model, which neighbours, and what is refused."""

import json
import sys
import warnings
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import napari_photon_denoise as npd
from napari_photon_denoise import models
from napari_photon_denoise.job import run
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import denoise_job
from quick_learning import keep_float32
from tiny_models import save_tiny

CAMERA = npd.Calibration(gain=0.5, offset=100, read_noise=1.5)
ONE = npd.Calibration(gain=1, offset=0)


@pytest.fixture(autouse=True)
def one_precision(monkeypatch):
    """Both precisions are right; the processor must not decide what is compared."""
    keep_float32(monkeypatch)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    save_tiny(folder, "resunet-2d")
    save_tiny(folder, "resunet-stack", planes=3)
    return folder


@pytest.fixture
def tiny_shipped(folder, monkeypatch):
    """Small networks in place of those that are shipped, with one for stacks among them."""
    shipped = {
        path.stem: models.ShippedModel("For tests.", models.digest(path))
        for path in folder.glob("resunet-*")
    }
    monkeypatch.setattr(models, "FOLDER", folder)
    monkeypatch.setattr(models, "shipped_models", lambda: shipped)
    return shipped


@pytest.fixture
def tiny(folder):
    return npd.Resunet(model=folder / "resunet-2d.safetensors")


@pytest.fixture
def deep(folder):
    return npd.Resunet(model=folder / "resunet-stack.safetensors")


def counts_of(rng, shape, mean=20.0):
    y, x = np.indices(shape)[-2:]
    expected = mean * (1 + 0.9 * np.sin(y / 5) * np.cos(x / 6))
    electrons = rng.poisson(expected) + rng.normal(0, CAMERA.read_noise, shape)
    return np.rint(electrons / CAMERA.gain + CAMERA.offset).astype(np.int32)


def photons_of(shape, axes):
    return npd.Photons(np.ones(shape, np.uint16), ONE, axes)


# ---- which model, which neighbours

PLACES = [
    ("YX", (40, 50), "resunet-2d", "z"),
    ("CYX", (2, 40, 50), "resunet-2d", "z"),
    ("ZYX", (3, 40, 50), "resunet-stack", "z"),
    ("ZYX", (1, 40, 50), "resunet-2d", "z"),
    ("TYX", (3, 40, 50), "resunet-stack", "t"),
    ("TYX", (1, 40, 50), "resunet-2d", "z"),
    ("TCYX", (3, 2, 40, 50), "resunet-stack", "t"),
    ("TZYX", (3, 1, 40, 50), "resunet-stack", "t"),
    ("TZYX", (1, 3, 40, 50), "resunet-stack", "z"),
    ("TCZYX", (2, 2, 3, 40, 50), "resunet-stack", "z"),
    ("TCZYX", (2, 2, 1, 40, 50), "resunet-stack", "t"),
]


@pytest.mark.parametrize(("axes", "shape", "model", "neighbours"), PLACES)
def test_auto_is_decided_by_the_axes(tiny_shipped, axes, shape, model, neighbours):
    chosen = npd.Resunet().resolved(photons_of(shape, axes))
    assert (chosen.model, chosen.neighbours) == (model, neighbours)
    assert chosen.weights == tiny_shipped[model].sha256
    assert chosen.depth_axis == neighbours.upper()
    assert chosen.resolved(photons_of(shape, axes)) == chosen


@pytest.mark.parametrize(("axes", "shape", "model", "neighbours"), PLACES)
def test_auto_without_a_model_for_stacks(tiny_shipped, axes, shape, model, neighbours):
    del tiny_shipped["resunet-stack"]
    chosen = npd.Resunet().resolved(photons_of(shape, axes))
    assert chosen.model == "resunet-2d"
    assert npd.Resunet().halo == chosen.halo
    assert chosen.halo[0] == 0


def test_neighbours_that_are_not_there_are_fine(deep, rng):
    counts = counts_of(rng, (40, 50))
    plane = npd.denoise(counts, CAMERA, deep.model_copy(update={"neighbours": "t"}))
    film = npd.denoise(counts[None], CAMERA, deep, axes="ZYX")
    np.testing.assert_array_equal(film[0], plane)


@pytest.mark.parametrize(("neighbours", "axis"), [("z", 1), ("t", 0)])
def test_neighbours_are_looked_at_along_one_axis(deep, rng, neighbours, axis):
    counts = counts_of(rng, (4, 5, 40, 50))
    denoiser = deep.model_copy(update={"neighbours": neighbours})
    before = npd.denoise(counts, CAMERA, denoiser, axes="TZYX")
    other = counts.copy()
    other[1, 2] += rng.integers(0, 40, (40, 50))
    changed = (npd.denoise(other, CAMERA, denoiser, axes="TZYX") != before).any((2, 3))
    expected = np.zeros((4, 5), bool)
    expected[1, 1:4] = axis == 1
    expected[0:3, 2] |= axis == 0
    expected[1, 2] = True
    np.testing.assert_array_equal(changed, expected)


@pytest.mark.parametrize(("neighbours", "alone"), [("z", "ZYX"), ("t", "TYX")])
def test_what_is_no_neighbour_is_done_by_itself(deep, rng, neighbours, alone):
    counts = counts_of(rng, (3, 2, 4, 24, 30))
    denoiser = deep.model_copy(update={"neighbours": neighbours})
    whole = npd.denoise(counts, CAMERA, denoiser, axes="TCZYX")
    one = (1, 1) if neighbours == "z" else (slice(None), 1, 2)
    part = npd.denoise(counts[one], CAMERA, denoiser, axes=alone)
    np.testing.assert_allclose(whole[one], part, rtol=1e-5)


def test_planes_of_a_network_for_planes_are_done_one_by_one(tiny, rng):
    counts = counts_of(rng, (2, 3, 24, 30))
    for axes in ("TZYX", "TCYX", "CZYX"):
        whole = npd.denoise(counts, CAMERA, tiny, axes=axes)
        np.testing.assert_allclose(whole[1, 2], npd.denoise(counts[1, 2], CAMERA, tiny), rtol=1e-5)


# ---- weights


def test_other_weights_are_refused_in_one_sentence(tiny):
    photons = photons_of((40, 50), "YX")
    chosen = tiny.resolved(photons)
    assert len(chosen.weights) == 64
    other = chosen.model_copy(update={"weights": "0" * 64})
    for refuse in (lambda: other.resolved(photons), lambda: run(denoise_job(photons, other))):
        with pytest.raises(npd.PhotonDenoiseError, match="with other weights of the model") as no:
            refuse()
        assert "\n" not in str(no.value)


def test_a_model_that_is_trained_anew_is_another_one(tmp_path):
    photons = photons_of((40, 50), "YX")
    denoiser = npd.Resunet(model=save_tiny(tmp_path, seed=1))
    first = denoiser.resolved(photons)
    save_tiny(tmp_path, seed=2, planes=3)
    assert denoiser.resolved(photons).weights != first.weights
    assert denoiser.halo[0] == 1
    with pytest.raises(npd.PhotonDenoiseError, match="with other weights"):
        first.resolved(photons)


def header(path):
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def with_words(path, **words):
    head, tensors = header(path)
    head["__metadata__"] |= words
    text = json.dumps(head).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + tensors)


def cut(path):
    path.write_bytes(path.read_bytes()[:-1000])


def foreign(path):
    from safetensors.torch import save_file

    save_file({"a": torch.zeros(3)}, path)


DAMAGED = {
    "missing": (lambda path: path.unlink(), "There is no model"),
    "a folder": (lambda path: (path.unlink(), path.mkdir()), "There is no model"),
    "empty": (lambda path: path.write_bytes(b""), "is no model of this program"),
    "text": (lambda path: path.write_text("weights" * 99), "is no model of this program"),
    "a list": (lambda path: path.write_bytes(b"\2" + bytes(7) + b"[]"), "is no model of"),
    "foreign": (foreign, "is no model of this program"),
    "of a newer version": (lambda path: with_words(path, format="model 2"), "of a newer version"),
    "half a halo": (lambda path: with_words(path, halo="[0, 1]"), "is no model of this program"),
    "cut": (cut, "are damaged, or do not fit"),
    "other weights": (
        lambda path: with_words(path, architecture='{"widths": [8, 32], "bottom": 1}'),
        "are damaged, or do not fit",
    ),
    "an unknown network": (
        lambda path: with_words(path, architecture='{"body": "transformer"}'),
        "are damaged, or do not fit",
    ),
    "even planes": (lambda path: with_words(path, architecture='{"planes": 4}'), "do not fit"),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_a_bad_model_is_one_sentence(tmp_path, what):
    path = save_tiny(tmp_path, "mine")
    damage, sentence = DAMAGED[what]
    damage(path)
    with pytest.raises(npd.PhotonDenoiseError, match=sentence) as refusal:
        npd.denoise(np.ones((9, 9), np.uint8), ONE, npd.Resunet(model=path))
    assert "\n" not in str(refusal.value)
    assert str(refusal.value).endswith(".")


def test_a_damaged_shipped_model_is_said(tiny_shipped, monkeypatch):
    monkeypatch.setitem(tiny_shipped, "resunet-2d", models.ShippedModel("", "0" * 64))
    with pytest.raises(npd.PhotonDenoiseError, match="resunet-2d is damaged: install"):
        npd.denoise(np.ones((9, 9), np.uint8), ONE, npd.Resunet())


def test_a_file_without_permission_is_said(tmp_path, monkeypatch):
    path = save_tiny(tmp_path)

    def refuse(*_):
        raise PermissionError(13, "no")

    monkeypatch.setattr(type(path), "open", refuse)
    with pytest.raises(npd.PhotonDenoiseError, match=r"can't be read \(no\): check the file"):
        npd.denoise(np.ones((9, 9), np.uint8), ONE, npd.Resunet(model=path))


def test_without_torch_one_sentence_says_what_to_do(tiny, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(npd.PhotonDenoiseError, match=r"install torch and .*non-local means\.$"):
        npd.denoise(np.ones((9, 9), np.uint8), ONE, tiny)


def test_every_shipped_model_is_whole():
    """The index, the files and what they say of themselves fit together."""
    from napari_photon_denoise.networks.predict import needed_halo
    from napari_photon_denoise.networks.weights import load_model

    assert "resunet-2d" in models.shipped_models()
    for name in models.shipped_models():
        model = load_model(name)
        said = models.describe(models.find_model(name))
        assert said["halo"] == needed_halo(model.network)
        assert model.facts["noise"]["photons"][0] < 1 < model.facts["noise"]["photons"][1]


# ---- what comes out


@pytest.mark.parametrize("shape", [(97, 131), (250, 33), (1, 70), (40, 1), (17, 16)])
def test_tiles_give_what_the_whole_gives(rng, shape):
    counts = counts_of(rng, shape)
    whole = npd.denoise(counts, CAMERA, "resunet", tile=4096)
    for tile in (48, 70):
        tiled = npd.denoise(counts, CAMERA, "resunet", tile=tile)
        np.testing.assert_allclose(tiled, whole, rtol=1e-4, atol=1e-4 * whole.max())


@pytest.mark.parametrize("flips", [False, True])
def test_stacks_in_tiles_give_what_the_whole_gives(deep, rng, flips):
    counts = counts_of(rng, (18, 100, 40))
    camera = npd.Calibration(0.5, 100, np.exp(rng.normal(0, 0.8, (100, 40))))
    denoiser = deep.model_copy(update={"flips": flips})
    whole = npd.denoise(counts, camera, denoiser, tile=4096)
    tiled = npd.denoise(counts, camera, denoiser, tile=48)
    np.testing.assert_allclose(tiled, whole, rtol=1e-4, atol=1e-4 * whole.max())


def test_volumes_in_tiles_give_what_the_whole_gives(tmp_path, rng):
    """Tiles cut along z as well: of a network in 3-D, 32 planes."""
    denoiser = npd.Resunet(model=save_tiny(tmp_path, dimensions=3))
    counts = counts_of(rng, (37, 20, 37))
    job = denoise_job(npd.Photons(counts, CAMERA, "ZYX"), denoiser, tile=32)
    tiled = run(job).data
    function = run(denoiser.prepare(npd.Photons(counts, CAMERA, "ZYX"), "cpu"))
    whole = function(CAMERA.to_photons(counts), 1.5)
    np.testing.assert_allclose(tiled, whole, rtol=1e-4, atol=1e-4 * whole.max())


def test_flips_are_the_mean_of_mirror_images(tiny, rng):
    counts = counts_of(rng, (32, 48))
    mean = np.zeros(counts.shape)
    for step in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        turn = slice(None, None, step[0]), slice(None, None, step[1])
        mean += npd.denoise(counts[turn], CAMERA, tiny)[turn] / 4
    flipped = npd.denoise(counts, CAMERA, tiny.model_copy(update={"flips": True}))
    np.testing.assert_allclose(flipped, mean, rtol=1e-4)


def test_types_of_numbers_make_no_difference(tiny, rng):
    counts = counts_of(rng, (24, 30))
    expected = npd.denoise(counts.astype(np.uint16), CAMERA, tiny)
    for dtype in (np.int16, np.int64, np.float32, np.float64):
        np.testing.assert_array_equal(npd.denoise(counts.astype(dtype), CAMERA, tiny), expected)
    maps = replace(CAMERA, read_noise=np.full((24, 30), 1.5))
    np.testing.assert_array_equal(npd.denoise(counts, maps, tiny), expected)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (3, 2), (2, 1, 9), (1, 8, 8)])
def test_tiny_images(deep, rng, shape):
    for denoiser in (npd.Resunet(), deep):
        clean = npd.denoise(counts_of(rng, shape), CAMERA, denoiser)
        assert clean.shape == shape
        assert np.isfinite(clean).all()


def test_nothing_dazzles_it(rng):
    y, x = np.indices((64, 80))
    scene = 1 + np.sin(y / 5) * np.cos(x / 6)
    hot = scene.copy()
    hot[20, 30] = hot[40, 41] = 60_000
    dark, bright = np.zeros((64, 80)), 1e6 * scene
    for photons in (dark, -5 * scene, bright, 1e-3 * scene, hot, bright.max() - bright):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", npd.PhotonDenoiseWarning)
            clean = npd.denoise(photons.astype(np.float32), ONE, "resunet")
        assert np.isfinite(clean).all()
        assert clean.min() >= 0
        assert clean.max() <= 1.2 * max(photons.max(), 1)
    assert npd.denoise(np.zeros((64, 80)), ONE, "resunet").max() < 0.05


@pytest.mark.parametrize("value", [3.7, 100.0, 5000.0])
def test_an_even_image_stays_even(value):
    clean = npd.denoise(np.full((33, 47), value, np.float32), ONE, "resunet")
    np.testing.assert_allclose(clean, value, rtol=0.03)


def test_hot_pixels_of_the_maps_do_not_show(rng):
    read_noise = np.full((64, 80), 1.5, np.float32)
    read_noise[20::20, 20::20] = 40
    photons = rng.poisson(10, (64, 80)) + rng.normal(0, read_noise)
    camera = replace(ONE, read_noise=read_noise)
    clean = npd.denoise(photons, camera, "resunet")
    np.testing.assert_allclose(clean[20::20, 20::20], 10, atol=0.2 * 40)


@pytest.mark.parametrize("mean", [5.0, 40.0])
def test_twice_the_light_is_twice_the_photons(rng, mean):
    y, x = np.indices((160, 160))
    scene = mean * (2 + np.sin(y / 7) * np.cos(x / 9))
    one, two = (npd.denoise(rng.poisson(k * scene), ONE, "resunet") for k in (1, 2))
    assert two.sum() / one.sum() == pytest.approx(2, rel=0.02)
    for low, high in ((1, 1.8), (1.8, 2.2), (2.2, 3)):
        there = (scene > low * mean) & (scene <= high * mean)
        assert two[there].sum() / one[there].sum() == pytest.approx(2, rel=0.02)


def test_shared_noise_is_told(tiny, rng):
    counts = counts_of(rng, (24, 30))
    white = npd.denoise(counts, CAMERA, tiny)
    with pytest.warns(npd.PhotonDenoiseWarning, match=r"share noise, over 0\.8 px along x\.$"):
        shared = npd.denoise(counts, replace(CAMERA, length_x=0.8), tiny)
    assert (shared != white).any()


def test_care_by_percentiles_takes_those_of_the_whole_image(rng, tmp_path):
    model = save_tiny(tmp_path, body="care", form="percentiles", widths=(4, 6, 8), uncertainty=True)
    image = rng.poisson(20, (24, 192)).astype(np.uint16)
    image[:, 90:] += 200
    camera = npd.Calibration(gain=1, offset=0, length_x=0.8)
    done = run(
        denoise_job(
            Photons(image, camera, "YX"), npd.Resunet(model=str(model)), device="cpu", tile=32
        )
    )
    assert tuple(done.extras) == ("scale", "50 percent interval", "90 percent interval")
    assert not any("was told that neighbours share noise" in note for note in done.notes)
    whole = npd.denoise(image, camera, npd.Resunet(model=str(model)))
    np.testing.assert_allclose(done.data, whole, rtol=1e-5, atol=1e-3)
    # Of an image twice as bright they are twice as far apart.
    twice = npd.denoise(2 * image, camera, npd.Resunet(model=str(model)))
    np.testing.assert_allclose(twice, 2 * whole, rtol=1e-4, atol=1e-2)
