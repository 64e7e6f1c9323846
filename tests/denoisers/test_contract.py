"""What every method must do, whatever it is."""

from importlib.util import find_spec

import numpy as np
import pytest

import napari_photon_denoise as npd
from napari_photon_denoise.denoisers import METHODS, make_denoiser
from napari_photon_denoise.errors import DeviceError
from napari_photon_denoise.job import run
from napari_photon_denoise.parameter_kinds import NumberParameter
from napari_photon_denoise.parameters import declared_parameters
from napari_photon_denoise.pipeline import denoise_job
from quick_learning import BLIND, LEARNING, QUICK, make_small, make_still, make_uncritical
from tiny_models import save_tiny

CAMERA = npd.Calibration(gain=0.5, offset=100, read_noise=1.5)
DEEP = {
    "box": {"size": 5, "size_z": 3},
    "gaussian": {"sigma": 1.3, "sigma_z": 0.8},
    "median": {"size": 3, "size_z": 3},
    "non-local-means": {"patch": 3, "distance": 3, "patch_z": 3, "distance_z": 1},
    "resunet": {"model": "a network for stacks"},  # see `make`
    "adapted-resunet": {"neighbours": "z"},  # likewise
} | {key: {"dimensions": "2.5-D"} for key in BLIND}
NEEDS_TORCH = pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")


def working(variants):
    """Leave out the network where there is no torch."""
    return [
        pytest.param(*values, marks=NEEDS_TORCH if values[0] in NETWORKS else ())
        for values in variants
    ]


NETWORKS = ("resunet", *LEARNING)
IN_3D = [method for method in BLIND if method != "clustered-dncnn"]  # whose layers are 2-D
THINNEST = 16  # px, that can be learnt from
ALONE = working((method,) for method in METHODS)
DEEPLY = working(DEEP.items())
VARIANTS = working((method, {}) for method in METHODS) + DEEPLY
CLASSICAL = [variant for variant in VARIANTS if variant.values[0] not in NETWORKS]


@pytest.fixture(scope="module")
def make(tmp_path_factory):
    """Make a denoiser; networks are small ones that have learnt nothing, for planes and stacks."""
    models = {}

    def of(method, parameters):
        if method in BLIND:
            return make_denoiser(method, QUICK | parameters)
        if method not in NETWORKS:
            return make_denoiser(method, parameters)
        planes = 3 if parameters else 1
        if planes not in models:
            models[planes] = save_tiny(tmp_path_factory.mktemp("models"), planes=planes)
        return make_denoiser(
            method, {"model": models[planes]} | (QUICK if method in LEARNING else {})
        )

    return of


@pytest.fixture
def still(monkeypatch):
    """Networks that learn from the image have the same weights whatever it is."""
    if find_spec("torch"):
        make_still(monkeypatch)


@pytest.fixture
def small(monkeypatch):
    """Networks that learn from the image are small and learn for moments."""
    if find_spec("torch"):
        make_small(monkeypatch)


def close(method):
    """How near two ways to one result must come, of each pixel and of the brightest."""
    return 1e-4 if method in NETWORKS else 1e-5


def poisson_image(rng, shape, camera=CAMERA, mean=20.0):
    y, x = np.indices(shape)[-2:]
    expected = mean * (1 + 0.9 * np.sin(y / 3) * np.cos(x / 4))
    electrons = rng.poisson(expected) + rng.normal(0, camera.read_noise, shape)
    return np.rint(electrons / camera.gain + camera.offset).astype(np.uint16)


def numbers(kind):
    return [part for part in declared_parameters(kind) if isinstance(part, NumberParameter)]


def test_every_method_has_a_deep_variant_here():
    assert DEEP.keys() == METHODS.keys()


