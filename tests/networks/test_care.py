import numpy as np
import pytest

torch = pytest.importorskip("torch")

import napari_photon_denoise as npd
from napari_photon_denoise.networks.architecture import Architecture
from napari_photon_denoise.networks.care import STEP_Z, CareUnet
from napari_photon_denoise.networks.predict import Predictor, needed_halo
from napari_photon_denoise.networks.weights import save_model
from napari_photon_denoise.tiles import STEP, VOLUME_TILE
from quick_learning import keep_float32

LN2 = 0.6931472


def count(network):
    return sum(weights.numel() for weights in network.parameters())


def small(dimensions=2, ins=1, outs=1):
    torch.manual_seed(0)
    return CareUnet(dimensions, ins, outs, widths=(4, 6, 8)).eval()


def build(**shape):
    torch.manual_seed(0)
    return Architecture(**{"body": "care", "widths": (4, 6, 8)} | shape).build().eval()


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        # As CSBDeep counts them: mean and scale in 3-D, and the same without a scale.
        ({"dimensions": 3, "uncertainty": True}, 996_802),
        ({"dimensions": 3}, 996_769),
        # 25 in place of 27 weights a kernel.
        ({"dimensions": 2, "uncertainty": True}, 923_010),
        ({"dimensions": 3, "uncertainty": True, "members": 3}, 3 * 996_802),
    ],
)
def test_size_is_as_published(shape, expected):
    published = Architecture(body="care", form="percentiles", widths=(32, 64, 128), **shape)
    with torch.device("meta"):
        assert count(published.build()) == expected


def test_on_photons_only_the_first_and_the_last_layer_differ():
    photons, published = (
        build(form=form, uncertainty=True).body for form in ("stabilised", "percentiles")
    )
    other = [
        name
        for (name, one), two in zip(photons.named_parameters(), published.parameters(), strict=True)
        if one.shape != two.shape
    ]
    assert other == ["down.0.0.weight", "tail.weight", "tail.bias"]


@pytest.mark.parametrize("dimensions", [2, 3])
def test_keeps_the_shape(dimensions):
    network = small(dimensions, ins=3, outs=2)
    for planes in (1, 2, 5, 8):
        size = (8, 12) if dimensions == 2 else (planes, 8, 12)
        assert network(torch.rand(2, 3, *size)).shape == (2, 2, *size)


@pytest.mark.parametrize(("size", "far"), [((128, 8), 43), ((64, 8, 8), 23), ((8, 8, 64), 23)])
def test_a_pixel_sees_as_far_as_the_halo(size, far):
    network = small(len(size)).double()
    assert network.halo == far  # CSBDeep measured 43 and 22
    axis = size.index(max(size))
    farthest = 0
    # Where it lies in its square of the bottom decides how far it sees.
    for at in [max(size) // 2 + offset for offset in range(4) for _ in range(3)]:
        image = torch.rand(1, 1, *size, dtype=torch.float64, requires_grad=True)
        place = [4] * len(size)
        place[axis] = at
        (seen,) = torch.autograd.grad(network(image)[0, 0][tuple(place)], image)
        farthest = max(farthest, int((seen[0, 0].nonzero(as_tuple=True)[axis] - at).abs().max()))
    assert network.halo - 4 <= farthest <= network.halo


def test_blocks_of_stacks_begin_where_its_poolings_do():
    assert STEP[0] == STEP_Z
    z, y, x = needed_halo(build(dimensions=3))
    assert z % STEP_Z == 0
    assert z >= small(3).halo
    assert y == x
    assert y % STEP[1] == 0


def test_a_stack_in_blocks_is_the_whole_stack(rng, tmp_path, monkeypatch):
    # Blocks cut its planes too, and its last ones do not fill the poolings.
    keep_float32(monkeypatch)
    network = build(dimensions=3, uncertainty=True)
    torch.nn.init.normal_(network.body.tail.weight, std=0.3)
    stack = rng.poisson(9, (VOLUME_TILE[0] * 2 + 5, 16, 18)).astype(np.uint16)
    architecture = Architecture(body="care", widths=(4, 6, 8), dimensions=3, uncertainty=True)
    model = save_model(tmp_path / "deep.safetensors", network, architecture, {})
    camera = npd.Calibration(gain=1, offset=0, read_noise=1.0)
    clean = npd.denoise(stack, camera, npd.Resunet(model=str(model)), axes="ZYX")
    whole = Predictor(network, "cpu")(stack.astype(np.float32), 1.0)
    np.testing.assert_allclose(clean, whole, rtol=1e-5, atol=1e-5 * whole.max())


@pytest.mark.parametrize("dimensions", [2, 3])
def test_with_zero_weights_the_published_one_gives_its_input(dimensions):
    network = build(form="percentiles", dimensions=dimensions, uncertainty=True)
    for weight in network.parameters():
        torch.nn.init.zeros_(weight)
    image = 50 * torch.randn(2, 1, *(8,) * dimensions)
    limits = torch.tensor([[-3.0, 47.0], [10.0, 20.0]])
    clean, scale, fifty, ninety = network(image, 1.0, None, limits=limits).split(1, 1)
    torch.testing.assert_close(clean, image)
    # Undone: the scale is stretched like the image, and not shifted.
    span = torch.tensor([50.0, 10.0]).reshape(2, *(1,) * (dimensions + 1))
    torch.testing.assert_close(scale, (span * (LN2 + 1e-3)).expand_as(scale))
    torch.testing.assert_close(fifty, LN2 * scale)
    torch.testing.assert_close(ninety, 2.302585 * scale)


def test_percentiles_are_undone():
    network = build(form="percentiles", uncertainty=True)
    torch.nn.init.normal_(network.body.tail.weight, std=0.3)
    image, limits = torch.rand(1, 1, 16, 16), torch.tensor([[0.1, 0.9]])
    first = network(image, 1.0, None, limits=limits)
    other = network(1000 * image + 7, 1.0, None, limits=1000 * limits + 7)
    torch.testing.assert_close(other[:, :1], 1000 * first[:, :1] + 7, rtol=1e-4, atol=1e-2)
    torch.testing.assert_close(other[:, 1:], 1000 * first[:, 1:], rtol=1e-4, atol=1e-2)


def test_without_limits_those_of_the_model_serve():
    network = build(form="percentiles")
    torch.nn.init.normal_(network.body.tail.weight, std=0.3)
    image, limits = torch.rand(1, 1, 16, 16), torch.tensor([[0.2, 0.8]])
    network.each[0].usual.copy_(limits[0])
    torch.testing.assert_close(network(image, 1.0, None), network(image, 1.0, None, None, limits))


@pytest.mark.parametrize(
    "shape",
    [
        {"form": "plain"},
        {"widths": (8,)},
        {"body": "resunet", "form": "percentiles"},
        {"body": "resunet", "uncertainty": True},
        {"body": "resunet", "members": 2},
    ],
)
def test_what_does_not_go_together_is_refused(shape):
    with pytest.raises(ValueError, match="CARE"):
        Architecture(**{"body": "care"} | shape)


def test_other_networks_say_what_they_said_before():
    assert not {"uncertainty", "members"} & Architecture().model_dump().keys()
    said = Architecture(body="care", members=2).model_dump_json()
    assert Architecture.model_validate_json(said).members == 2
