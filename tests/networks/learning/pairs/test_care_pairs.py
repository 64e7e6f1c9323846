from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
if not hasattr(torch.optim, "Muon"):
    pytest.skip("training needs a newer torch", allow_module_level=True)

from scipy.ndimage import gaussian_filter

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.job import run
from napari_photon_denoise.networks.learning.learner import Learner
from napari_photon_denoise.networks.learning.pairs import coverage
from napari_photon_denoise.networks.learning.pairs.coverage import CoverageJudge, HeldOut
from napari_photon_denoise.networks.learning.pairs.images import Pair
from napari_photon_denoise.networks.learning.pairs.percentiles import percentiles_job
from napari_photon_denoise.networks.learning.pairs.plan_pairs import plan_pairs_job
from napari_photon_denoise.networks.learning.pairs.regions import Region
from napari_photon_denoise.networks.learning.pairs.settings import PairSettings
from napari_photon_denoise.networks.learning.plan import Judgement
from napari_photon_denoise.networks.learning.training import Trainer, Training
from napari_photon_denoise.photons import Photons
from quick_learning import keep_float32

CAMERA = Calibration(gain=1.0, offset=0.0, read_noise=1.0)
TINY = {"method": "care", "widths": (4, 6, 8), "patch": 16, "batch": 2, "steps": 4}


@pytest.fixture(autouse=True)
def one_precision(monkeypatch):
    keep_float32(monkeypatch)


def make_pairs(rng, shape=(48, 48), axes="YX", count=4):
    pairs = []
    for number in range(count):
        smooth = gaussian_filter(rng.random(shape), (0,) * (len(shape) - 2) + (2, 2))
        clean = (40 * smooth / smooth.mean()).astype(np.float32)
        noisy = rng.poisson(clean / 4) + rng.normal(0, 1, shape)
        sides = (Photons(side.astype(np.float32), CAMERA, axes) for side in (noisy, clean))
        pairs.append(Pair(str(number), *sides))
    return pairs


def plan(pairs, **settings):
    return run(plan_pairs_job(pairs, PairSettings(**TINY | settings), {}))


def learn(pairs, **settings):
    return run(Learner(plan(pairs, **settings), device="cpu").job())


@pytest.mark.parametrize(
    ("settings", "results"),
    [
        ({}, ("scale", "50 percent interval", "90 percent interval")),
        ({"deterministic": True}, ()),
        ({"deterministic": True, "networks": 2}, ("disagreement",)),
        ({"normalisation": "percentiles", "networks": 2}, None),
        ({"normalisation": "percentiles", "deterministic": True}, ()),
        ({"planes": 3}, None),
        ({"dimensions": 3, "depth": 4}, None),
    ],
)
def test_every_kind_learns(rng, monkeypatch, settings, results):
    monkeypatch.setattr(coverage, "FEWEST", 100)
    shape, axes = ((5, 32, 32), "ZYX") if {"planes", "dimensions"} & settings.keys() else (
        (48, 48), "YX",
    )  # fmt: skip
    learned = learn(make_pairs(rng, shape, axes), **settings)
    if results is not None:
        assert learned.network.results == results
    assert ("coverage" in learned.facts) == ("scale" in learned.network.results)
    assert np.isfinite(learned.curve.training).all()


def test_members_differ_and_learn_what_they_learn_alone(rng):
    pairs = make_pairs(rng)
    several = plan(pairs, networks=2)
    one, two = several.network.each
    first = one.body.down[0][0].weight
    assert not torch.equal(first, two.body.down[0][0].weight)
    batch = several.lesson.draw(np.random.default_rng(0))
    assert len(batch.photons) == 4
    shares = batch.split(2)
    assert not torch.equal(shares[0].photons, shares[1].photons)
    several.lesson.loss(several.network, batch, "cpu", "float32").backward()
    together = one.body.tail.weight.grad.clone()
    several.network.zero_grad()
    several.lesson.lesson.loss(one, shares[0], "cpu", "float32").backward()
    torch.testing.assert_close(one.body.tail.weight.grad, together)


