import pytest

torch = pytest.importorskip("torch")

from napari_photon_denoise.networks.rcan import Rcan


def small(dimensions=2, **sizes):
    torch.manual_seed(0)
    return Rcan(dimensions, channels=8, groups=2, blocks=1, reduction=4, **sizes)


def count(network):
    return sum(weights.numel() for weights in network.parameters())


@pytest.mark.parametrize(("blocks", "parameters"), [(3, 1_002_621), (5, 1_559_141)])
def test_size_is_as_published(blocks, parameters):
    assert count(Rcan(dimensions=3, blocks=blocks)) == parameters


def test_size_in_2d():
    assert count(Rcan()) == 337_917


@pytest.mark.parametrize("spatial", [(1, 1), (7, 13), (16, 16), (1, 5, 7), (4, 9, 8)])
def test_keeps_the_shape(spatial):
    network = small(len(spatial), in_channels=3, out_channels=2)
    assert network(torch.rand(2, 3, *spatial)).shape == (2, 2, *spatial)


def test_accepts_any_size_and_has_no_halo():
    network = small()
    assert network.multiple == 1
    assert network.halo is None
    assert network.halo_z is None


def test_zero_tail_puts_out_zero():
    network = small()
    torch.nn.init.zeros_(network.tail.weight)
    torch.nn.init.zeros_(network.tail.bias)
    assert not network(torch.rand(1, 1, 9, 9)).any()


def test_a_pixel_sees_the_whole_tile():
    network = small()
    image = torch.rand(1, 1, 65, 65, requires_grad=True)
    (seen,) = torch.autograd.grad(network(image)[0, 0, 32, 32], image)
    assert (seen != 0).all()


def test_a_tile_gives_the_same_alone_and_in_a_batch():
    network = small().eval()
    tiles = torch.rand(3, 1, 24, 24)
    with torch.no_grad():
        together = network(tiles)
        alone = torch.cat([network(tile[None]) for tile in tiles])
        torch.testing.assert_close(network(tiles), together, rtol=0, atol=0)
    torch.testing.assert_close(alone, together, rtol=1e-5, atol=1e-6)


def test_a_pixel_differs_between_tiles():
    network = small().eval()
    image = torch.zeros(1, 1, 96, 48)
    image[..., :48, :] = torch.rand(48, 48)
    with torch.no_grad():
        assert not torch.allclose(
            network(image)[..., :24, :], network(image[..., :48, :])[..., :24, :]
        )


@pytest.mark.parametrize("dimensions", [2, 3])
def test_learns(dimensions):
    network = small(dimensions)
    target = torch.rand(2, 1, *(4, 16, 16)[-dimensions:])
    image = target + 0.3 * torch.randn(target.shape)
    optimiser = torch.optim.Adam(network.parameters(), 1e-3)
    losses = []
    for _ in range(20):
        optimiser.zero_grad()
        loss = (network(image) - target).square().mean()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.7 * losses[0]
