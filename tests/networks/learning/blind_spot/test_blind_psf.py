import numpy as np
import pytest

torch = pytest.importorskip("torch")
if not hasattr(torch.optim, "Muon"):
    pytest.skip("training needs a newer torch", allow_module_level=True)

from napari_photon_denoise.calibration import Calibration
from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.io import write_image
from napari_photon_denoise.job import run
from napari_photon_denoise.networks.architecture import Architecture
from napari_photon_denoise.networks.blind_network import convolved
from napari_photon_denoise.networks.learning import training
from napari_photon_denoise.networks.learning.blind_spot import plan_blind as module
from napari_photon_denoise.networks.learning.blind_spot.lesson import Positivity
from napari_photon_denoise.networks.learning.blind_spot.plan_blind import plan_blind_job
from napari_photon_denoise.networks.learning.blind_spot.psf import (
    gaussian_psf,
    is_round,
    measured_psf,
    read_psf,
)
from napari_photon_denoise.networks.learning.blind_spot.settings import BlindSettings
from napari_photon_denoise.networks.learning.learner import Learner
from napari_photon_denoise.networks.predict import Predictor
from napari_photon_denoise.networks.weights import load_model, save_model
from napari_photon_denoise.photons import Photons

QUICK = {"epochs": 1, "batch": 4, "patch": 32, "learning_rate": 1e-2}


@pytest.fixture(autouse=True)
def small_and_precise(monkeypatch):
    monkeypatch.setattr(training, "choose_precision", lambda device: "float32")
    monkeypatch.setattr(module, "WIDTHS", {2: (4, 8), 3: (2, 4)})
    monkeypatch.setattr(module, "STEPS", 20)


def widths_of(kernel):
    """Standard deviation along each axis, px."""
    found = []
    for axis, size in enumerate(kernel.shape):
        steps = np.arange(size) - size // 2
        profile = kernel.sum(tuple(other for other in range(kernel.ndim) if other != axis))
        found.append(np.sqrt((profile * steps**2).sum()))
    return found


def bead(rng, light=20_000, sigma=1.5, shape=(41, 37), at=(14, 22)):
    """Counts of a bead on a background, with an offset."""
    kernel = gaussian_psf((sigma, sigma))
    half = kernel.shape[0] // 2
    image = np.full(shape, 20.0)
    image[at[0] - half : at[0] + half + 1, at[1] - half : at[1] + half + 1] += light * kernel
    return rng.poisson(image) + 100.0


@pytest.mark.parametrize("sigmas", [(1.0, 1.0), (0.8, 2.0), (2.0, 1.0, 1.5)])
def test_a_gaussian_has_the_width_that_is_asked_for(sigmas):
    kernel = gaussian_psf(sigmas)
    assert kernel.dtype == np.float32
    assert kernel.sum() == pytest.approx(1, abs=1e-6)
    assert all(size % 2 for size in kernel.shape)
    assert widths_of(kernel) == pytest.approx(sigmas, rel=0.02)


def test_no_width_is_no_blur():
    assert gaussian_psf((0.0, 0.0)).tolist() == [[1.0]]


@pytest.mark.parametrize("sigma", [-1.0, 11.0, np.nan])
def test_no_gaussian_is_that_wide(sigma):
    with pytest.raises(PhotonDenoiseError, match="sigma must be 0 to 10 px"):
        gaussian_psf((sigma, 1.0))


@pytest.mark.parametrize(("sigma", "light"), [(0.7, 3000), (1.5, 3000), (2.5, 30_000)])
def test_a_bead_is_measured_on_its_background(rng, sigma, light):
    image = bead(rng, light, sigma)
    image[36, 4] += 400  # a hot pixel, brighter than the bead
    kernel = measured_psf(image, 2)
    assert kernel.sum() == pytest.approx(1, abs=1e-5)
    assert all(size % 2 for size in kernel.shape)
    assert kernel.min() >= 0
    np.testing.assert_allclose(kernel, kernel[::-1, ::-1], atol=1e-7)
    assert widths_of(kernel) == pytest.approx([sigma, sigma], rel=0.12)


