import pytest

torch = pytest.importorskip("torch")

from napari_photon_denoise.networks import precision as module
from napari_photon_denoise.networks.architecture import Architecture
from napari_photon_denoise.networks.precision import autocast, choose_precision
from napari_photon_denoise.networks.predict import fastest_precision


@pytest.fixture
def network():
    return Architecture(widths=(8, 16), bottom=1).build().eval()


@pytest.fixture
def times(monkeypatch):
    """Seconds of float32 and bfloat16, as if they were measured."""

    def set_to(float32, bfloat16):
        def seconds(*_):
            return bfloat16 if torch.is_autocast_enabled("cpu") else float32

        monkeypatch.setattr(module, "_seconds", seconds)

    return set_to


@pytest.mark.parametrize(
    ("float32", "bfloat16", "chosen"),
    [(1.0, 0.5, "bfloat16"), (1.0, 0.95, "float32"), (1.0, 4.0, "float32")],
)
def test_only_what_is_clearly_faster_is_chosen(network, times, float32, bfloat16, chosen):
    times(float32, bfloat16)
    fastest_precision.cache_clear()
    assert fastest_precision(network, "cpu") == chosen


def test_it_is_measured_once(network, times):
    times(1.0, 0.5)
    fastest_precision.cache_clear()
    assert fastest_precision(network, "cpu") == "bfloat16"
    times(1.0, 2.0)
    assert fastest_precision(network, "cpu") == "bfloat16"
    assert fastest_precision(Architecture(widths=(8,)).build(), "cpu") == "float32"


@pytest.mark.parametrize("shape", [{"planes": 3}, {"dimensions": 3}, {"form": "plain"}])
def test_every_network_can_be_tried(shape):
    network = Architecture(**{"widths": (4, 8), "bottom": 1} | shape).build().eval()
    assert fastest_precision(network, "cpu") in ("float32", "bfloat16")


def test_apples_gpu_keeps_float32(network):
    assert choose_precision(network, None, "mps") == "float32"
    with autocast("mps", "bfloat16"):
        assert not torch.is_autocast_enabled("cpu")


def test_only_convolutions_are_halved(network):
    image = torch.rand(1, 7, 8, 8)
    with torch.no_grad():
        for precision, dtype in (("float32", torch.float32), ("bfloat16", torch.bfloat16)):
            with autocast("cpu", precision):
                assert network.body(image).dtype == dtype
    assert all(weights.dtype == torch.float32 for weights in network.parameters())
