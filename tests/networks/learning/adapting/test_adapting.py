import copy
from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

torch = pytest.importorskip("torch")
if not hasattr(torch.optim, "Muon"):
    pytest.skip("training needs a newer torch", allow_module_level=True)

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import run
from napari_photon_denoise.networks.architecture import Architecture
from napari_photon_denoise.networks.learning.adapting.judge import AdaptingJudge
from napari_photon_denoise.networks.learning.adapting.lesson import AdaptingLesson
from napari_photon_denoise.networks.learning.adapting.plan_adapting import plan_adapting_job
from napari_photon_denoise.networks.learning.blind_spot.extents import find_extent
from napari_photon_denoise.networks.learning.blind_spot.lesson import hide
from napari_photon_denoise.networks.learning.blind_spot.masks import BlindSpot
from napari_photon_denoise.networks.learning.blind_spot.patches import Patches
from napari_photon_denoise.networks.learning.blind_spot.settings import BlindSettings
from napari_photon_denoise.networks.learning.learner import Learner
from napari_photon_denoise.networks.weights import Model, load_model
from napari_photon_denoise.photons import Photons
from quick_learning import make_small
from tiny_models import save_tiny

CAMERA = Calibration(gain=1, offset=0)


def make_network(seed=0, planes=1, scale=0.3):
    """A network whose last convolution is not zero: it does something to the image."""
    torch.manual_seed(seed)
    network = Architecture(widths=(4, 8), bottom=1, planes=planes).build().eval()
    torch.nn.init.normal_(network.body.head.weight, std=scale)
    return network


def make_patches(rng, *, planes=1, held=0.05, gain=1.0, count=8, edge=64):
    """Flat patches of different brightness; a gain above 1 is one that the camera does not know."""
    level = rng.uniform(0.3, 6, (count, 1, 1, 1)) * np.ones((count, planes, edge, edge))
    return level, Patches(
        torch.from_numpy((gain * rng.poisson(level / gain)).astype(np.float32)),
        torch.zeros(count, 1, edge, edge),
        torch.from_numpy(rng.random((count, 1, edge, edge)) < held),
        torch.ones(count, planes, dtype=torch.bool),
    )


def make_lesson(before, batches, spot=None):
    return AdaptingLesson(lambda rng: None, spot or BlindSpot(), before, tuple(batches))


def look(lesson, network, batch):
    with torch.no_grad():
        return lesson._look(network, batch, "cpu", "float32")


@pytest.mark.parametrize("planes", [1, 3])
def test_nothing_is_changed_before_anything_is_learnt(rng, planes):
    before = make_network(planes=planes)
    _, patches = make_patches(rng, planes=planes)
    batch = hide(patches, BlindSpot(), rng, held_out=True)
    lesson = make_lesson(before, [batch])
    _, change, _ = look(lesson, copy.deepcopy(before), batch)
    assert (change == 0).all()
    assert lesson.score(copy.deepcopy(before), "cpu", "float32") == 0


@pytest.mark.parametrize("extent", ["pixel", "line-x"])
def test_the_change_knows_nothing_of_the_hidden_pixel(rng, extent):
    before, after = make_network(0), make_network(1)
    _, patches = make_patches(rng, count=1)
    lone = torch.zeros_like(patches.held_out)
    lone[..., 30, 31] = True
    patches = replace(patches, held_out=lone)
    brighter = patches.photons.clone()
    brighter[..., 30, 31] += 50
    spot = BlindSpot((1, 12, 12), (0, 6, 6), find_extent(extent, CAMERA))
    one, other = (
        hide(replace(patches, photons=photons), spot, np.random.default_rng(1), held_out=True)
        for photons in (patches.photons, brighter)
    )
    lesson = make_lesson(before, [one], spot)
    assert torch.equal(look(lesson, after, one)[1], look(lesson, after, other)[1])
    assert look(lesson, after, other)[0] > look(lesson, after, one)[0]


# With a gain of 1.5 the variance is 1.5 times what the camera's calibration says.
@pytest.mark.parametrize("gain", [1.0, 1.5])
def test_the_score_is_the_true_gain_whatever_the_noise_is(rng, gain):
    before, after = make_network(0, scale=0.1), make_network(1, scale=0.1)
    level, patches = make_patches(rng, gain=gain, count=64, held=0.1)
    batch = hide(patches, BlindSpot(), rng, held_out=True)
    lesson = make_lesson(before, [batch])
    wrong, change, _ = look(lesson, after, batch)
    truth = torch.from_numpy(level.astype(np.float32))[batch.mask]
    seen = batch.target[batch.mask] - wrong
    true = ((truth - seen) ** 2 - (truth - seen - change) ** 2).double()
    told = (wrong**2 - (wrong - change) ** 2).double()
    error = float((told - true).std()) / len(true) ** 0.5
    assert abs(float(told.mean() - true.mean())) < 3.5 * error
    assert error < 0.2 * float((true**2).mean()) ** 0.5  # the test can tell


