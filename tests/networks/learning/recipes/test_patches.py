import numpy as np
import pytest

torch = pytest.importorskip("torch")

from napari_photon_denoise.networks.learning.degrade import Noise
from napari_photon_denoise.networks.learning.recipes.patches import LibraryPatches

EXACT = Noise(
    dark=0,
    photons=(1000, 1000), quiet=1, additive=0, maps=0, excess=0, correlated=0, rounded=0,
    miscalibrated=0,
)  # fmt: skip


@pytest.fixture
def planes(rng):
    return rng.uniform(0, 2, (5, 40, 48)).astype(np.float16)


@pytest.fixture
def stacks():
    """Planes that hold their number."""
    return np.broadcast_to(np.arange(12.0)[None, :, None, None], (3, 12, 32, 32)).astype(np.float16)


def draw(source, seed=0):
    return source(np.random.default_rng(seed))


def test_a_batch_depends_on_its_seed_alone(planes):
    source = LibraryPatches(planes, Noise(), batch=3, patch=16)
    one, again, other = draw(source), draw(source), draw(source, 1)
    for name in vars(one).keys() - {"limits"}:
        assert torch.equal(getattr(one, name), getattr(again, name))
    assert not torch.equal(one.photons, other.photons)


@pytest.mark.parametrize(
    ("planes_shown", "depth", "photons", "target"),
    [
        (1, 0, (4, 1, 16, 16), (4, 1, 16, 16)),
        (5, 0, (4, 5, 16, 16), (4, 1, 16, 16)),
        (1, 6, (4, 1, 6, 16, 16), (4, 1, 6, 16, 16)),
    ],
)
def test_shapes(planes, stacks, planes_shown, depth, photons, target):
    scenes = planes if planes_shown == 1 and not depth else stacks
    source = LibraryPatches(scenes, Noise(), batch=4, patch=16, planes=planes_shown, depth=depth)
    batch = draw(source)
    assert batch.photons.shape == photons
    assert batch.target.shape == target
    assert batch.read_noise.shape[-2:] == (16, 16)
    assert batch.lengths.shape == (4, 2)
    assert batch.present.shape == (4, planes_shown)
    assert batch.present[:, planes_shown // 2].all()


def test_targets_are_pieces_of_the_scenes(planes):
    batch = draw(LibraryPatches(planes, EXACT, batch=2, patch=40))
    turned = [
        np.rot90(scene[:, x : x + 40], turns)[:, ::mirror].astype(np.float32)
        for scene in planes for x in range(9) for turns in range(4) for mirror in (1, -1)
    ]  # fmt: skip
    for target in batch.target[:, 0].numpy() / 1000:
        assert min(np.abs(target - one).max() for one in turned) < 1e-3


def test_neighbours_are_one_to_three_planes_away(stacks):
    source = LibraryPatches(stacks, EXACT, batch=64, patch=16, planes=5)
    numbers = draw(source).photons.mean((2, 3)).numpy() / 1000
    steps = np.diff(numbers, axis=1).round()
    assert (steps == steps[:, :1]).all()
    assert set(np.abs(steps[:, 0])) == {1, 2}  # three would not fit into twelve planes


def test_some_patches_lie_at_the_end_and_some_are_alone(stacks):
    source = LibraryPatches(stacks, EXACT, batch=400, patch=16, planes=5)
    there = draw(source).present.sum(1).numpy()
    assert 0.08 < (there == 1).mean() < 0.22
    assert 0.08 < ((there > 1) & (there < 5)).mean() < 0.22
