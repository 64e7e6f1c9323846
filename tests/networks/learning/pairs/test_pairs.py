import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io import write_image
from napari_photon_denoise.job import run
from napari_photon_denoise.networks.learning.pairs.images import Pair, in_memory, open_pairs
from napari_photon_denoise.networks.learning.pairs.match import match
from napari_photon_denoise.networks.learning.pairs.regions import split
from napari_photon_denoise.networks.learning.pairs.settings import SHIPPED, PairSettings
from napari_photon_denoise.networks.learning.pairs.survey import Survey, brightness, survey_job
from napari_photon_denoise.photons import Photons

CAMERA = Calibration(gain=0.5, offset=100, read_noise=1.5, length_y=0.3, length_x=0.7)
NOTHING_IS_BACKGROUND = Survey(0.1, (0.1,), {}, (0.0, 1.0))


def paths(*names):
    return [Path(name) for name in names]


@pytest.mark.parametrize(
    ("noisy", "clean", "expected"),
    [
        ("l/a.tif l/b.tif", "h/b.tif h/a.tif", {"a": "a", "b": "b"}),
        ("l/A.ome.tif l/b.tif", "h/b.npy h/a.tif", {"A": "a", "b": "b"}),
        ("short_2.tif short_10.tif", "long_010.tif long_002.tif", {"short_2": "long_002"}),
        ("w1_t1.tif w1_t2.tif", "w2_t2.tif w2_t1.tif", {"w1_t1": "w2_t1", "w1_t2": "w2_t2"}),
        ("x.tif", "anything.tif", {"x": "anything"}),
    ],
)
def test_files_pair_by_name_or_number(noisy, clean, expected):
    found = match(paths(*noisy.split()), paths(*clean.split()))
    names = {one.name.split(".")[0]: other.name.split(".")[0] for one, other in found}
    assert len(found) == len(noisy.split())
    assert expected.items() <= names.items()


@pytest.mark.parametrize(
    ("noisy", "clean", "said"),
    [
        ("l/a.tif l/b.tif", "h/a.tif", r"l/b\.tif has no partner"),
        ("l/a.tif", "h/a.tif h/c.tif", r"h/c\.tif has no partner"),
        ("x_1.tif x_2.tif", "y_1.tif y_3.tif", r"x_2\.tif, y_3\.tif have no partner"),
        ("cell.tif dish.tif", "one.tif two.tif", "have no partner"),
        ("a_1.tif b_2.tif", "c_1.tif c_2.tif", "have no partner"),
        ("1/a.tif 2/a.tif", "h/a.tif h/b.tif", r"1/a\.tif, 2/a\.tif can't be told apart"),
        ("l/a.tif", "l/a.tif", "given as noisy and as clean"),
    ],
)
def test_files_that_do_not_pair_are_refused(noisy, clean, said):
    with pytest.raises(PhotonDenoiseError, match=said):
        match(paths(*noisy.split()), paths(*clean.split()))


def make_pair(shape=(64, 64), axes="YX", camera=CAMERA, name="a", **more):
    """Clean counts that say where they are; the noisy ones are a tenth of their light."""
    clean = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    noisy, clean = ((clean * part / camera.gain + camera.offset) for part in (0.1, 1))
    sides = [Photons(side, camera, axes, **more) for side in (noisy, clean)]
    return Pair(name, *sides)


def write_pair(folder, noisy, clean, axes="YX"):
    files = folder / "noisy.ome.tif", folder / "clean.ome.tif"
    for path, pixels in zip(files, (noisy, clean), strict=True):
        write_image(path, pixels, axes)
    return [files]


def test_pairs_are_opened_lazily_and_read_when_small(tmp_path, rng):
    noisy, clean = rng.integers(100, 200, (2, 3, 40, 50)).astype(np.uint16)
    (pair,) = open_pairs(write_pair(tmp_path, noisy, clean, "ZYX"), lambda image: CAMERA)
    assert not isinstance(pair.noisy.data, np.ndarray)
    assert (pair.depth_axis, pair.depth, pair.shape_yx) == ("Z", 3, (40, 50))
    (held,) = in_memory([pair])
    np.testing.assert_array_equal(held.noisy.data, noisy)
    np.testing.assert_array_equal(held.clean.data, clean)


def test_another_shape_is_refused(tmp_path):
    files = write_pair(tmp_path, np.ones((40, 50), np.uint16), np.ones((50, 40), np.uint16))
    with pytest.raises(PhotonDenoiseError, match=r"40 × 50 \(YX\) and its partner .* 50 × 40"):
        open_pairs(files, lambda image: CAMERA)