@pytest.mark.parametrize("better", [True, False])
def test_the_better_one_is_kept_and_named(rng, better):
    # Before any training a network gives the local mean, the best there is for a flat scene.
    good, bad = make_network(scale=0.0), make_network(scale=0.3)
    before, after = (bad, good) if better else (good, bad)
    learnt = {name: one.clone() for name, one in after.state_dict().items()}
    _, patches = make_patches(rng)
    batch = hide(patches, BlindSpot(), rng, held_out=True)
    judge = AdaptingJudge(after, make_lesson(before, [batch]), 10**6)
    (sentence,) = judge.after("cpu").notes
    assert ("adapted network has won" in sentence) is better
    assert ("as it was has won" in sentence) is not better
    kept = learnt if better else before.state_dict()
    for name, weights in after.state_dict().items():
        assert torch.equal(weights, kept[name])


def test_few_pixels_are_not_sure(rng):
    before = make_network(0, scale=0.3)
    after = make_network(0, scale=0.0)
    _, patches = make_patches(rng)
    batch = hide(patches, BlindSpot(), rng, held_out=True)
    lesson = make_lesson(before, [batch])
    judges = [AdaptingJudge(copy.deepcopy(after), lesson, there) for there in (4, 10**9)]
    sentences = [judge.after("cpu").notes[0] for judge in judges]
    assert ["may be chance" in sentence for sentence in sentences] == [True, False]


def test_it_learns_what_the_network_gets_wrong(rng):
    """A network that is made to read 30 % too much comes back."""
    model = Model("spoilt", Architecture(widths=(4, 8), bottom=1), {}, make_network(scale=0.0))
    torch.nn.init.constant_(model.network.body.head.bias, 0.5)
    photons = rng.poisson(9, (128, 128)).astype(np.float32)
    settings = BlindSettings(epochs=4, patience=0, learning_rate=3e-3, batch=4, patch=32)
    image = Photons(photons, CAMERA, "YX")
    plan = run(plan_adapting_job([image], model, settings))
    learned = run(Learner(plan, device="cpu").job())
    assert learned.curve.held_out[-1] < -10
    assert "adapted network has won" in learned.notes[0]


def test_a_network_of_blind_spots_is_refused():
    network = Architecture(body="n2v2", form="blind", widths=(4, 8)).build()
    image = Photons(np.ones((32, 32), np.float32), CAMERA, "YX")
    model = Model("mine", Architecture(body="n2v2", form="blind", widths=(4, 8)), {}, network)
    with pytest.raises(PhotonDenoiseError, match="learnt from noisy images alone"):
        run(plan_adapting_job([image], model, BlindSettings()))


@pytest.mark.parametrize("shape", [{"dimensions": 3}, {"planes": 3}])
def test_networks_for_stacks_learn_too(tmp_path, rng, shape, monkeypatch):
    make_small(monkeypatch)
    model = load_model(save_tiny(tmp_path, **shape))
    stack = rng.poisson(5, (5, 40, 36)).astype(np.float32)
    settings = BlindSettings(epochs=1, batch=4, patch=32)
    plan = run(plan_adapting_job([Photons(stack, CAMERA, "ZYX")], model, settings))
    before = {name: one.clone() for name, one in plan.network.state_dict().items()}
    learner = Learner(plan, device="cpu")
    job = learner.job()
    while next(job).done < plan.training.steps:
        pass
    after = learner.averaged.state_dict()
    assert any(not torch.equal(after[name], before[name]) for name in before)
    with pytest.raises(StopIteration) as end:
        next(job)
    assert "has won" in end.value.value.notes[0]


@pytest.mark.parametrize("told", [0.0, 0.6])
def test_shared_noise_is_refused(rng, told):
    """Whether the camera tells of it or the image does."""
    noise = gaussian_filter1d(rng.normal(0, 5, (128, 128)), 0.6, axis=1)
    image = (100 + noise / noise.std() * 10).astype(np.float32)
    model = Model("mean", Architecture(widths=(4, 8), bottom=1), {}, make_network(scale=0.0))
    photons = Photons(image, replace(CAMERA, length_x=told), "YX")
    with pytest.raises(PhotonDenoiseError, match="share noise"):
        run(plan_adapting_job([photons], model, BlindSettings()))


def test_what_it_began_with_is_noted(tmp_path, rng):
    model = load_model(save_tiny(tmp_path))
    image = Photons(rng.poisson(5, (48, 40)).astype(np.float32), CAMERA, "YX")
    plan = run(plan_adapting_job([image], model, BlindSettings(batch=2, patch=32)))
    assert plan.facts["start"] == model.name
    assert plan.facts["method"] == "adapted"
