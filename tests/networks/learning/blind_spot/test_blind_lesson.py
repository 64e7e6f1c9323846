from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
if not hasattr(torch.optim, "Muon"):
    pytest.skip("training needs a newer torch", allow_module_level=True)

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.job import run
from napari_photon_denoise.networks.architecture import Architecture
from napari_photon_denoise.networks.blind_network import Expected, convolved
from napari_photon_denoise.networks.learning import training as module
from napari_photon_denoise.networks.learning.blind_spot.extents import find_extent
from napari_photon_denoise.networks.learning.blind_spot.lesson import (
    BlindLesson,
    Positivity,
    deviance,
    hide,
    masked_loss,
)
from napari_photon_denoise.networks.learning.blind_spot.masks import BlindSpot
from napari_photon_denoise.networks.learning.blind_spot.patches import NoisyPatches, Patches
from napari_photon_denoise.networks.learning.training import Trainer, Training
from napari_photon_denoise.photons import Photons

KINDS = pytest.mark.parametrize(
    "kind",
    [{}, {"planes": 3}, {"dimensions": 3}, {"samples": 2}],
    ids=["2-D", "planes", "3-D", "samples"],
)
LOSSES = pytest.mark.parametrize("loss", ["poisson", "gaussian", "mse"])
SPOT = BlindSpot()


def make_network(body="n2v2", seed=0, **kind):
    """A network whose last convolution is not zero: what it returns is no mere mean."""
    torch.manual_seed(seed)
    network = Architecture(body=body, form="blind", widths=(4, 8), **kind).build().eval()
    torch.nn.init.normal_(network.body.head.weight, std=0.3)
    return network


def make_patches(planes=1, dimensions=2, samples=1, level=3.0, held=0.05, count=2):
    source = torch.Generator().manual_seed(5)
    deep = (4,) if dimensions == 3 else ()
    photons = torch.full((count, planes, *deep, 32, 32), level)
    return Patches(
        torch.poisson(photons, generator=source),
        torch.full((count, 1, *(1,) * len(deep), 32, 32), 0.5),
        torch.rand(count, 1, *deep, 32, 32, generator=source) < held,
        torch.ones(count, planes, dtype=torch.bool),
    )


def hidden(patches, spot=SPOT, seed=0, held_out=False):
    return hide(patches, spot, np.random.default_rng(seed), held_out=held_out)


def middle(patches):
    at = patches.photons.shape[1] // 2
    return patches.photons[:, at : at + 1]


def predict(network, batch):
    with torch.no_grad():
        return network.expect(batch.photons, batch.read_noise, batch.present).image