def test_an_image_that_is_its_own_partner_is_refused(tmp_path):
    image = np.arange(2000, dtype=np.uint16).reshape(40, 50)
    with pytest.raises(PhotonDenoiseError, match="are the same image"):
        open_pairs(write_pair(tmp_path, image, image), lambda image: CAMERA)


def test_nan_is_refused():
    pair = make_pair()
    pair.clean.data[3, 4] = np.nan
    with pytest.raises(PhotonDenoiseError, match="NaN"):
        run(survey_job([pair], 16))


def test_no_light_is_refused():
    dark = replace(CAMERA, offset=1e6)
    pair = make_pair()
    pair = Pair("d", replace(pair.noisy, calibration=dark), pair.clean)
    with pytest.raises(PhotonDenoiseError, match="The noisy image of d holds no light"):
        run(survey_job([pair], 16))


@pytest.mark.parametrize(("shape", "axes"), [((64, 64), "YX"), ((2, 3, 2, 32, 40), "TCZYX")])
def test_the_exposure_ratio_is_that_of_the_light(shape, axes):
    survey = run(survey_job([make_pair(shape, axes), make_pair(shape, axes)], 16))
    assert survey.ratio == pytest.approx(0.1, rel=1e-3)
    assert survey.ratios == pytest.approx((0.1, 0.1), rel=1e-3)
    assert survey.notes == ()
    channels = {0} if "C" not in axes else {0, 1, 2}
    assert {channel for _, channel in survey.background} == channels


def test_pairs_of_different_exposures_are_noted():
    survey = replace(NOTHING_IS_BACKGROUND, ratios=(0.1, 0.2))
    assert "differs between pairs" in survey.notes[0]


def test_brightness_is_that_of_the_brightest_square():
    image = np.zeros((24, 24), np.float32)
    image[8:16, 16:24] = 5
    image[0, 0] = 64  # a hot pixel
    assert brightness(image) == 5
    assert brightness(np.full((3, 5), 2, np.float32)) == 2


def test_files_are_kept_aside_as_a_whole():
    training, aside = split([make_pair()] * 20, 16, seed=0)
    assert len(training) == 18
    assert len(aside) == 2
    assert {r.pair for r in training}.isdisjoint({r.pair for r in aside})
    assert split([make_pair()] * 20, 16, seed=0) == (training, aside)


