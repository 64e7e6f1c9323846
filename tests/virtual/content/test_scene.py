import numpy as np
import pytest

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.virtual.content import draw, scene
from napari_photon_denoise.virtual.content.canvas import Canvas, Points, splat
from napari_photon_denoise.virtual.content.optics import BRIGHTEST
from napari_photon_denoise.virtual.content.scene import STRUCTURES

SHAPES = [((96, 96), False), ((90, 101), False), ((6, 64, 70), False), ((6, 64, 70), True)]


@pytest.mark.parametrize(("shape", "moving"), SHAPES)
@pytest.mark.parametrize("seed", range(8))
def test_scenes_are_densities_of_mean_one(shape, moving, seed):
    image = draw(shape, np.random.default_rng(seed), moving=moving)
    assert image.shape == shape
    assert image.dtype == np.float32
    assert np.isfinite(image).all()
    assert image.min() >= 0
    assert image.mean(dtype=float) == pytest.approx(1, abs=1e-3)
    assert image.max() < 1.01 * BRIGHTEST


@pytest.mark.parametrize(("shape", "moving"), SHAPES)
def test_the_same_seed_draws_the_same_scene(shape, moving):
    first, again, other = (
        draw(shape, np.random.default_rng(seed), moving=moving) for seed in (7, 7, 8)
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.1


@pytest.mark.parametrize("name", STRUCTURES)
@pytest.mark.parametrize("canvas", [Canvas((128, 128)), Canvas((8, 64, 64), 3.0)])
def test_every_structure_can_be_drawn_alone(name, canvas):
    lit = 0
    for seed in range(4):
        drawn = STRUCTURES[name][1](canvas, np.random.default_rng(seed))
        if isinstance(drawn, Points):
            drawn = splat(canvas.shape, drawn.places, drawn.weights)
        assert drawn.shape == canvas.shape
        assert np.isfinite(drawn).all()
        assert drawn.min() >= 0
        lit += drawn.std() > 0
    assert lit >= 3


@pytest.mark.parametrize("name", ["filaments", "nuclei", "membranes", "tissue", "mitochondria"])
def test_volumes_are_continuous_in_z(name):
    """A plane is more like its neighbour than like one far away."""
    near, far = [], []
    for seed in range(6):
        canvas = Canvas((12, 80, 80), 2.0)
        drawn = STRUCTURES[name][1](canvas, np.random.default_rng(seed))
        if isinstance(drawn, Points):
            drawn = splat(canvas.shape, drawn.places, drawn.weights)
        if min(plane.std() for plane in drawn[[3, 4, 10]]) > 0:
            near.append(np.corrcoef(drawn[3].ravel(), drawn[4].ravel())[0, 1])
            far.append(np.corrcoef(drawn[3].ravel(), drawn[10].ravel())[0, 1])
    assert np.mean(near) > 0.1 + np.mean(far)


def test_a_share_of_the_scenes_is_flat(monkeypatch):
    """What has no structure must come often enough to be learned."""
    structured = []

    def mixture(canvas, frames, rng):
        structured.append(1)
        return np.ones(canvas.shape, dtype=np.float32)

    monkeypatch.setattr(scene, "_mixture", mixture)
    for seed in range(300):
        draw((32, 32), np.random.default_rng(seed))
    assert 0.04 < 1 - len(structured) / 300 < 0.13


def test_contrast_reaches_from_barely_visible_to_hundreds():
    ratios = []
    for seed in range(40):
        image = draw((96, 96), np.random.default_rng(seed))
        low, high = np.percentile(image, [5, 99.8])
        ratios.append(high / max(low, 1e-6))
    assert min(ratios) < 1.5
    assert max(ratios) > 100


@pytest.mark.parametrize(
    ("shape", "moving"), [((64,), False), ((20, 64), False), ((64, 64), True), ((2,) * 4, False)]
)
def test_shapes_that_cannot_be_are_refused(shape, moving, rng):
    with pytest.raises(PhotonDenoiseError, match="can't be drawn"):
        draw(shape, rng, moving=moving)


def test_points_are_shared_between_pixels(rng):
    image = splat((20, 20), np.array([[5.25, 7.5]], np.float32), np.ones(1, np.float32))
    assert image[5, 7] == pytest.approx(0.375)
    assert image.sum() == pytest.approx(1)
    centre = (np.indices((20, 20)) * image).sum(axis=(1, 2))
    np.testing.assert_allclose(centre, [5.25, 7.5], atol=1e-5)
    outside = splat((20, 20), np.array([[-3.0, 7.0]], np.float32), np.ones(1, np.float32))
    assert outside.sum() == 0
