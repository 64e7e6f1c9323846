import numpy as np
import pytest

torch = pytest.importorskip("torch")

from napari_photon_denoise.kernels.median import median
from napari_photon_denoise.kernels.nonlocal_means import nonlocal_means
from napari_photon_denoise.kernels.separable import correlate
from napari_photon_denoise.networks import filters

SHAPES = [(1, 1, 1), (1, 1, 9), (1, 40, 33), (2, 3, 40), (6, 20, 17)]
DEVICES = [
    "cpu",
    pytest.param("cuda", marks=pytest.mark.gpu),
    pytest.param("mps", marks=pytest.mark.gpu),
]


@pytest.fixture
def rng():
    return np.random.default_rng(11)


@pytest.fixture(params=DEVICES)
def there(request):
    """Send an array to a device that this computer has."""
    found = {"cuda": torch.cuda.is_available, "mps": torch.backends.mps.is_available}
    if request.param != "cpu" and not found[request.param]():
        pytest.skip(f"no {request.param} device")
    return lambda array: torch.from_numpy(array).to(request.param)


@pytest.fixture(params=[None, 5000], ids=["whole", "slabs"])
def _scratch(request, monkeypatch):
    if request.param:
        monkeypatch.setattr(filters, "SCRATCH", request.param)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("sizes", [(1, 5, 5), (3, 1, 7), (1, 1, 1)])
def test_correlate_equals_the_kernel(rng, there, shape, sizes):
    volume = rng.normal(10, 30, shape).astype(np.float32)
    taps = [np.full(size, 1 / size, np.float32) for size in sizes]
    sent = there(volume)
    found = filters.correlate(sent, *map(there, taps)).cpu().numpy()
    np.testing.assert_allclose(found, correlate(volume, *taps), rtol=1e-5, atol=1e-4)
    np.testing.assert_array_equal(sent.cpu().numpy(), volume)


@pytest.mark.usefixtures("_scratch")
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("sizes", [(1, 5, 5), (3, 3, 3), (1, 1, 7), (1, 1, 1)])
def test_median_equals_the_kernel(rng, there, shape, sizes):
    volume = rng.normal(10, 30, shape).astype(np.float32)
    found = filters.median(there(volume), *sizes).cpu().numpy()
    np.testing.assert_array_equal(found, median(volume, *sizes))


@pytest.mark.usefixtures("_scratch")
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("patch", "distance"), [((1, 5, 5), (0, 4, 4)), ((3, 3, 5), (1, 2, 3)), ((1, 2, 1), (0, 1, 0))]
)
def test_nonlocal_means_equals_the_kernel(rng, there, shape, weighted, patch, distance):
    guide = (rng.normal(size=shape) + np.linspace(0, 5, shape[-1])).astype(np.float32)
    value = rng.normal(100, 30, shape).astype(np.float32)
    weight = rng.uniform(0.2, 2, shape).astype(np.float32) if weighted else None
    reach = {"patch": patch, "distance": distance, "h": 0.8, "sigma": 0.9}
    found = filters.nonlocal_means(
        there(guide), there(value), None if weight is None else there(weight), **reach
    )
    expected = nonlocal_means(guide, value, weight, **reach)
    np.testing.assert_allclose(found.cpu().numpy(), expected, rtol=1e-5, atol=5e-4)
