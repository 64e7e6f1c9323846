import gc
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from napari_photon_denoise.errors import DeviceError, OutOfMemory
from napari_photon_denoise.networks import device as device_module
from napari_photon_denoise.networks.architecture import Architecture
from napari_photon_denoise.networks.predict import Predictor
from quick_learning import keep_float32


def small(**shape):
    torch.manual_seed(0)
    network = Architecture(**{"widths": (8, 16), "bottom": 1} | shape).build()
    torch.nn.init.normal_(network.body.head.weight, std=0.1)
    return network


@pytest.fixture(autouse=True)
def one_precision(monkeypatch):
    keep_float32(monkeypatch)


@pytest.fixture
def block(rng):
    return rng.poisson(10, (4, 24, 32)).astype(np.float32)


@pytest.mark.parametrize("shape", [{}, {"planes": 3}, {"dimensions": 3}, {"form": "plain"}])
@pytest.mark.parametrize("size", [(1, 1, 1), (1, 1, 9), (2, 7, 3), (3, 24, 32), (5, 33, 17)])
def test_any_block_keeps_its_shape(rng, shape, size):
    clean = Predictor(small(**shape), "cpu")(rng.poisson(9, size).astype(np.float32), 1.0)
    assert clean.shape == size
    assert clean.dtype == np.float32
    assert np.isfinite(clean).all()
    assert (clean > 0).all()


def test_it_gives_what_the_network_gives(block):
    network = small()
    clean = Predictor(network, "cpu", (0.0, 0.7))(block, 2.0)
    lengths = torch.tensor([[0.0, 0.7]])
    with torch.no_grad():
        for plane, expected in zip(block, clean, strict=True):
            seen = network(
                torch.from_numpy(plane)[None, None], torch.full((1, 1, 1, 1), 2.0), lengths
            )
            np.testing.assert_allclose(seen[0, 0].numpy(), expected, rtol=1e-5)


def test_planes_see_their_neighbours_and_nothing_beyond_the_block(block):
    predictor = Predictor(small(planes=3), "cpu")
    clean = predictor(block, 1.0)
    other = block.copy()
    other[0] += 20
    np.testing.assert_array_equal(
        (predictor(other, 1.0) != clean).any((1, 2)), [True, True, False, False]
    )
    # The end of a stack is no mirror: with a copy of its last plane it looks otherwise.
    longer = predictor(np.concatenate([block, block[-1:]]), 1.0)
    np.testing.assert_allclose(longer[:3], clean[:3], rtol=1e-6)
    assert not np.allclose(longer[3], clean[3])


def test_a_map_of_equal_read_noise_is_the_number(block):
    predictor = Predictor(small(), "cpu")
    maps = np.full(block.shape[1:], 1.5, np.float32)
    np.testing.assert_array_equal(predictor(block, maps), predictor(block, 1.5))
    maps[:, 16:] = 8
    assert (predictor(block, maps) != predictor(block, 1.5)).any()


@pytest.mark.parametrize("shape", [{}, {"dimensions": 3}])
def test_flips_make_mirror_images_alike(block, shape):
    predictor = Predictor(small(**shape), "cpu", flips=True)
    mirrored = predictor(block[:, ::-1, ::-1].copy(), 1.0)[:, ::-1, ::-1]
    np.testing.assert_allclose(mirrored, predictor(block, 1.0), rtol=1e-5)


def test_the_block_is_not_changed(block):
    before = block.copy()
    Predictor(small(), "cpu")(block, 1.0)
    np.testing.assert_array_equal(block, before)


def test_lack_of_memory_is_our_own_error(block, monkeypatch):
    predictor = Predictor(small(), "cpu")

    def full(*_):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(predictor.network, "forward", full)
    with pytest.raises(OutOfMemory, match="smaller tile"):
        predictor(block, 1.0)


def test_a_device_that_is_not_there_is_said():
    with pytest.raises(DeviceError, match="'quantum' was not found"):
        Predictor(small(), "quantum")


def test_memory_is_given_back_by_the_last_predictor():
    before = device_module._keepers
    one, two = (Predictor(Architecture(widths=(4, 8)).build(), "cpu") for _ in range(2))
    del one
    gc.collect()
    assert device_module._keepers == before + 1 or sys.platform != "linux"
    del two
    gc.collect()
    assert device_module._keepers == before