@pytest.mark.parametrize(("method", "parameters"), CLASSICAL)
@pytest.mark.parametrize("value", [0.0, 3.7, 5000.0])
def test_a_constant_image_stays_constant(method, parameters, value):
    flat = np.full((4, 33, 47), value / 0.5 + 100, np.float32)
    clean = npd.denoise(flat, CAMERA, make_denoiser(method, parameters))
    np.testing.assert_allclose(clean, value, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize(("method", "parameters"), VARIANTS)
@pytest.mark.parametrize("shape", [(1, 65, 33), (5, 97, 131), (3, 1, 70), (2, 40, 1)])
def test_tiled_equals_whole(make, still, method, parameters, shape, rng):
    if method in LEARNING and (min(shape[1:]) < THINNEST or (parameters and shape[0] == 1)):
        pytest.skip("refused, see below")
    counts = poisson_image(rng, shape)
    denoiser = make(method, parameters)
    whole = npd.denoise(counts, CAMERA, denoiser, axes="ZYX", tile=4096)
    tiled = npd.denoise(counts, CAMERA, denoiser, axes="ZYX", tile=32)
    near = close(method)
    np.testing.assert_allclose(tiled, whole, rtol=near, atol=near * np.abs(whole).max())


@pytest.mark.parametrize(("method", "parameters"), VARIANTS)
def test_tiled_equals_whole_with_maps(make, still, method, parameters, rng):
    shape = (97, 70)
    camera = npd.Calibration(
        gain=rng.uniform(0.4, 0.6, shape),
        offset=rng.uniform(95, 105, shape),
        read_noise=np.exp(rng.normal(0, 0.8, shape)),
    )
    counts = poisson_image(rng, (2, *shape), camera)
    denoiser = make(method, parameters)
    whole = npd.denoise(counts, camera, denoiser, axes="ZYX", tile=4096)
    tiled = npd.denoise(counts, camera, denoiser, axes="ZYX", tile=32)
    near = close(method)
    np.testing.assert_allclose(tiled, whole, rtol=near, atol=near * np.abs(whole).max())


@pytest.mark.parametrize("method", ALONE)
def test_noise_falls_and_the_mean_stays(small, method, rng):
    lam = 30.0
    # What learns sees some patches of it, however large it is, and less is asked of its mean.
    shape = (160, 160) if method in LEARNING else (400, 400)
    # The network that is adapted is the one that is shipped, which is large.
    few = {"batch": 2, "patch": 32} if method == "adapted-resunet" else {}
    electrons = rng.poisson(lam, shape) + rng.normal(0, 1.5, shape)
    counts = (electrons / 0.5 + 100).astype(np.float32)
    clean = npd.denoise(counts, CAMERA, make_denoiser(method, few))
    assert clean.dtype == np.float32
    assert clean.var() < 0.35 * electrons.var()
    # The median of a Poisson distribution lies up to a third of a photon below its mean, and
    # what a network has learnt is good to a percent.
    allowed = 0.34 if method == "median" else 0.3 if method in NETWORKS else 0.03
    assert abs(clean.mean() - electrons.mean()) < allowed


@pytest.mark.parametrize(("method", "parameters"), VARIANTS)
def test_the_input_is_never_changed(make, small, method, parameters, rng):
    counts = poisson_image(rng, (3, 40, 40)).astype(np.float32)
    before = counts.copy()
    npd.denoise(counts, npd.Calibration(gain=1, offset=0), make(method, parameters), axes="ZYX")
    np.testing.assert_array_equal(counts, before)


@pytest.mark.parametrize(("method", "parameters"), DEEPLY)
def test_volumes_are_volumes(make, still, method, parameters, rng):
    """A single bright plane reaches its neighbours, and only as far as the halo says."""
    counts = poisson_image(rng, (9, 40, 40))
    brighter = counts.copy()
    brighter[4] += 400
    denoiser = make(method, parameters)
    change = npd.denoise(brighter, CAMERA, denoiser, axes="ZYX") - npd.denoise(
        counts, CAMERA, denoiser, axes="ZYX"
    )
    reached = np.abs(change).max(axis=(1, 2)) > 1e-3
    reach = denoiser.halo[0]
    assert reached[4]
    assert reached[3] or reached[5]
    assert not reached[: 4 - reach].any()
    assert not reached[5 + reach :].any()


@pytest.mark.parametrize(("method", "parameters"), VARIANTS)
def test_the_halo_is_as_far_as_a_pixel_sees(make, still, method, parameters, rng):
    counts = poisson_image(rng, (7, 61, 61))
    other = counts.copy()
    other[3, 30, 30] += 500
    denoiser = make(method, parameters)
    change = npd.denoise(other, CAMERA, denoiser, axes="ZYX") != npd.denoise(
        counts, CAMERA, denoiser, axes="ZYX"
    )
    far = np.abs(np.argwhere(change) - [3, 30, 30]).max(axis=0)
    assert (far <= denoiser.halo).all()


@pytest.mark.parametrize("method", working((method,) for method in LEARNING))
def test_same_seed_same_result_and_another_seed_another(small, method, rng, monkeypatch):
    make_uncritical(monkeypatch)
    counts = poisson_image(rng, (48, 40))
    first, again, other = (
        npd.denoise(counts, CAMERA, make_denoiser(method, QUICK | {"seed": seed}))
        for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("method", working((method,) for method in LEARNING))
def test_what_is_too_thin_to_learn_from_is_refused(small, method, rng):
    for shape in ((3, 1, 70), (2, 40, 1), (15, 40)):
        with pytest.raises(npd.PhotonDenoiseError, match="at least 16 × 16 px"):
            npd.denoise(poisson_image(rng, shape), CAMERA, method)


@pytest.mark.parametrize("method", working((method,) for method in BLIND))
def test_a_plane_is_no_volume_to_learn_from(small, method, rng):
    with pytest.raises(npd.PhotonDenoiseError, match="one plane along z"):
        npd.denoise(
            poisson_image(rng, (40, 40)), CAMERA, make_denoiser(method, {"dimensions": "2.5-D"})
        )


@pytest.mark.parametrize("method", working((method,) for method in IN_3D))
def test_networks_in_3d_learn_too(make, still, method, rng):
    counts = poisson_image(rng, (5, 40, 33))
    denoiser = make(method, {"dimensions": "3-D"})
    whole = npd.denoise(counts, CAMERA, denoiser, tile=4096)
    tiled = npd.denoise(counts, CAMERA, denoiser, tile=32)
    np.testing.assert_allclose(tiled, whole, rtol=1e-4, atol=1e-4 * np.abs(whole).max())


@pytest.mark.parametrize("method", working((method,) for method in LEARNING))
def test_extras_are_told_before_anything_is_learnt(make, still, method, rng):
    denoiser = make(method, {})
    photons = npd.Photons(poisson_image(rng, (40, 40)), CAMERA, "YX")
    told = denoiser.resolved(photons).extras
    assert tuple(run(denoise_job(photons, denoiser)).extras) == told


@pytest.mark.parametrize("kind", METHODS.values())
def test_parameters_are_declared_whole(kind):
    parameters = declared_parameters(kind)
    assert parameters
    for part in parameters:
        assert part.text.endswith(".")
    for part in numbers(kind):
        assert part.ge <= part.default <= part.le
    assert kind.title


@pytest.mark.parametrize("kind", METHODS.values())
def test_parameters_out_of_range_are_refused_in_one_sentence(kind):
    method = kind().method
    for part in numbers(kind):
        for value, word in ((part.ge - 1, "at least"), (part.le + 1, "at most")):
            with pytest.raises(npd.PhotonDenoiseError, match=f"^{method}: {part.name} .*{word}"):
                kind(**{part.name: value})
    with pytest.raises(npd.PhotonDenoiseError, match="nonsense is no parameter"):
        kind(nonsense=1)


def test_unknown_method_and_device_are_refused():
    with pytest.raises(npd.PhotonDenoiseError, match="no method 'magic'; the methods are"):
        make_denoiser("magic")
    image = np.zeros((9, 9), np.uint8)
    with pytest.raises(DeviceError, match="no device 'quantum'"):
        npd.denoise(image, CAMERA, "gaussian", device="quantum")


def test_even_windows_are_refused():
    with pytest.raises(npd.PhotonDenoiseError, match="box: size must be odd, such as 5, not 4"):
        npd.Box(size=4)


@pytest.mark.parametrize("method", METHODS)
def test_a_device_that_is_not_there_is_said(method):
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("this computer has a CUDA device")
    with pytest.raises(DeviceError, match="'cuda' was not found on this computer; found: "):
        npd.denoise(np.zeros((9, 9), np.uint8), CAMERA, method, device="cuda")


@pytest.mark.gpu
@pytest.mark.parametrize(("method", "parameters"), VARIANTS)
def test_gpu_equals_cpu(make, still, method, parameters, rng):
    torch = pytest.importorskip("torch")
    device = "cuda" if torch.cuda.is_available() else "mps"
    counts = poisson_image(rng, (5, 97, 131))
    denoiser = make(method, parameters)
    there = npd.denoise(counts, CAMERA, denoiser, device=device)
    here = npd.denoise(counts, CAMERA, denoiser, device="cpu")
    # A GPU runs networks in bfloat16, to a few hundredths of the noise.
    near = 1e-2 if method in NETWORKS else 1e-4
    np.testing.assert_allclose(there, here, rtol=near, atol=near * np.abs(here).max())