def test_percentiles_are_those_of_the_whole_image_and_stored_with_the_model(rng):
    pairs = make_pairs(rng)
    found = run(percentiles_job(pairs))
    noisy = np.asarray(pairs[2].noisy.data)
    low, high = found.draw(2, rng)
    assert np.percentile(noisy, 1) <= low <= np.percentile(noisy, 3)
    assert np.percentile(noisy, 99.5) <= high <= np.percentile(noisy, 99.9)
    each = [np.percentile(pair.noisy.data, (2, 99.8)) for pair in pairs]
    np.testing.assert_allclose(found.usual, np.median(each, axis=0))
    made = plan(pairs, normalisation="percentiles")
    np.testing.assert_allclose(made.network.each[0].usual, found.usual, rtol=1e-6)
    batch = made.lesson.draw(np.random.default_rng(0))
    assert batch.limits.shape == (2, 2)


def test_the_background_filter_counts_as_published(rng):
    pairs = make_pairs(rng)
    found = run(percentiles_job(pairs))
    clean = np.asarray(pairs[0].clean.data)
    assert found.bright[0] == pytest.approx(0.4 * np.percentile(clean, 99.9), rel=1e-6)
    patch = np.zeros((16, 16), np.float32)
    patch[0, 0] = 2 * found.bright[0]
    assert found.is_background(0, patch)  # at the border
    patch[8, 8] = 2 * found.bright[0]
    assert not found.is_background(0, patch)
    dark = replace(pairs[0].clean, data=clean * (np.arange(48) < 16))
    half = [Pair("dark", pairs[0].noisy, dark), *pairs[1:2]]
    source = plan(half, normalisation="percentiles", seed=1).lesson.lesson.source
    batch = replace(source, regions=[Region(0, (0, 48), (0, 48))], batch=40)(rng)
    inner = batch.target[:, 0, 4:12, 4:12].amax((1, 2)) / source.ratio
    assert (inner > source.percentiles.bright[0]).all()


class Nothing:
    def before(self, device):
        pass

    def after(self, device):
        return Judgement({}, "as it was")


@pytest.mark.parametrize("pairs_aside", [1, 4])
def test_intervals_are_set_by_one_half_and_measured_on_the_other(rng, monkeypatch, pairs_aside):
    pairs = make_pairs(rng, (96, 96), count=pairs_aside)
    network = plan(make_pairs(rng)).network

    def look(predictor, held_out, pair, place):
        # Normal errors, twice as large as the scale says: no Laplace law holds as many of them.
        return np.abs(np.stack([2 * rng.normal(size=20_000), rng.random(20_000)], 1))

    monkeypatch.setattr(coverage, "_look", look)
    monkeypatch.setattr(coverage, "PLANE", (1, 48, 48))
    regions = [Region(number, (0, 96), (0, 96)) for number in range(pairs_aside)]
    judge = CoverageJudge(network, HeldOut(pairs, regions, 1.0, False), Nothing())
    judgement = judge.after("cpu")
    facts = judgement.facts["coverage"]
    np.testing.assert_allclose(facts["held"], [0.5, 0.9], atol=0.01)
    np.testing.assert_allclose(facts["factors"], [2 * 0.6745, 2 * 1.6449], rtol=0.02)
    np.testing.assert_allclose(network.factors, facts["factors"], rtol=1e-6)
    assert facts["held_by_laplace"][0] < 0.3
    assert "the 50 % interval holds" in judgement.said
    assert judgement.notes == ()


def test_halves_that_differ_are_said(rng, monkeypatch):
    network = plan(make_pairs(rng)).network

    def look(predictor, held_out, pair, place):
        return np.abs(np.stack([(1 + pair) * rng.normal(size=20_000), np.ones(20_000)], 1))

    monkeypatch.setattr(coverage, "_look", look)
    pairs = make_pairs(rng, count=2)
    regions = [Region(number, (0, 48), (0, 48)) for number in range(2)]
    judgement = CoverageJudge(network, HeldOut(pairs, regions, 1.0, False), Nothing()).after("cpu")
    assert len(judgement.notes) == 2
    assert "give more pairs" in judgement.notes[0]