@pytest.mark.parametrize("shape", [(64, 200), (200, 64)])
def test_of_a_lone_pair_a_strip_is_kept_aside(shape):
    (training,), (aside,) = split([make_pair(shape)], 32, seed=0)
    assert training.area + aside.area == 200 * 64
    assert aside.area == 40 * 64
    assert training.y[1] <= aside.y[0] or training.x[1] <= aside.x[0]


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([make_pair((40, 40))], "too small to train on one part"),
        ([make_pair((20, 90))] * 3, "smaller than a patch"),
    ],
)
def test_small_images_are_refused(pairs, said):
    with pytest.raises(PhotonDenoiseError, match=said):
        split(pairs, 32, seed=0)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"loss": "hinge"}, "loss"),
        ({"method": "transformer"}, "method"),
        ({"planes": 4}, "planes must be odd"),
        ({"dimensions": 3, "planes": 5}, "leave planes at 1"),
        ({"dimensions": 3, "method": "dncnn"}, "dncnn is 2-D only"),
        ({"clusters": 3}, "clusters are shown to dncnn alone"),
        ({"method": "dncnn", "clusters": 0}, "clusters must be at least 1"),
        ({"method": "rcan", "widths": (8, 16)}, "widths are 2 to 5 numbers"),
        ({"clean_is_noisy": True, "loss": "symmetric-kl"}, "symmetric-kl learns values"),
        ({"clean_is_noisy": True, "loss": "l1"}, "l1 learns values that are too low"),
        ({"steps": 0}, "steps must be at least 1"),
        ({"exposure_ratio": -1}, "exposure_ratio"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(given, said):
    with pytest.raises(PhotonDenoiseError, match=said):
        PairSettings(**given)


def test_settings_choose_the_rest():
    assert PairSettings().start == SHIPPED
    assert PairSettings(planes=5).start == SHIPPED
    assert PairSettings(init="none").start is None
    assert PairSettings(method="rcan").start is None
    deep = PairSettings(dimensions=3)
    assert (deep.start, deep.edge, deep.patches, deep.channels[0]) == (None, 64, 4, 16)
    assert PairSettings().rate < deep.rate


def test_the_parts_without_torch_do_not_import_it():
    names = ", ".join(
        f"napari_photon_denoise.networks.learning.pairs.{part}"
        for part in ("match", "images", "survey", "regions", "settings")
    )
    code = f"import sys, {names}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def cut(pair, survey=NOTHING_IS_BACKGROUND, seed=0, **more):
    pytest.importorskip("torch")
    from napari_photon_denoise.networks.learning.pairs.patches import PairPatches

    training, _ = split([pair, pair], 16, seed=0)
    sides = {"positive": False, "batch": 32, "patch": 16, **more}
    source = PairPatches([pair, pair], training, survey, 0.1, **sides)
    return source(np.random.default_rng(seed))


def test_target_and_photons_lie_over_each_other():
    batch = cut(make_pair())
    assert batch.photons.shape == batch.target.shape == batch.read_noise.shape == (32, 1, 16, 16)
    np.testing.assert_allclose(batch.photons, batch.target, rtol=1e-4, atol=1e-2)
    assert (batch.read_noise == 1.5).all()


def test_lengths_turn_with_the_patch():
    batch = cut(make_pair())
    # In the image, the next row is 64 e- away in the clean image and the next column 1.
    across = np.abs(np.diff(batch.target[:, 0, 0, :2].numpy(), axis=-1))[:, 0] > 1
    lengths = batch.lengths.numpy()
    np.testing.assert_allclose(lengths[~across], [[0.3, 0.7]] * (~across).sum())
    np.testing.assert_allclose(lengths[across], [[0.7, 0.3]] * across.sum())
    assert 0 < across.sum() < 32


def test_oblong_pixels_are_never_turned_by_90_degrees():
    batch = cut(make_pair(pixel_size={"Y": 0.2, "X": 0.1}))
    assert (np.abs(np.diff(batch.target[:, 0, 0, :2].numpy(), axis=-1)) < 1).all()


def test_a_map_of_the_read_noise_turns_too():
    noise = np.arange(64 * 64, dtype=np.float32).reshape(64, 64)
    camera = Calibration(gain=1.0, offset=0.0, read_noise=noise)
    batch = cut(make_pair(camera=camera))
    np.testing.assert_allclose(batch.read_noise * 0.1, batch.target, rtol=1e-4, atol=1e-2)


@pytest.mark.parametrize("axes", ["ZYX", "TYX"])
def test_neighbours_and_which_of_them_exist(axes):
    batch = cut(make_pair((6, 32, 32), axes), planes=5, batch=200)
    assert batch.photons.shape == (200, 5, 16, 16)
    np.testing.assert_allclose(batch.photons[:, 2:3], batch.target, rtol=1e-4, atol=1e-2)
    numbers = (batch.photons.mean((2, 3)).numpy() * 10 // 1024).astype(int)
    present = batch.present.numpy()
    assert present[:, 2].all()
    both = present[:, 1:] & present[:, :-1]
    assert (np.abs(np.diff(numbers))[both] == 1).all()
    # Where planes are said to be missing they lie outside, or all of them are hidden.
    missing = present.sum(1) < 5
    edge = (numbers[:, 2] < 2) | (numbers[:, 2] > 3)
    assert (edge[missing] | (present[missing].sum(1) == 1)).all()


def test_volumes():
    batch = cut(make_pair((8, 32, 32), "ZYX"), depth=4)
    assert batch.photons.shape == batch.target.shape == (32, 1, 4, 16, 16)
    assert batch.read_noise.shape == (32, 1, 1, 16, 16)
    np.testing.assert_allclose(batch.photons, batch.target, rtol=1e-4, atol=1e-2)


def test_background_is_thinned_out():
    clean = np.full((64, 64), 100.0, np.float32)
    clean[:, 48:] += 200  # a quarter of the image is bright
    clean += np.random.default_rng(0).normal(0, 1, clean.shape)
    pair = Pair("b", Photons(clean, CAMERA, "YX"), Photons(clean, CAMERA, "YX"))
    survey = run(survey_job([pair, pair], 16))
    share = [
        (cut(pair, one, batch=300).target.amax((1, 2, 3)) > 5).float().mean().item()
        for one in (NOTHING_IS_BACKGROUND, survey)
    ]
    assert share[0] < 0.4
    assert share[1] > 0.6


def test_negative_targets_are_kept_unless_the_loss_bears_none():
    pair = make_pair()
    pair.clean.data[:] = 90
    assert (cut(pair).target < 0).all()
    assert (cut(pair, positive=True).target == 0).all()


def test_trainings_that_began_before_there_were_clusters_go_on():
    from napari_photon_denoise.networks.learning.blind_spot.settings import BlindSettings

    for kind in (PairSettings, BlindSettings):
        assert "clusters" not in kind().model_dump()
    assert PairSettings(method="dncnn", clusters=3).model_dump()["clusters"] == 3
