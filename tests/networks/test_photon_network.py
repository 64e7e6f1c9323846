import pytest

torch = pytest.importorskip("torch")

from napari_photon_denoise.networks.architecture import Architecture
from napari_photon_denoise.networks.predict import needed_halo

FORMS = ["stabilised", "plain"]
WHITE = torch.zeros(1, 2)


def small(form="stabilised", **shape):
    torch.manual_seed(0)
    network = Architecture(**{"form": form, "widths": (8, 16), "bottom": 1} | shape).build()
    torch.nn.init.normal_(network.body.head.weight, std=0.1)
    return network.eval()


def poisson(mean, *shape, seed=0):
    return torch.poisson(torch.full(shape, float(mean)), torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("mean", [0, 0.05, 3, 100, 1e4, 1e6])
@pytest.mark.parametrize("read_noise", [0.0, 2.0, 100.0])
def test_photons_are_positive_and_finite(form, dimensions, mean, read_noise):
    network = small(form, dimensions=dimensions)
    shape = (2, 1, 3, 16, 24)[:5] if dimensions == 3 else (2, 1, 16, 24)
    photons = poisson(mean, *shape)
    photons = photons + read_noise * torch.randn(shape, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        clean = network(photons, torch.full((1,) * len(shape), read_noise), WHITE.expand(2, 2))
    assert clean.shape == shape
    assert clean.dtype == torch.float32
    assert clean.isfinite().all()
    assert (clean > 0).all()


@pytest.mark.parametrize("form", FORMS)
def test_half_precision_keeps_the_photons(form):
    """Only the convolutions are halved; a million photons would have steps of 4096."""
    network = small(form)
    photons = poisson(1e6, 1, 1, 32, 32)
    clean = {}
    for halved in (False, True):
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=halved):
            clean[halved] = network(photons, torch.ones(1, 1, 1, 1), WHITE)
    assert clean[True].dtype == torch.float32
    if form == "stabilised":
        # To a tenth of the noise, which is 1000 photons.
        torch.testing.assert_close(clean[True], clean[False], rtol=0, atol=100)
        assert len(clean[True].unique()) > 900


@pytest.mark.parametrize("form", FORMS)
def test_planes_that_are_absent_do_not_matter(form):
    network = small(form, planes=5)
    photons = poisson(10, 1, 5, 16, 16)
    present = torch.tensor([[False, True, True, True, False]])
    read_noise = torch.ones(1, 1, 16, 16)
    with torch.no_grad():
        clean = network(photons, read_noise, WHITE, present)
        photons[:, [0, 4]] = poisson(500, 1, 2, 16, 16, seed=1)
        torch.testing.assert_close(network(photons, read_noise, WHITE, present), clean)
        assert not torch.allclose(network(photons, read_noise, WHITE, None), clean)
        photons[:, 1] = 0
        assert not torch.allclose(network(photons, read_noise, WHITE, present), clean)


@pytest.mark.parametrize("shape", [{}, {"dimensions": 3}, {"planes": 3}])
@pytest.mark.parametrize("form", FORMS)
def test_a_tile_with_its_halo_gives_what_the_image_gives(form, shape):
    network = small(form, **shape)
    reach = needed_halo(network)[1]
    edge = 2 * reach + 32
    planes = shape.get("planes", 1)
    depth = (4,) if "dimensions" in shape else ()
    photons = poisson(5, 1, planes, *depth, edge + 48, edge + 64)
    noise = 1 + torch.rand(1, 1, *(1,) * len(depth), edge + 48, edge + 64)
    tile = (..., slice(32, 32 + edge), slice(48, 48 + edge))
    with torch.no_grad():
        whole = network(photons, noise, WHITE)[tile]
        part = network(photons[tile], noise[tile], WHITE)
    core = (..., slice(reach, reach + 32), slice(reach, reach + 32))
    torch.testing.assert_close(part[core], whole[core], rtol=1e-5, atol=1e-5)


def test_each_image_of_a_batch_is_by_itself():
    network = small()
    photons = torch.cat([poisson(mean, 1, 1, 16, 16) for mean in (1, 1000)])
    noise = torch.tensor([0.5, 30.0]).reshape(2, 1, 1, 1)
    lengths = torch.tensor([[0.0, 0.0], [0.5, 1.0]])
    with torch.no_grad():
        both = network(photons, noise, lengths)
        for one in (slice(0, 1), slice(1, 2)):
            torch.testing.assert_close(
                network(photons[one], noise[one], lengths[one]), both[one], rtol=1e-4, atol=1e-4
            )


def test_correlation_and_read_noise_are_seen():
    network, photons = small(), poisson(10, 1, 1, 16, 16)
    with torch.no_grad():
        clean = network(photons, torch.ones(1, 1, 1, 1), WHITE)
        for noise, lengths in ((3.0, WHITE), (1.0, torch.tensor([[0.0, 1.0]]))):
            other = network(photons, torch.full((1, 1, 1, 1), noise), lengths)
            assert not torch.allclose(other, clean)