def test_a_dimmer_bead_beside_it_is_left_out(rng):
    one = bead(rng, at=(14, 10))
    two = one + bead(rng, light=6000, at=(28, 28)) - 120
    np.testing.assert_allclose(measured_psf(two, 2), measured_psf(one, 2), atol=0.01)


def test_a_stack_of_a_bead():
    image = np.zeros((1, 15, 21, 19))
    image[0, 2:13, 6:15, 5:14] = gaussian_psf((1.3, 1.0, 1.0))
    kernel = measured_psf(image, 3)
    assert widths_of(kernel) == pytest.approx([1.3, 1.0, 1.0], rel=0.06)
    assert is_round(kernel)
    assert not is_round(np.swapaxes(kernel, 0, 1))


@pytest.mark.parametrize(
    ("image", "dimensions", "said"),
    [
        (np.zeros((5, 9, 9)), 2, "give its plane in focus"),
        (np.zeros((9, 9)), 3, "give a stack of planes"),
        (np.zeros((9, 3)), 2, "at least 5 px"),
        (np.full((9, 9), np.nan), 2, "without NaN"),
        (np.ones((9, 9)), 2, "shows no point"),
        (np.random.default_rng(0).normal(size=(15, 15)), 2, "shows no point"),
        (np.pad([[1.0]], 6), 2, "shows no point"),
        (np.pad([[1.0, 0.5]], ((0, 8), (0, 8))), 2, "shows no point"),
    ],
)
def test_what_is_no_point_is_refused(image, dimensions, said):
    with pytest.raises(PhotonDenoiseError, match=said):
        measured_psf(image, dimensions)


def test_a_file_must_have_the_pixels_of_the_image(rng, tmp_path):
    path = tmp_path / "bead.tif"
    write_image(path, bead(rng).astype(np.float32), "YX", pixel_size={"Y": 0.1, "X": 0.1})
    kernel = read_psf(path, 2, {"Y": 0.1, "X": 0.1})
    assert widths_of(kernel) == pytest.approx([1.5, 1.5], rel=0.05)
    np.testing.assert_array_equal(kernel, read_psf(path, 2, {}))
    with pytest.raises(PhotonDenoiseError, match=r"of 0.1 µm along Y, and the image of 0.2"):
        read_psf(path, 2, {"Y": 0.2, "X": 0.2})


def test_a_point_becomes_the_function(rng):
    psf = torch.from_numpy(rng.random((3, 5)).astype(np.float32))
    point = torch.zeros(1, 1, 9, 9)
    point[..., 4, 4] = 1
    torch.testing.assert_close(convolved(point, psf)[0, 0, 3:6, 2:7], psf)


@pytest.mark.parametrize("sigmas", [(1.0, 1.0), (3.0, 0.5), (1.0, 1.0, 1.0)])
def test_what_is_constant_stays_so(sigmas):
    image = torch.full((2, 1, *(6, 8, 7)[-len(sigmas) :]), 3.5)
    torch.testing.assert_close(convolved(image, torch.from_numpy(gaussian_psf(sigmas))), image)


def test_positivity_counts_what_is_below_the_background():
    sharp = torch.full((1, 1, 4, 4), -3.0)
    assert float(Positivity(1.0, 0.0, 6.0)(sharp)) == pytest.approx(0.5)
    assert float(Positivity(4.0, 3.0, 6.0)(sharp)) == pytest.approx(4.0)
    assert float(Positivity(4.0, -3.0, 6.0)(sharp)) == 0


@pytest.fixture
def image(rng):
    """Points, blurred: what a deconvolution would like to make negative around them."""
    density = (rng.random((64, 64)) < 0.03) * 200.0
    blurred = convolved(
        torch.from_numpy(np.float32(density))[None, None],
        torch.from_numpy(gaussian_psf((1.5, 1.5))),
    )
    noisy = rng.poisson(blurred[0, 0].numpy() + 0.5).astype(np.float32)
    return Photons(noisy, Calibration(gain=1, offset=0, read_noise=0), "YX")


def make_plan(image, **more):
    return run(plan_blind_job([image], BlindSettings(**{**QUICK, **more})))