@KINDS
@pytest.mark.parametrize("replacement", ["uniform", "median"])
def test_targets_are_the_raw_values(kind, replacement):
    patches = make_patches(**kind)
    batch = hidden(patches, BlindSpot(replacement=replacement))
    assert torch.equal(batch.target, middle(patches))
    seen = middle(batch)
    assert torch.equal(seen[~batch.mask], batch.target[~batch.mask])
    assert (seen != batch.target).any()
    # The neighbours of a plane are shown as they are.
    others = [at for at in range(kind.get("planes", 1)) if at != kind.get("planes", 1) // 2]
    assert torch.equal(batch.photons[:, others], patches.photons[:, others])


@KINDS
def test_held_out_pixels_are_never_learnt_from(kind):
    patches = make_patches(**kind, held=0.3)
    for seed in range(20):
        assert not (hidden(patches, seed=seed).mask & patches.held_out).any()
    assert torch.equal(hidden(patches, held_out=True).mask, patches.held_out)


@KINDS
@LOSSES
def test_the_loss_knows_no_pixel_outside_of_the_mask(kind, loss):
    patches = make_patches(**kind)
    batch = hidden(patches)
    network = make_network(**kind)
    with torch.no_grad():
        expected = network.expect(batch.photons, batch.read_noise, batch.present)
    expected = Expected(*(None if one is None else one.requires_grad_() for one in expected))
    masked_loss(loss, expected, batch).backward()
    for part in (expected.image, expected.spread):
        if part is not None:
            assert (part.grad[~batch.mask] == 0).all()
            assert (part.grad[batch.mask] != 0).any()
    # What was counted there, held-out pixels above all, does not change it.
    there = torch.where(batch.mask, batch.target, batch.target + 1000)
    found = masked_loss(loss, expected, replace(batch, target=there))
    assert torch.equal(found, masked_loss(loss, expected, batch))


@KINDS
@pytest.mark.parametrize("body", ["n2v", "n2v2"])
@pytest.mark.parametrize("replacement", ["uniform", "median"])
@pytest.mark.parametrize("extent", ["pixel", "cross"])
def test_a_hidden_pixel_says_nothing_of_itself(kind, body, replacement, extent, camera):
    patches = make_patches(**kind)
    lone = torch.zeros_like(patches.held_out)
    lone[..., 15, 14] = True
    if lone.ndim == 5:
        lone[:, :, [0, 2, 3]] = False
    patches = replace(patches, held_out=lone)
    spot = BlindSpot((1, 12, 12), (0, 6, 6), find_extent(extent, camera), replacement)
    brighter = patches.photons.clone()
    at = patches.photons.shape[1] // 2
    brighter[:, at : at + 1][lone] += 50
    network = make_network(body, **kind)
    one = hidden(patches, spot, held_out=True)
    other = hidden(replace(patches, photons=brighter), spot, held_out=True)
    assert (other.target[lone] - one.target[lone] == 50).all()
    assert torch.equal(predict(network, one), predict(network, other))
    # It is the mask that hides it, not the network.
    assert not torch.equal(
        predict(network, patches), predict(network, replace(patches, photons=brighter))
    )


@pytest.mark.parametrize("body", ["n2v", "n2v2"])
@pytest.mark.parametrize("dimensions", [2, 3])
def test_an_untrained_network_gives_the_mean_of_the_surroundings(body, dimensions):
    network = Architecture(body=body, form="blind", dimensions=dimensions, widths=(4, 8)).build()
    for level in (0.5, 7.0, 1e5):
        photons = torch.full((1, 1, *(3,) * (dimensions - 2), 16, 16), level)
        with torch.no_grad():
            clean = network(photons, torch.ones(1), torch.zeros(1, 2))
            hidden = torch.zeros(photons.shape, dtype=torch.bool)
            hidden[..., 8, 8] = True
            brighter = photons + 100 * hidden
            one, other = (
                network.expect(image, torch.ones(1), hidden=hidden).image
                for image in (photons, brighter)
            )
        torch.testing.assert_close(clean, photons, rtol=5e-3, atol=0)
        torch.testing.assert_close(one[hidden], other[hidden], rtol=1e-5, atol=0)


@LOSSES
def test_each_loss_is_least_at_the_mean(loss):
    """Of counts with read noise, half of them below zero."""
    source = torch.Generator().manual_seed(0)
    counted = torch.poisson(torch.full((1, 1, 512, 512), 0.2), generator=source)
    counted += 0.7 * torch.randn(counted.shape, generator=source)
    everywhere = torch.ones_like(counted, dtype=torch.bool)
    batch = hidden(
        replace(make_patches(count=1), photons=counted, held_out=everywhere), held_out=True
    )
    batch = replace(batch, read_noise=torch.full_like(counted, 0.7))
    levels = torch.linspace(0.1, 0.3, 41)
    losses = [
        float(masked_loss(loss, Expected(torch.full_like(counted, one)), batch)) for one in levels
    ]
    if loss == "gaussian":  # its least value moves with the weights, which are not learnt from
        level = torch.full_like(counted, float(counted.mean())).requires_grad_()
        masked_loss(loss, Expected(level), batch).backward()
        assert abs(float(level.grad.sum())) < 1e-4
    else:
        assert float(levels[int(np.argmin(losses))]) == pytest.approx(0.2, abs=0.011)


def test_the_deviance_is_zero_for_what_was_counted_and_one_for_the_truth():
    patches = make_patches(level=50.0, held=0.5, count=20)
    batch = replace(hidden(patches, held_out=True), read_noise=torch.zeros(20, 1, 32, 32))
    assert float(deviance(Expected(batch.target), batch).abs().max()) < 1e-3
    truth = deviance(Expected(torch.full_like(batch.target, 50.0)), batch)
    assert float(truth.mean()) == pytest.approx(1, abs=0.06)
    wrong = deviance(Expected(torch.full_like(batch.target, 55.0)), batch)
    assert float(wrong.mean()) > float(truth.mean()) + 0.3


@pytest.mark.parametrize("shape", [(5, 7), (3, 5, 7)])
def test_a_point_becomes_the_point_spread_function(shape):
    psf = torch.rand(shape, generator=torch.Generator().manual_seed(0))
    psf /= psf.sum()
    image = torch.zeros(1, 1, *(3 * size for size in shape))
    image[(0, 0, *(size + size // 2 for size in shape))] = 1
    found = convolved(image, psf)[(0, 0, *(slice(size, 2 * size) for size in shape))]
    torch.testing.assert_close(found, psf)


@pytest.mark.parametrize("shape", [(5, 7), (3, 5, 7)])
def test_a_constant_stays_what_it_is_under_a_blur(shape):
    psf = torch.rand(shape)
    psf /= psf.sum()
    for level in (-2.0, 0.0, 1e4):
        image = torch.full((1, 1, *(4, 20, 20)[-len(shape) :]), level)
        torch.testing.assert_close(convolved(image, psf), image, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dimensions", [2, 3])
@LOSSES
def test_a_point_as_the_psf_gives_the_plain_loss(dimensions, loss):
    kind = {"dimensions": dimensions}
    plain, blurred = make_network(**kind), make_network(**kind, psf=(3, 5, 5)[-dimensions:])
    blurred.load_state_dict(plain.state_dict(), strict=False)
    batch = hidden(make_patches(**kind))
    with torch.no_grad():
        found = [
            masked_loss(loss, network.expect(batch.photons, batch.read_noise), batch)
            for network in (plain, blurred)
        ]
    torch.testing.assert_close(found[0], found[1])


def test_what_is_darker_than_the_background_costs():
    punish = Positivity(weight=1.0, background=0.0, unit=2.0)
    assert float(punish(torch.full((1, 1, 8, 8), -3.0))) == pytest.approx(3 / 2)
    assert float(punish(torch.full((1, 1, 8, 8), 3.0))) == 0
    assert float(replace(punish, background=5.0)(torch.full((1, 1, 8, 8), 3.0))) == 1


def make_lesson(photons, loss="poisson", spot=SPOT, read_noise=0.0):
    image = Photons(photons, Calibration(gain=1, offset=0, read_noise=read_noise), "YX")
    patches = NoisyPatches([image], "Z", 4, 32)
    held = hide(patches(np.random.default_rng(99)), spot, np.random.default_rng(99), held_out=True)
    return BlindLesson(patches, spot, loss, (held,))


@pytest.fixture
def one_precision(monkeypatch):
    monkeypatch.setattr(module, "choose_precision", lambda device: "float32")


@pytest.mark.usefixtures("one_precision")
@pytest.mark.parametrize("loss", ["poisson", "gaussian"])
@pytest.mark.parametrize(("body", "replacement"), [("n2v", "uniform"), ("n2v2", "median")])
def test_few_photons_are_learnt_without_bias(rng, loss, body, replacement):
    """At 0.2 photons most pixels are replaced by their own value: those must count too."""
    photons = rng.poisson(0.2, (192, 192)).astype(np.uint16)
    torch.manual_seed(0)
    network = Architecture(body=body, form="blind", widths=(4, 8)).build()
    torch.nn.init.constant_(network.body.head.bias, 0.5)  # too bright by half of the noise
    lesson = make_lesson(photons, loss, BlindSpot(replacement=replacement))
    training = Training(steps=100, learning_rate=5e-3, warm_up=5, average=0.9)
    run(Trainer(network, lesson, training, device="cpu").job())
    whole = torch.from_numpy(photons.astype(np.float32))[None, None]
    with torch.no_grad():
        clean = network(whole, torch.zeros(1), torch.zeros(1, 2))
    assert float(clean.mean()) == pytest.approx(0.2, rel=0.05)


@pytest.mark.usefixtures("one_precision")
@pytest.mark.parametrize("body", ["n2v", "n2v2"])
def test_training_denoises(rng, body):
    y, x = np.mgrid[:96, :96] / 2
    truth = 6 + 5 * np.sin(y) * np.sin(x)
    noisy = (rng.poisson(truth) + rng.normal(size=truth.shape)).astype(np.float32)
    torch.manual_seed(0)
    network = Architecture(body=body, form="blind", widths=(8, 16)).build()
    lesson = make_lesson(noisy, read_noise=1.0)
    trainer = Trainer(
        network,
        lesson,
        Training(steps=60, learning_rate=5e-3, warm_up=5, validate_every=20, average=0.9),
        device="cpu",
    )

    def error():
        with torch.no_grad():
            clean = network(torch.from_numpy(noisy)[None, None], torch.ones(1), torch.zeros(1, 2))
        return float(np.mean((clean.numpy()[0, 0] - truth) ** 2))

    before = error()
    curve = run(trainer.job())
    assert error() < 0.7 * before
    assert error() < 0.2 * np.mean((noisy - truth) ** 2)
    assert curve.held_out[-1] < curve.held_out[0]


@pytest.mark.usefixtures("one_precision")
def test_a_blind_training_is_the_same_again_and_another_with_another_seed(rng):
    photons = rng.poisson(2.0, (40, 40)).astype(np.uint16)
    found = []
    for seed in (1, 1, 2):
        torch.manual_seed(0)
        network = Architecture(body="n2v2", form="blind", widths=(4, 8)).build()
        training = Training(steps=3, learning_rate=1e-2, warm_up=1, seed=seed)
        run(Trainer(network, make_lesson(photons), training, device="cpu").job())
        found.append(network.body.head.weight.clone())
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])
