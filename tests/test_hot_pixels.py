"""Hot pixels are found and mended; whatever a microscope makes is left alone."""

import numpy as np
import pytest
from scipy.special import erf

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.camera.estimate import estimate_job
from napari_photon_denoise.denoisers import Gaussian, Resunet
from napari_photon_denoise.hot_pixels import find_lone, mend
from napari_photon_denoise.job import run
from napari_photon_denoise.photons import Photons
from napari_photon_denoise.pipeline import denoise_job
from napari_photon_denoise.virtual.scenes import nuclei

EDGE = 128
CAMERA = Calibration(gain=0.45, offset=100, read_noise=0.7)


def photograph(scene, rng):
    electrons = rng.poisson(scene) + rng.normal(0, 0.7, scene.shape)
    return np.rint(electrons / 0.45 + 100).clip(0, 65535).astype(np.uint16)


def places(rng, count, edge=EDGE):
    """Pixels at least 3 px apart, those at the edges included."""
    grid = rng.choice((edge // 4) ** 2, count, replace=False)
    return 4 * (grid // (edge // 4)), 4 * (grid % (edge // 4))


def spots(shape, y, x, sd, photons):
    """Points of light on pixels that gather what falls on them."""
    rows, columns = (np.arange(size)[:, None] for size in shape)

    def gathered(at, centre):
        return (erf((at + 0.5 - centre) / sd / 2**0.5) - erf((at - 0.5 - centre) / sd / 2**0.5)) / 2

    return photons * gathered(rows, y) @ gathered(columns, x).T


@pytest.fixture(scope="module")
def cells():
    rng = np.random.default_rng(4)
    return photograph(60 * nuclei((256, 256), rng) + 2, rng)


@pytest.fixture(scope="module")
def hot_cells(cells):
    rng = np.random.default_rng(5)
    hot = cells.copy()
    at = places(rng, 50, 256)
    hot[at] = 60_000
    return hot, at


def test_an_estimate_is_that_of_the_image_without_them(cells, hot_cells):
    hot, _ = hot_cells
    without, found = (run(estimate_job(image, "YX")) for image in (cells, hot))
    assert found.gain == pytest.approx(without.gain, rel=0.02)
    assert found.hot == 50
    assert without.hot == 0
    assert any(sentence.startswith("50 hot pixels") for sentence in found.sentences)
    assert found.calibration().mends_hot
    assert not without.calibration().mends_hot


@pytest.mark.parametrize("number", [1, 5, 30])
def test_fainter_points_that_are_sharp_do_not_hide_them(number):
    """Nuclei have speckles as sharp as lone pixels, if hundreds of times fainter."""
    rng = np.random.default_rng(2)
    counts = (100 + rng.poisson(30 * nuclei((256, 256), rng) + 3) / 0.5).astype(np.uint16)
    without = run(estimate_job(counts, "YX"))
    counts[tuple(rng.integers(0, 256, (2, number)))] = 60_000
    found = run(estimate_job(counts, "YX"))
    assert found.gain == pytest.approx(without.gain, rel=0.05)
    assert found.hot >= number - 1


def test_around_them_the_result_is_as_without_them(cells, hot_cells):
    hot, at = hot_cells
    clean, mended = (
        run(
            denoise_job(
                Photons(image, run(estimate_job(image, "YX")).calibration(), "YX"), Resunet()
            )
        ).data
        for image in (cells, hot)
    )
    apart = np.ones(hot.shape, bool)
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            apart[(at[0] + dy).clip(0, 255), (at[1] + dx).clip(0, 255)] = False
    error = np.sqrt(np.mean(np.square(mended - clean)[apart]))
    assert error < 0.1 * np.std(clean)
    assert mended[at].max() < 1.5 * clean.max()
    assert mended.min() > 0.5 * clean.min()


def test_how_many_were_mended_is_said_and_stands_in_the_recipe(hot_cells):
    hot, _ = hot_cells
    camera = run(estimate_job(hot, "YX")).calibration()
    denoised = run(denoise_job(Photons(hot, camera, "YX"), Gaussian(), tile=64))
    assert [note for note in denoised.notes if note.startswith("50 hot pixels")]
    assert camera.facts()["mends_hot"] is True
    assert Calibration(**camera.facts()) == camera
    assert "mends_hot" not in CAMERA.facts()  # whose digest stays that of earlier versions


def test_tiles_mend_what_the_whole_image_would(hot_cells, rng):
    hot, _ = hot_cells
    photons = Photons(hot, Calibration(gain=0.45, offset=100, mends_hot=True), "YX")
    whole = photons.counts((slice(None), slice(None)))
    for y, x, height, width in rng.integers(0, 200, (40, 4)):
        block = (slice(y, y + height + 1), slice(x, x + width + 1))
        np.testing.assert_array_equal(photons.counts(block), whole[block])


def test_only_a_camera_that_asks_for_it_mends(hot_cells):
    hot, _ = hot_cells
    everything = (slice(None), slice(None))
    np.testing.assert_array_equal(Photons(hot, CAMERA, "YX").counts(everything), hot)


@pytest.mark.parametrize("photons", [100, 1000, 100_000])
@pytest.mark.parametrize("sd", [0.5, 0.8, 1.3])  # px
def test_points_of_light_are_left_alone(sd, photons, rng):
    y, x = (side + rng.uniform(-0.5, 0.5, 60) for side in places(rng, 60))
    scene = 5 + spots((EDGE, EDGE), y, x, sd, photons)
    counts = photograph(scene, rng)
    values = CAMERA.to_photons(counts)
    assert not find_lone(values, 1, CAMERA.read_noise**2).hot.any()


def test_photons_counted_one_by_one_are_left_alone(rng):
    counts = rng.poisson(0.02 + 0.3 * nuclei((EDGE, EDGE), rng)).astype(np.uint16)
    found = run(estimate_job(counts, "YX"))
    assert not found.hot
    assert not find_lone(counts.astype(np.float32), 1, 0).hot.any()


def test_an_image_of_points_as_sharp_as_pixels_is_left_alone(rng):
    y, x = (side + rng.uniform(-0.5, 0.5, 150) for side in places(rng, 150))
    counts = photograph(10 + spots((EDGE, EDGE), y, x, 0.3, 2000), rng)
    assert not run(estimate_job(counts, "YX")).hot


def test_steep_edges_of_bright_cells_are_left_alone(rng):
    y, x = np.mgrid[:EDGE, :EDGE]
    inside = np.hypot(y - 64, x - 64) - 40 + 3 * np.sin(np.arctan2(y - 64, x - 64) * 9)
    scene = 100 + 20_000 / (1 + np.exp(inside / 0.5))
    assert not find_lone(rng.poisson(scene).astype(np.float32), 1, 0).hot.any()


@pytest.mark.parametrize("level", [2, 50, 1000])
def test_noise_alone_has_none(level, rng):
    values = rng.poisson(level, (4, 256, 256)).astype(np.float32)
    assert not find_lone(values, 1, 0).hot.any()


def test_two_side_by_side_and_those_at_edges_are_found(rng):
    values = rng.poisson(20, (2, EDGE, EDGE)).astype(np.float32)
    at = ([0, 0, 1, 1, 1], [0, 60, 127, 30, 30], [70, 60, 80, 40, 41])
    values[at] = 5000
    hot = find_lone(values, 1, 1.0).hot
    expected = np.zeros_like(hot)
    expected[at] = True
    np.testing.assert_array_equal(hot, expected)
    assert mend(values, hot)[at].max() < 50


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 1, 40), (1, 40, 1), (1, 2, 2)])
def test_thin_images_have_none(shape):
    values = np.full(shape, 7, np.float32)
    values.flat[0] = 9000
    assert not find_lone(values, 1, 1.0).hot.any()