def taught(image, **more):
    """Denoised and deconvolved, ([2,] Y, X)."""
    plan = make_plan(image, **more)
    run(Learner(plan, device="cpu").job())
    return Predictor(plan.network, "cpu").all_results(image.data[None], 0.0)[:, 0]


def test_without_a_width_it_is_noise2void(image):
    plain = make_plan(image)
    delta = make_plan(image, psf_sigma=0.05)
    assert plain.network.psf is None
    assert delta.network.psf.tolist() == [[1.0]]
    losses = []
    for plan in (plain, delta):
        batch = plan.lesson.draw(np.random.default_rng(3))
        losses.append(plan.lesson.loss(plan.network, batch, "cpu", "float32"))
    torch.testing.assert_close(losses[1], losses[0])
    close = {"rtol": 0.03, "atol": 0.03}  # of two trainings whose rounding differs
    np.testing.assert_allclose(taught(image, psf_sigma=0.05)[0], taught(image)[0], **close)


def test_the_denoised_image_is_the_blurred_sharp_one(image):
    clean, sharp = taught(image, psf_sigma=1.5)
    blurred = convolved(
        torch.from_numpy(sharp)[None, None], torch.from_numpy(gaussian_psf((1.5, 1.5)))
    )[0, 0].numpy()
    bright = blurred > 3  # dark pixels are kept above zero
    np.testing.assert_allclose(clean[bright], blurred[bright], rtol=0.02)
    assert clean.min() >= 0
    assert sharp.std() > 1.1 * clean.std()


def test_negatives_fall_as_the_weight_rises(image):
    """With a background that is set too high, so that few steps show it."""
    lacking = []
    for weight in (0.0, 10.0, 100.0):
        _, sharp = taught(image, psf_sigma=1.5, positivity=weight, background=4.0)
        lacking.append(np.maximum(0, 4.0 - sharp).mean())
    assert lacking[0] > 1.1 * lacking[1] > 1.1 * 1.1 * lacking[2]


def test_the_function_belongs_to_the_model(image, tmp_path):
    plan = make_plan(image, psf_sigma=1.0)
    path = save_model(tmp_path / "m.safetensors", plan.network, plan.architecture, plan.facts)
    loaded = load_model(path)
    assert loaded.network.results == ("deconvolved",)
    np.testing.assert_array_equal(loaded.network.psf.numpy(), gaussian_psf((1.0, 1.0)))


def test_a_stack_is_blurred_across_planes(rng):
    network = Architecture(
        body="n2v2", form="blind", dimensions=3, widths=(2, 4), psf=(3, 5, 5)
    ).build()
    found = network(torch.rand(1, 1, 4, 8, 8), torch.ones(1), torch.zeros(1, 2))
    assert found.shape == (1, 2, 4, 8, 8)
    stack = Photons(
        rng.poisson(3.0, (6, 32, 32)).astype(np.float32),
        Calibration(gain=1, offset=0, read_noise=0),
        "ZYX",
    )
    plan = make_plan(stack, dimensions=3, psf_sigma=1.0, psf_sigma_z=1.5)
    assert plan.network.psf.shape == (13, 9, 9)


def test_an_elongated_function_is_not_turned(image, tmp_path):
    kernel = np.pad(gaussian_psf((1.0, 2.0)), 4)
    write_image(tmp_path / "psf.tif", kernel, "YX", pixel_size={})
    assert make_plan(image, psf_sigma=1.0).lesson.patches.turned
    assert not make_plan(image, psf_file=str(tmp_path / "psf.tif")).lesson.patches.turned


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"psf_sigma": 1.0, "samples": 2}, "standard deviation don't go together"),
        ({"psf_sigma": 1.0, "psf_sigma_z": 1.0}, "needs a network in 3-D"),
        ({"psf_sigma": 5.0}, "take larger patches"),
        ({"psf_file": "nowhere.tif"}, "nowhere.tif"),
    ],
)
def test_what_does_not_go_together_is_refused(image, settings, said):
    with pytest.raises(PhotonDenoiseError, match=said):
        make_plan(image, **settings)
