from itertools import product

import pytest

torch = pytest.importorskip("torch")

from napari_photon_denoise.networks.architecture import Architecture
from napari_photon_denoise.networks.blur_unet import BlurUnet
from napari_photon_denoise.networks.predict import needed_halo

KINDS = list(product([2, 3], [True, False]))


def random_unet(dimensions, smooth, widths=(4, 6, 8)):
    torch.manual_seed(0)
    return BlurUnet(dimensions, 1, 1, widths, smooth=smooth).double().eval()


def image_of(dimensions, edge, depth=5):
    shape = (1, 1, edge, edge) if dimensions == 2 else (1, 1, depth, edge, edge)
    return torch.rand(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def wakened(network):
    """Let every convolution pass what it sees: no ReLU may hide how far a pixel sees."""
    for name, weights in network.named_parameters():
        torch.nn.init.constant_(weights, 0.1 if name.endswith("bias") else 0.01)
    return network


@pytest.mark.parametrize(("dimensions", "smooth"), KINDS)
@pytest.mark.parametrize(("widths", "multiple"), [((4, 4), 2), ((4, 4, 6), 4)])
def test_any_multiple_keeps_its_shape(dimensions, smooth, widths, multiple):
    network = BlurUnet(dimensions, 3, 2, widths, smooth=smooth)
    assert network.multiple == multiple
    spatial = (3, multiple, 3 * multiple)[-dimensions:]
    assert network(torch.rand(2, 3, *spatial)).shape == (2, 2, *spatial)


@pytest.mark.parametrize(("dimensions", "smooth"), KINDS)
@pytest.mark.parametrize("widths", [(2, 2), (2, 2, 2)])
def test_a_pixel_sees_as_far_as_the_halo_and_no_further(dimensions, smooth, widths):
    network = wakened(BlurUnet(dimensions, 1, 1, widths, smooth=smooth).double())
    halo, across, step = network.halo, network.halo_z, network.multiple
    depth = 2 * across + 3
    edge = -(-(2 * halo + 2 * step) // step) * step
    image = image_of(dimensions, edge, depth).requires_grad_()
    middle = edge // 2 - edge // 2 % step
    furthest = furthest_z = 0
    for at in range(middle, middle + step):
        pixel = (0, 0, at, at) if dimensions == 2 else (0, 0, depth // 2, at, at)
        (seen,) = torch.autograd.grad(network(image)[pixel], image)
        places = seen.nonzero()
        furthest = max(furthest, int((places[:, -2:] - at).abs().max()))
        if dimensions == 3:
            furthest_z = max(furthest_z, int((places[:, 2] - depth // 2).abs().max()))
    # A maximum passes on one pixel of four: it may be the nearest one.
    assert furthest <= halo <= furthest + 2 * step
    assert furthest_z == across


@pytest.mark.parametrize(("dimensions", "smooth"), KINDS)
def test_a_shift_by_a_multiple_shifts_the_result(dimensions, smooth):
    network = random_unet(dimensions, smooth)
    step, halo = network.multiple, network.halo
    edge = 2 * halo + 6 * step
    edge += -edge % step
    image = image_of(dimensions, edge, depth=3)
    with torch.no_grad():
        there = network(image).roll((step, -step), (-2, -1))
        shifted = network(image.roll((step, -step), (-2, -1)))
    rim = halo + 2 * step
    inner = (..., slice(rim, -rim), slice(rim, -rim))
    torch.testing.assert_close(shifted[inner], there[inner])
    assert there[inner].std() > 1e-6


@pytest.mark.parametrize(("dimensions", "smooth"), KINDS)
def test_a_constant_image_shows_no_chequerboard(dimensions, smooth):
    network = random_unet(dimensions, smooth)
    rim = network.halo + network.multiple
    edge = 2 * rim + 4 * network.multiple
    edge += -edge % network.multiple
    image = torch.full_like(image_of(dimensions, edge, depth=3), 3.0)
    with torch.no_grad():
        inner = network(image)[..., rim:-rim, rim:-rim]
    spread = inner.amax((-2, -1)) - inner.amin((-2, -1))
    assert spread.max() < 1e-12


def test_blurred_pooling_turns_a_shift_into_a_small_change():
    """What every second pixel shows must not depend on which ones are taken."""
    image = image_of(2, 64)
    change = {}
    for smooth in (True, False):
        network = random_unet(2, smooth)
        one, other = network._pool(image), network._pool(image.roll(1, -1))
        change[smooth] = float((one - other)[..., 2:-2, 2:-2].std())
    assert change[True] < 0.5 * change[False]


@pytest.mark.parametrize("smooth", [True, False])
def test_the_uppermost_skip(smooth):
    """Without it nothing of the image comes past the pooling."""
    network = random_unet(2, smooth)
    torch.nn.init.zeros_(network.up[0].weight)
    torch.nn.init.zeros_(network.up[0].bias)
    with torch.no_grad():
        inner = network(image_of(2, 32))[..., 8:-8, 8:-8]
    assert (float(inner.std()) < 1e-12) == smooth


@pytest.mark.parametrize("body", ["n2v", "n2v2"])
@pytest.mark.parametrize(
    "more",
    [{}, {"planes": 3}, {"samples": 2}, {"psf": (5, 3)}, {"dimensions": 3}],
    ids=["2-D", "planes", "samples", "psf", "3-D"],
)
def test_a_tile_with_its_halo_gives_what_the_image_gives(body, more):
    torch.manual_seed(0)
    network = Architecture(body=body, form="blind", widths=(4, 8), **more).build().double().eval()
    torch.nn.init.normal_(network.body.head.weight, std=0.2)
    _, reach, _ = needed_halo(network)
    deep = network.body.dimensions == 3
    core, depth = 16, 2
    edge = 2 * reach + 3 * core
    shape = (1, network.planes, *((depth,) if deep else ()), edge, edge)
    photons = torch.poisson(torch.full(shape, 3.0, dtype=torch.float64))
    noise, lengths = torch.ones(1, 1, *(1,) * (photons.ndim - 2)).double(), torch.zeros(1, 2)
    cut = slice(core, 2 * core + 2 * reach)
    with torch.no_grad():
        whole = network(photons, noise, lengths)[..., cut, cut]
        tile = network(photons[..., cut, cut], noise, lengths)
    inner = (..., slice(reach, -reach), slice(reach, -reach))
    torch.testing.assert_close(tile[inner], whole[inner])
    assert whole[inner].std() > 0.01


@pytest.mark.parametrize("body", ["n2v", "n2v2"])
def test_some_planes_with_their_halo_give_what_the_stack_gives(body):
    torch.manual_seed(0)
    network = Architecture(body=body, form="blind", dimensions=3, widths=(4, 8)).build().double()
    torch.nn.init.normal_(network.body.head.weight, std=0.2)
    across = needed_halo(network)[0]
    photons = torch.poisson(torch.full((1, 1, 2 * across + 5, 16, 16), 3.0, dtype=torch.float64))
    told = torch.ones(1, 1, 1, 1, 1).double(), torch.zeros(1, 2)
    with torch.no_grad():
        some = network(photons[:, :, 1:-1], *told)[:, :, across:-across]
        there = network(photons, *told)[:, :, across + 1 : -across - 1]
    torch.testing.assert_close(some, there)


def test_planes_of_a_psf_belong_to_the_halo():
    shape = {"body": "n2v2", "form": "blind", "dimensions": 3, "widths": (4, 8)}
    plain = needed_halo(Architecture(**shape).build())
    blurred = needed_halo(Architecture(**shape, psf=(5, 3, 3)).build())
    assert blurred[0] == plain[0] + 2
