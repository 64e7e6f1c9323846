import pytest

torch = pytest.importorskip("torch")

from napari_photon_denoise.networks.architecture import BODIES, Architecture
from napari_photon_denoise.networks.predict import needed_halo
from napari_photon_denoise.networks.residual_unet import ResidualUnet


def count(network):
    return sum(weights.numel() for weights in network.parameters())


def wakened(network):
    """Let every convolution pass what it sees: no ReLU may hide how far a pixel sees."""
    for name, weights in network.named_parameters():
        torch.nn.init.constant_(weights, 0.1 if name.endswith("bias") else 0.01)
    return network.double()


@pytest.mark.parametrize(
    ("dimensions", "widths", "bottom"),
    [(2, (2, 2), 1), (2, (2, 2, 2), 2), (2, (2, 2, 2, 2), 1), (3, (2, 2), 1), (3, (2, 2, 2), 2)],
)
def test_a_pixel_sees_as_far_as_the_halo_and_no_further(dimensions, widths, bottom):
    network = wakened(ResidualUnet(dimensions, 1, 1, widths, bottom))
    halo, across, step = network.halo, network.halo_z, network.multiple
    depth = 2 * across + 3
    edge = -(-(2 * halo + 2 * step) // step) * step
    shape = (1, 1, edge, edge) if dimensions == 2 else (1, 1, depth, edge, edge)
    image = torch.rand(shape, dtype=torch.float64, requires_grad=True)
    middle = edge // 2 - edge // 2 % step
    furthest = furthest_z = 0
    for phase in range(step):  # a pixel that lies elsewhere in its pooled pixel sees elsewhere
        at = middle + phase
        pixel = (0, 0, at, at) if dimensions == 2 else (0, 0, depth // 2, at, at)
        (seen,) = torch.autograd.grad(network(image)[pixel], image)
        places = seen.nonzero()
        furthest = max(furthest, int((places[:, -2:] - at).abs().max()))
        if dimensions == 3:
            furthest_z = max(furthest_z, int((places[:, 2] - depth // 2).abs().max()))
    assert furthest <= halo <= furthest + step
    assert furthest_z == across


def test_sizes_of_the_ablations():
    """U-Net and autoencoder have the weights of RESUNET, to the last one."""
    sizes = {body: count(Architecture(body=body).build()) for body in BODIES[:3]}
    assert len(set(sizes.values())) == 1
    assert count(ResidualUnet(in_channels=7, out_channels=2)) == sizes["resunet"]


def test_ablations_leave_out_what_they_say():
    torch.manual_seed(0)
    image = torch.rand(1, 1, 16, 16)
    nets = {
        name: ResidualUnet(widths=(4, 8), bottom=1, shortcuts=shortcuts, skips=skips)
        for name, shortcuts, skips in (("r", True, True), ("u", False, True), ("a", False, False))
    }
    outs = {}
    for name, network in nets.items():
        network.load_state_dict(nets["r"].state_dict())
        with torch.no_grad():
            outs[name] = network(image)
    assert not torch.allclose(outs["r"], outs["u"])
    assert not torch.allclose(outs["u"], outs["a"])
    # With its lower levels silenced an autoencoder passes nothing; a U-Net does.
    for name in "ua":
        torch.nn.init.zeros_(nets[name].up[0].weight)
        torch.nn.init.zeros_(nets[name].up[0].bias)
    with torch.no_grad():
        flat = [nets[name](image)[0, 0, 4:-4, 4:-4].std() for name in "ua"]
    assert flat[0] > 1e-4
    assert flat[1] < 1e-7


@pytest.mark.parametrize(("widths", "multiple"), [((4, 4), 2), ((4, 4, 4, 4), 8)])
@pytest.mark.parametrize("dimensions", [2, 3])
def test_any_multiple_keeps_its_shape(dimensions, widths, multiple):
    network = ResidualUnet(dimensions, 3, 2, widths)
    assert network.multiple == multiple
    spatial = (5, multiple, 3 * multiple)[-dimensions:]
    assert network(torch.rand(2, 3, *spatial)).shape == (2, 2, *spatial)


@pytest.mark.parametrize("body", BODIES)
def test_an_untrained_network_gives_a_local_mean(body):
    network = Architecture(body=body, widths=(4, 8), bottom=1).build().eval()
    photons = torch.full((1, 1, 32, 32), 7.0)
    with torch.no_grad():
        clean = network(photons, torch.ones(1, 1, 1, 1), torch.zeros(1, 2))
    torch.testing.assert_close(clean, photons, rtol=1e-3, atol=0)
    noisy = torch.poisson(photons, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert network(noisy, torch.ones(1, 1, 1, 1), torch.zeros(1, 2)).var() < 0.5 * noisy.var()


def test_tiles_begin_at_steps():
    for architecture in (
        Architecture(),
        Architecture(form="plain"),
        Architecture(planes=5, widths=(8, 8)),
        Architecture(dimensions=3),
        Architecture(body="rcan", dimensions=3),
        Architecture(body="dncnn"),
    ):
        network = architecture.build()
        z, y, x = needed_halo(network)
        assert y == x
        assert y % 16 == 0
        assert y >= (network.body.halo or 0)
        assert (z > 0) == (architecture.dimensions == 3 or architecture.planes > 1)


@pytest.mark.parametrize("wrong", [{"planes": 2}, {"dimensions": 3, "planes": 3}, {"bottom": 0}])
def test_impossible_architectures_are_refused(wrong):
    with pytest.raises(ValueError, match=r"planes|1 plane|greater"):
        Architecture(**wrong)