def test_too_little_to_measure_is_said(rng):
    learned = learn(make_pairs(rng, (32, 32)))
    assert "coverage" not in learned.facts
    assert any("Too little was kept aside" in note for note in learned.notes)
    np.testing.assert_allclose(learned.network.factors, np.log([2, 10]), rtol=1e-6)


def test_pieces_do_not_overlap_and_lie_where_nothing_was_learnt(rng, monkeypatch):
    monkeypatch.setattr(coverage, "PLANE", (1, 16, 16))
    pairs = make_pairs(rng, (2, 3, 40, 48), "CZYX", count=2)
    held_out = HeldOut(pairs, [Region(1, (8, 40), (0, 48))], 1.0, False)
    seen = np.zeros((2, 3, 40, 48), int)
    for pair, place in coverage._pieces(held_out, coverage.PLANE):
        assert pair == 1
        seen[place] += 1
    assert (seen[..., 8:, :] == 1).all()
    assert not seen[..., :8, :].any()


def test_the_learning_rate_is_halved_at_a_plateau():
    training = Training(plateau=2)
    falling = [3.0, 2.0, 1.0]
    assert training.slowed(falling) == 1
    assert training.slowed([*falling, 1.0]) == 1
    assert training.slowed([*falling, 1.0, 1.5]) == 0.5
    assert training.slowed([*falling, 1.0, 1.5, 0.5, 0.6, 0.7]) == 0.25
    assert training.slowed([*falling, *[2.0] * 6]) == 0.125
    assert Training().slowed([1.0] * 99) == 1
    # torch's own, asked step by step.
    weight = torch.nn.Parameter(torch.zeros(1))
    adam = torch.optim.Adam([weight], lr=1.0)
    judge = torch.optim.lr_scheduler.ReduceLROnPlateau(adam, factor=0.5, patience=2, threshold=0)
    scores = np.random.default_rng(0).normal(size=60).tolist()
    for number, score in enumerate(scores):
        judge.step(score)
        # Keras, which CARE uses, halves at the epoch that torch still waits for.
        assert Training(plateau=3).slowed(scores[: number + 1]) == adam.param_groups[0]["lr"]


def test_care_trains_as_published(rng):
    published = {"normalisation": "percentiles"}
    training = plan(make_pairs(rng), steps=4000, batch=None, **published).training
    assert (training.optimiser, training.learning_rate, training.plateau) == ("adam", 4e-4, 10)
    assert training.validate_every == 40
    assert training.rate(3999) == 4e-4
    assert plan(make_pairs(rng), steps=10**6, **published).training.validate_every == 400
    optimisers = Trainer(torch.nn.Conv2d(1, 1, 3), None, training)._optimiser._parts()
    assert optimisers.keys() == {"adam"}
    on_photons = plan(make_pairs(rng)).training
    assert (on_photons.optimiser, on_photons.learning_rate) == ("muon", 2e-3)
    assert "plateau" in training.say()
    assert not {"plateau", "optimiser"} & Training().say().keys()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"method": "resunet", "networks": 2}, "for care"),
        ({"method": "u-net", "deterministic": True}, "for care"),
        ({"method": "unet", "normalisation": "percentiles"}, "method"),
        ({"normalisation": "percentiles", "deterministic": True, "loss": "symmetric-kl"}, "l1 or"),
        ({"clean_is_noisy": True}, "make it deterministic"),
        ({"networks": 0}, "networks must be at least 1"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(given, said):
    with pytest.raises(PhotonDenoiseError, match=said):
        PairSettings(**{"method": "care"} | given)


def test_other_networks_settings_are_as_they_were():
    assert not {"deterministic", "networks", "normalisation"} & PairSettings().model_dump().keys()
    assert PairSettings(method="care").model_dump()["networks"] == 1
