import pytest

torch = pytest.importorskip("torch")

from napari_photon_denoise.networks.dncnn import Dncnn


def small(**sizes):
    torch.manual_seed(0)
    return Dncnn(channels=8, layers=5, **sizes)


def count(network):
    return sum(weights.numel() for weights in network.parameters())


def test_size_is_as_published():
    assert count(Dncnn()) == 556_096


def test_size_without_batch_normalisation():
    # A bias of 64 in place of a scale and a shift of 64 each, fifteen times.
    assert count(Dncnn(batch_norm=False)) == 556_096 - 15 * 64


def test_has_as_many_layers_as_asked_for():
    found = [part for part in Dncnn(layers=7).modules() if isinstance(part, torch.nn.Conv2d)]
    assert len(found) == 7


@pytest.mark.parametrize("size", [(1, 1), (7, 13), (16, 16)])
@pytest.mark.parametrize("batch_norm", [True, False])
def test_keeps_the_shape(size, batch_norm):
    network = small(in_channels=3, out_channels=2, batch_norm=batch_norm)
    assert network(torch.rand(2, 3, *size)).shape == (2, 2, *size)
    assert network.multiple == 1


def test_zero_tail_puts_out_zero():
    network = small()
    torch.nn.init.zeros_(network.tail.weight)
    assert not network(torch.rand(2, 1, 9, 9)).any()


@pytest.mark.parametrize("batch_norm", [True, False])
def test_a_pixel_sees_as_far_as_the_halo(batch_norm):
    network = small(batch_norm=batch_norm).eval()
    image = torch.rand(1, 1, 31, 31, requires_grad=True)
    (seen,) = torch.autograd.grad(network(image)[0, 0, 15, 15], image)
    rows, columns = seen[0, 0].nonzero(as_tuple=True)
    assert network.halo_z == 0
    assert int((rows - 15).abs().max()) == network.halo == 5
    assert int((columns - 15).abs().max()) == network.halo


@pytest.mark.parametrize("batch_norm", [True, False])
def test_a_tile_with_its_halo_is_the_whole(batch_norm):
    network = small(batch_norm=batch_norm).eval()
    image, halo = torch.rand(1, 1, 40, 40), 5
    with torch.no_grad():
        whole = network(image)[..., 12:20, 14:22]
        tile = network(image[..., 12 - halo : 20 + halo, 14 - halo : 22 + halo])
    torch.testing.assert_close(tile[..., halo:-halo, halo:-halo], whole, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("batch_norm", [True, False])
def test_signal_survives_the_depth(batch_norm):
    torch.manual_seed(0)
    network = Dncnn(batch_norm=batch_norm, channels=32)
    assert 0.1 < network(torch.randn(2, 1, 32, 32)).std() < 10


@pytest.mark.parametrize("batch_norm", [True, False])
def test_learns_the_noise(batch_norm):
    network = small(batch_norm=batch_norm)
    noise = torch.randn(4, 1, 16, 16)
    image = torch.rand(4, 1, 16, 16) + noise
    optimiser = torch.optim.Adam(network.parameters(), 1e-2)
    losses = []
    for _ in range(25):
        optimiser.zero_grad()
        loss = (network(image) - noise).square().mean()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.7 * losses[0]
