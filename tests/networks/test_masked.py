import pytest

torch = pytest.importorskip("torch")

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.networks.dense_cnn import DenseCnn
from napari_photon_denoise.networks.dncnn import Dncnn
from napari_photon_denoise.networks.masked import Conditioned, Masked, Residual, Whole


def shown(count, seed=0):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(2, 1, 12, 12, generator=generator)
    labels = torch.randint(count, (2, 12, 12), generator=generator)
    return x, torch.nn.functional.one_hot(labels, count).movedim(-1, 1).float()


def dncnn(channels=1):
    torch.manual_seed(0)
    return Residual(Dncnn(channels, channels=4, layers=3)).eval()


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_identity_puts_the_image_together_again(count):
    x, masks = shown(count)
    assert torch.equal(Masked(torch.nn.Identity())(x, masks), x)


@pytest.mark.parametrize("told", [Masked, Conditioned])
def test_one_cluster_is_the_plain_network_to_the_bit(told):
    x, masks = shown(1)
    with torch.no_grad():
        assert torch.equal(told(dncnn())(x, masks), Whole(dncnn())(x, masks))


def test_a_cluster_knows_nothing_of_the_others():
    x, masks = shown(2)
    other = torch.where(masks[:, :1] > 0, x, x + 100)
    with torch.no_grad():
        one, two = (Masked(dncnn())(image, masks)[masks[:, :1] > 0] for image in (x, other))
    torch.testing.assert_close(one, two)


def test_masks_are_seen():
    x, masks = shown(3)
    network = Conditioned(dncnn(1 + 3))
    assert not torch.allclose(network(x, masks), network(x, masks.flip(1)))


def test_without_its_last_layer_dncnn_changes_nothing():
    network = dncnn()
    torch.nn.init.zeros_(network.body.tail.weight)
    x, _ = shown(1)
    assert torch.equal(network(x), x)


def test_the_dense_network_knows_one_size():
    network = DenseCnn(16)
    assert network(torch.rand(3, 1, 16, 16)).shape == (3, 1, 16, 16)
    with pytest.raises(PhotonDenoiseError, match="16 × 16 px and no others, not 16 × 20"):
        network(torch.rand(3, 1, 16, 20))
