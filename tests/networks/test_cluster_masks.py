import numpy as np
import pytest

torch = pytest.importorskip("torch")

from napari_photon_denoise.camera.anscombe import anscombe
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.networks.architecture import Architecture
from napari_photon_denoise.networks.cluster_masks import ClusterMasks, brightness
from napari_photon_denoise.networks.learning.cluster_centres import find_centres

SMALL = {"body": "dncnn", "layers": 3, "channels": 4}
FORMS = ("stabilised", "blind")


def build(seed=0, **shape):
    """Random weights in the last layer, too, so that what it is shown matters."""
    torch.manual_seed(seed)
    network = Architecture(**SMALL | shape).build().eval()
    torch.nn.init.normal_(network.body.tail.weight, std=0.3)
    return network


def patches(levels=(4.0, 40.0, 200.0), seed=0):
    rng = np.random.default_rng(seed)
    truth = np.repeat(levels, 16) * np.ones((2, 1, 48, 1))
    return torch.from_numpy(rng.poisson(truth).astype(np.float32)), torch.ones(2, 1, 48, 48)


def test_masks_add_up_to_one_and_are_those_of_the_nearest_centre():
    masks = ClusterMasks(3)
    masks.centres.copy_(torch.tensor([4.0, 12.0, 30.0]))
    mean = torch.linspace(0, 400, 64).reshape(1, 1, 8, 8)
    shown = masks(mean)
    assert (shown.sum(1) == 1).all()
    stabilised = anscombe(mean[0, 0].numpy(), 0.0)
    nearest = np.abs(stabilised[..., None] - [4, 12, 30]).argmin(-1)
    np.testing.assert_array_equal(shown[0].argmax(0).numpy(), nearest)


def test_brightness_is_the_anscombe_transform_of_arrays(rng):
    photons = rng.normal(20, 30, (5, 6)).astype(np.float32)
    noise = rng.uniform(0, 3, (5, 6)).astype(np.float32)
    found = brightness(torch.from_numpy(photons), torch.from_numpy(noise**2)).numpy()
    np.testing.assert_allclose(found, anscombe(photons, noise), rtol=1e-6)


@pytest.mark.parametrize("form", FORMS)
def test_one_cluster_is_the_plain_network_to_the_bit(form):
    photons, noise = patches()
    lengths = torch.zeros(2, 2)
    plain, one = build(form=form), build(form=form, clusters=1)
    assert one.masks is None
    assert plain.state_dict().keys() == one.state_dict().keys()
    with torch.no_grad():
        assert torch.equal(plain(photons, noise, lengths), one(photons, noise, lengths))


@pytest.mark.parametrize("form", FORMS)
def test_masks_are_seen(form):
    photons, noise = patches()
    network = build(form=form, clusters=3)
    before = network(photons, noise, torch.zeros(2, 2))
    network.masks.centres.copy_(torch.tensor([1e3, 2e3, 3e3]))
    assert not torch.allclose(before, network(photons, noise, torch.zeros(2, 2)))


@pytest.mark.parametrize("form", FORMS)
def test_centres_are_those_of_the_patches(form):
    network = build(form=form, clusters=3)
    find_centres(network, [patches()], seed=0)
    # A smoothed mean n has the brightness 2 √(n + 3/8 + σ²).
    expected = 2 * np.sqrt(np.array([4, 40, 200]) + 1.375)
    np.testing.assert_allclose(network.masks.centres.numpy(), expected, rtol=0.1)


def test_hidden_pixels_are_not_in_the_masks():
    photons, noise = patches()
    network = build(form="blind", clusters=3)
    find_centres(network, [(photons, noise)], seed=0)
    hidden = torch.zeros(2, 1, 48, 48, dtype=torch.bool)
    hidden[..., 8, 8] = True
    other = photons.clone()
    other[hidden] = 5000
    shown = []
    network.masks.register_forward_hook(lambda _, __, masks: shown.append(masks))
    for image in (photons, other):
        network.expect(image, noise, hidden=hidden)
    assert torch.equal(*shown)


def test_a_noisy_pixel_is_no_brighter():
    photons, noise = patches(levels=(5.0, 5.0, 60.0))
    noise[..., 20, 20] = 30.0
    network = build(form="blind", clusters=2)
    find_centres(network, [(photons, noise)], seed=0)
    assert network.masks.variance == 1
    assert network.masks(network.smoothed(photons, noise))[:, 0, 20, 20].all()


def test_constant_patches_are_refused():
    network = build(form="blind", clusters=3)
    flat = torch.full((2, 1, 48, 48), 7.0), torch.zeros(2, 1, 48, 48)
    with pytest.raises(PhotonDenoiseError, match=r"equally bright|different values"):
        find_centres(network, [flat], seed=0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"body": "resunet", "clusters": 2},
        {"body": "dncnn", "form": "plain", "clusters": 2},
        {"body": "dncnn", "form": "blind", "samples": 2},
        {"body": "dncnn", "clusters": 21},
    ],
)
def test_what_has_no_clusters_is_refused(wrong):
    with pytest.raises(ValueError, match=r"clusters|dncnn"):
        Architecture(**wrong)


def test_files_of_other_networks_are_as_they_were():
    said = Architecture().model_dump_json()
    assert not any(name in said for name in ("clusters", "layers", "channels"))
    clustered = Architecture(**SMALL, clusters=3)
    assert Architecture.model_validate_json(clustered.model_dump_json()) == clustered
