import numpy as np
import pytest

torch = pytest.importorskip("torch")

import napari_photon_denoise as npd
from napari_photon_denoise.denoisers import METHODS
from napari_photon_denoise.networks import precision as module
from napari_photon_denoise.networks.architecture import Architecture
from napari_photon_denoise.networks.precision import autocast, choose_precision
from quick_learning import make_small


@pytest.fixture
def processor(monkeypatch):
    """Pretend to be a CPU with these instructions."""

    def is_one_of(*instructions):
        found = dict.fromkeys(instructions, True) | {"num_logical_cores": 2}
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: found, raising=False)

    return is_one_of


@pytest.mark.parametrize(
    ("instructions", "chosen"),
    [
        ((), "float32"),
        (("avx2", "avx512_f", "avx512_vnni"), "float32"),
        (("avx512_f", "avx512_bf16"), "bfloat16"),
        (("avx512_f", "avx512_bf16", "amx_bf16"), "bfloat16"),
    ],
)
def test_the_processor_decides(processor, instructions, chosen):
    processor(*instructions)
    assert choose_precision("cpu") == chosen


def test_a_torch_that_does_not_know_the_processor_keeps_float32(monkeypatch):
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert choose_precision("cpu") == "float32"


def test_apples_gpu_keeps_float32():
    assert choose_precision("mps") == "float32"
    with autocast("mps", "bfloat16"):
        assert not torch.is_autocast_enabled("cpu")


def test_only_convolutions_are_halved():
    network = Architecture(widths=(8, 16), bottom=1).build().eval()
    image = torch.rand(1, 7, 8, 8)
    with torch.no_grad():
        for precision, dtype in (("float32", torch.float32), ("bfloat16", torch.bfloat16)):
            with autocast("cpu", precision):
                assert network.body(image).dtype == dtype
    assert all(weights.dtype == torch.float32 for weights in network.parameters())


@pytest.mark.parametrize("method", ["resunet", "n2v", "adapted-resunet"])
def test_a_method_records_it_and_keeps_what_was_recorded(processor, method):
    processor("amx_bf16")
    decided = METHODS[method]().on("cpu")
    assert decided.precision == "bfloat16"
    processor()
    assert decided.on("cpu").precision == "bfloat16"
    assert METHODS[method]().on("cpu").precision == "float32"


def test_a_recorded_precision_gives_the_same_on_another_processor(rng, processor, monkeypatch):
    make_small(monkeypatch)
    monkeypatch.setattr(module, "choose_precision", choose_precision)
    counts = rng.poisson(30, (40, 40)).astype(np.uint16) * 2 + 100
    camera = npd.Calibration(gain=0.5, offset=100, read_noise=1)
    learner = npd.Noise2Void(epochs=1, batch=1, patch=16, seed=7)
    processor("amx_bf16")
    clean = npd.denoise(counts, camera, learner.on("cpu"), device="cpu")
    processor()
    again = npd.denoise(counts, camera, learner.model_copy(update={"precision": "bfloat16"}))
    other = npd.denoise(counts, camera, learner, device="cpu")
    np.testing.assert_array_equal(again, clean)
    assert np.abs(other - clean).max() > 0
